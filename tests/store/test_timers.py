"""Timers fire when due, once, whoever races; a moved one waits and a failed one comes again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.clock import ManualClock
from bot.conversations.records import timers
from bot.conversations.timers import AT_ONCE, LEASE_S, Due, TimerLoop, drop_timer, set_timer, take_out
from bot.store.database import Database

SOON = 60


async def left(db: Database) -> int:
    async with db.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(timers))).scalar_one())


async def put(db: Database, subject: str, seconds: float, kind: str = "idle") -> None:
    async with db.write() as tx:
        await set_timer(tx, kind, subject, tx.now + timedelta(seconds=seconds))


async def settle(loop: TimerLoop) -> None:
    """Until every handler that was started has ended."""
    while loop._running:
        await asyncio.gather(*list(loop._running), return_exceptions=True)


class Bench:
    """Loops with one handler that notes what it did."""

    def __init__(self, db: Database, loops: int = 1, before: Callable[[Due], Awaitable[None]] | None = None) -> None:
        self.db = db
        self.fired: list[tuple[str, datetime]] = []
        self.tried = 0
        self._before = before
        self.loops = [TimerLoop(db, {"idle": self.handle}) for _ in range(loops)]

    async def handle(self, due: Due) -> None:
        self.tried += 1
        if self._before:
            await self._before(due)
        async with self.db.write() as tx:
            if await take_out(tx, due):
                self.fired.append((due.subject, tx.now))

    async def fire(self) -> datetime | None:
        found = await asyncio.gather(*(loop.fire_due() for loop in self.loops))
        for loop in self.loops:
            await settle(loop)
        return found[0]


async def test_a_timer_fires_when_it_is_due_and_not_before(db: Database, clock: ManualClock) -> None:
    bench, due = Bench(db), clock.now() + timedelta(seconds=SOON)
    await put(db, "a", SOON)
    assert await bench.fire() == due
    clock.advance(SOON - 0.001)
    assert await bench.fire() == due
    assert bench.fired == []
    clock.advance(0.001)
    await bench.fire()
    assert bench.fired == [("a", due)]
    clock.advance(3600)
    assert await bench.fire() is None
    assert (len(bench.fired), await left(db)) == (1, 0)


async def test_the_loop_wakes_for_the_clock_and_for_a_new_timer(db: Database, clock: ManualClock) -> None:
    fired: asyncio.Queue[str] = asyncio.Queue()

    async def handle(due: Due) -> None:
        async with db.write() as tx:
            if await take_out(tx, due):
                fired.put_nowait(due.subject)

    task = asyncio.create_task(TimerLoop(db, {"idle": handle}).run())
    await put(db, "late", 600)
    await put(db, "early", 10)
    while len(clock._sleepers) == 0:  # the loop sleeps until a time of the clock
        await asyncio.sleep(0)
    clock.advance(10)
    assert await asyncio.wait_for(fired.get(), 5) == "early"
    await put(db, "now", 0)
    assert await asyncio.wait_for(fired.get(), 5) == "now"
    assert fired.empty()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await left(db) == 1


async def test_two_loops_racing_fire_each_timer_once(db: Database, clock: ManualClock) -> None:
    bench = Bench(db, loops=2)
    for number in range(25):
        await put(db, f"t{number:02}", SOON)
    clock.advance(SOON)
    for _ in range(4):
        await bench.fire()
    assert sorted(subject for subject, _ in bench.fired) == [f"t{number:02}" for number in range(25)]
    assert bench.tried == 25
    assert await left(db) == 0


async def test_a_moved_timer_does_not_fire_early(db: Database, clock: ManualClock) -> None:
    bench = Bench(db)
    await put(db, "a", SOON)
    clock.advance(SOON - 1)
    await put(db, "a", SOON)
    clock.advance(1)
    assert await bench.fire() == clock.now() + timedelta(seconds=SOON - 1)
    assert bench.fired == []
    clock.advance(SOON - 1)
    await bench.fire()
    assert len(bench.fired) == 1


async def test_a_timer_moved_while_its_handler_starts_takes_no_effect(db: Database, clock: ManualClock) -> None:
    async def moves(due: Due) -> None:
        if bench.tried == 1:
            await put(db, due.subject, SOON)

    bench = Bench(db, before=moves)
    await put(db, "a", 0)
    await bench.fire()
    assert (bench.tried, bench.fired, await left(db)) == (1, [], 1)
    clock.advance(SOON)
    await bench.fire()
    assert (bench.tried, len(bench.fired), await left(db)) == (2, 1, 0)


async def test_a_dropped_timer_does_not_fire(db: Database, clock: ManualClock) -> None:
    async def drops(due: Due) -> None:
        async with db.write() as tx:
            await drop_timer(tx, due.kind, due.subject)

    bench = Bench(db, before=drops)
    await put(db, "a", 0)
    await bench.fire()
    assert (bench.tried, bench.fired, await left(db)) == (1, [], 0)


async def test_a_failing_handler_is_tried_again_when_its_lease_is_over(db: Database, clock: ManualClock) -> None:
    async def fails_once(due: Due) -> None:
        if bench.tried == 1:
            raise RuntimeError("engine down")

    bench = Bench(db, before=fails_once)
    await put(db, "a", 0)
    await bench.fire()
    assert await bench.fire() == clock.now() + timedelta(seconds=LEASE_S)
    clock.advance(LEASE_S - 1)
    await bench.fire()
    assert bench.tried == 1
    clock.advance(1)
    await bench.fire()
    assert (bench.tried, len(bench.fired), await left(db)) == (2, 1, 0)


async def test_a_failed_timer_does_not_wait_for_the_next_one(db: Database, clock: ManualClock) -> None:
    """The loop must come back when the lease runs out, also where another timer is due much later."""

    async def fails_once(due: Due) -> None:
        if bench.tried == 1:
            raise RuntimeError("engine down")

    bench = Bench(db, before=fails_once)
    await put(db, "far", 3000)
    await put(db, "a", 0)
    await bench.fire()
    assert await bench.fire() == clock.now() + timedelta(seconds=LEASE_S)


async def test_a_handler_slower_than_its_lease_takes_no_second_effect(db: Database, clock: ManualClock) -> None:
    async def outlives_its_lease(due: Due) -> None:
        if bench.tried == 1:
            clock.advance(LEASE_S)
            await bench.loops[1].fire_due()
            await settle(bench.loops[1])

    bench = Bench(db, loops=2, before=outlives_its_lease)
    await put(db, "a", 0)
    await bench.loops[0].fire_due()
    await settle(bench.loops[0])
    assert (bench.tried, len(bench.fired), await left(db)) == (2, 1, 0)


async def test_another_kind_s_timer_is_left_alone_and_stops_nobody(db: Database, clock: ManualClock) -> None:
    bench = Bench(db)
    await put(db, "a", 0, kind="report")
    await put(db, "b", 0)
    await bench.fire()
    assert [subject for subject, _ in bench.fired] == ["b"]
    again = await bench.fire()
    assert again is not None
    assert again > clock.now()  # no busy loop about a timer that nobody here handles
    assert await left(db) == 1


@pytest.mark.parametrize("seconds", [0, 5])
async def test_setting_rolls_back_with_its_transaction(db: Database, seconds: int) -> None:
    with pytest.raises(RuntimeError):
        async with db.write() as tx:
            await set_timer(tx, "idle", "a", tx.now + timedelta(seconds=seconds))
            raise RuntimeError
    assert await left(db) == 0


async def test_more_timers_than_are_handled_at_once_are_all_fired_at_their_second(database_url: str) -> None:
    db = Database(
        database_url, ManualClock(datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    )  # the clock stands still: nothing may have to wait for it
    fired: list[str] = []
    wanted = AT_ONCE * 2 + 1
    done = asyncio.Event()

    async def fire(due: Due) -> None:
        await asyncio.sleep(0.01)
        async with db.write() as tx:
            assert await take_out(tx, due)
        fired.append(due.subject)
        if len(fired) == wanted:
            done.set()

    for number in range(wanted):
        await put(db, f"conversation {number}", 0)
    loop = asyncio.create_task(TimerLoop(db, {"idle": fire}).run())
    try:
        async with asyncio.timeout(10):
            await done.wait()
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await db.close()
    assert len(set(fired)) == wanted
