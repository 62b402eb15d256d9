"""Complaints: first aid, the form, the ticket; a break-in goes to a person at once."""

from __future__ import annotations

from typing import Any

from actions.choices import AGENT, ask_for_more
from actions.form import RESTART, Field, run, stop
from actions.handover import hand_over_now
from actions.personal import CONFIRM_CHOICES, CONSENT, CONTACT, NAME
from actions.turn import Turn, action
from bot.tickets.clock import promised_at
from bot.tickets.rules import summary_of
from bot.tickets.service import NewTicket, OpenTicket, reserve_number
from bot.wording import say_date

LEAST_WORDS = 4


async def _ask_detail(turn: Turn) -> None:
    turn.say(
        "Mohon ceritakan kendala Bapak/Ibu dalam satu pesan: apa yang terjadi, kapan, dan produk atau transaksi apa. Mohon *tidak* menuliskan PIN, OTP, atau kata sandi."
    )


async def _read_detail(turn: Turn) -> Any:
    text = " ".join(turn.text.split())
    return text if len(text.split()) >= 2 and turn.intent != "pilih" else None


async def _known_detail(turn: Turn) -> Any:
    opened_with = turn.slot("complaint_opening") or ""
    return opened_with if len(opened_with.split()) >= LEAST_WORDS else None


async def _ask_confirmation(turn: Turn) -> None:
    turn.say(
        "Berikut ringkasan laporan Bapak/Ibu:\n"
        f"• Topik: {turn.client.topic_label(turn.slot('complaint_topic'))}\n"
        f"• Kendala: {turn.slot('complaint_detail')}\n"
        f"• Nama: {turn.slot('reporter')}\n"
        f"• Kontak: {turn.slot('contact')}\n"
        "Apakah sudah benar dan dapat kami kirim?",
        CONFIRM_CHOICES,
    )


async def _read_confirmation(turn: Turn) -> Any:
    if turn.intent == "setuju":
        return "yes"
    if turn.intent == "tolak":
        turn.say("Baik, silakan tuliskan kembali keluhan Bapak/Ibu.")
        turn.set("complaint_detail", None)
        turn.set("complaint_opening", None)
        return RESTART
    return None


DETAIL = Field("complaint_detail", _ask_detail, _read_detail, "Mohon dijelaskan sedikit lebih lengkap.", _known_detail, free=True)
CONFIRMATION = Field(
    "complaint_confirmed",
    _ask_confirmation,
    _read_confirmation,
    "Mohon pilih *Ya* untuk mengirim, *Ubah* untuk menulis ulang, atau *Batal*.",
)
FIELDS = (CONSENT, DETAIL, NAME, CONTACT, CONFIRMATION)


def _agreed(turn: Turn) -> bool:
    return bool(turn.slot("consent_given") != "declined")


@action("validate_complaint_form")
async def validate(turn: Turn) -> None:
    """One turn of the form."""
    if turn.slot("requested_slot") is None and (_taken_up(turn) or not turn.came_back()):
        _begin(turn)
    await run(turn, FIELDS)


def _taken_up(turn: Turn) -> dict[str, Any] | None:
    """The second need of an earlier message, which the customer has just agreed to turn to."""
    return turn.slot("next_need") if turn.intent == "setuju" else None


def _begin(turn: Turn) -> None:
    taken_up = _taken_up(turn)
    intent, said = (taken_up["name"], taken_up["text"]) if taken_up else (turn.intent, turn.text)
    topic = turn.client.topic_of(intent) if intent != "buat_tiket" else ""
    if not topic.startswith("keluhan"):
        topic = turn.unit.conversation.topic or ""
    if not topic.startswith("keluhan"):
        topic = "keluhan_layanan"
    turn.set("complaint_topic", topic)
    turn.set("complaint_opening", said if intent.startswith("keluhan") else None)
    turn.unit.topic = topic
    turn.unit.mark("kebutuhan")
    turn.say("Mohon maaf atas kendala yang Bapak/Ibu alami. Kami bantu catat dan tindak lanjuti.")
    tip = turn.unit.library.knowledge.answer(topic, said) if intent.startswith("keluhan") else None
    if tip:
        turn.say(tip.article.answer.strip())


@action("action_open_ticket")
async def open_ticket(turn: Turn) -> None:
    """The form is done: the ticket, its number and the promised day. Without consent nothing is stored."""
    if not _agreed(turn) or turn.slot("complaint_confirmed") != "yes":
        if not _agreed(turn):
            turn.say(
                "Baik, kami hormati pilihan Bapak/Ibu; data pribadi tidak kami simpan. Kami tetap dapat memberikan informasi, "
                "atau Bapak/Ibu dapat berbicara dengan petugas kami.",
                [AGENT],
            )
        stop(turn, FIELDS)
        return
    unit, client, topic = turn.unit, turn.client, turn.slot("complaint_topic") or "keluhan_layanan"
    cause = unit.cause("ticket")
    number = await reserve_number(unit.db, client.tickets, cause)
    promised = promised_at(unit.now, topic, client, unit.library.calendar)
    detail = turn.slot("complaint_detail")
    turn.stage(
        OpenTicket(
            NewTicket(
                cause=cause,
                number=number,
                customer_id=unit.conversation.customer_id,
                conversation_id=unit.conversation.id,
                channel=unit.conversation.channel,
                topic=topic,
                summary=summary_of(detail),
                detail=detail,
                priority="normal",
                promised_at=promised,
                created_by="bot",
                reporter=turn.slot("reporter"),
                contact=turn.slot("contact"),
            )
        )
    )
    unit.mark("verifikasi")
    unit.mark("solusi")
    turn.say(
        f"Terima kasih, laporan Bapak/Ibu sudah kami terima dengan nomor tiket *{number}*. "
        f"Kami akan memberikan jawaban paling lambat {say_date(promised, client.zone)}. Simpan nomor ini untuk menanyakan status laporan."
    )
    ask_for_more(turn)
    stop(turn, FIELDS, keep=("reporter", "contact"))


@action("action_cancel_form")
async def cancel_form(turn: Turn) -> None:
    """'Batal': what was typed is forgotten."""
    for slot in (
        "complaint_detail",
        "complaint_opening",
        "complaint_confirmed",
        "outlet",
        "visit_date",
        "visit_time",
        "purpose",
        "visit_confirmed",
        "moves",
    ):
        turn.set(slot, None)
    if turn.slot("consent_given") == "declined":
        turn.set("consent_given", None)
    ask_for_more(turn, "Baik, dibatalkan. Tidak ada yang kami kirim.")


@action("action_account_break_in")
async def account_break_in(turn: Turn) -> None:
    """Urgent (SOP matrix row 9): how to secure the account, then a person, ahead of others."""
    turn.unit.topic = "keluhan_akun_dibobol"
    turn.unit.mark("kebutuhan")
    found = turn.unit.library.knowledge.answer("keluhan_akun_dibobol", turn.text)
    turn.say("Kami mengerti situasi ini mendesak. Mohon segera amankan akun Bapak/Ibu.")
    if found:
        turn.say(found.article.answer.strip())
    await hand_over_now(turn, "urgent", urgent=True)
