"""Personal data: what is kept, withdrawing consent, asking for deletion (UU 27/2022 art. 5-13, 40: within 3 x 24 hours)."""

from __future__ import annotations

from datetime import datetime

from actions.choices import AGENT, NO, ask_for_more
from actions.turn import Turn, action
from bot.channels.messages import Choice
from bot.consent.service import RecordConsent, latest
from bot.tickets.clock import promised_at
from bot.tickets.service import NewTicket, OpenTicket, reserve_number
from bot.wording import say_date

WITHDRAW = Choice("/tarik_persetujuan", "Tarik persetujuan")
DELETE = Choice("/hapus_data", "Hapus data saya")
TOPIC = "data_pribadi"


@action("action_personal_data")
async def personal_data(turn: Turn) -> None:
    """What is kept and what the customer can do about it."""
    turn.unit.topic = TOPIC
    turn.unit.mark("kebutuhan")
    async with turn.unit.db.read() as tx:
        row = await latest(tx, turn.unit.conversation.customer_id, turn.client.consent.purpose)
    found = turn.unit.library.knowledge.answer(TOPIC, turn.text)
    if found:
        turn.say(found.article.answer.strip())
    state = {"granted": "sudah diberikan", "declined": "tidak diberikan", "withdrawn": "sudah ditarik"}.get(
        row.decision if row else "", "belum pernah diminta"
    )
    turn.say(f"Persetujuan pemrosesan data Bapak/Ibu saat ini: *{state}*. Apa yang Bapak/Ibu inginkan?", [WITHDRAW, DELETE, AGENT])
    turn.unit.mark("solusi")


@action("action_withdraw_consent")
async def ask_withdrawal(turn: Turn) -> None:
    """Asks once whether it is really meant, and says what follows."""
    turn.unit.topic = TOPIC
    turn.say(
        "Bila persetujuan ditarik, kami berhenti memproses data Bapak/Ibu paling lambat 3x24 jam; laporan atau reservasi yang masih berjalan mungkin tidak dapat "
        "dilanjutkan. Apakah Bapak/Ibu yakin ingin menarik persetujuan?",
        [Choice("/setuju", "Ya, tarik"), NO],
    )
    turn.set("expects", "withdraw_consent")


async def withdraw(turn: Turn) -> None:
    """The customer is sure: into the ledger, and a ticket so that people stop the processing in time."""
    turn.stage(RecordConsent("withdrawn"))
    number, done_by = await _open_request(turn, "withdrawal", "Penarikan persetujuan data pribadi")
    for slot in ("consent_given", "reporter", "contact"):
        turn.set(slot, None)
    turn.say(
        f"Persetujuan Bapak/Ibu sudah kami catat sebagai *ditarik* dengan nomor tiket *{number}*. Pemrosesan data dihentikan paling lambat "
        f"{say_date(done_by, turn.client.zone)}. Bapak/Ibu tetap dapat memperoleh informasi dari kami kapan saja."
    )
    ask_for_more(turn)


def withdraw_not(turn: Turn) -> None:
    """Changed their mind."""
    ask_for_more(turn, "Baik, persetujuan Bapak/Ibu tetap berlaku.")


@action("action_delete_data")
async def delete_data(turn: Turn) -> None:
    """A ticket with the law's deadline; people check what other laws oblige to keep."""
    turn.unit.topic = TOPIC
    number, done_by = await _open_request(turn, "deletion", "Permintaan penghapusan data pribadi")
    turn.say(
        f"Permintaan penghapusan data Bapak/Ibu sudah kami teruskan dengan nomor tiket *{number}* dan kami tindak lanjuti paling lambat "
        f"{say_date(done_by, turn.client.zone)} (3x24 jam)."
    )
    ask_for_more(turn)


async def _open_request(turn: Turn, kind: str, summary: str) -> tuple[str, datetime]:
    """A ticket about the customer's data: its number, and when it is due, by the client's data the law's 3 x 24 hours."""
    unit = turn.unit
    cause = unit.cause(kind)
    number = await reserve_number(unit.db, turn.client.tickets, cause)
    done_by = promised_at(unit.now, TOPIC, turn.client, unit.library.calendar)
    ticket = NewTicket(
        cause=cause,
        number=number,
        customer_id=unit.conversation.customer_id,
        conversation_id=unit.conversation.id,
        channel=unit.conversation.channel,
        topic=TOPIC,
        summary=summary,
        detail=turn.text or summary,
        priority="high",
        promised_at=done_by,
        created_by="bot",
        contact=f"+{unit.identities['wa_id']}" if "wa_id" in unit.identities else None,
    )
    turn.stage(OpenTicket(ticket))
    return number, done_by
