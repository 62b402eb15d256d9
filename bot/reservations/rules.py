"""Outlet reservations as pure rules: opening hours, slots, and which outlet a text means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.client import Outlet, Reservations
from bot.client_values import WEEKDAYS
from bot.conversations.calendar import WorkCalendar

# "senen" is also how Monday is written
_MONDAY = re.compile(
    r" (?:hari|hr|besok|bsk|nanti|tiap|setiap) senen(?= )"
    r"|(?<! pasar)(?<! di)(?<! ke)(?<! cp)(?<! outlet)(?<! cabang) senen"
    r"(?= (?:depan|dpn|ini|besok|pagi|siang|sore|jam|jm|pukul|tgl|tanggal) )"
)


def intervals(outlet: Outlet, day: date, calendar: WorkCalendar) -> list[tuple[time, time]]:
    """When an outlet is open on a date, in its own time; empty on holidays, cuti bersama and closing days."""
    if calendar.day_off(day) is not None:
        return []
    found = []
    for interval in outlet.hours.get(WEEKDAYS[day.weekday()], []):
        start, end = interval.split("-")
        found.append((time.fromisoformat(start), time.max if end == "24:00" else time.fromisoformat(end)))
    return found


def slots(outlet: Outlet, day: date, rules: Reservations, calendar: WorkCalendar, now: datetime) -> list[datetime]:
    """The starts (aware, the outlet's zone) of every slot of a date that ends within opening hours and is not too soon or too far."""
    zone = ZoneInfo(outlet.timezone)
    length = timedelta(minutes=rules.slot_minutes)
    earliest = now + timedelta(minutes=rules.lead_minutes)
    if day > last_day(outlet, rules, now):
        return []
    found = []
    for start, end in intervals(outlet, day, calendar):
        slot = datetime.combine(day, start, zone)
        while slot + length <= datetime.combine(day, end, zone):
            if slot >= earliest:
                found.append(slot)
            slot += length
    return found


def last_day(outlet: Outlet, rules: Reservations, now: datetime) -> date:
    """The last date that can be booked."""
    return now.astimezone(ZoneInfo(outlet.timezone)).date() + timedelta(days=rules.horizon_days)


def capacity(outlet: Outlet, rules: Reservations) -> int:
    """Visitors a slot."""
    return outlet.capacity if outlet.capacity is not None else rules.capacity


def free_slots(all_slots: Iterable[datetime], taken: Mapping[datetime, int], places: int) -> list[datetime]:
    """The slots with a place left. `taken`: booked visitors by slot start (any zone)."""
    return [slot for slot in all_slots if taken.get(slot, 0) < places]


def match_outlets(text: str, outlets: Iterable[Outlet]) -> list[Outlet]:
    """The outlets a text names, the best matches only: a whole name before an area, an area before a city."""
    words = _MONDAY.sub(" ", f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} ")
    best: dict[int, list[Outlet]] = {}
    for outlet in outlets:
        names = (
            (4, outlet.name),
            (4, outlet.name.split(" ", 1)[-1]),
            (3, outlet.area),
            (2, outlet.city),
            *((2, a) for a in outlet.aliases),
        )
        score = max((weight for weight, name in names if f" {' '.join(re.findall(r'[a-z0-9]+', name.lower()))} " in words), default=0)
        if score:
            best.setdefault(score, []).append(outlet)
    return best[max(best)] if best else []
