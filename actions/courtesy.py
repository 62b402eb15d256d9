"""Greeting, thanks, praise, saying what Sapa is, and good-bye."""

from __future__ import annotations

from actions.choices import MORE_HELP, NO, YES, ask_for_more, quick
from actions.turn import Turn, action
from bot.conversations.closing import CloseConversation, farewell
from bot.conversations.courtesy import salutation


@action("action_greet")
async def greet(turn: Turn) -> None:
    """The opening itself comes with a conversation's first answer; a second greeting is greeted back."""
    if turn.unit.conversation.dialogue_version:
        turn.say(f"{salutation(turn.unit.now, turn.client.zone)}, Bapak/Ibu.")
    turn.say(turn.client.brand.greeting, quick(turn.client), "Lihat menu")
    turn.set("expects", None)


@action("action_thanks")
async def thanks(turn: Turn) -> None:
    """Thanks end most conversations: offer more help once, then go on towards the closing."""
    if turn.form:
        turn.say("Sama-sama, Bapak/Ibu.")
        return
    if turn.slot("expects") == "other_help":
        await offer_product_or_close(turn, "Sama-sama, Bapak/Ibu.")
        return
    turn.say(f"Sama-sama, Bapak/Ibu. {MORE_HELP}", [YES, NO])
    turn.unit.mark("bantuan_lain")
    turn.set("expects", "other_help")


@action("action_praise")
async def praise(turn: Turn) -> None:
    turn.say(f"Terima kasih atas apresiasi Bapak/Ibu, ini menjadi semangat bagi kami. {MORE_HELP}", [YES, NO])
    turn.unit.mark("bantuan_lain")
    turn.set("expects", "other_help")


@action("action_bot_nature")
async def bot_nature(turn: Turn) -> None:
    """Never pretends to be a person."""
    turn.say(
        f"Saya {turn.client.brand.bot_name}, asisten virtual (bot) {turn.client.brand.name}, bukan manusia. "
        "Bila Bapak/Ibu ingin berbicara dengan petugas kami, ketik *petugas*."
    )
    ask_for_more(turn)


@action("action_farewell")
async def close_politely(turn: Turn) -> None:
    """The customer takes leave: the closing; said instead of 'no' to more help, the offer comes before it (SOP step 6)."""
    if turn.slot("expects") == "other_help":
        await offer_product_or_close(turn)
    else:
        say_farewell(turn)


async def offer_product_or_close(turn: Turn, before: str = "Baik, Bapak/Ibu.") -> None:
    """One fitting product, once a conversation (SOP: cross selling); then the closing."""
    topic = turn.unit.conversation.topic or turn.topic
    product = next((p for p in turn.client.products if topic in p.after_topics), None)
    complained = topic.startswith("keluhan") or topic == "data_pribadi"  # offering something to somebody upset is no courtesy
    if product is None or turn.slot("cross_sold") or complained:
        say_farewell(turn)
        return
    turn.say(f"{before} Sebelum kami akhiri: {product.pitch} Apakah Bapak/Ibu berminat?", [YES, NO])
    turn.set("cross_sold", product.id)
    turn.set("expects", "cross_sell")
    turn.unit.mark("cross_selling")


def say_farewell(turn: Turn, outcome: str = "solved") -> None:
    """The closing greeting, the survey, the end."""
    last = farewell(turn.client, turn.unit.library.calendar, turn.unit.now)
    turn.say(last.text, last.choices, last.list_label)
    turn.unit.mark("penutup")
    turn.set("expects", None)
    turn.stage(CloseConversation(outcome))
    turn.unit.closed = True
