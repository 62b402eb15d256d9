"""A turn that takes longer than the conversation's lease."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.conversations.records import messages
from bot.conversations.worker import LEASE_S
from tests.conftest import StackFactory
from tests.overload.conftest import customer, writes
from tests.support.slow_engine import SlowEngine
from tests.support.stack import until

pytestmark = pytest.mark.engine


async def test_a_turn_that_outlives_its_lease_answers_once(start_stack: StackFactory, slow: SlowEngine, database_url: str) -> None:
    stack = await start_stack(database_url, engine_url=slow.url)
    await writes(stack, customer(1), ["wamid.1.1"])
    await until(lambda: len(slow._allowed._waiters or ()) == 1, "the message is not being served")
    stack.clock.advance(LEASE_S + 1)
    await until(lambda: len(slow._allowed._waiters or ()) == 2, "nobody takes it up after the lease")
    slow.open()
    await stack.quiet()
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name().startswith("serve ")))
    assert len(await stack.facts("bot_answered")) == 1
    async with stack.db.read() as tx:
        row = (await tx.execute(select(messages.c.todo, messages.c.skipped).where(messages.c.external_id == "wamid.1.1"))).one()
    assert tuple(row) == (None, None)
