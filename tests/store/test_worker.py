"""The worker: messages of a conversation in order, one holder at a time, what must wait waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from bot.clock import ManualClock
from bot.conversations.records import conversations, messages
from bot.conversations.worker import LEASE_S, TryLater, Worker, done
from bot.customers.records import customers
from bot.store.database import Database


async def conversation(db: Database, name: str, todo: int, start: int = 1) -> None:
    """A conversation `name` with `todo` messages to answer."""
    async with db.write() as tx:
        if start == 1:
            await tx.execute(insert(customers).values(id=name, name=None, created_at=tx.now))
            row = {"id": name, "channel": "livechat", "account": "web", "customer_id": name, "owner": "bot"}
            await tx.execute(insert(conversations).values(**row, opened_at=tx.now, last_at=tx.now, waiting_since=tx.now))
        for seq in range(start, start + todo):
            row = {"id": f"{name}{seq}", "conversation_id": name, "seq": seq, "author": "customer", "channel": "livechat", "account": "web"}
            await tx.execute(insert(messages).values(**row, external_id=f"{name}{seq}", kind="text", created_at=tx.now, todo="answer"))
        tx.publish("inbox")


async def todo(db: Database) -> list[str]:
    async with db.read() as tx:
        return [row.id for row in await tx.execute(select(messages.c.id).where(messages.c.todo.is_not(None)).order_by(messages.c.id))]


@asynccontextmanager
async def running(*workers: Worker) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    await asyncio.sleep(0)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for worker in workers:
            await worker.drain()


class Bench:
    """Workers with one handler; `served` holds the messages in the order they were finished."""

    def __init__(self, db: Database, workers: int = 1) -> None:
        self.db = db
        self.served: list[str] = []
        self.tried: list[str] = []
        self.at_work: set[str] = set()
        self.overlaps: list[str] = []
        self.trouble: dict[str, Exception] = {}
        self.changed = asyncio.Event()
        self.workers = [Worker(db, {"answer": self.handle}) for _ in range(workers)]

    async def handle(self, message: Row[Any]) -> None:
        if message.conversation_id in self.at_work:
            self.overlaps.append(message.id)
        self.at_work.add(message.conversation_id)
        try:
            self.tried.append(message.id)
            for _ in range(3):
                await asyncio.sleep(0)
            if trouble := self.trouble.pop(message.id, None):
                raise trouble
            async with self.db.write() as tx:
                await done(tx, message.id)
            self.served.append(message.id)
        finally:
            self.at_work.discard(message.conversation_id)
            self.changed.set()

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def free(self, name: str) -> None:
        """Until no task of ours serves the conversation."""
        while any(task.get_name() == f"serve {name}" for worker in self.workers for task in worker._running):
            await asyncio.sleep(0)


async def test_messages_are_served_in_order(db: Database) -> None:
    bench = Bench(db)
    await conversation(db, "a", 5)
    async with running(*bench.workers):
        await bench.until(lambda: len(bench.served) == 5)
    assert bench.served == ["a1", "a2", "a3", "a4", "a5"]
    assert await todo(db) == []


async def test_conversations_do_not_wait_for_each_other(db: Database) -> None:
    bench = Bench(db)
    bench.trouble["a1"] = TryLater(3600)
    await conversation(db, "a", 2)
    await conversation(db, "b", 2)
    async with running(*bench.workers):
        await bench.until(lambda: len(bench.served) == 2)
    assert bench.served == ["b1", "b2"]


async def test_two_workers_never_hold_one_conversation_together(db: Database) -> None:
    bench = Bench(db, workers=2)
    names = "abcdef"
    for name in names:
        await conversation(db, name, 4)
    async with running(*bench.workers):
        for name in names:
            await conversation(db, name, 1, start=5)
        await bench.until(lambda: len(bench.served) == 30)
    assert bench.overlaps == []
    assert sorted(bench.tried) == sorted(bench.served) == [f"{name}{seq}" for name in names for seq in range(1, 6)]
    for name in names:
        assert [m for m in bench.served if m[0] == name] == [f"{name}{seq}" for seq in range(1, 6)]


async def test_what_is_tried_later_waits_its_time_and_holds_up_what_follows(db: Database, clock: ManualClock) -> None:
    bench = Bench(db)
    bench.trouble["a1"] = TryLater(8)
    await conversation(db, "a", 2)
    async with running(*bench.workers):
        await bench.until(lambda: bench.tried == ["a1"])
        await bench.free("a")
        clock.advance(7.9)
        assert await bench.workers[0]._take() == []
        clock.advance(0.1)
        db.emit("inbox", {})
        await bench.until(lambda: len(bench.served) == 2)
    assert bench.tried == ["a1", "a1", "a2"]


async def test_a_message_that_cannot_be_handled_is_tried_again(db: Database, clock: ManualClock) -> None:
    bench = Bench(db)
    bench.trouble["a1"] = RuntimeError("bug")
    await conversation(db, "a", 1)
    async with running(*bench.workers):
        await bench.until(lambda: bench.tried == ["a1"])
        await bench.free("a")
        assert await todo(db) == ["a1"]
        clock.advance(5)
        db.emit("inbox", {})
        await bench.until(lambda: bench.served == ["a1"])


async def test_a_worker_that_died_is_replaced_when_its_lease_runs_out(db: Database, clock: ManualClock) -> None:
    bench = Bench(db, workers=2)
    await conversation(db, "a", 1)
    dead, alive = bench.workers
    assert await dead._take() == ["a"]
    assert await alive._take() == []
    clock.advance(LEASE_S)
    async with running(alive):
        await bench.until(lambda: bench.served == ["a1"])
    assert await dead._next("a", dead._leases["a"]) is None  # who lost the conversation touches it no more


async def test_a_long_row_of_messages_prolongs_the_lease(db: Database, clock: ManualClock) -> None:
    held: list[bool] = []

    async def slow(message: Row[Any]) -> None:
        clock.advance(LEASE_S * 0.45)
        held.append(await other._take() == [])
        async with db.write() as tx:
            await done(tx, message.id)

    worker, other = Worker(db, {"answer": slow}), Worker(db, {})
    await conversation(db, "a", 6)
    assert await worker._take() == ["a"]
    await worker._serve("a")
    assert held == [True] * 6
    assert await todo(db) == []


async def test_no_more_than_so_many_at_once(db: Database) -> None:
    worker = Worker(db, {}, at_once=2)
    for name in "abc":
        await conversation(db, name, 1)
    assert len(await worker._take()) == 2
    assert len(await worker._take()) == 1


async def test_a_flood_does_not_keep_the_place_while_others_wait(db: Database, clock: ManualClock) -> None:
    """With every place taken, each answer gives the place back; who was answered waits anew, behind who was not."""
    served: list[str] = []

    async def answer(message: Row[Any]) -> None:
        clock.advance(1)
        async with db.write() as tx:
            await done(tx, message.id)
            more = select(messages.c.id).where(messages.c.conversation_id == message.conversation_id, messages.c.todo.is_not(None))
            since = tx.now if (await tx.execute(more.limit(1))).first() else None
            await tx.execute(update(conversations).where(conversations.c.id == message.conversation_id).values(waiting_since=since))
        served.append(message.id)
        if len(served) == 24:
            finished.set()

    finished = asyncio.Event()
    worker = Worker(db, {"answer": answer}, at_once=1)
    for name, count in (("a", 10), ("b", 12), ("c", 1), ("d", 1)):
        clock.advance(1)
        await conversation(db, name, count)
    async with running(worker), asyncio.timeout(10):
        await finished.wait()
    assert served[:6] == ["a1", "b1", "c1", "d1", "a2", "b2"]
    assert [m for m in served if m[0] == "b"] == [f"b{n}" for n in range(1, 13)]


async def test_who_has_waited_longest_comes_first_and_nobody_is_forgotten(db: Database, clock: ManualClock) -> None:
    for name in "abcd":
        await conversation(db, name, 1)
        clock.advance(1)
    async with db.write() as tx:
        await tx.execute(update(conversations).where(conversations.c.id == "a").values(waiting_since=tx.now))
        await tx.execute(update(conversations).where(conversations.c.id == "b").values(waiting_since=None))
    worker = Worker(db, {}, at_once=2)
    assert await worker._take() == ["c", "d"]
    worker = Worker(db, {}, at_once=16)
    assert await worker._take() == ["a", "b"]


async def test_a_finished_message_says_why_it_was_not_answered(db: Database) -> None:
    await conversation(db, "a", 2)
    async with db.write() as tx:
        await done(tx, "a1", skipped="late")
        await done(tx, "a2", edited=True)
    async with db.read() as tx:
        rows = (await tx.execute(select(messages.c.todo, messages.c.skipped, messages.c.edited).order_by(messages.c.id))).all()
    assert [tuple(row) for row in rows] == [(None, "late", False), (None, None, True)]


@pytest.mark.parametrize("todo_kind", ["unheard of"])
async def test_a_todo_without_a_handler_stays(db: Database, todo_kind: str) -> None:
    await conversation(db, "a", 1)
    async with db.write() as tx:
        await tx.execute(update(messages).values(todo=todo_kind))
    worker = Worker(db, {})
    (taken,) = await worker._take()
    await worker._serve(taken)
    assert await todo(db) == ["a1"]


async def test_a_lease_that_ran_out_is_not_taken_for_the_next_one(
    db: Database, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """One process may hold a conversation, lose it, and take it again: the first task must stop although the process is the same."""
    bench = Bench(db)
    gate, first = asyncio.Event(), True

    async def slow(message: Row[Any]) -> None:
        nonlocal first
        held, first = first, False
        bench.changed.set()
        if held:
            await gate.wait()
        else:
            await bench.handle(message)

    worker = Worker(db, {"answer": slow})
    await conversation(db, "a", 1)
    async with running(worker):
        await bench.until(lambda: not first)
        clock.advance(LEASE_S + 1)
        await bench.until(lambda: bench.served == ["a1"])
        await conversation(db, "a", 1, start=2)
        gate.set()
        await bench.until(lambda: len(bench.served) == 2)
    assert bench.served == ["a1", "a2"]
    assert bench.overlaps == []
    assert "could not be handled" not in caplog.text
