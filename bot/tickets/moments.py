"""What is to be told about a ticket's clocks, to whom and when: reminders, breaches, escalations. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.client_tickets import Sla
from bot.tickets.clock import Clock, Clocks

Audience = list[str] | str  # of assignee, unit, leaders; or a unit's id: those who lead it


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` it is to be told; `due_at` is the limit's second that it is about."""

    at: datetime
    what: str  # reminder | breach | escalation
    scope: str
    hop: int
    mark: str  # which of several: the length before, or after
    due_at: datetime
    audience: Audience

    @property
    def key(self) -> tuple[object, ...]:
        """What is told once: a reminder for each second a limit is due at, a breach and its escalations for the clock."""
        return key_of(self.what, self.scope, self.hop, self.mark, self.due_at)


def key_of(what: str, scope: str, hop: int, mark: str, due_at: datetime) -> tuple[object, ...]:
    """See `Moment.key`."""
    return (what, scope, hop, mark, due_at if what == "reminder" else None)


def moments(clocks: Clocks, sla: Sla) -> list[Moment]:
    """All there have been, and those to come if nothing happens to the ticket, by time. An escalation comes into sight with its breach."""
    return sorted((moment for clock in clocks for moment in _of(clock, sla)), key=lambda moment: moment.at)


def _of(clock: Clock, sla: Sla) -> Iterator[Moment]:
    if clock.due_at is not None:
        for reminder in sla.hop_reminders if clock.hop else sla.overall_reminders:
            at = clock.watch.before_due(reminder.before)
            if at is not None:
                yield Moment(at, "reminder", clock.scope, clock.hop, str(reminder.before), clock.due_at, list(reminder.to))
    breach = clock.breached_at or clock.due_at
    if breach is not None:
        yield Moment(breach, "breach", clock.scope, clock.hop, "", breach, list(sla.breach_to))
    if clock.hop and clock.breached_at is not None:
        for after, unit in sla.escalate_after.items():
            at = clock.escalated_at(after)
            if at is not None:
                yield Moment(at, "escalation", clock.scope, clock.hop, str(after), clock.breached_at, unit)
