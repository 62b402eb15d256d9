"""Working days and holidays of Indonesia, with the client's own closing days laid over the public calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays as public_holidays

from bot.client import Calendar


class WorkCalendar:
    """Answers which days are off. The public calendar knows national holidays and cuti bersama; `Calendar` mends and adds."""

    def __init__(self, calendar: Calendar) -> None:
        self._closing = {day.date: day.name for day in calendar.closing}
        self._open = {day.date for day in calendar.open}

    def day_off(self, day: date) -> str | None:
        """Why a date is off (holiday, cuti bersama, closing day), or None. Weekends are no holidays."""
        if day in self._open:
            return None
        return self._closing.get(day) or _public(day.year).get(day)

    def is_working(self, day: date) -> bool:
        """Monday to Friday and not off."""
        return day.weekday() < 5 and self.day_off(day) is None

    def long_weekend(self, day: date) -> bool:
        """A day off that touches a weekend without a working day between."""
        if self.day_off(day) is None:
            return False
        for step in (1, -1):
            other = day
            while self.day_off(other) is not None and other.weekday() < 5:
                other += timedelta(days=step)
            if other.weekday() >= 5:
                return True
        return False

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The same clock time `days` working days later (the day of `start` does not count)."""
        result = start
        while days > 0:
            result += timedelta(days=1)
            if self.is_working(result.date()):
                days -= 1
        return result


@lru_cache(maxsize=16)
def _public(year: int) -> dict[date, str]:
    return dict(public_holidays.country_holidays("ID", years=year, language="id", categories=("public", "government")))
