"""To a person: at once where somebody is there, honestly where nobody is."""

from __future__ import annotations

from actions.choices import TICKET, context
from actions.turn import Turn, action
from bot.channels.messages import Choice
from bot.handoff.rules import queue_notice
from bot.handoff.service import HandOver, floor

WAIT = Choice("/tunggu_petugas", "Tunggu petugas")


@action("action_hand_over")
async def hand_over(turn: Turn) -> None:
    """The customer asks for a person. Nobody there: the truth, and the choice to wait or to leave a ticket."""
    async with turn.unit.db.read() as tx:
        now = await floor(tx, turn.client)
    if now.somebody:
        await hand_over_now(turn, "requested")
        return
    why = "saat ini belum ada petugas yang tersedia" if now.in_hours else "saat ini di luar jam layanan petugas kami"
    turn.say(
        f"Mohon maaf, {why}. Petugas kami melayani {turn.client.handoff.hours_text}. Saat ini ada {now.waiting} nasabah dalam antrean. "
        "Bapak/Ibu dapat menunggu, atau kami buatkan tiket agar ditindaklanjuti.",
        [WAIT, TICKET],
    )
    turn.set("expects", None)


@action("action_wait_for_agent")
async def wait_for_agent(turn: Turn) -> None:
    """The customer chose to wait although nobody is there."""
    await hand_over_now(turn, "requested")


async def hand_over_now(turn: Turn, reason: str, urgent: bool = False) -> None:
    """Into the queue, telling the place in it. A form under way stays as it is."""
    if turn.unit.handed_over:
        return
    async with turn.unit.db.read() as tx:
        now = await floor(tx, turn.client)
    place = (now.urgent if urgent else now.waiting) + 1
    notice = queue_notice(now, place, turn.client.handoff.hours_text)
    waits = not now.somebody or place > now.room
    turn.say(notice, [TICKET] if waits and turn.form is None else [])
    slots = {k: v for k, v in turn.slots().items() if k not in ("expects", "channel", "requested_slot")}
    turn.stage(HandOver(reason, urgent, context(slots, turn.form, turn.unit.conversation.failed_turns) | {"confidence": turn.confidence}))
    turn.unit.handed_over = True
    turn.set("expects", None)


def offer_ticket_instead(turn: Turn) -> None:
    """The customer wants no person."""
    turn.say("Baik, Bapak/Ibu. Kami tetap dapat membuatkan tiket keluhan bila diperlukan.", [TICKET])
    turn.set("expects", "other_help")
