"""The hand-off as pure rules: opening hours of people, room of an agent, what the customer is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from bot.client import Handoff
from bot.client_values import WEEKDAYS


@dataclass(frozen=True, slots=True)
class Floor:
    """Who is there, of a team: agents, the room they have now, how many customers wait, and how many of those urgently.

    `places`: conversations they can have at once. `handling_s`: what a conversation takes.
    """

    ready: int
    room: int
    waiting: int
    in_hours: bool
    urgent: int = 0
    places: int = 0
    handling_s: float = 0

    @property
    def somebody(self) -> bool:
        """Whether a person will come to it: somebody is ready at the desk."""
        return self.ready > 0


def in_hours(handoff: Handoff, now: datetime, zone: ZoneInfo) -> bool:
    """Whether people answer chats at this moment."""
    local = now.astimezone(zone)
    clock = local.strftime("%H:%M")
    return any(start <= clock < end for start, end in (i.split("-") for i in handoff.hours.get(WEEKDAYS[local.weekday()], [])))


def expected_wait(floor: Floor, position: int) -> tuple[int, int] | None:
    """From how many to how many minutes the one at this place will wait; None where it is at once, or nobody can say.

    With so many places the next one is free after a share of the time a conversation takes; chance makes it half or half as much again.
    """
    if not floor.somebody or floor.places <= 0 or floor.handling_s <= 0:
        return None
    ahead = position - floor.room
    if ahead <= 0:
        return None
    expected = ahead * floor.handling_s / floor.places / 60
    least = max(1, int(expected / 2))
    return least, max(least + 1, ceil(expected * 1.5))


def wait_text(floor: Floor, position: int) -> str:
    """The expected wait as a sentence to follow another, or nothing."""
    wait = expected_wait(floor, position)
    return f" Perkiraan waktu tunggu {wait[0]} sampai {wait[1]} menit." if wait else ""


def queue_notice(floor: Floor, position: int, hours_text: str) -> str:
    """What a customer who begins to wait is told: the truth. `position` counts from 1."""
    if not floor.somebody and not floor.in_hours:
        return f"Mohon maaf, saat ini di luar jam layanan petugas kami ({hours_text}). Bapak/Ibu berada di antrean nomor {position} dan akan kami layani pada jam layanan."
    if not floor.somebody:
        return f"Mohon maaf, saat ini belum ada petugas yang tersedia. Bapak/Ibu berada di antrean nomor {position}."
    if floor.room > 0 and position <= floor.room:
        return "Baik, kami sambungkan dengan petugas kami. Mohon menunggu sebentar."
    busy = f"Semua petugas sedang melayani nasabah lain; Bapak/Ibu berada di antrean nomor {position}."
    return f"Baik, kami sambungkan dengan petugas kami. {busy}{wait_text(floor, position)}"
