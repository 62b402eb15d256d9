"""GET /metrics: the figures are those of the moment they are asked for."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import Histogram
from sqlalchemy import insert

from bot import telemetry
from bot.channels.records import halts
from bot.clock import ManualClock
from bot.metrics import render
from bot.store.database import Database
from tests.support.stack import Stack, until

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


async def test_a_pause_of_a_channel_counts_until_it_is_over(database_url: str) -> None:
    clock = ManualClock(NOON)
    db = Database(database_url, clock)
    try:
        async with db.write() as tx:
            await tx.execute(insert(halts).values(account="paused", code=130429, at=tx.now, until=tx.now + timedelta(seconds=60)))
        assert b"sapa_channels_halted 1.0" in await render(db, True)
        clock.advance(60)
        assert b"sapa_channels_halted 0.0" in await render(db, True)
        async with db.write() as tx:
            await tx.execute(insert(halts).values(account="stopped", code=190, at=tx.now, until=None))
        clock.advance(86400)
        assert b"sapa_channels_halted 1.0" in await render(db, True)
    finally:
        await db.close()


def figures(text: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    return {name: float(value) for name, value in re.findall(r"^([a-z]\S*) (\S+)$", text, re.MULTILINE)}


@pytest.mark.engine
async def test_the_oldest_waiting_message_tells_its_age(stack: Stack) -> None:
    assert figures(await scraped(stack))["sapa_inbox_oldest_seconds"] == 0
    stack.service.worker.stop()  # type: ignore[union-attr]
    await stack.service.tasks[0]
    await stack.graph.customer_sends(stack.phone().customer, "text", text="halo")
    stack.clock.advance(7)
    assert figures(await scraped(stack))["sapa_inbox_oldest_seconds"] == 7


@pytest.mark.engine
async def test_what_a_process_does_is_counted_by_outcome(stack: Stack) -> None:
    before = figures(await scraped(stack))
    visitor = await stack.visitor()
    await stack.phone().say("brp sih bunga gadai di pegadaian")
    async with stack.http.post(f"{stack.url}/webhooks/whatsapp", data=b"{}") as refused:
        assert refused.status == 401
    text = await scraped(stack)
    after = figures(text)
    grown = {name for name, value in after.items() if value > before.get(name, 0)}
    assert {
        'sapa_turn_seconds_count{outcome="answered"}',
        'sapa_engine_call_seconds_count{outcome="answered"}',
        'sapa_webhook_seconds_count{outcome="stored"}',
        'sapa_webhook_seconds_count{outcome="refused"}',
        'sapa_whatsapp_send_seconds_count{outcome="sent"}',
    } <= grown
    assert after['sapa_sockets_open{kind="chat"}'] == 1
    assert "process_start_time_seconds" in after and "sapa_turns_repeated_total" in after
    assert stack.phone().customer.wa_id not in text and "bunga" not in text, "no personal data"
    await visitor.leave()
    await until_closed(stack)


async def test_a_database_that_is_away_leaves_what_the_process_knows(database_url: str) -> None:
    db = Database(database_url, ManualClock(NOON))
    assert figures((await render(db, True)).decode())["sapa_database_up"] == 1

    @contextlib.asynccontextmanager
    async def away() -> AsyncIterator[Any]:
        raise ConnectionRefusedError
        yield

    db.read = away  # type: ignore[method-assign]
    try:
        shown = figures((await render(db, False)).decode())
    finally:
        await db.close()
    assert shown["sapa_database_up"] == 0 and shown["sapa_engine_ready"] == 0
    assert "sapa_outbox_waiting" not in shown, "what is not known is not told as nought"
    assert 'sapa_turn_seconds_count{outcome="answered"}' in shown


async def test_an_outcome_is_named_by_result_or_error() -> None:
    histogram = Histogram("t", "t", ["outcome"], registry=None)

    @telemetry.measured(histogram, lambda result: f"was_{result}", late=TimeoutError)
    async def work(outcome: int | Exception) -> int:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert await work(1) == 1
    for error in (TimeoutError(), ValueError()):
        with pytest.raises(type(error)):
            await work(error)
    assert {s.labels["outcome"] for m in histogram.collect() for s in m.samples} == {"was_1", "late", "failed"}


async def scraped(stack: Stack) -> str:
    async with stack.http.get(f"{stack.url}/metrics") as answer:
        assert answer.status == 200
        return await answer.text()


async def until_closed(stack: Stack) -> None:
    async def none_open() -> bool:
        return figures(await scraped(stack))['sapa_sockets_open{kind="chat"}'] == 0

    await until(none_open, "a socket that is closed still counts as open")
