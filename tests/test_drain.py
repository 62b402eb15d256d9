"""A service that is told to stop: no new work, nothing under way is lost, and clients are sent elsewhere."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from sqlalchemy import select

from bot.conversations.records import messages, timers
from tests.conftest import StackFactory
from tests.support.stack import Stack, until

pytestmark = pytest.mark.engine


async def ready(stack: Stack) -> tuple[int, dict[str, bool]]:
    async with stack.http.get(f"{stack.url}/readyz") as answer:
        return answer.status, await answer.json()


async def test_it_says_at_once_that_it_is_not_ready_and_still_serves(stack: Stack) -> None:
    assert (await ready(stack))[0] == 200
    await stack.service.drain()
    assert await ready(stack) == (503, {"engine": True, "database": True, "draining": True})
    status, _ = await stack.graph.customer_sends(stack.phone().customer, "text", text="halo")
    assert status == 200, "what still comes is stored, for others to answer"


async def test_an_engine_that_is_away_makes_no_service_unready(start_stack: StackFactory, sqlite_url: str) -> None:
    stack = await start_stack(sqlite_url, engine_url="http://127.0.0.1:1")
    assert await ready(stack) == (200, {"engine": False, "database": True, "draining": False})


async def test_the_turn_under_way_is_finished_and_the_next_is_left_to_others(stack: Stack) -> None:
    phone = stack.phone()
    engines, begun, go = stack.service.engines, asyncio.Event(), asyncio.Event()
    turn = engines.turn

    async def slow(body: dict[str, object]) -> dict[str, object]:
        begun.set()
        await go.wait()
        return await turn(body)

    engines.turn = slow  # type: ignore[method-assign]
    await stack.graph.customer_sends(phone.customer, "text", text="halo")
    await begun.wait()
    draining = asyncio.create_task(stack.service.drain())
    await until(lambda: stack.service.draining, "")
    await stack.graph.customer_sends(phone.customer, "text", text="brp sih bunga gadai di pegadaian")
    go.set()
    await draining
    async with stack.db.read() as tx:
        rows = (await tx.execute(select(messages.c.todo).where(messages.c.author == "customer").order_by(messages.c.seq))).all()
    assert [row.todo for row in rows] == [None, "answer"]


async def test_windows_are_closed_with_a_code_that_brings_them_back_and_nobody_counts_as_gone(stack: Stack) -> None:
    visitor = await stack.visitor()
    await visitor.say("halo")
    assert visitor._socket is not None
    await stack._runner.shutdown()  # type: ignore[union-attr]
    await until(lambda: visitor._socket is not None and visitor._socket.closed, "the socket stayed open")
    assert visitor._socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
    async with stack.db.read() as tx:
        assert [row.kind for row in await tx.execute(select(timers.c.kind).where(timers.c.kind == "gone"))] == []
