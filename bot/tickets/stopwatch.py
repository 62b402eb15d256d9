"""A stopwatch over working time: stretches in which it ran or stood still, each under a limit; when a limit was reached, or will be. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.client_tickets import Limit
from bot.tickets.worktime import Amount, Measure, WorkTime, measured


@dataclass(frozen=True, slots=True)
class Rule:
    """So much of this working time."""

    limit: Limit
    work: WorkTime


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end` (None: until further notice) the watch runs or stands still, under `rule`. Whole seconds, UTC."""

    start: datetime
    end: datetime | None
    runs: bool
    rule: Rule


class Stopwatch:
    """Stretches in order, seen at `now`. Between two of them the watch may be put away: that time is neither counted nor paused.

    The last stretch's rule is the present one and is about the whole: a limit that changes, changes for what had passed before, too.
    """

    def __init__(self, stretches: tuple[Stretch, ...], now: datetime) -> None:
        self._stretches = stretches
        self._now = now
        self._last = stretches[-1]
        self.rule = self._last.rule

    @property
    def over(self) -> bool:
        """It has been put away."""
        return self._last.end is not None

    @property
    def runs(self) -> bool:
        """It counts now, or would if it were not outside working hours."""
        return self._last.runs and not self.over

    def counted(self, measure: Measure) -> Amount:
        """What has been counted."""
        return self._spent(self._stretches, self.rule.work, measure, runs=True)

    def paused_s(self) -> int:
        """The working seconds in which it stood still."""
        return int(self._spent(self._stretches, self.rule.work, "seconds", runs=False))

    def reached(self, amount: Amount, measure: Measure, since: datetime | None = None) -> datetime | None:
        """The earliest second at which `amount` has been counted (of what came after `since`).

        If it runs, that may be still to come. None: it has not been, and does not come by itself.
        """
        for stretch in self._stretches:
            if not stretch.runs or (since and stretch.end and stretch.end < since):
                continue
            start = max(stretch.start, since) if since else stretch.start
            at = self.rule.work.after(start, amount, measure)
            if stretch.end is None or at <= stretch.end:
                return at
            amount -= self.rule.work.spent(start, stretch.end, measure)
        return None

    def due_at(self) -> datetime | None:
        """When the present limit is reached, or was. None while it stands still and when it is over."""
        return self.reached(*measured(self.rule.limit)) if self.runs else None

    def breached_at(self) -> datetime | None:
        """The first second, up to now, at which what was counted was as much as the limit in force then, the last second of a stretch included.

        It stays, whatever becomes of the limit: what happened has happened.
        """
        for index, stretch in enumerate(self._stretches):
            amount, measure = measured(stretch.rule.limit)
            left = amount - self._spent(self._stretches[:index], stretch.rule.work, measure, runs=True)
            if left <= 0:
                return stretch.start
            if stretch.runs:
                at = stretch.rule.work.after(stretch.start, left, measure)
                if at <= (stretch.end or self._now):
                    return at
        return None

    def left_s(self) -> int:
        """Working seconds until the limit is reached, as if it ran on; below zero: so many were counted since."""
        amount, measure = measured(self.rule.limit)
        left = amount - self.counted(measure)
        if left > 0:
            end = self._last.end or self._now
            return self.rule.work.seconds(end, self.rule.work.after(end, left, measure))
        return -int(self._spent(self._stretches, self.rule.work, "seconds", runs=True, since=self.reached(amount, measure)))

    def before_due(self, before: Limit) -> datetime | None:
        """The second from which no more than `before` is left until it is due.

        None: it is not to be due, it was due before it began to run as it does, or the whole limit is no longer than that.
        """
        due, (amount, measure) = self.due_at(), measured(before)
        if due is None or due <= self._last.start:
            return None
        limit, same = measured(self.rule.limit)
        whole: Amount = limit if measure == same else self._until(due, measure)
        return self.reached(whole - amount, measure) if whole > amount else None

    def _until(self, due: datetime, measure: Measure) -> Amount:
        """What is counted up to an instant that may be still to come."""
        return sum(
            self.rule.work.spent(s.start, min(s.end, due) if s.end else due, measure) for s in self._stretches if s.runs and s.start < due
        )

    def _spent(
        self, stretches: Iterable[Stretch], work: WorkTime, measure: Measure, *, runs: bool, since: datetime | None = None
    ) -> Amount:
        return sum(work.spent(max(s.start, since) if since else s.start, s.end or self._now, measure) for s in stretches if s.runs is runs)
