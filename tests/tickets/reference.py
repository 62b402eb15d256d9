"""The slow reference that clocks are compared with: it walks through time step by step and knows no shortcuts.

Nothing of bot.tickets is used here, so that a mistake there is not made here again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
FAR = 120  # days after which the reference gives up


@dataclass
class Days:
    """A week of intervals in minutes since midnight, a zone, and days off. For zones whose clocks are never set."""

    week: list[list[tuple[int, int]]]
    zone: ZoneInfo
    off: set[date] = field(default_factory=set)

    def works(self, at: datetime) -> bool:
        """Whether the minute (or second) that begins at `at` is working time."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return local.date() not in self.off and any(a <= minute < b for a, b in self.week[local.weekday()])

    def share(self, at: datetime) -> Fraction:
        """What one second of that day is of the day."""
        return Fraction(1, 60 * sum(b - a for a, b in self.week[at.astimezone(self.zone).weekday()]))

    def rate(self, at: datetime, measure: str) -> Fraction:
        """What a second at that time counts."""
        if not self.works(at):
            return Fraction(0)
        return self.share(at) if measure == "days" else Fraction(1)


def slow_spent(days: Days, start: datetime, end: datetime, measure: str) -> Fraction:
    """What passes between two whole minutes."""
    total, at = Fraction(0), start
    while at < end:
        total += 60 * days.rate(at, measure)
        at += MINUTE
    return total


def slow_after(days: Days, start: datetime, amount: int, measure: str) -> datetime:
    """The first second, from a whole minute on, at which so much has passed."""
    total, at = Fraction(0), start
    while at < start + timedelta(days=FAR):
        rate = days.rate(at, measure)
        if total + 60 * rate >= amount:
            return (at + timedelta(seconds=ceil((amount - total) / rate))).astimezone(UTC)
        total += 60 * rate
        at += MINUTE
    raise AssertionError("not within the time the reference looks at")
