"""Plays a conversation of conversations/*.yml through a running stack and checks what is said; README.md says what a file may hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import select, update

from bot.consent.records import consents
from bot.conversations.records import conversations, messages, surveys
from bot.desk.service import Desk
from bot.desk.sessions import User, create_user
from bot.dialogue.records import dialogue_turns
from bot.handoff import presence
from bot.handoff.records import presence as presence_rows
from bot.reservations.records import reservations
from bot.tickets.records import tickets
from tests.support.stack import Phone, Stack, Visitor

FOLDER = Path(__file__).parent / "conversations"
DEFAULT_TIME = "2026-11-23 10:00"
CHANNELS = ("livechat", "whatsapp")
DOES = ("says", "taps", "sends", "waits", "leaves", "accepts", "agent", "returns", "closes", "rests")
CHECKS = ("hears", "not", "offers", "silent")
BESIDES = ("by", "caption", "age_s", "twice", "about")
IN_THE_END = (
    *("owner", "topic", "outcome", "reason", "urgent", "late", "steps"),
    *("tickets", "ticket", "reservations", "consent", "survey", "messages", "never_stored"),
)

Case = dict[str, Any]
Customer = Visitor | Phone


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a conversation went another way: the step, what was done, what should have come and what came."""

    step: int
    did: str
    expected: str
    heard: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class WentWrong(AssertionError):
    """A conversation went another way than its file says."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"step {failure.step} ({failure.did})\nexpected: {failure.expected}\nheard: {failure.heard}")
        self.failure = failure


def cases(folder: Path = FOLDER, containing: str = "") -> Iterator[tuple[str, str, Case]]:
    """(file's name, channel, conversation) for every file and channel whose `name-channel` contains this. Raises ValueError naming a wrong file."""
    for path in sorted(folder.glob("*.yml")):
        try:
            case = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise ValueError(f"{path.name}: {error}") from error
        if mistake := mistake_in(case):
            raise ValueError(f"{path.name}: {mistake}")
        for channel in case.get("channels", CHANNELS):
            if containing in f"{path.stem}-{channel}":
                yield path.stem, channel, case


def mistake_in(case: Any) -> str | None:
    """What is wrong with a file's content, in words; None if nothing is."""
    if not isinstance(case, dict) or not case.get("name") or not case.get("steps"):
        return "it needs a name and steps"
    if unknown := set(case) - {"name", "channels", "at", "agents", "phone", "steps", "then"}:
        return f"{', '.join(sorted(unknown))} is unknown"
    for number, step in enumerate(case["steps"], 1):
        done = [word for word in DOES if word in step]
        if len(done) != 1:
            return f"step {number} needs exactly one of {', '.join(DOES)}"
        if unknown := set(step) - {*DOES, *CHECKS, *BESIDES}:
            return f"step {number}: {', '.join(sorted(unknown))} is unknown"
        if wrong := [word for word in ("hears", "not", "offers") if not isinstance(step.get(word, []), list)]:
            return f"step {number}: {wrong[0]} is a list"
    if unknown := set(case.get("then") or {}) - set(IN_THE_END):
        return f"then: {', '.join(sorted(unknown))} is unknown"
    return None


def begins_at(case: Case) -> datetime:
    """When the conversation begins."""
    local = datetime.strptime(case.get("at", DEFAULT_TIME), "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Jakarta"))
    return local.astimezone(UTC)


async def play(case: Case, channel: str, stack: Stack) -> None:
    """Play it on a stack that is its own and began at `begins_at`. Raises WentWrong."""
    talk = _Talk(case, channel, stack)
    await talk.open_desks()
    for number, step in enumerate(case["steps"], 1):
        heard = ""
        try:
            heard = await talk.take(step)
            missed = await talk.missed(step, heard)
        except (AssertionError, LookupError) as error:
            missed = str(error)
        if missed:
            raise WentWrong(Failure(number, _said(step), missed, heard))
    if missed := await _end_missed(stack, case.get("then") or {}):
        raise WentWrong(Failure(len(case["steps"]) + 1, "in the end", missed, ""))


def _said(step: dict[str, Any]) -> str:
    verb = next(word for word in DOES if word in step)
    return f"{verb}: {step[verb]}" + (f" ({step['caption']})" if step.get("caption") else "")


class _Talk:
    """One conversation under way: customers, agents, and what each step does."""

    def __init__(self, case: Case, channel: str, stack: Stack) -> None:
        self._case = case
        self._channel = channel
        self._stack = stack
        self._customers: dict[int, Customer] = {}
        self._people: list[User] = []
        self._desk = Desk(stack.db, stack.service.library, stack.settings, stack.service.files.sign)

    async def open_desks(self) -> None:
        for number in range(self._case.get("agents", 0)):
            async with self._stack.db.write() as tx:
                user = await create_user(tx, f"agent{number}", f"Petugas {number + 1}", "agent", "kata-sandi-uji")
                await presence.set_presence(tx, user.id, "ready", None, user.id)
            self._people.append(user)

    async def take(self, step: dict[str, Any]) -> str:
        """Do the step; returns what the customer hears."""
        await self._desks_are_open()
        customer = await self._customer(step.get("by", 1))
        if "says" in step:
            return await self._says(customer, step)
        if "taps" in step:
            return await customer.tap(step["taps"])
        if "sends" in step:
            assert isinstance(customer, Phone), "only WhatsApp sends files here"
            return await customer.say(step.get("caption", ""), step["sends"], age_s=step.get("age_s", 0))
        before = _ids(customer)
        if "waits" in step:
            await self._stack.pass_time(step["waits"])
        elif "leaves" in step:
            assert isinstance(customer, Visitor), "only the live chat has a window to close"
            await customer.send({"type": "end"})
            await customer.taken()
        else:
            await self._at_the_desk(step)
        return await self._heard(customer, before)

    async def missed(self, step: dict[str, Any], heard: str) -> str:
        """What the step promises and did not come, in words."""
        for wanted in step.get("hears", ()):
            if wanted.lower() not in heard.lower():
                return f"to hear: {wanted}"
        for unwanted in step.get("not", ()):
            if unwanted.lower() in heard.lower():
                return f"not to hear: {unwanted}"
        if step.get("silent") and heard:
            return "to hear nothing"
        offered = [c["title"] for c in (await self._customer(step.get("by", 1))).choices()]
        for wanted in step.get("offers", ()):
            if not any(wanted.lower() in title.lower() for title in offered):
                return f"to be offered: {wanted} (offered: {', '.join(offered) or 'nothing'})"
        return ""

    async def _customer(self, number: int) -> Customer:
        if number not in self._customers:
            first = self._case.get("phone", 0)
            self._customers[number] = await self._stack.visitor() if self._channel == "livechat" else self._stack.phone(first + number - 1)
        return self._customers[number]

    async def _says(self, customer: Customer, step: dict[str, Any]) -> str:
        *earlier, last = step["says"] if isinstance(step["says"], list) else [step["says"]]
        before = _ids(customer)
        if isinstance(customer, Phone):
            for text in earlier:
                await self._stack.graph.customer_sends(customer.customer, "text", text=text)
            await customer.say(last, age_s=step.get("age_s", 0), duplicate=step.get("twice", False))
        else:
            for text in earlier:
                await customer.send_text(text)
            await customer.say(last)
            if step.get("twice"):
                await customer.send_again()
        return await self._heard(customer, before)

    async def _at_the_desk(self, step: dict[str, Any]) -> None:
        if "rests" in step:
            person = self._people[int(step["rests"]) - 1]
            await self._desk.set_presence(person, "aux", "istirahat")
            self._people.remove(person)
            return
        person = self._people[0]
        row = await _newest(self._stack)
        if "accepts" in step:
            await self._desk.accept(person, row.id, row.episode)
        elif "agent" in step:
            await self._desk.replying.reply(person, row.id, f"test-{step['agent']}"[:60], step["agent"], [])
        elif "returns" in step:
            await self._desk.give_back(person, row.id, "solved_part")
        else:
            await self._desk.close(person, row.id, step["closes"], True, step.get("about", ""))

    async def _desks_are_open(self) -> None:
        async with self._stack.db.write() as tx:
            for person in self._people:
                await tx.execute(update(presence_rows).where(presence_rows.c.agent_id == person.id).values(seen_at=tx.now))

    async def _heard(self, customer: Customer, before: set[str]) -> str:
        await self._stack.quiet()
        if isinstance(customer, Visitor):
            await customer.heard(set())  # until the client has all that is stored
        else:
            await self._stack.graph.settle()
        return "\n".join(m["text"] for m in customer.from_us() if m[_id(customer)] not in before)


def _id(customer: Customer) -> str:
    return "id" if isinstance(customer, Visitor) else "wamid"


def _ids(customer: Customer) -> set[str]:
    return {m[_id(customer)] for m in customer.from_us()}


async def _newest(stack: Stack) -> Any:
    async with stack.db.read() as tx:
        return (
            await tx.execute(select(conversations).order_by(conversations.c.opened_at.desc(), conversations.c.id.desc()).limit(1))
        ).one()


async def _end_missed(stack: Stack, then: dict[str, Any]) -> str:
    """What should be true in the end and is not, in words."""
    row = await _newest(stack)
    found: dict[str, Any] = {name: getattr(row, name) for name in ("owner", "topic", "outcome", "reason", "urgent", "late")}
    async with stack.db.read() as tx:
        made = (await tx.execute(select(tickets).order_by(tickets.c.created_at, tickets.c.number))).all()
        booked = (await tx.execute(select(reservations.c.code).where(reservations.c.status == "booked"))).all()
        latest = (await tx.execute(select(consents.c.decision).order_by(consents.c.at.desc(), consents.c.id.desc()).limit(1))).scalar()
        stored = (await tx.execute(select(messages.c.author, messages.c.text, messages.c.content))).all()
        remembered = (await tx.execute(select(dialogue_turns.c.events))).all()
        found["survey"] = (await tx.execute(select(surveys.c.score))).scalar()
    found |= {"tickets": len(made), "reservations": len(booked), "consent": latest or "none"}
    found["messages"] = sum(m.author == "customer" for m in stored)
    for name in set(then) & set(found):
        if then[name] != found[name]:
            return f"{name}: {then[name]} (is: {found[name]})"
    if missing := set(then.get("steps", ())) - set(row.steps or {}):
        return f"steps of the procedure: {', '.join(sorted(missing))} (ticked: {', '.join(row.steps or {}) or 'none'})"
    return _missing_in_ticket(made, then.get("ticket", ())) or _stored([*stored, *remembered, *made], then.get("never_stored", ()))


def _missing_in_ticket(made: Sequence[Any], wanted: Sequence[str]) -> str:
    text = " | ".join(str(value) for value in made[-1] if value) if made else ""
    return next((f"in the newest ticket: {phrase} (it says: {text or 'there is none'})" for phrase in wanted if phrase not in text), "")


def _stored(rows: Sequence[Any], never: Sequence[str]) -> str:
    return next((f"never to be stored: {secret}" for secret in never if any(secret in str(tuple(row)) for row in rows)), "")
