"""Working time: how much of it lies between two instants, and when so much of it has passed. Pure.

Time is counted in whole seconds: an instant belongs to the second it lies in. What is measured is either working seconds or working days; a
day with hours has the weight 1 however long it is, passing in proportion to its working seconds, and a day off weighs nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from bot.client_tickets import Limit
from bot.client_values import WEEKDAYS

Measure = Literal["seconds", "days"]
Amount = int | Fraction
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_SECONDS_OF = {"m": 60, "h": 3600}


class DaysOff(Hashable, Protocol):
    """Knows which days are off."""

    def day_off(self, day: date) -> str | None:
        """Why, or None for a day like others."""
        ...


@dataclass(frozen=True, slots=True)
class _Day:
    """The working stretches of a date, in seconds since 1970, and their sum."""

    stretches: tuple[tuple[int, int], ...]
    total: int

    def worked(self, start: int, end: int) -> int:
        """The working seconds of this day between two seconds."""
        return sum(max(0, min(end, upto) - max(start, since)) for since, upto in self.stretches)

    def after(self, start: int, seconds: int) -> int:
        """The second at which so many working seconds of this day have passed since `start`; there must be as many."""
        for since, upto in self.stretches:
            since = max(since, start)
            if seconds <= upto - since:
                return since + seconds
            seconds -= max(0, upto - since)
        raise ValueError("the day has not so many working seconds")


class WorkTime:
    """Opening hours (intervals a weekday, local time of `zone`), less the days off of `calendar`; None: there are none.

    Raises ValueError when no weekday has any hours: such time never passes.
    """

    def __init__(self, hours: Mapping[str, list[str]], zone: ZoneInfo, calendar: DaysOff | None = None) -> None:
        self._hours = [[_clock_times(interval) for interval in hours.get(day, [])] for day in WEEKDAYS]
        if not any(self._hours):
            raise ValueError("there are no working hours in the week")
        self._zone = zone
        self._calendar = calendar
        self._days: dict[date, _Day] = {}

    def seconds(self, start: datetime, end: datetime) -> int:
        """The working seconds between two instants; 0 if the second is not later."""
        return int(self.spent(start, end, "seconds"))

    def spent(self, start: datetime, end: datetime, measure: Measure) -> Amount:
        """What has passed between two instants: exact, so that parts add up to the whole."""
        since, upto = _second(start), _second(end)
        if upto <= since:
            return 0
        spent: Amount = 0
        day, last = self._date(since), self._date(upto)
        while day <= last:
            found = self._day(day)
            worked = found.worked(since, upto)
            spent += Fraction(worked, found.total) if measure == "days" and worked else worked
            day += _DAY
        return spent

    def after(self, start: datetime, amount: Amount, measure: Measure) -> datetime:
        """The earliest whole second at which `amount` has passed since `start` (`start` itself if nothing must pass)."""
        since = _second(start)
        if amount <= 0:
            return _instant(since)
        day = self._date(since)
        while True:
            found = self._day(day)
            if there := found.worked(since, found.stretches[-1][1] if found.stretches else since):
                wanted = amount * found.total if measure == "days" else amount
                if wanted <= there:
                    return _instant(found.after(since, ceil(wanted)))
                amount -= Fraction(there, found.total) if measure == "days" else there
            day += _DAY

    def _date(self, second: int) -> date:
        return _instant(second).astimezone(self._zone).date()

    def _day(self, day: date) -> _Day:
        if day not in self._days:
            self._days[day] = self._look_up(day)
        return self._days[day]

    def _look_up(self, day: date) -> _Day:
        hours = self._hours[day.weekday()]
        if not hours or (self._calendar is not None and self._calendar.day_off(day) is not None):
            return _Day((), 0)
        # Where clocks are set, an hour is missing or comes twice: stretches keep their order and stay within their day.
        upto, midnight = self._at(day, 0), self._at(day, 24 * 60)
        stretches = []
        for opens, closes in hours:
            since, upto = max(self._at(day, opens), upto), max(min(self._at(day, closes), midnight), upto)
            if since < upto:
                stretches.append((since, upto))
        return _Day(tuple(stretches), sum(end - start for start, end in stretches))

    def _at(self, day: date, minute: int) -> int:
        local = datetime.combine(day + _DAY * (minute // (24 * 60)), time(minute // 60 % 24, minute % 60), self._zone)
        return _second(local)


def measured(limit: Limit) -> tuple[int, Measure]:
    """How much a limit is, and of what."""
    return (limit.amount, "days") if limit.unit == "d" else (limit.amount * _SECONDS_OF[limit.unit], "seconds")


def whole_second(at: datetime) -> datetime:
    """The second an instant lies in, UTC."""
    return _instant(_second(at))


@lru_cache(maxsize=64)
def work_time(hours: tuple[tuple[str, tuple[str, ...]], ...], zone: str, calendar: DaysOff | None) -> WorkTime:
    """The working time of these hours, one object for all who ask: it remembers the days it has looked up."""
    return WorkTime({day: list(intervals) for day, intervals in hours}, ZoneInfo(zone), calendar)


def _clock_times(interval: str) -> tuple[int, int]:
    opens, _, closes = interval.partition("-")
    return _minutes(opens), _minutes(closes)


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _second(at: datetime) -> int:
    return (at - _EPOCH) // _SECOND


def _instant(second: int) -> datetime:
    return _EPOCH + _SECOND * second
