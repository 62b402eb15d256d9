"""What Sapa does not understand: first offer what it may have been, then ask otherwise and offer a person, then a person."""

from __future__ import annotations

from actions.choices import AGENT, quick, topic
from actions.handover import hand_over_now
from actions.turn import Turn, action

# Offered as guesses: topics a customer would recognise as a matter of theirs.
_GUESSES = ("info_", "keluhan_", "reservasi_", "cek_", "data_")


@action("action_fallback")
async def fallback(turn: Turn) -> None:
    """Two stages, then a person. The count is the conversation's, so a later understood message starts it anew."""
    turn.unit.unanswered = True
    failed = turn.unit.conversation.failed_turns
    if failed >= 2:
        await hand_over_now(turn, "fallback")
        return
    if failed == 1:
        turn.say(
            "Mohon maaf, kami masih belum memahami maksud Bapak/Ibu. Bisakah dituliskan dengan kalimat lain yang lebih singkat? "
            "Atau bila berkenan, kami sambungkan dengan petugas.",
            [AGENT],
        )
        return
    guesses = [r["name"] for r in turn.ranking if r["name"].startswith(_GUESSES) and r["name"] in turn.client.topics][:2]
    if guesses:
        turn.say(
            "Mohon maaf, kami belum memahami pesan Bapak/Ibu. Apakah yang dimaksud:", [*(topic(turn.client, g) for g in guesses), AGENT]
        )
    else:
        turn.say("Mohon maaf, kami belum memahami pesan Bapak/Ibu. Apa yang dapat kami bantu?", quick(turn.client), "Lihat menu")


@action("action_out_of_topic")
async def out_of_topic(turn: Turn) -> None:
    """Stays on the business's own topics."""
    turn.unit.topic = "di_luar_topik"
    turn.say(
        f"Mohon maaf, kami hanya dapat membantu seputar layanan {turn.client.brand.name}. Apa yang dapat kami bantu?",
        quick(turn.client),
        "Lihat menu",
    )


@action("action_insulted")
async def insulted(turn: Turn) -> None:
    """Stays polite, offers a person and a ticket."""
    turn.unit.topic = "keluhan_layanan"
    turn.say(
        "Mohon maaf atas ketidaknyamanan yang Bapak/Ibu alami. Kami ingin membantu menyelesaikannya. Silakan ceritakan kendalanya, "
        "atau kami sambungkan dengan petugas kami. Apakah Bapak/Ibu ingin dihubungkan dengan petugas?",
        [AGENT],
    )
    turn.set("expects", "agent")


@action("action_secret_received")
async def secret_received(turn: Turn) -> None:
    """Nothing but a PIN, OTP or password: the warning comes with the turn; all that is left is to go on."""
    if turn.form is None:
        turn.say("Apa yang dapat kami bantu?")


@action("action_attachment")
async def attachment(turn: Turn) -> None:
    """A file, or a message of a kind that cannot be read here. It is kept and people see it."""
    kind = turn.entity("jenis") or "media"
    if kind in ("unsupported", "unknown"):
        turn.say("Mohon maaf, jenis pesan tersebut belum dapat kami baca. Mohon dituliskan dalam bentuk teks.")
    elif kind == "location":
        turn.say("Terima kasih, lokasi Bapak/Ibu sudah kami terima. Untuk mencari outlet, silakan tuliskan nama kota atau daerahnya.")
    else:
        turn.say(
            "Terima kasih, lampiran sudah kami terima dan tersimpan dalam percakapan ini. Mohon tuliskan juga keterangan atau kebutuhan Bapak/Ibu."
        )
