"""The hand-off as pure rules: opening hours of people, room of an agent, what the customer is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.client import WEEKDAYS, Handoff

SILENT_AFTER_S = 45  # a desk that gave no sign of life for so long counts as gone; its socket pings every 20 s


@dataclass(frozen=True, slots=True)
class Floor:
    """Who is there: agents ready, the room they have together, how many customers wait, and how many of those urgently."""

    ready: int
    room: int
    waiting: int
    in_hours: bool
    urgent: int = 0

    @property
    def somebody(self) -> bool:
        """Whether a person will come to it: somebody is ready at the desk."""
        return self.ready > 0


def in_hours(handoff: Handoff, now: datetime, zone: ZoneInfo) -> bool:
    """Whether people answer chats at this moment."""
    local = now.astimezone(zone)
    clock = local.strftime("%H:%M")
    return any(start <= clock < end for start, end in (i.split("-") for i in handoff.hours.get(WEEKDAYS[local.weekday()], [])))


def queue_notice(floor: Floor, position: int, hours_text: str) -> str:
    """What a customer who begins to wait is told: the truth. `position` counts from 1."""
    if not floor.somebody and not floor.in_hours:
        return f"Mohon maaf, saat ini di luar jam layanan petugas kami ({hours_text}). Bapak/Ibu berada di antrean nomor {position} dan akan kami layani pada jam layanan."
    if not floor.somebody:
        return f"Mohon maaf, saat ini belum ada petugas yang tersedia. Bapak/Ibu berada di antrean nomor {position}."
    if floor.room > 0 and position <= floor.room:
        return "Baik, kami sambungkan dengan petugas kami. Mohon menunggu sebentar."
    return f"Baik, kami sambungkan dengan petugas kami. Semua petugas sedang melayani nasabah lain; Bapak/Ibu berada di antrean nomor {position}."
