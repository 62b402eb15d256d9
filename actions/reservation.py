"""Outlet reservations: the form (outlet, day, slot, purpose, name), changing and cancelling."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from actions.choices import AGENT, NO, ask_for_more, pick
from actions.form import RESTART, Field, picked, run, stop
from actions.personal import CONFIRM_CHOICES, CONSENT, NAME
from actions.turn import Turn, action
from bot.channels.messages import Choice
from bot.client import Outlet
from bot.reservations.dates import read_when
from bot.reservations.rules import capacity, free_slots, intervals, last_day, match_outlets, slots
from bot.reservations.service import BookSlot, CancelReservation, say_slot, taken_slots, unused_code, upcoming
from bot.wording import DAYS, say_date

_PARTS = {"pagi": (0, 11), "siang": (11, 15), "sore": (15, 18), "malam": (18, 24)}


def _outlet(turn: Turn) -> Outlet:
    return turn.client.outlet_by_id[turn.slot("outlet")]


def _local_now(turn: Turn) -> datetime:
    outlet = turn.client.outlet_by_id.get(turn.slot("outlet") or "")
    return turn.unit.now.astimezone(ZoneInfo(outlet.timezone) if outlet else turn.client.zone)


def _day(turn: Turn) -> date:
    return date.fromisoformat(turn.slot("visit_date"))


async def _free(turn: Turn, day: date) -> list[datetime]:
    outlet, rules = _outlet(turn), turn.client.reservations
    offered = slots(outlet, day, rules, turn.unit.library.calendar, turn.unit.now)
    if not offered:
        return []
    async with turn.unit.db.read() as tx:
        taken = await taken_slots(tx, outlet, day)
    return free_slots(offered, taken, capacity(outlet, rules))


async def _ask_outlet(turn: Turn) -> None:
    found = match_outlets(turn.slot("visit_text") or "", turn.client.outlets)
    if len(found) > 1:
        turn.say(
            "Outlet mana yang ingin Bapak/Ibu kunjungi?", [pick(o.id, o.name, f"{o.area}, {o.city}") for o in found[:10]], "Pilih outlet"
        )
        return
    cities = sorted({o.city for o in turn.client.outlets})
    turn.say(f"Di kota atau outlet mana Bapak/Ibu ingin berkunjung? Reservasi tersedia di: {', '.join(cities)}.")


async def _read_outlet(turn: Turn) -> Any:
    if (value := picked(turn)) in turn.client.outlet_by_id:
        return value
    found = match_outlets(turn.text, turn.client.outlets)
    if len(found) == 1:
        return found[0].id
    if found:  # an answer, though not yet one outlet: the next question offers these
        turn.set("visit_text", turn.text)
        return RESTART
    return None


async def _known_outlet(turn: Turn) -> Any:
    found = match_outlets(turn.slot("visit_text") or "", turn.client.outlets)
    return found[0].id if len(found) == 1 else None


async def _ask_day(turn: Turn) -> None:
    days: list[date] = []
    day = _local_now(turn).date()
    while len(days) < 6 and day <= last_day(_outlet(turn), turn.client.reservations, turn.unit.now):
        if await _free(turn, day):
            days.append(day)
        day += timedelta(days=1)
    choices = [pick(d.isoformat(), f"{DAYS[d.weekday()]}, {d.strftime('%d/%m/%Y')}") for d in days]
    turn.say(
        f"Tanggal berapa Bapak/Ibu ingin berkunjung ke *{_outlet(turn).name}*? Contoh: besok, Senin depan, 25 November.",
        choices,
        "Pilih tanggal",
    )


async def _read_day(turn: Turn) -> Any:
    value = picked(turn)
    day = date.fromisoformat(value) if value and _is_date(value) else read_when(turn.text, _local_now(turn)).day
    if day is None:
        return None
    if read_when(turn.text, _local_now(turn)).time:
        turn.set("visit_text", turn.text)
    return await _checked_day(turn, day)


async def _known_day(turn: Turn) -> Any:
    said = turn.slot("visit_text")
    day = read_when(said, _local_now(turn)).day if said else None
    return await _checked_day(turn, day) if day else None


async def _checked_day(turn: Turn, day: date) -> str | None:
    """The day if it can be booked; says why where it cannot."""
    if await _free(turn, day):
        return day.isoformat()
    outlet, now = _outlet(turn), _local_now(turn)
    named = say_date(datetime.combine(day, time(12), now.tzinfo), ZoneInfo(outlet.timezone))
    if day < now.date():
        why = f"{named} sudah lewat"
    elif day > last_day(outlet, turn.client.reservations, turn.unit.now):
        why = f"reservasi hanya dapat dibuat untuk {turn.client.reservations.horizon_days} hari ke depan"
    elif reason := turn.unit.library.calendar.day_off(day):
        why = f"outlet tutup pada {named} ({reason})"
    elif not intervals(outlet, day, turn.unit.library.calendar):
        why = f"outlet tutup pada {named}"
    else:
        why = f"slot pada {named} sudah penuh atau sudah lewat"
    turn.say(f"Mohon maaf, {why}.")
    return None


async def _ask_time(turn: Turn) -> None:
    free = await _free(turn, _day(turn))
    part = read_when(turn.slot("visit_text") or "", _local_now(turn)).part
    low, high = _PARTS.get(part or "", (0, 24))
    wanted = [s for s in free if low <= s.hour < high] or free
    step = max(1, -(-len(wanted) // 10))  # at most ten rows fit a list: spread them over the day
    shown = wanted[::step][:10]
    turn.say(
        f"Pukul berapa pada {say_date(free[0], ZoneInfo(_outlet(turn).timezone))}? Bapak/Ibu dapat memilih atau menuliskan jam lain.",
        [pick(s.strftime("%H:%M"), f"Pukul {s.strftime('%H.%M')}") for s in shown],
        "Pilih jam",
    )


async def _read_time(turn: Turn) -> Any:
    said = turn.text.strip()
    wanted = (
        time.fromisoformat(value)
        if (value := picked(turn)) and _is_time(value)
        else read_when(said if not said.isdigit() else f"jam {said}", _local_now(turn)).time
    )
    return await _checked_time(turn, wanted) if wanted else None


async def _known_time(turn: Turn) -> Any:
    said = turn.slot("visit_text")
    wanted = read_when(said, _local_now(turn)).time if said else None
    return await _checked_time(turn, wanted) if wanted else None


async def _checked_time(turn: Turn, wanted: time) -> str | None:
    free = await _free(turn, _day(turn))
    if any(s.time() == wanted for s in free):
        return wanted.strftime("%H:%M")
    nearest = sorted(free, key=lambda s: abs((s.hour * 60 + s.minute) - (wanted.hour * 60 + wanted.minute)))[:3]
    turn.say(
        f"Mohon maaf, pukul {wanted.strftime('%H.%M')} tidak tersedia. Yang terdekat: {', '.join(s.strftime('%H.%M') for s in sorted(nearest))}."
    )
    return None


async def _ask_purpose(turn: Turn) -> None:
    turn.say("Apa keperluan kunjungan Bapak/Ibu?", [pick(p, p) for p in turn.client.reservations.purposes], "Pilih keperluan")


async def _read_purpose(turn: Turn) -> Any:
    text = picked(turn) or " ".join(turn.text.split())
    return text[:100] if len(text) >= 3 and turn.intent not in ("setuju", "tolak", "tidak_jelas") else None


async def _ask_confirmation(turn: Turn) -> None:
    starts = datetime.combine(_day(turn), time.fromisoformat(turn.slot("visit_time")), ZoneInfo(_outlet(turn).timezone))
    moved = f"\n• Menggantikan reservasi: {turn.slot('moves')}" if turn.slot("moves") else ""
    turn.say(
        "Mohon periksa reservasi berikut:\n"
        f"• Outlet: {_outlet(turn).name}, {_outlet(turn).city}\n"
        f"• Waktu: {say_slot(starts, _outlet(turn))}\n"
        f"• Keperluan: {turn.slot('purpose')}\n"
        f"• Atas nama: {turn.slot('reporter')}{moved}\n"
        "Apakah sudah benar?",
        CONFIRM_CHOICES,
    )


async def _read_confirmation(turn: Turn) -> Any:
    if turn.intent == "setuju":
        return "yes"
    if turn.intent == "tolak":
        turn.say("Baik, kita atur ulang waktunya.")
        for slot in ("visit_text", "visit_date", "visit_time"):
            turn.set(slot, None)
        return RESTART
    return None


def _is_date(value: str) -> bool:
    return len(value) == 10 and value[4] == value[7] == "-"


def _is_time(value: str) -> bool:
    return len(value) == 5 and value[2] == ":"


FIELDS = (
    CONSENT,
    Field("outlet", _ask_outlet, _read_outlet, "", _known_outlet),
    Field("visit_date", _ask_day, _read_day, "", _known_day),
    Field("visit_time", _ask_time, _read_time, "", _known_time),
    Field("purpose", _ask_purpose, _read_purpose, "Mohon dituliskan keperluannya.", free=True),
    NAME,
    Field("visit_confirmed", _ask_confirmation, _read_confirmation, "Mohon pilih *Ya*, *Ubah*, atau *Batal*."),
)


@action("validate_reservation_form")
async def validate(turn: Turn) -> None:
    """One turn of the form."""
    if turn.slot("requested_slot") is None and not turn.came_back():
        turn.unit.topic = "reservasi_outlet"
        turn.unit.mark("kebutuhan")
        if turn.intent == "reservasi_outlet":
            turn.set("visit_text", turn.text)
        turn.say("Baik, kami bantu reservasi kunjungan ke outlet.")
    await run(turn, FIELDS)


@action("action_book_slot")
async def book_slot(turn: Turn) -> None:
    """The form is done: the seat and its code."""
    if turn.slot("visit_confirmed") != "yes":
        if turn.slot("consent_given") == "declined":
            turn.say(
                "Baik, kami hormati pilihan Bapak/Ibu. Tanpa reservasi pun Bapak/Ibu dapat datang langsung pada jam buka outlet.", [AGENT]
            )
        stop(turn, FIELDS)
        return
    outlet = _outlet(turn)
    starts = datetime.combine(_day(turn), time.fromisoformat(turn.slot("visit_time")), ZoneInfo(outlet.timezone))
    if starts not in await _free(turn, _day(turn)):
        turn.say("Mohon maaf, slot tersebut baru saja terisi. Silakan ketik *reservasi* untuk memilih waktu lain.")
        stop(turn, FIELDS, keep=("consent_given", "reporter"))
        return
    code = await unused_code(turn.unit.db, turn.client.reservations.prefix, turn.unit.cause("reservation"))
    turn.stage(BookSlot(code, outlet.id, starts, turn.slot("reporter"), turn.slot("purpose"), turn.slot("moves")))
    turn.unit.mark("verifikasi")
    turn.unit.mark("solusi")
    turn.say(
        f"Reservasi Bapak/Ibu berhasil dengan kode *{code}*: {outlet.name}, {say_slot(starts, outlet)}. Mohon datang 10 menit lebih awal dengan membawa KTP. "
        "Untuk mengubah atau membatalkan, ketik *ubah reservasi* atau *batal reservasi*."
    )
    ask_for_more(turn)
    stop(turn, FIELDS, keep=("consent_given", "reporter"))
    turn.set("moves", None)
    turn.set("visit_text", None)


@action("action_change_reservation")
async def change_reservation(turn: Turn) -> None:
    """Takes up the next reservation's outlet and purpose; the form asks for the new time."""
    async with turn.unit.db.read() as tx:
        rows = await upcoming(tx, turn.unit.conversation.customer_id, turn.unit.now)
    if not rows:
        turn.say("Belum ada reservasi yang dapat diubah atas nama akun ini. Kami bantu buatkan yang baru.")
        return
    row = rows[0]
    turn.say(
        f"Reservasi *{row.code}* di {turn.client.outlet_by_id[row.outlet].name}, {say_slot(row.starts_at, turn.client.outlet_by_id[row.outlet])}, akan kami ubah waktunya."
    )
    for slot, value in (
        ("moves", row.code),
        ("outlet", row.outlet),
        ("purpose", row.purpose),
        ("reporter", row.name),
        ("visit_text", turn.text),
    ):
        turn.set(slot, value)


@action("action_cancel_reservation")
async def cancel_reservation(turn: Turn) -> None:
    """Asks once before cancelling the next reservation."""
    turn.unit.topic = "reservasi_outlet"
    async with turn.unit.db.read() as tx:
        rows = await upcoming(tx, turn.unit.conversation.customer_id, turn.unit.now)
    if not rows:
        ask_for_more(turn, "Belum ada reservasi atas nama akun ini.")
        return
    row = rows[0]
    outlet = turn.client.outlet_by_id[row.outlet]
    turn.say(
        f"Batalkan reservasi *{row.code}* di {outlet.name}, {say_slot(row.starts_at, outlet)}?", [Choice("/setuju", "Ya, batalkan"), NO]
    )
    turn.set("moves", row.code)
    turn.set("expects", "cancel_reservation")


def cancel_now(turn: Turn) -> None:
    """The customer is sure."""
    turn.stage(CancelReservation(turn.slot("moves")))
    ask_for_more(turn, f"Reservasi *{turn.slot('moves')}* sudah dibatalkan.")
    turn.set("moves", None)


def cancel_not(turn: Turn) -> None:
    """Changed their mind."""
    ask_for_more(turn, f"Baik, reservasi *{turn.slot('moves')}* tetap berlaku.")
    turn.set("moves", None)
