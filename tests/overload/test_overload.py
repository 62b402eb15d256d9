"""More comes than can be answered: everything is stored, the order is kept, customers are told once, and it recovers by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.conversations.records import conversations, messages
from bot.conversations.worker import LEASE_S
from tests.conftest import StackFactory
from tests.overload.conftest import customer, writes
from tests.support.slow_engine import SlowEngine
from tests.support.stack import Stack, until

pytestmark = pytest.mark.engine
PLACES = 16  # conversations the worker serves at once


async def left(stack: Stack) -> int:
    async with stack.db.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(messages).where(messages.c.todo.is_not(None)))).scalar_one())


async def of_customers(stack: Stack) -> dict[str, str]:
    """The customer's number (as written) of each conversation."""
    async with stack.db.read() as tx:
        rows = await tx.execute(select(messages.c.conversation_id, messages.c.external_id).where(messages.c.author == "customer"))
        return {row.conversation_id: row.external_id.split(".")[1] for row in rows}


async def test_three_times_too_much_is_stored_answered_in_order_and_told_once(
    start_stack: StackFactory, slow: SlowEngine, database_url: str
) -> None:
    stack = await start_stack(database_url, engine_url=slow.url)
    many = 3 * PLACES
    for number in range(many):
        await writes(stack, customer(number), [f"wamid.{number}.1"])
        stack.clock.advance(0.01)
    await until(lambda: bool(slow._allowed._waiters) and len(slow._allowed._waiters) == PLACES, "not every place is taken")
    assert await left(stack) == many, "acknowledged and stored, none answered"

    patience = stack.service.client.messages.delay_notice_s
    stack.clock.advance(patience)

    async def told(count: int) -> bool:
        return len(await stack.facts("delay_told")) == count

    await until(lambda: told(many), "not everybody was told")
    for _ in range(5):
        stack.clock.advance((LEASE_S - patience - 5) / 5)
        await asyncio.sleep(0.02)
    assert await told(many), "once for each wait"

    slow.open()
    await stack.quiet()
    answered = [fact.data["message"] for fact in await stack.facts("bot_answered")]
    assert len(answered) == len(set(answered)) == many
    assert await told(many), "nobody is told after the answer"
    names = await of_customers(stack)
    served = [int(names[conversation]) for conversation in slow.asked]
    assert sorted(served[:PLACES]) == list(range(PLACES)), "who came first was served first"
    assert all(place >= PLACES for place, number in enumerate(served) if number >= 2 * PLACES), "and who came last, not before the others"
    async with stack.db.read() as tx:
        waiting = (
            await tx.execute(select(func.count()).select_from(conversations).where(conversations.c.waiting_since.is_not(None)))
        ).scalar()
    assert (await left(stack), waiting) == (0, 0), "no backlog is left"


async def test_a_flood_of_one_customer_does_not_delay_another(start_stack: StackFactory, slow: SlowEngine, sqlite_url: str) -> None:
    stack = await start_stack(sqlite_url, engine_url=slow.url)
    await writes(stack, customer(1), [f"wamid.1.{n}" for n in range(500)])
    await until(lambda: bool(slow._allowed._waiters), "the flood is not being served")
    assert len(slow._allowed._waiters or ()) == 1, "one conversation holds one place"
    stack.clock.advance(1)
    await writes(stack, customer(2), ["wamid.2.1"])
    await until(lambda: len(slow._allowed._waiters or ()) == 2, "the other waits for the flood")
    slow.allow(3)
    await until(lambda: len(slow.asked) >= 2, "nobody is served")
    names = await of_customers(stack)
    assert "2" in [names[c] for c in slow.asked[:2]], "the other is served beside the flood's first messages"
    assert await left(stack) >= 497


async def test_floods_on_every_place_let_another_through(start_stack: StackFactory, slow: SlowEngine, sqlite_url: str) -> None:
    stack = await start_stack(sqlite_url, engine_url=slow.url)
    for number in range(PLACES):
        await writes(stack, customer(number), [f"wamid.{number}.{n}" for n in range(20)])
    await until(lambda: len(slow._allowed._waiters or ()) == PLACES, "not every place is taken")
    stack.clock.advance(1)
    await writes(stack, customer(99), ["wamid.99.1"])
    stack.clock.advance(1)
    slow.allow(2 * PLACES)
    await until(lambda: len(slow.asked) == 2 * PLACES, "nobody is served")
    await until(lambda: len(slow._allowed._waiters or ()) == PLACES, "the places are not taken again")
    names = await of_customers(stack)
    served = [names[c] for c in slow.asked]
    assert served.count("99") == 1, f"the single message waits for the floods: {Counter(served)}"
    slow.open()
    await until(lambda: _answered_all(stack, PLACES * 20 + 1), "not everything was answered", 60)
    order = [fact.data["message"] for fact in await stack.facts("bot_answered")]
    async with stack.db.read() as tx:
        rows = (await tx.execute(select(messages.c.id, messages.c.conversation_id, messages.c.seq))).all()
    where = {row.id: (row.conversation_id, row.seq) for row in rows}
    for conversation in names:
        seqs = [where[m][1] for m in order if where[m][0] == conversation]
        assert seqs == sorted(seqs), "within a conversation the order is kept"


async def _answered_all(stack: Stack, count: int) -> bool:
    return await left(stack) == 0 and len(await stack.facts("bot_answered")) == count


async def test_an_engine_that_stays_down_hands_everybody_to_people_once(
    start_stack: StackFactory, slow: SlowEngine, sqlite_url: str
) -> None:
    slow.broken = True
    stack = await start_stack(sqlite_url, engine_url=slow.url)
    for number in range(20):
        await writes(stack, customer(number), [f"wamid.{number}.1"])

    async def handed() -> bool:
        stack.clock.advance(1)
        return len(await stack.facts("handoff_offered")) == 20

    await until(handed, "not everybody was handed to people", 60)
    texts: Counter[str] = Counter()
    async with stack.db.read() as tx:
        for row in await tx.execute(select(messages.c.text, messages.c.conversation_id).where(messages.c.author == "system")):
            texts[row.text[:30]] += 1
        reasons: list[Any] = list((await tx.execute(select(conversations.c.reason))).scalars())
    assert set(reasons) == {"engine_down"}
    assert texts["Mohon maaf, sistem kami sedang"] == 20
    assert texts["Mohon maaf, jawaban kami sedan"] <= 20, "told of the delay at most once each"
    assert await left(stack) == 0
    slow.broken = False
