"""The slow reference that clocks are compared with: it walks through time step by step and knows no shortcuts.

Nothing of bot.tickets is used here, so that a mistake there is not made here again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any
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


def slow_after(days: Days, start: datetime, amount: int, measure: str) -> datetime | None:
    """The first second, from a whole minute on, at which so much has passed; None: it is FAR days away or farther."""
    total, at = Fraction(0), start
    while at < start + timedelta(days=FAR):
        rate = days.rate(at, measure)
        if total + 60 * rate >= amount:
            return (at + timedelta(seconds=ceil((amount - total) / rate))).astimezone(UTC)
        total += 60 * rate
        at += MINUTE
    return None


@dataclass(frozen=True)
class Event:
    """How a ticket is from now on; None: the end of the story."""

    at: datetime
    state: dict[str, Any] | None


@dataclass
class SlowClock:
    """What has been counted of one clock."""

    counted: dict[tuple[str, str], Fraction] = field(default_factory=lambda: defaultdict(Fraction))  # by whose hours, and what
    paused: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    rule: tuple[str, str] = ("", "")  # whose hours, the limit
    on: bool = False
    runs: bool = False
    over: bool = False
    breached_at: datetime | None = None

    @property
    def elapsed(self) -> Fraction:
        return self.counted[self.rule[0], "days" if self.rule[1].endswith("d") else "seconds"]

    @property
    def elapsed_s(self) -> int:
        return int(self.counted[self.rule[0], "seconds"])

    @property
    def paused_s(self) -> int:
        return int(self.paused[self.rule[0]])

    @property
    def limit(self) -> int:
        number, unit = int(self.rule[1][:-1]), self.rule[1][-1]
        return number * {"m": 60, "h": 3600, "d": 1}[unit]

    def look(self, at: datetime) -> None:
        if self.on and self.breached_at is None and self.elapsed >= self.limit:
            self.breached_at = at


def slow_clocks(events: list[Event], end: datetime, ticketing: Any, zone: str, off: set[date], step: int) -> dict[int, SlowClock]:
    """Every clock at `end`, by hop (0: the whole), step by step; events lie on whole steps, and a step within a minute."""
    used = {ticketing.sla.hours_of} | {event.state["unit"] for event in events if event.state}
    units = {name: ticketing.units[name] for name in used}
    calendars = {name: _days(unit.hours, unit.timezone or zone, off if unit.holidays else set()) for name, unit in units.items()}
    calendars["always"] = Days([[(0, 1440)]] * 7, ZoneInfo(zone))
    sla, clocks, at, left = ticketing.sla, {0: SlowClock()}, events[0].at, list(events)
    while True:
        while left and left[0].at <= at:
            state = left.pop(0).state
            assert state is not None
            clocks.setdefault(state["hop"], SlowClock())
            topic, unit = state["topic"], ticketing.units[state["unit"]]
            for hop, clock in clocks.items():
                clock.on = state["status"] not in ("solved", "no_response") and hop in (0, state["hop"])
                clock.runs, clock.over = clock.on and state["status"] not in ("waiting_customer", "confirming"), not clock.on
                if clock.on or clock.rule == ("", ""):
                    whole = ("always" if topic == "data_pribadi" else sla.hours_of, str(sla.overall.get(topic, sla.overall["default"])))
                    clock.rule = (state["unit"], str(unit.limit.get(state["priority"], unit.limit["default"]))) if hop else whole
                clock.look(at)
        if at >= end:
            return clocks
        for clock in clocks.values():
            if clock.on:
                _pass(clock, calendars, at, step)
        at += timedelta(seconds=step)


def _pass(clock: SlowClock, calendars: dict[str, Days], at: datetime, step: int) -> None:
    before = clock.elapsed
    for name, days in calendars.items():
        if clock.runs:
            for measure in ("seconds", "days"):
                clock.counted[name, measure] += step * days.rate(at, measure)
        else:
            clock.paused[name] += step * days.rate(at, "seconds")
    if clock.breached_at is None and clock.elapsed >= clock.limit:
        rate = (clock.elapsed - before) / step
        clock.breached_at = at + timedelta(seconds=ceil((clock.limit - before) / rate))


def _days(hours: dict[str, list[str]], zone: str, off: set[date]) -> Days:
    def minutes(said: str) -> int:
        return int(said[:2]) * 60 + int(said[3:])

    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    week = [[(minutes(one[:5]), minutes(one[6:])) for one in hours.get(name, [])] for name in names]
    return Days(week, ZoneInfo(zone), off)
