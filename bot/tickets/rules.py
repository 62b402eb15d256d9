"""Tickets: what is promised, as pure rules."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.client import Tickets
from bot.conversations.calendar import WorkCalendar


def promised_at(created_at: datetime, topic: str, tickets: Tickets, calendar: WorkCalendar, zone: ZoneInfo) -> datetime:
    """When the answer is promised: the topic's working days after the day of creation, at the same local time, UTC."""
    days = tickets.promise_working_days.get(topic, tickets.promise_working_days["default"])
    local = created_at.astimezone(zone)
    return calendar.add_working_days(local, days).astimezone(created_at.tzinfo)


def summary_of(detail: str) -> str:
    """The first sentence or so of a complaint, at most 120 characters, cut at a word."""
    line = " ".join(detail.split())
    if len(line) <= 120:
        return line
    return line[:119].rsplit(" ", 1)[0] + "…"
