"""Greetings by the clock: how a conversation begins and ends (SOP Customer Handling 8.1). Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.client import Client, Closing
from bot.conversations.calendar import WorkCalendar


def salutation(now: datetime, zone: ZoneInfo) -> str:
    """Selamat pagi (04.00-10.59), siang (11.00-14.59), sore (15.00-17.59), malam."""
    hour = now.astimezone(zone).hour
    if 4 <= hour < 11:
        return "Selamat pagi"
    if 11 <= hour < 15:
        return "Selamat siang"
    if 15 <= hour < 18:
        return "Selamat sore"
    return "Selamat malam"


def opening(client: Client, now: datetime, name: str | None) -> str:
    """The opening: greets by the time of day, says it is a bot and how to reach a person."""
    address = f"Bapak/Ibu {name}" if name else "Bapak/Ibu"
    return client.opening.format(salam=salutation(now, client.zone), sapaan=address, bot=client.brand.bot_name, brand=client.brand.name)


def closing_wish(closing: Closing, zone: ZoneInfo, now: datetime, calendar: WorkCalendar) -> str:
    """The closing line: weekend and long weekend, then holiday, then the clock.

    06.00-18.00 is the working day, both ends included to the minute; 18.01-05.59 the evening.
    """
    local = now.astimezone(zone)
    day = local.date()
    if local.weekday() >= 5 or calendar.long_weekend(day):
        return closing.weekend
    if calendar.day_off(day) is not None:
        return closing.holiday
    clock = local.strftime("%H:%M")
    return closing.working_day if closing.day_from <= clock <= closing.day_to else closing.evening
