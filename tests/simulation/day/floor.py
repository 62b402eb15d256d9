"""The people at the desks: a roster, breaks, who takes which conversation, and the serving of it.

Each person logs in over HTTP, keeps the desk's live line open and does everything as the desk's page does. Who takes what is decided here
in a fixed order, from what the queue holds once the world is at rest, so that a seed gives the same day.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.simulation.day.steps import Script, Step, close
from tests.simulation.day.watch import Waiting
from tests.support.guide import follow_guide

if TYPE_CHECKING:
    from tests.simulation.day.day import Day

PASSWORD = "kata-sandi-simulasi"
CAPACITY = 4
BREAKS = ("istirahat", "ibadah", "toilet", "pelatihan", "rapat")


class Person:
    """One agent and their browser."""

    def __init__(self, day: Day, seat: int, name: str) -> None:
        self.day = day
        self.seat = seat
        self.name = name
        self.id = ""
        self.state = "offline"
        self.load = 0
        self.frames = 0
        self.shift: tuple[float, float] = (0.0, 0.0)
        self._csrf = ""
        self._http: aiohttp.ClientSession | None = None
        self._line: asyncio.Task[None] | None = None
        self.on_line = asyncio.Event()

    async def begin(self) -> None:
        """Log in, open the desk, be ready."""
        if self._http is None:
            self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        status, body = await self.call("POST", "/api/login", {"username": self.name, "password": PASSWORD})
        assert status == 200, body
        self._csrf, self.id = body["csrf"], body["user"]["id"]
        self._line = asyncio.create_task(self._listen(), name=f"desk {self.name}")
        async with asyncio.timeout(20):
            await self.on_line.wait()
        await self.be("ready")

    async def be(self, state: str, reason: str | None = None) -> None:
        """Ready, AUX or offline."""
        status, body = await self.call("POST", "/api/desk/presence", {"state": state, "reason": reason})
        assert status == 200, body
        self.state = state

    async def go(self) -> None:
        """Log out."""
        if self.state == "offline" or self._http is None:
            return
        self.state = "offline"
        status, _ = await self.call("POST", "/api/logout", {})
        assert status in (204, 401), status
        await self.leave()

    async def leave(self) -> None:
        """Close the browser."""
        if self._line:
            self._line.cancel()
            await asyncio.gather(self._line, return_exceptions=True)
        if self._http:
            await self._http.close()
            self._http = None

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One call of the page; like the page it tries again while the service is away or busy."""
        assert self._http is not None
        for _ in range(200):
            try:
                async with self._http.request(
                    method,
                    self.day.url + path,
                    json=body,
                    headers={"X-CSRF-Token": self._csrf, "X-Forwarded-For": f"10.200.0.{len(self.name)}"},
                ) as answer:
                    if answer.status < 500:
                        given = await answer.json() if answer.content_type == "application/json" else None
                        self.day.ledger.add("desk", agent=self.id, call=f"{method} {path}", body=body, status=answer.status)
                        return answer.status, given
            except (aiohttp.ClientError, ConnectionError):
                pass
            await asyncio.sleep(0.03)
        raise AssertionError(f"{path} did not succeed")

    def swap_with(self, other: Person) -> None:
        """Change places with somebody as idle: who won a race is then the same for the rest of the day."""
        for name in ("name", "id", "_csrf", "_http"):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, theirs)
            setattr(other, name, mine)

    async def _listen(self) -> None:
        assert self._http is not None
        while True:
            try:
                headers = {"Origin": self.day.url}
                async with self._http.ws_connect(f"{self.day.url}/ws/desk", headers=headers) as line:
                    async for message in line:
                        if message.type == aiohttp.WSMsgType.TEXT:
                            self.frames += 1
                            self.on_line.set()
            except (aiohttp.ClientError, ConnectionError):
                pass
            self.on_line.clear()
            await asyncio.sleep(0.02)


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


@dataclass
class Floor:
    """All people and what they do."""

    day: Day
    people: list[Person]
    served: dict[str, Service] = field(default_factory=dict)  # by conversation
    _pending: list[Person] = field(default_factory=list)  # about to take one
    _picked: set[tuple[str, int]] = field(default_factory=set)
    _labels: dict[str, str] = field(default_factory=dict)

    async def label_of(self, conversation: str) -> str:
        """The customer behind a conversation."""
        if conversation not in self._labels:
            values = await self.day.watch.identities(conversation)
            self._labels[conversation] = next((self.day.label_of[v] for v in values if v in self.day.label_of), conversation)
        return self._labels[conversation]

    async def look_round(self) -> None:
        """The world is at rest: hand out what waits, go on with what has been answered, drop what is over."""
        rows = await self.day.watch.with_people()
        held = {row.id: row for row in rows if row.owner == "agent"}
        for conversation, service in list(self.served.items()):
            row = held.get(conversation)
            if row is None or row.agent != service.person.id:
                self._let_go(service)
        for person in self.people:
            person.load = sum(1 for s in self.served.values() if s.person is person) + self._pending.count(person)
        queue = [(row, await self.label_of(row.id)) for row in rows if row.owner == "queue"]
        for row, label in sorted(queue, key=lambda pair: (not pair[0].urgent, pair[0].queued_at, pair[1])):
            self._hand_out(row, label)
        await self._go_on()

    def _let_go(self, service: Service) -> None:
        self.served.pop(service.conversation, None)
        service.script.close()

    def _hand_out(self, row: Waiting, label: str) -> None:
        if (row.id, row.episode) in self._picked:
            return
        free = [p for p in self.people if p.state == "ready" and p.load < CAPACITY]
        if not free:
            return
        person = min(free, key=lambda p: (p.load, p.seat))
        rivals = [p for p in free if p is not person and p.load == 0 == person.load]
        dice = Random(f"{self.day.seed}:{label}:{row.episode}")
        rival = rivals[0] if rivals and dice.random() < 0.2 else None
        twice = dice.random() < 0.15
        self._picked.add((row.id, row.episode))
        for each in [person, *([rival] if rival else [])]:
            each.load += 1
            self._pending.append(each)
        self.day.at(dice.randint(3, 25), label, lambda: self._accept(row, label, person, rival, dice, twice), f"{label} is taken")

    async def _accept(self, row: Waiting, label: str, person: Person, rival: Person | None, dice: Random, twice: bool) -> None:
        """Take it: as one, as a double click, or as two who want the same one."""
        self._pending.remove(person)
        if rival is not None:
            self._pending.remove(rival)
            if rival.state != "ready":
                rival = None
        if person.state != "ready":
            self._picked.discard((row.id, row.episode))  # went on a break or home: somebody else will
            return
        status, body = await person.call("GET", "/api/desk/conversations?box=queue")
        assert status == 200, body
        path = f"/api/desk/conversations/{row.id}/accept"
        who = [person, *([rival] if rival else []), *([person] if twice else [])]
        answers = await asyncio.gather(*(p.call("POST", path, {"episode": row.episode}) for p in who))
        won = [p for p, (status, _) in zip(who, answers, strict=True) if status == 200]
        if not won:
            return  # it left the queue meanwhile
        if won[0] is rival:
            person.swap_with(rival)
        self.served[row.id] = Service(row.id, label, person, self.day.a_way_to_serve(dice), dice)

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
        self.day.at(step.after, service.label, lambda: self._do(service, step), f"{service.label} is served")

    async def _do(self, service: Service, step: Step) -> None:
        if self.served.get(service.conversation) is not service:
            return
        status = await self._call(service, step)
        service.step = None
        if step.patience:
            service.until = self.day.later(step.patience)
            self.day.at(step.patience, None, nothing, "patience")
        if status not in (200, 201):
            service.script.close()

    @staticmethod
    async def _call(service: Service, step: Step) -> int:
        """What the desk's page does for a step; the status it was answered with."""
        one, person = f"/api/desk/conversations/{service.conversation}", service.person
        client_id = f"{service.label}-{person.id[-6:]}-{service.count}"
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
        if step.kind not in calls:
            return 200
        if step.kind == "reply":
            await person.call("GET", one)  # it is open on the screen
        if step.kind == "close":
            await follow_guide(person.call, service.conversation, step.text)
        path, body = calls[step.kind]
        status, _ = await person.call("POST", f"{one}/{path}", body)
        return status

    async def roster(self, dice: Random, seconds: float) -> None:
        """Plan shifts and breaks. The first two stay all day; the last of them stays until the queue is empty."""
        for number, person in enumerate(self.people):
            half = seconds / 2
            person.shift = (
                (0.0, seconds) if number < 2 or dice.random() < 0.5 else (0.0, half * 1.2) if dice.random() < 0.5 else (half * 0.8, seconds)
            )
            begin, end = person.shift
            self.day.at(begin, None, person.begin, f"{person.name} comes")
            for _ in range(1 if number else 0):
                pause = dice.uniform(begin + 60, max(begin + 61, end - 600))
                reason = dice.choice(BREAKS)
                self.day.at(pause, None, lambda p=person, r=reason: self._aux(p, r), f"{person.name} takes a break")
                self.day.at(pause + dice.randint(120, 900), None, lambda p=person: self._ready(p), f"{person.name} is back")
            if number >= 2:
                self.day.at(end, None, lambda p=person: self._home(p), f"{person.name} goes home")

    async def _aux(self, person: Person, reason: str) -> None:
        if person.state == "ready":
            await person.be("aux", reason)

    async def _ready(self, person: Person) -> None:
        if person.state == "aux":
            await person.be("ready")

    async def _home(self, person: Person) -> None:
        """After their shift, once what they hold is done."""
        if person.state == "offline":
            return
        if any(s.person is person for s in self.served.values()):
            if person.state == "ready":
                await person.be("aux", "tugas_lain")
            self.day.at(60, None, lambda: self._home(person), f"{person.name} goes home")
        else:
            await person.go()

    async def close(self) -> None:
        """Whoever is still there goes home."""
        for person in self.people:
            await person.go()
            await person.leave()


async def nothing() -> None:
    """Only an instant to look round at."""
