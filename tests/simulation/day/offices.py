"""The people who work on tickets: Tier 1 between their chats, Tier 2 and a division at desks without chats, a leader; also in the days after.

Who does what when is decided here, once the world is at rest, from the seed and the ticket's place among the customer's. A ticket's course
(`handling/`) says what comes next; whoever may do it opens the ticket, and does it under the version they see.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.simulation.day import handling
from tests.simulation.day.person import Person
from tests.simulation.day.steps import Course, Errand, discover, say

if TYPE_CHECKING:
    from tests.simulation.day.day import Day

STAFF = (("digital.000", "cs_digital", "agent"), ("bantuan.000", "helpdesk", "agent"), ("divisi.000", "div_ti", "division"))
RIVALS, TWICE = 0.5, 0.5  # of acceptances two try, of requests with a client id come again
SESSION = timedelta(hours=11)
OUTLETS = ("cp-senen", "cp-kebayoran")
JAKARTA = ZoneInfo("Asia/Jakarta")
Ticket = dict[str, Any]


@dataclass
class Case:
    """A ticket on its way."""

    number: str
    label: str
    course: Course
    dice: Random
    actor: Any  # whose it is, if they are a customer with a script
    count: int = 0
    told: bool = False  # the customer has been told that there is news


class Offices:
    """All of them and the tickets they have."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self.people = [Person(day, 0, name, team) for name, team, _ in STAFF]
        self.cases: dict[str, Case] = {}
        self._of_label: Counter[str] = Counter()
        self._turn = 0
        self._courses = list(discover(handling).values())
        Random(f"{day.seed}:courses").shuffle(self._courses)

    # --- who does it

    def tier1(self) -> list[Person]:
        """Who of Tier 1 may be asked, those with the fewest chats first; in the days after, the first two."""
        people = [p for p in self._day.floor.people if p.team == "tier1"]
        if self._day.over:
            return people[:2]
        return sorted((p for p in people if p.state != "offline" and not p.lost), key=lambda p: (p.load, p.seat))

    def _of(self, unit: str) -> list[Person]:
        return self.tier1() if unit == "tier1" else [p for p in self.people if p.team == unit]

    async def _visit(self, person: Person) -> None:
        """They are logged in."""
        if person.since is None or self._day.clock.now() - person.since > SESSION:
            await person.log_in()

    # --- what happens

    async def look(self) -> None:
        """The world is at rest: take up the tickets that are new, let customers answer who were told that there is news."""
        rows = await self._day.watch.rows(
            "SELECT t.number, t.cause, t.customer_id, t.unit, c.name FROM tickets t JOIN customers c ON c.id = t.customer_id"
        )
        if len(rows) > len(self.cases):
            new = [(await self._label(row[2], row[4]), row) for row in rows if row[0] not in self.cases]
            for label, row in sorted(new, key=lambda pair: (pair[0], pair[1][0])):
                self._begin(label, row[0], row[1], row[3])
        if self._day.over:
            for (number,) in await self._day.watch.rows("SELECT number FROM tickets WHERE news IS NOT NULL ORDER BY number"):
                self._answers_soon(self.cases[number])

    async def _label(self, customer: str, name: str | None) -> str:
        values = [row[0] for row in await self._day.watch.rows("SELECT value FROM identities WHERE customer_id = $1", customer)]
        return next((self._day.label_of[v] for v in values if v in self._day.label_of), f"{name}")

    def _begin(self, label: str, number: str, cause: str, unit: str) -> None:
        self._of_label[label] += 1
        self._day.floor.name_contact(number, label)
        dice = Random(f"{self._day.seed}:{label}:ticket {self._of_label[label]}")
        actor = next((a for a in self._day.actors if a.label == label), None)
        fit = [c for c in self._courses if unit == "tier1" or getattr(c, "ANY_UNIT", False)]
        if cause.startswith("split:"):
            self.cases[number] = Case(number, label, _nothing(), dice, actor)
            return
        if actor is not None and actor.races:
            chosen = dice.choice(fit)
        else:  # each in turn, so that a short day has many
            chosen = fit[self._turn % len(fit)]
            self._turn += 1
        case = self.cases[number] = Case(number, label, chosen.play(dice), dice, actor)
        self._next(case, {"number": number})

    def _next(self, case: Case, ticket: Ticket) -> None:
        try:
            step = case.course.send(ticket) if case.count else next(case.course)
        except StopIteration:
            return
        case.count += 1
        self._soon(case, step, step.after)

    def _soon(self, case: Case, step: Errand, after: float) -> None:
        local = (self._day.clock.now() + timedelta(seconds=after)).astimezone(JAKARTA)
        if not 7 <= local.hour < 21:
            after += 12 * 3600  # people sleep
        what = f"{step.action} of a ticket of {case.label}"
        self._day.at(after, case.label, lambda: self._do(case, step), what, on_ticket=True)

    async def _do(self, case: Case, step: Errand) -> None:
        """Open the ticket, then do it, alone or with a rival; once more where an answer got lost."""
        number = step.of or case.number
        leader = self._day.floor.leaders[0]
        await self._visit(leader)
        _, shown = await leader.call("GET", f"/api/desk/tickets/{number}")
        ticket = shown["ticket"]
        if step.action == "accept" and ticket["accepted"]:  # whoever made it works where it begins
            self._next(case, ticket)
            return
        able = [leader] if step.by == "leader" else self._of(ticket["unit"]["id"])
        if not able:
            self._soon(case, step, 300)
            return
        able.sort(key=lambda person: person.id != (ticket["assignee"] or {}).get("id"))
        for person in able[:2]:
            await self._visit(person)
        method, path, body = self._request(case, step, ticket)
        rivals = [able[0], able[1 % len(able)]] if step.action == "accept" and case.dice.random() < RIVALS else able[:1]
        answers = list(await asyncio.gather(*(person.call(method, path, body) for person in rivals)))
        if "client_id" in body and case.dice.random() < TWICE:
            answers.append(await able[0].call(method, path, body))
        won = [given["ticket"] for status, given in answers if status in (200, 201)]
        lost = [given["ticket"] for status, given in answers if status == 409]
        if step.action != "split" and not any(each["version"] > ticket["version"] for each in won + lost) and "client_id" not in body:
            raise AssertionError(f"{path} {body}: {answers[0][0]} {answers[0][1].get('error')}")
        assert won or lost, f"{path} {body}: {answers}"
        self._next(case, (won or lost)[0])

    def _request(self, case: Case, step: Errand, ticket: Ticket) -> tuple[str, str, dict[str, Any]]:
        """What the page sends."""
        one, body = f"/api/desk/tickets/{ticket['number']}", dict(step.given)
        if step.action in ("notes", "calls", "split"):
            body["client_id"] = f"{case.label}-{case.number}-{case.count}"
        if step.action not in ("notes", "calls"):
            body["version"] = ticket["version"]
        if step.action == "assign":
            body["to"] = self._of(ticket["unit"]["id"])[-1].id
        return ("PATCH", one, body) if step.action == "change" else ("POST", f"{one}/{step.action}", body)

    def _answers_soon(self, case: Case) -> None:
        """A template reached them: they write, now that their own day is done."""
        if case.told or case.actor is None or case.dice.random() < 0.2:
            return
        case.told = True
        step = say("ada kabar apa ya?", patience=60)
        after = case.dice.randint(1800, 20000)
        self._day.at(after, case.label, lambda: self._day.act(case.actor, step), f"{case.label} answers", on_ticket=True)


def _nothing() -> Course:
    """Somebody else's course is about it."""
    yield from ()
