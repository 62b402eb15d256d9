"""Runs every conversation of conversations/*.yml through the whole stack; README.md beside this file says what a file holds."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from sqlalchemy import select, update

from bot.consent.records import consents
from bot.conversations.records import conversations, surveys
from bot.desk.service import Desk
from bot.desk.sessions import User, create_user
from bot.handoff import presence, service
from bot.handoff.records import presence as presence_rows
from bot.reservations.records import reservations
from bot.tickets.records import tickets
from tests.conftest import StackFactory
from tests.support.stack import Phone, Stack, Visitor

FOLDER = Path(__file__).parent / "conversations"
DEFAULT_TIME = "2026-11-23 10:00"


def _cases() -> list[Any]:
    cases = []
    for path in sorted(FOLDER.glob("*.yml")):
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        for channel in case.get("channels", ["livechat", "whatsapp"]):
            cases.append(pytest.param(case, channel, id=f"{path.stem}-{channel}"))
    return cases


@pytest.mark.engine
@pytest.mark.parametrize(("case", "channel"), _cases())
async def test_conversation(case: dict[str, Any], channel: str, start_stack: StackFactory, sqlite_url: str) -> None:
    at = datetime.strptime(case.get("at", DEFAULT_TIME), "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Jakarta"))
    stack = await start_stack(sqlite_url, at.astimezone(ZoneInfo("UTC")))
    people = [await _agent(stack, n) for n in range(case.get("agents", 0))]
    customer: Visitor | Phone = await stack.visitor() if channel == "livechat" else stack.phone(case.get("phone", 0))
    for number, step in enumerate(case["steps"], 1):
        heard = await _take(stack, customer, step, people)
        where = f"step {number} ({step})\nheard: {heard!r}"
        for wanted in step.get("hears", ()):
            assert wanted.lower() in heard.lower(), f"not heard: {wanted!r} in {where}"
        for unwanted in step.get("not", ()):
            assert unwanted.lower() not in heard.lower(), f"heard: {unwanted!r} in {where}"
        offered = [c["title"].lower() for c in customer.choices()]
        for wanted in step.get("offers", ()):
            assert any(wanted.lower() in title for title in offered), f"not offered: {wanted!r} among {offered} in {where}"
    await _check(stack, case.get("then", {}))


async def _take(stack: Stack, customer: Visitor | Phone, step: dict[str, Any], people: list[User]) -> str:
    for person in people:  # their desks are open the whole time
        await _seen(stack, person)
    if "says" in step:
        return await customer.say(step["says"])
    if "taps" in step:
        return await customer.tap(step["taps"])
    if "sends" in step:
        assert isinstance(customer, Phone), "only WhatsApp sends files here"
        return await customer.say(step.get("caption", ""), step["sends"], age_s=step.get("age_s", 0))
    if "waits" in step:
        return await _wait(stack, customer, step["waits"])
    conversation = await _conversation(stack)
    desk = Desk(stack.db, stack.service.library, stack.settings, stack.service.files.sign)
    if "accepts" in step:
        async with stack.db.write() as tx:
            await service.accept(tx, conversation.id, conversation.episode, people[0].id, people[0].name)
        return ""
    if "agent" in step:
        before = _ids(customer)
        await desk.reply(people[0], conversation.id, f"test-{step['agent']}"[:60], step["agent"], [])
        return await _after(stack, customer, before)
    raise AssertionError(f"what is this step? {step}")


def _ids(customer: Visitor | Phone) -> Any:
    return {m["id"] for m in customer.from_us()} if isinstance(customer, Visitor) else len(customer.from_us())


async def _after(stack: Stack, customer: Visitor | Phone, before: Any) -> str:
    await stack.quiet()
    if isinstance(customer, Visitor):
        return await customer.heard(before)
    await stack.graph.settle()
    return "\n".join(m["text"] for m in customer.from_us()[before:])


async def _wait(stack: Stack, customer: Visitor | Phone, seconds: float) -> str:
    before = _ids(customer)
    await stack.advance(seconds)
    await asyncio.sleep(0)
    return await _after(stack, customer, before)


async def _agent(stack: Stack, number: int) -> User:
    async with stack.db.write() as tx:
        user = await create_user(tx, f"agent{number}", f"Petugas {number + 1}", "agent", "kata-sandi-uji")
        await presence.set_presence(tx, user.id, "ready", None, user.id)
    return user


async def _seen(stack: Stack, person: User) -> None:
    async with stack.db.write() as tx:
        await tx.execute(update(presence_rows).where(presence_rows.c.agent_id == person.id).values(seen_at=tx.now))


async def _conversation(stack: Stack) -> Any:
    async with stack.db.read() as tx:
        return (
            await tx.execute(select(conversations).order_by(conversations.c.opened_at.desc(), conversations.c.id.desc()).limit(1))
        ).one()


async def _check(stack: Stack, then: dict[str, Any]) -> None:
    row = await _conversation(stack)
    for column in ("owner", "topic", "outcome", "reason", "urgent", "late"):
        if column in then:
            assert getattr(row, column) == then[column], f"{column} is {getattr(row, column)!r}"
    async with stack.db.read() as tx:
        if "tickets" in then:
            found = (await tx.execute(select(tickets))).all()
            assert len(found) == then["tickets"], found
        if "reservations" in then:
            booked = (await tx.execute(select(reservations).where(reservations.c.status == "booked"))).all()
            assert len(booked) == then["reservations"], booked
        if "consent" in then:
            latest = (await tx.execute(select(consents).order_by(consents.c.at.desc(), consents.c.id.desc()).limit(1))).first()
            assert (latest.decision if latest else "none") == then["consent"]
        if "survey" in then:
            assert (await tx.execute(select(surveys.c.score))).scalar() == then["survey"]
    for step in then.get("steps", ()):
        assert step in (row.steps or {}), f"the step {step} was not ticked: {row.steps}"
