"""The day itself: a virtual clock that goes from one instant to the next, everything of an instant at once, then rest.

An instant is a whole second at which an actor does something, or a moment at which the service has something to do. What falls into one
instant is delivered concurrently and races; the clock only moves on when nothing is left to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import aiohttp
from aiohttp import web
from argon2 import PasswordHasher
from sqlalchemy import update

from bot.clock import ManualClock
from bot.desk import passwords
from bot.desk.records import users
from bot.desk.sessions import create_user
from bot.settings import Settings, load_settings
from bot.simulator.graph_standin import GraphStandIn
from tests.simulation.day import customers, desks, faults, serving
from tests.simulation.day.bodies import Body, ChatBody, PhoneBody
from tests.simulation.day.digest import delay_text
from tests.simulation.day.engines import EngineProxy, Engines
from tests.simulation.day.floor import Floor, nothing
from tests.simulation.day.ledger import Ledger
from tests.simulation.day.life import Life
from tests.simulation.day.offices import STAFF, Offices
from tests.simulation.day.person import PASSWORD, Person
from tests.simulation.day.roster import KINDS, plan_shifts
from tests.simulation.day.steps import Script, Step, discover
from tests.simulation.day.trouble import Trouble
from tests.simulation.day.watch import Watch
from tests.support.servers import ROOT, TOKEN, free_port

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 09.00 in Jakarta
HOURS = 8.0
GRID_S = 5  # what people do falls on multiples of this, so that some of it coincides
LONGEST_STEP_S = 30  # while desks are open: they give a sign of life this often
PATIENCE_S = 30.0  # real seconds for the world to come to rest
LOOK_EVERY = 97  # instants, from one look at the product's figures to the next
ABANDONED_S = 0.4  # real seconds
OVERTIME = timedelta(hours=4)
AFTERWARDS = timedelta(days=4)  # so long tickets go on
SECRET, NUMBER = "simulated-app-secret", "100000000000001"
Do = Callable[[], Awaitable[None]]


@contextlib.contextmanager
def quick_passwords() -> Iterator[None]:
    """Real Argon2 hashes, of the least strength: logging in is not what is simulated."""
    real, passwords._HASHER = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobody.cache_clear()
    try:
        yield
    finally:
        passwords._HASHER = real
        passwords._nobody.cache_clear()


class Stuck(AssertionError):
    """The world did not come to rest."""


@dataclass(order=True)
class Event:
    """Something an actor does. `subject`: the customer it is about, where two things at once would be no fair race; `of`: the person at the
    desk whose places it changes, likewise."""

    when: datetime
    order: int
    subject: str | None = field(compare=False)
    do: Do = field(compare=False)
    what: str = field(compare=False)
    exact: bool = field(compare=False, default=False)
    of: str | None = field(compare=False, default=None)
    on_ticket: bool = field(compare=False, default=False)  # nobody stays at their desk for it


@dataclass
class Actor:
    """A customer, their script and what they listen for."""

    label: str
    kind: str
    races: bool
    body: Body
    script: Script
    listening: bool = False
    until: datetime | None = None
    mark: int = 0
    begun: bool = False


class Day(Trouble):
    """One seed's day over one empty, migrated database."""

    def __init__(
        self,
        seed: int,
        database_url: str,
        folder: Path,
        engine_url: str = "",
        engines: Engines | None = None,
        customers: int = 1000,
        agents: int | None = None,
        only: tuple[str, ...] = (),
        faulty: bool = True,
    ) -> None:
        self.seed, self.database_url, self.folder = seed, database_url, folder
        self.dice = Random(f"day {seed}")
        self.hours = min(HOURS, max(1.0, customers / 40))
        self.customers = customers
        self.agents = agents if agents is not None else max(5, customers // 20)
        self.only, self.faulty = only, faulty
        self.clock = ManualClock(START)
        self.ledger = Ledger(self.clock.now)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.proxy = EngineProxy()
        self.engines, self._engine_url = engines, engine_url
        self.standin = GraphStandIn(
            f"{self.url}/webhooks/whatsapp", SECRET, "access", NUMBER, self.clock.now,
            customers=(), statuses=("sent", "delivered"), webhook_tries=400, webhook_pause_s=0.03,
        )  # fmt: skip
        self.watch = Watch(database_url)
        self.actors: list[Actor] = []
        self.label_of: dict[str, str] = {}  # what the service knows a customer by -> label
        self.floor = Floor(self, [])
        self.offices = Offices(self)
        self.over = False  # the desks are closed; only tickets go on
        self.armed: Callable[[list[Event]], Awaitable[None]] | None = None  # a fault that wants customers' messages under way
        self.lives = 0
        self.instants = 0
        self.spent: Counter[str] = Counter()
        self._written: dict[str, list[str]] = {}
        self._events: list[Event] = []
        self._order = itertools.count()
        self._graph_runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None
        self.life: Life | None = None

    # --- what actors use

    @property
    def http(self) -> aiohttp.ClientSession:
        """For customers' browsers."""
        assert self._http is not None
        return self._http

    def later(self, seconds: float) -> datetime:
        """A moment from now, on the grid."""
        moment = self.clock.now() + timedelta(seconds=seconds)
        since = (moment - START).total_seconds()
        return START + timedelta(seconds=math.ceil(since / GRID_S - 1e-9) * GRID_S)

    def at(
        self, seconds: float, subject: str | None, do: Do, what: str, exact: bool = False, of: str | None = None, on_ticket: bool = False
    ) -> None:
        """Have something done `seconds` from now."""
        when = self.clock.now() + timedelta(seconds=seconds) if exact else self.later(seconds)
        heapq.heappush(self._events, Event(when, next(self._order), subject, do, what, exact, of, on_ticket))

    def written(self, label: str) -> list[str]:
        """What a customer has written so far."""
        return self._written.get(label, [])

    def a_way_to_serve(self, dice: Random, team: str, may_hand_on: bool) -> Script:
        """How an agent of the team serves one conversation."""
        fit = [
            w for w in discover(serving).values() if getattr(w, "TEAM", team) == team and (may_hand_on or not getattr(w, "HANDS_ON", False))
        ]
        chosen = dice.choices(fit, [w.WEIGHT for w in fit])[0]
        script: Script = chosen.play(dice)
        return script

    async def until(self, condition: Callable[[], bool], why: str) -> None:
        """Return once `condition` holds."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise Stuck(why)
            await asyncio.sleep(0.002)

    async def window_closed(self, conversation: str | None) -> None:
        """A chat window went away: return when the service knows it, so that its timer counts from this instant."""
        if conversation is None:
            return
        owner = await self.watch.rows("SELECT owner FROM conversations WHERE id = $1", conversation)
        if not owner or owner[0][0] not in ("bot", "agent"):
            await asyncio.sleep(0.01)
            return
        for _ in range(500):
            if await self.watch.rows("SELECT 1 FROM timers WHERE kind = 'gone' AND subject = $1", conversation):
                return
            await asyncio.sleep(0.002)

    # --- the course of the day

    async def run(self) -> None:
        """From the opening to the last thing due."""
        started, worked = time.perf_counter(), time.process_time()
        Life.keep_track()
        await self._open()
        try:
            while True:
                if not self.over and await self._is_over():
                    await self._look_at_figures()
                    await self.floor.close()
                    await self._rest()
                    self.over = True
                when = await self._next_instant()
                if when is None or when > START + AFTERWARDS:
                    break
                await self._instant(when)
            await self._look_at_figures()
        finally:
            self.spent["processor"] += time.process_time() - worked  # type: ignore[assignment]
            self.spent["all"] += time.perf_counter() - started  # type: ignore[assignment]
            await self._close()

    async def _is_over(self) -> bool:
        """Whether there is nothing more to do at the desks, or far too late."""
        now, end = self.clock.now(), START + timedelta(hours=self.hours)
        if now < end:
            return False
        moments = [event.when for event in self._events if not event.on_ticket]
        moments += [due] if (due := await self.watch.next_due(now, tickets=False)) else []
        return not moments or min(moments) > end + OVERTIME

    async def _next_instant(self) -> datetime | None:
        now = self.clock.now()
        due = await self.watch.next_due(now)
        event = self._events[0].when if self._events else None
        found = min((moment for moment in (due, event) if moment is not None), default=None)
        if found is None:
            return None
        if any(p.state != "offline" for p in self.floor.people):
            found = min(found, max(now, now + timedelta(seconds=LONGEST_STEP_S)))
        return max(found, now)

    async def _instant(self, when: datetime) -> None:
        """Everything of one instant, at once; then rest, then what follows from it."""
        self.instants += 1
        assert self.life is not None
        begun = time.perf_counter()
        batch = await self._batch(when)
        self.clock.set(when)
        self.life.nudge(*await self.watch.due_topics(when))
        if self.armed is not None and any(event.subject and not event.on_ticket for event in batch):
            strike, self.armed = self.armed, None
            await strike(batch)
        else:
            await self.deliver(batch)
        delivered = time.perf_counter()
        await self._rest()
        if self.instants % LOOK_EVERY == 0:
            await self._look_at_figures()
        rested = time.perf_counter()
        await self._go_on()
        self.spent["acting"] += delivered - begun  # type: ignore[assignment]
        self.spent["settling"] += rested - delivered  # type: ignore[assignment]
        self.spent["looking round"] += time.perf_counter() - rested  # type: ignore[assignment]

    async def _batch(self, when: datetime) -> list[Event]:
        """What falls into the instant. Somebody whose timer falls due in it, or who is busy already, acts a second later."""
        batch: list[Event] = []
        busy: set[str] = set()
        while self._events and self._events[0].when <= when:
            batch.append(heapq.heappop(self._events))
        if not batch:
            return batch
        racing = {actor.label for actor in self.actors if actor.races}
        timed = {await self.floor.label_of(c) for c in await self.watch.timers_due(when)}
        kept = []
        for event in batch:
            fair = event.exact or event.subject in racing
            if (event.subject and not fair and (event.subject in timed or event.subject in busy)) or event.of in busy:
                event.when = when + timedelta(seconds=1)
                heapq.heappush(self._events, event)
                continue
            busy |= {who for who in (event.subject, event.of) if who}
            kept.append(event)
        return kept

    async def deliver(self, batch: list[Event]) -> None:
        """Do all of it at once. Faults come first: they are there when the others act."""
        for event in [e for e in batch if e.what == "fault"]:
            await event.do()
        await asyncio.gather(*(event.do() for event in batch if event.what != "fault"))

    async def _rest(self) -> None:
        """Return when nothing is left to do at this instant and everybody has heard what was said."""
        for _ in range(8):  # whoever the clock has woken gets to run
            await asyncio.sleep(0)
        end = time.monotonic() + PATIENCE_S
        abandoned: float | None = None
        while True:
            assert self.life is not None
            await self.life.idle()
            await self.standin.settle()
            now = self.clock.now()
            left = await self.watch.left(now) or await self._unheard()
            if not left and not self.life.busy:
                # Leased at this instant and nobody at work on it: it is about to begin, or its handler died.
                abandoned = abandoned or time.monotonic() + ABANDONED_S
                if time.monotonic() > abandoned or not await self.watch.in_hand(now):
                    before = await self.watch.last_fact()
                    await self.life.route()
                    if await self.watch.last_fact() == before:
                        return
                    abandoned = None
            else:
                abandoned = None
            if time.monotonic() > end:
                raise Stuck(f"at {now} after {PATIENCE_S} s: {'; '.join(left[:5])}")
            await asyncio.sleep(0.001)

    async def _unheard(self) -> list[str]:
        """Chat windows that do not show everything yet, and desks that gave no sign of life."""
        now = self.clock.now()
        newest = await self.watch.newest(now)
        behind = []
        for actor in self.actors:
            body = actor.body
            if isinstance(body, ChatBody) and body.open and body.conversation in newest and body.seq < newest[body.conversation]:
                if body.seq < await self.watch.shown(body.conversation):
                    behind.append(f"{body.label} has not heard everything")
            elif isinstance(body, ChatBody) and body.open and not body.connected.is_set():
                behind.append(f"{body.label} is not connected")
        if await self.watch.silent_desks(now, LONGEST_STEP_S) - {p.id for p in self.floor.people if p.lost}:
            behind.append("a desk is silent")
        return behind

    async def _go_on(self) -> None:
        """Whoever was answered goes on; agents take what waits."""
        now = self.clock.now()
        for actor in self.actors:
            if not actor.listening:
                continue
            heard = actor.body.heard()
            new = [message for message in heard[actor.mark :] if message.text != delay_text()]  # no answer yet, only a sign of life
            if new or (actor.until is not None and now >= actor.until):
                actor.listening = False
                self._next_step(actor, "\n".join(message.text for message in new))
            actor.mark = len(heard)
        await self.floor.look_round()
        await self.offices.look()

    def _next_step(self, actor: Actor, heard: str) -> None:
        try:
            step = actor.script.send(heard) if actor.begun else next(actor.script)
        except StopIteration:
            return
        actor.begun = True
        subject = None if step.kind == "nothing" else actor.label
        self.at(step.after, subject, lambda: self.act(actor, step), f"{actor.label} {step.kind}", step.exact)

    async def act(self, actor: Actor, step: Step) -> None:
        """A customer does what is next."""
        actor.mark = len(actor.body.heard())
        if step.kind in ("say", "tap", "say_twice", "send"):
            self._written.setdefault(actor.label, []).append(step.text)
        elif step.texts:
            self._written.setdefault(actor.label, []).extend(step.texts)
        await actor.body.act(step)
        if actor.body.identity:
            self.label_of.setdefault(actor.body.identity, actor.label)
        actor.listening = True
        actor.until = self.later(step.patience) if step.patience else self.clock.now()
        if step.patience:
            self.at(step.patience, None, nothing, "patience")

    # --- opening and closing

    async def _open(self) -> None:
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        await self.proxy.start()
        self.proxy.target = self.engines.now.url if self.engines and self.engines.now else self._engine_url
        self._graph_runner = web.AppRunner(self.standin.app, access_log=None, shutdown_timeout=0.1)
        await self._graph_runner.setup()
        graph_port = free_port()
        await web.TCPSite(self._graph_runner, "127.0.0.1", graph_port).start()
        self._settings = self._read_settings(f"http://127.0.0.1:{graph_port}")
        await self.begin_life()
        await self.watch.open()
        await self._hire()
        self._plan_customers()
        plan_shifts(self, Random(f"{self.seed}:roster"), self.hours * 3600)
        self._plan_scripts()

    def _read_settings(self, graph_url: str) -> Settings:
        return load_settings(
            SAPA_ENV="test", SAPA_VAR=str(self.folder), SAPA_WEB=str(ROOT / "web/dist"), PORT=str(self.port), DATABASE_URL=self.database_url,
            SECRET_KEY="simulated-secret-key-" + "x" * 32, ENGINE_URL=self.proxy.url, ENGINE_TOKEN=TOKEN, ENGINE_TIMEOUT_S="20",
            WHATSAPP_APP_SECRET=SECRET, WHATSAPP_VERIFY_TOKEN="verify", WHATSAPP_ACCESS_TOKEN="access", WHATSAPP_PHONE_NUMBER_ID=NUMBER,
            WHATSAPP_API_URL=graph_url, TRUST_PROXY="1",
        )  # fmt: skip

    async def begin_life(self) -> None:
        """Start a service over the database as it is."""
        self.life = Life(self._settings, self.clock)
        self.lives += 1
        await self.life.start()

    async def _hire(self) -> None:
        for number in range(self.agents):
            team, by_offers = KINDS[number % len(KINDS)]
            self.floor.people.append(Person(self, number, f"petugas.{number:03}", team, by_offers))
        self.floor.leaders.append(Person(self, self.agents, "pemimpin.000"))
        for person in self.floor.people:
            await self._employ(person, "agent")
        await self._employ(self.floor.leaders[0], "leader")
        for person, (_, _, role) in zip(self.offices.people, STAFF, strict=True):
            await self._employ(person, role)

    async def _employ(self, person: Person, role: str) -> None:
        assert self.life is not None
        async with self.life.service.db.write() as tx:
            user = await create_user(tx, person.name, f"Petugas {person.seat:03}", role, PASSWORD)
            person.id = user.id
            await tx.execute(update(users).where(users.c.id == user.id).values(team=person.team))
        await asyncio.sleep(0.002)  # ids are sorted by time, and by them whoever is equal in all else

    def _plan_customers(self) -> None:
        kinds: dict[str, ModuleType] = {k: m for k, m in discover(customers).items() if not self.only or k in self.only}
        names, weights = list(kinds), [kinds[k].WEIGHT for k in kinds]
        # Every kind comes at least once; the rest by weight.
        chosen = (names * (1 if self.customers >= len(names) else 0))[: self.customers]
        chosen += self.dice.choices(names, weights, k=self.customers - len(chosen))
        for number, name in enumerate(chosen, 1):
            module = kinds[name]
            dice = Random(f"{self.seed}:{number}:{name}")
            channel = dice.choice(module.CHANNELS)
            label = f"{name}-{number:04}"
            body: Body = PhoneBody(self, label, number) if channel == "whatsapp" else ChatBody(self, label, number)
            if body.identity:
                self.label_of[body.identity] = label
            script: Script = module.play(dice)
            actor = Actor(label, name, getattr(module, "RACES", False), body, script)
            self.actors.append(actor)
            comes = self.dice.uniform(60, self.hours * 3600 - 900)
            self.at(comes, None, lambda a=actor: self._begin(a), f"{label} comes")

    async def _begin(self, actor: Actor) -> None:
        actor.listening, actor.until = True, self.clock.now()

    def _plan_scripts(self) -> None:
        """What goes wrong, and what happens at the desks."""
        if self.faulty:
            self._plan(faults, "fault", [m for m in discover(faults).values() if not hasattr(m, "fits") or m.fits(self)])
        self._plan(desks, "desk", list(discover(desks).values()))

    def _plan(self, package: ModuleType, what: str, found: list[ModuleType]) -> None:
        """Each in a stretch of the day of its own, so that one does not undo the other."""
        chosen = [m for m in found for _ in range(max(1, round(m.PER_DAY * self.customers / 300)))]
        dice = self.dice if package is faults else Random(f"{self.seed}:{what}")
        dice.shuffle(chosen)
        stretch = (self.hours * 3600 - 1200) / max(1, len(chosen))
        for number, module in enumerate(chosen):
            start = 300 + number * stretch + dice.uniform(0, stretch / 4)
            script = module.play(Random(f"{self.seed}:{what}:{number}"), self)
            self.at(start, None, lambda s=script, w=what: self._script(s, w), what)

    async def _script(self, script: Any, what: str) -> None:
        with contextlib.suppress(StopAsyncIteration):
            pause = await script.__anext__()
            self.at(pause, None, lambda: self._script(script, what), what)

    async def _look_at_figures(self) -> None:
        """What the product shows now that the world is at rest, for the checker to count again."""
        facts = await self.watch.last_fact()
        async with self.http.get(f"{self.url}/metrics") as answer:
            self.ledger.add("figures", what="metrics", shown=await answer.text(), facts=facts)
        there = next((p for p in self.floor.people if p.state != "offline"), None)
        if there is not None:
            for box in ("queue", "all"):
                _, body = await there.call("GET", f"/api/desk/conversations?box={box}")
                self.ledger.add("figures", what=f"box {box}", shown=body, facts=facts)

    async def _close(self) -> None:
        for person in (*self.floor.people, *self.floor.leaders, *self.offices.people):
            await person.leave()
        for actor in self.actors:
            actor.script.close()
            if isinstance(actor.body, ChatBody):
                await actor.body.shut()
        if self._http:
            await self._http.close()
        await self.proxy.stop()
        if self.life:
            await self.life.stop()
        if self._graph_runner:
            await self._graph_runner.cleanup()
        await self.watch.close()
        asyncio.get_running_loop().set_task_factory(None)

    def record(self) -> dict[str, Any]:
        """Everything the checker may know besides the database."""
        people = [
            {
                "label": a.label, "kind": a.kind, "races": a.races, "channel": a.body.channel, "identity": a.body.identity,
                "wa_id": a.body.person.wa_id if isinstance(a.body, PhoneBody) else None,
            }
            for a in self.actors
        ]  # fmt: skip
        windows = [
            {"customer": b.label, "conversation": b.conversation, "open": b.open}
            for b in (a.body for a in self.actors)
            if isinstance(b, ChatBody)
        ]
        return self.ledger.to_json(
            self.standin.record,
            people,
            [{"id": p.id, "name": p.name} for p in (*self.floor.people, *self.floor.leaders, *self.offices.people)],
            windows,
        )
