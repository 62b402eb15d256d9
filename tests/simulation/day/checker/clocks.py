"""The clocks of a ticket as docs/sla.md says, computed from the log alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.day.checker.terms import Amount, Hours, amount_of, terms

Rule = tuple[str, str]  # whose hours, the limit
Epoch = tuple[int, dict[str, Any]]  # from this second on, so


@dataclass
class Watch:
    """One clock: stretches (from, until or None, whether it runs, its rule); `hop` 0 is the whole."""

    hop: int
    stretches: list[tuple[int, int | None, bool, Rule]] = field(default_factory=list)
    accepted: int | None = None

    @property
    def scope(self) -> str:
        return "hop" if self.hop else "overall"

    def turn(self, at: int, on: bool, runs: bool, rule: Rule) -> None:
        """From now on it is so."""
        if self.stretches and self.stretches[-1][1] is None:
            start, _, ran, under = self.stretches[-1]
            if on and (ran, under) == (runs, rule):
                return
            self.stretches[-1] = (start, at, ran, under)
        if on:
            self.stretches.append((at, None, runs, rule))

    def reached(self, amount: Amount, days: bool, hours: Hours, since: int = 0) -> int | None:
        """When so much has been counted, or will be."""
        for start, end, runs, _ in self.stretches:
            if not runs or (end is not None and end < since):
                continue
            at = hours.after(max(start, since), amount, days)
            if end is None or at <= end:
                return at
            amount -= hours.spent(max(start, since), end, days)
        return None

    def due(self) -> int | None:
        """When the limit is reached; None where it stands still or is over."""
        _, end, runs, (hours, limit) = self.stretches[-1]
        return self.reached(*amount_of(limit), terms().hours[hours]) if end is None and runs else None

    def breach(self) -> int | None:
        """When it was reached first, or will be, under the limit in force then."""
        for number, (start, end, runs, (name, limit)) in enumerate(self.stretches):
            hours, (amount, days) = terms().hours[name], amount_of(limit)
            left = amount - sum(hours.spent(a, b or 0, days) for a, b, ran, _ in self.stretches[:number] if ran)
            if left <= 0:
                return start
            if runs:
                at = hours.after(start, left, days)
                if end is None or at <= end:
                    return at
        return None

    def reminder(self, before: str) -> int | None:
        """When no more than `before` is left."""
        due, (start, _, _, (name, limit)) = self.due(), self.stretches[-1]
        if due is None or due <= start:
            return None
        hours, (amount, days), (whole, same) = terms().hours[name], amount_of(before), amount_of(limit)
        total: Amount = whole
        if days != same:
            total = sum(hours.spent(a, min(b or due, due), days) for a, b, ran, _ in self.stretches if ran and a < due)
        return self.reached(total - amount, days, hours) if total > amount else None


def epochs(facts: list[Any]) -> list[Epoch]:
    """How a ticket was from when on; what falls into one second is one."""
    found: list[Epoch] = []
    for fact in facts:
        at = int(fact["at"].timestamp())
        if found and found[-1][0] == at:
            found.pop()
        found.append((at, fact["data"]["state"]))
    return found


def watches(story: list[Epoch]) -> list[Watch]:
    """The clock of the whole, then those of the hops."""
    known, made = terms(), {0: Watch(0)}
    units: dict[int, str] = {}
    for at, state in story:
        units.setdefault(state["hop"], state["unit"])
        made.setdefault(state["hop"], Watch(state["hop"]))
        on, runs = not known.closes(state["status"]), state["status"] not in known.paused
        made[0].turn(at, on, runs, _whole(state))
        for hop, unit in units.items():
            limits = known.limits[unit]
            made[hop].turn(at, on and hop == state["hop"], runs, (unit, limits.get(state["priority"], limits["default"])))
        if state["accepted"] and made[state["hop"]].accepted is None:
            made[state["hop"]].accepted = at
    return [watch for _, watch in sorted(made.items()) if watch.stretches]


def told(story: list[Epoch], end: int) -> dict[tuple[str, str, int, str, int], int]:
    """What was to be told inside (what, scope, hop, mark, about which second), and when: each once, at its second, or at the change that
    brought it into sight."""
    found: dict[tuple[str, str, int, str, int], int] = {}
    once: set[tuple[object, ...]] = set()
    for number, (start, _) in enumerate(story):
        until = story[number + 1][0] if number + 1 < len(story) else end
        for at, what, watch, mark, due in sorted(_moments(watches(story[: number + 1])), key=lambda moment: moment[0]):
            key = (what, watch.scope, watch.hop, mark, due if what == "reminder" else None)
            if at <= until and key not in once:
                once.add(key)
                found[what, watch.scope, watch.hop, mark, due] = max(at, start)
    return found


def _moments(clocks: list[Watch]) -> Iterator[tuple[int, str, Watch, str, int]]:
    known = terms()
    for watch in clocks:
        for before in known.reminders[watch.scope]:
            at, due = watch.reminder(before), watch.due()
            if at is not None and due is not None:
                yield at, "reminder", watch, before, due
        breach = watch.breach()
        if breach is None:
            continue
        yield breach, "breach", watch, "", breach
        for after in known.escalate_after if watch.hop else ():
            at = watch.reached(*amount_of(after), known.hours[watch.stretches[-1][3][0]], since=breach)
            if at is not None and (watch.accepted is None or at <= watch.accepted):
                yield at, "escalation", watch, after, breach


def _whole(state: dict[str, Any]) -> Rule:
    known = terms()
    if state["kind"] in known.of_kind:
        return known.hours_of, known.of_kind[state["kind"]]
    if state["topic"] in known.around_the_clock:
        return "always", known.overall[state["topic"]]
    return known.hours_of, known.overall.get(state["topic"], known.overall["default"])
