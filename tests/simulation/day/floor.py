"""The people at the desks: who takes which conversation, and the serving of it.

Who takes what is decided here in a fixed order, from what the queue holds once the world is at rest, so that a seed gives the same day.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.day.offers import Answers
from tests.simulation.day.person import Person
from tests.simulation.day.steps import Script, Step, close
from tests.simulation.day.watch import Waiting
from tests.support.guide import follow_guide

if TYPE_CHECKING:
    from tests.simulation.day.day import Day

CAPACITY = 4
PULLED = 0.5  # of what waits is taken by those who pull, if they have room; all else is left to the offers
MOST_EPISODES = 4  # whoever was handed on so often is handed on no more


@dataclass
class Service:
    """A conversation in somebody's hands: who, and how they serve it."""

    conversation: str
    label: str
    person: Person
    script: Script
    dice: Random
    asked: int = 0  # what of the customer's the script has seen
    step: Step | None = None
    until: datetime | None = None  # listening until
    heard: int = 0
    count: int = 0
    episode: int = 0


@dataclass
class Floor:
    """All people and what they do."""

    day: Day
    people: list[Person]
    leaders: list[Person] = field(default_factory=list)
    served: dict[str, Service] = field(default_factory=dict)  # by conversation
    _pending: list[Person] = field(default_factory=list)  # about to take one
    _picked: set[tuple[str, int]] = field(default_factory=set)
    _labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._answers = Answers(self)

    async def label_of(self, conversation: str) -> str:
        """The customer behind a conversation."""
        if conversation not in self._labels:
            values = await self.day.watch.identities(conversation)
            self._labels[conversation] = next((self.day.label_of[v] for v in values if v in self.day.label_of), conversation)
        return self._labels[conversation]

    def name_contact(self, conversation: str, label: str) -> None:
        """A contact by hand, whose customer has no script."""
        self._labels[conversation] = label

    async def look_round(self) -> None:
        """The world is at rest: see who is there, hand out what waits, go on with what has been answered, drop what is over."""
        await self._see_states()
        rows = await self.day.watch.with_people()
        held = {row.id: row for row in rows if row.owner == "agent"}
        for conversation, service in list(self.served.items()):
            row = held.get(conversation)
            if row is None or row.agent != service.person.id:
                self._let_go(service)
        for person in self.people:
            person.load = sum(1 for s in self.served.values() if s.person is person) + self._pending.count(person)
        queue = [(row, await self.label_of(row.id)) for row in rows if row.owner == "queue"]
        queue.sort(key=lambda pair: (not pair[0].urgent, pair[0].queued_at, pair[1]))
        for row, label in queue:
            self._pull(row, label)
        await self._answers.look(queue)
        await self._go_on()

    async def _see_states(self) -> None:
        """Each page shows the state the service has set."""
        states = await self.day.watch.states()
        for person in self.people:
            if person.state == "offline" or person.lost or person.id not in states:
                continue
            person.state, person.reason = states[person.id]
            if person.reason == "tidak_merespons" and not person.returning:
                person.returning = True
                self.day.at(120, None, lambda p=person: self._notices(p), f"{person.name} notices", of=person.name)

    async def _notices(self, person: Person) -> None:
        person.returning = False
        if person.state == "aux" and not person.lost:
            await person.be("ready")

    def _let_go(self, service: Service) -> None:
        self.served.pop(service.conversation, None)
        service.script.close()

    def _pull(self, row: Waiting, label: str) -> None:
        """Somebody who pulls takes it, whoever it is offered to."""
        if (row.id, row.episode) in self._picked:
            return
        dice = Random(f"{self.day.seed}:{label}:{row.episode}")
        free = [p for p in self.people if p.works and not p.by_offers and p.team == row.team and p.load < CAPACITY]
        if not free or dice.random() > PULLED:
            return
        person = min(free, key=lambda p: (p.load, p.seat))
        rival = next((p for p in free if p is not person), None) if dice.random() < 0.3 else None
        twice = dice.random() < 0.15
        self._picked.add((row.id, row.episode))
        self.about_to_take(person)
        take = lambda: self._take(row, label, person, rival, twice)  # noqa: E731
        self.day.at(dice.randint(3, 25), label, take, f"{label} is taken", of=person.name)

    def about_to_take(self, person: Person) -> None:
        """They have decided to take one."""
        person.load += 1
        self._pending.append(person)

    async def _take(self, row: Waiting, label: str, person: Person, rival: Person | None, twice: bool) -> None:
        """As one, or as a double click; then a rival who comes too late tries as well."""
        self._pending.remove(person)
        if not person.works or not await self.accept(row, label, person, twice):
            self._picked.discard((row.id, row.episode))  # on a break, gone, or full meanwhile: somebody else will
        elif rival is not None and rival.works and row.id in self.served and self.served[row.id].person is person:
            status, _ = await rival.call("POST", f"/api/desk/conversations/{row.id}/accept", {"episode": row.episode})
            assert status in (409, 404), status

    async def take_offered(self, row: Waiting, label: str, person: Person) -> None:
        """What was offered, if it still is: that is what the box says."""
        self._pending.remove(person)
        if not person.lost and person.state != "offline" and await self.shown(row, person):
            await self.accept(row, label, person)

    @staticmethod
    async def shown(row: Waiting, person: Person) -> bool:
        """Whether the person's queue shows it as offered to them."""
        status, box = await person.call("GET", "/api/desk/conversations?box=queue")
        assert status == 200, box
        offers = {each["id"]: each["offer"] for each in box["conversations"] if each["episode"] == row.episode}
        offer = offers.get(row.id)
        return offer is not None and offer["agent"]["id"] == person.id

    async def accept(self, row: Waiting, label: str, person: Person, twice: bool = False) -> bool:
        """Take it and begin to serve; False if there was no room for it. It may have left the queue meanwhile."""
        path = f"/api/desk/conversations/{row.id}/accept"
        answers = await asyncio.gather(*(person.call("POST", path, {"episode": row.episode}) for _ in range(1 + twice)))
        if any(status == 200 for status, _ in answers):
            dice = Random(f"{self.day.seed}:{label}:{row.episode}:served")
            script = self.day.a_way_to_serve(dice, person.team, row.episode < MOST_EPISODES)
            self.served[row.id] = Service(row.id, label, person, script, dice, episode=row.episode)
        return all(status == 200 or body["error"]["code"] != "at_capacity" for status, body in answers)

    async def _go_on(self) -> None:
        now = self.day.clock.now()
        for service in sorted(self.served.values(), key=lambda s: s.label):
            if service.step is not None:
                continue
            written = self.day.written(service.label)
            if service.until is not None and len(written) == service.asked and now < service.until:
                continue
            heard = "" if len(written) == service.asked else written[-1]
            service.asked, service.until = len(written), None
            self._next(service, heard)

    def _next(self, service: Service, heard: str) -> None:
        try:
            step = service.script.send(heard) if service.count else next(service.script)
        except StopIteration:
            step = close("solved", after=5)  # nobody is left without an end
        service.count += 1
        service.step = step
        self._soon(service, step, step.after)

    def _soon(self, service: Service, step: Step, after: float) -> None:
        leaves = service.person.name if step.kind in ("give_back", "close", "hand_on") else None
        self.day.at(after, service.label, lambda: self._do(service, step), f"{service.label} is served", of=leaves)

    async def _do(self, service: Service, step: Step) -> None:
        if self.served.get(service.conversation) is not service:
            return
        if service.person.lost:
            self._soon(service, step, 30)
            return
        status = await self._call(service, step)
        service.step = None
        if step.patience:
            service.until = self.day.later(step.patience)
            self.day.at(step.patience, None, nothing, "patience")
        if status not in (200, 201):
            service.script.close()
        elif step.kind == "close" and service.dice.random() < 0.5:
            written = service.dice.randint(5, 25)
            self.day.at(written, service.label, lambda: self._written_up(service), f"{service.label} is written up", of=service.person.name)

    async def _written_up(self, service: Service) -> None:
        if not service.person.lost and service.person.state != "offline":
            await service.person.call("POST", f"/api/desk/conversations/{service.conversation}/wrapup", {})

    def _place(self, service: Service, wanted: str) -> str | None:
        """Where a conversation is handed on to; None where nobody is there."""
        if wanted != "colleague":
            return wanted
        person = service.person
        there = [p for p in self.people if p is not person and p.state == "ready" and not p.lost and p.team == person.team]
        return f"agent:{min(there, key=lambda p: (p.load, p.seat)).id}" if there else None

    async def _call(self, service: Service, step: Step) -> int:
        """What the desk's page does for a step; the status it was answered with."""
        one, person = f"/api/desk/conversations/{service.conversation}", service.person
        client_id = f"{service.label}-{person.id[-6:]}-{service.episode}-{service.count}"
        calls: dict[str, tuple[str, dict[str, object]]] = {
            "reply": ("reply", {"client_id": client_id, "text": step.text}),
            "note": ("note", {"client_id": client_id, "text": step.text}),
            "ticket": (
                "ticket",
                {"topic": step.more, "summary": step.text, "detail": step.text, "priority": "normal", "client_id": client_id},
            ),
            "give_back": ("return", {"reason": step.text}),
            "close": ("close", {"outcome": step.text, "closing": step.more != "silent"}),
        }
        if step.kind == "hand_on":
            if (place := self._place(service, step.more)) is None:
                return 200
            calls["hand_on"] = ("transfer", {"to": place, "reason": step.text, "note": "mohon dibantu"})
        if step.kind not in calls:
            return 200
        if step.kind == "reply":
            await person.call("GET", one)  # it is open on the screen
        if step.kind == "close":
            await follow_guide(person.call, service.conversation, step.text)
        path, body = calls[step.kind]
        status, _ = await person.call("POST", f"{one}/{path}", body)
        return status

    async def close(self) -> None:
        """Whoever is still there goes home."""
        for person in (*self.people, *self.leaders):
            await person.go()
            await person.leave()


async def nothing() -> None:
    """Only an instant to look round at."""
