"""A ticket's clocks, computed from what happened to it and from nothing else: one for the whole, one for each hop. Pure.

The overall clock runs from opening to closing. A ticket that is opened again goes on with what had passed; while it was closed nothing did.
A hop's clock runs while the ticket is there. Both stand still while we wait for the customer. A limit is that of the present kind, topic and
priority: when one of them changes, the new limit holds from then on, and for all that has passed before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.client import Client
from bot.client_tickets import Limit
from bot.client_values import WEEKDAYS
from bot.tickets.stopwatch import Rule, Stopwatch, Stretch
from bot.tickets.worktime import Amount, DaysOff, WorkTime, measured, whole_second, work_time

CLOSED = frozenset({"solved", "no_response"})
_ALWAYS = tuple((day, ("00:00-24:00",)) for day in WEEKDAYS)
State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to a ticket; `state` is how it was afterwards (older facts have a part of it, or none)."""

    at: datetime
    what: str
    state: State | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Which limit holds in which state, in whose hours."""

    client: Client
    calendar: DaysOff

    def overall(self, kind: str, topic: str) -> Rule:
        """The limit of the kind, else of the topic, else the default."""
        sla = self.client.ticketing.sla
        of_kind = self.client.ticketing.kinds.get(kind)
        if of_kind is not None and of_kind.limit is not None:
            return Rule(of_kind.limit, self.work(sla.hours_of))
        if topic in sla.around_the_clock:
            return Rule(sla.overall[topic], work_time(_ALWAYS, self.client.timezone, None))
        return Rule(sla.overall.get(topic, sla.overall["default"]), self.work(sla.hours_of))

    def hop(self, unit: str, priority: str) -> Rule:
        """The unit's limit for this priority, in the unit's own hours."""
        limits = self._unit(unit).limit
        return Rule(limits.get(priority, limits["default"]), self.work(unit))

    def paused(self, status: str) -> bool:
        """Whether we wait for the customer."""
        return status in self.client.ticketing.sla.paused_in

    def beginning(self) -> dict[str, Any]:
        """What is taken for granted of a ticket of which nothing is told."""
        start = self.client.ticketing.kinds["complaint"].start
        return {
            "status": "open", "unit": start, "hop": 1, "accepted": False, "kind": "complaint", "topic": "", "priority": "normal",
        }  # fmt: skip

    def _unit(self, name: str) -> Any:
        units = self.client.ticketing.units
        return units.get(name) or units[self.client.ticketing.sla.hours_of]  # a unit that is no more

    def work(self, name: str) -> Any:
        """The working time of a unit."""
        unit = self._unit(name)
        hours = tuple((day, tuple(intervals)) for day, intervals in unit.hours.items())
        return work_time(hours, unit.timezone or self.client.timezone, self.calendar if unit.holidays else None)


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock at an instant. `hop` is 0 for the clock of the whole. `watch` answers what else there is to ask."""

    hop: int
    unit: str
    limit: Limit
    started_at: datetime
    ended_at: datetime | None
    accepted_at: datetime | None  # by the hop's unit
    runs: bool
    elapsed: Amount  # in the limit's own measure: working days for 5d, working seconds for 4h
    elapsed_s: int
    paused_s: int  # working seconds
    left_s: int
    due_at: datetime | None
    breached_at: datetime | None
    watch: Stopwatch

    @property
    def scope(self) -> str:
        return "hop" if self.hop else "overall"

    def escalated_at(self, after: Limit) -> datetime | None:
        """When so much had passed since the breach, or will have, without the hop being accepted or ended. None: it does not come to that."""
        if self.breached_at is None:
            return None
        at = self.watch.reached(*measured(after), since=self.breached_at)
        return at if at is not None and (self.accepted_at is None or at <= self.accepted_at) else None

    def to_json(self) -> dict[str, Any]:
        """As docs/protocols.md shows it, times as datetimes."""
        return {
            "limit": str(self.limit), "due_at": self.due_at, "breached_at": self.breached_at,
            "elapsed_s": self.elapsed_s, "left_s": self.left_s, "paused_s": self.paused_s,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clocks:
    """All clocks of a ticket. `hops` are in their order; the last is the present one."""

    overall: Clock
    hops: tuple[Clock, ...]

    @property
    def hop(self) -> Clock:
        """Of the present hop, or the last there was."""
        return self.hops[-1]

    def __iter__(self) -> Iterator[Clock]:
        return iter((self.overall, *self.hops))


def replay(changes: Iterable[Change], rules: Rules, now: datetime) -> Clocks | None:
    """The clocks at `now`, from all changes in their order. None for a ticket that has none."""
    overall, hops = _Track(0, rules.client.ticketing.sla.hours_of), dict[int, _Track]()
    upto: datetime | None = None
    for at, state in _states(changes, rules):
        upto = at
        on, runs = state["status"] not in CLOSED, not rules.paused(state["status"])
        overall.at(at, on, runs, rules.overall(state["kind"], state["topic"]))
        hop = hops.setdefault(state["hop"], _Track(state["hop"], state["unit"]))
        for track in hops.values():
            track.at(at, on and track is hop, runs, rules.hop(track.unit, state["priority"]))
        if state["accepted"] and hop.accepted_at is None:
            hop.accepted_at = at
    if upto is None:
        return None
    now = max(whole_second(now), upto)
    return Clocks(overall.clock(now), tuple(track.clock(now) for track in hops.values()))


def promised_at(opened_at: datetime, topic: str, client: Client, calendar: DaysOff, kind: str = "complaint") -> datetime:
    """When the answer to a ticket opened then is promised: when its overall clock is due."""
    rule = Rules(client, calendar).overall(kind, topic)
    return rule.work.after(opened_at, *measured(rule.limit))


def due_after(start: datetime, limit: Limit, client: Client, calendar: DaysOff) -> datetime:
    """When a limit of the whole's hours has passed since `start`."""
    hours: WorkTime = Rules(client, calendar).work(client.ticketing.sla.hours_of)
    return hours.after(start, *measured(limit))


class _Track:
    """The stretches of one clock as they come."""

    def __init__(self, hop: int, unit: str) -> None:
        self._hop = hop
        self.unit = unit
        self.accepted_at: datetime | None = None
        self._done: list[Stretch] = []
        self._open: tuple[datetime, bool, Rule] | None = None

    def at(self, at: datetime, on: bool, runs: bool, rule: Rule) -> None:
        """From now on it is so."""
        if self._open is not None:
            since, ran, under = self._open
            if on and (ran, under) == (runs, rule):
                return
            self._done.append(Stretch(since, at, ran, under))
        elif not on and not self._done:
            self._done.append(Stretch(at, at, False, rule))  # over as it began
        self._open = (at, runs, rule) if on else None

    def clock(self, now: datetime) -> Clock:
        stretches = tuple([*self._done, Stretch(self._open[0], None, *self._open[1:])] if self._open else self._done)
        watch = Stopwatch(stretches, now)
        limit = watch.rule.limit
        return Clock(
            self._hop,
            self.unit,
            limit,
            stretches[0].start,
            stretches[-1].end,
            self.accepted_at,
            watch.runs,
            watch.counted(measured(limit)[1]),
            int(watch.counted("seconds")),
            watch.paused_s(),
            watch.left_s(),
            watch.due_at(),
            watch.breached_at(),
            watch,
        )


def _states(changes: Iterable[Change], rules: Rules) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Each change with the whole state after it. Time never goes back, though the clocks of two machines may differ."""
    state, before = rules.beginning(), None
    for change in changes:
        at = whole_second(change.at)
        before = at if before is None else max(at, before)
        state = {**state, **(change.state or {})}
        yield before, state
