"""A process that stood still beyond its lease goes on with a message that somebody else has finished: nothing may come of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.conversations.records import conversations, facts, messages
from bot.dialogue.engine import EngineUnavailable
from tests.support.stack import Stack

pytestmark = pytest.mark.engine


async def state(stack: Stack) -> tuple[Any, ...]:
    """Everything that a second answer would change."""
    async with stack.db.read() as tx:
        row = (await tx.execute(select(conversations))).one()
        told = [(m.id, m.todo, m.skipped) for m in await tx.execute(select(messages).order_by(messages.c.seq))]
        happened = [f.kind for f in await tx.execute(select(facts.c.kind).order_by(facts.c.id))]
    return row.owner, row.owner_version, row.dialogue_version, told, [kind for kind in happened if kind != "message_status"]


async def first_message(stack: Stack) -> Any:
    async with stack.db.read() as tx:
        return (await tx.execute(select(messages).where(messages.c.author == "customer").order_by(messages.c.seq).limit(1))).one()


@pytest.mark.parametrize("todo", ["answer", "late", "recall", "read"])
async def test_a_message_that_was_answered_meanwhile_stays_answered(stack: Stack, todo: str) -> None:
    await stack.phone().say("halo")
    before = await state(stack)
    assert stack.service.worker is not None
    await stack.service.worker._handlers[todo](await first_message(stack))
    await stack.graph.settle()
    assert await state(stack) == before


async def test_nobody_is_handed_over_for_a_message_that_was_answered_meanwhile(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    await stack.phone().say("halo")
    async with stack.db.write() as tx:
        await tx.execute(update(messages).where(messages.c.author == "customer").values(tries=7))
    before = await state(stack)

    async def down(*_: Any) -> None:
        raise EngineUnavailable("no engine can be reached")

    monkeypatch.setattr(stack.service.engines, "turn", down)
    assert stack.service.worker is not None
    await stack.service.worker._handlers["answer"](await first_message(stack))
    assert await state(stack) == before
