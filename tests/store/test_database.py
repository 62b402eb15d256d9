"""Transactions keep their promises, times are aware UTC, and nobody hears of what was rolled back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from bot.clock import ManualClock
from bot.conversations.records import timers
from bot.store import database
from bot.store.database import Database, Tx
from bot.store.prepared import Prepared
from bot.store.types import UtcDateTime
from tests.support.proxy import TcpProxy
from tests.support.servers import PostgresServer
from tests.support.stack import until

WIB = timezone(timedelta(hours=7))  # the zone's history of war-time offsets is no matter of ours


async def add(tx: Tx, subject: str, due_at: datetime) -> None:
    await tx.execute(insert(timers).values(kind="test", subject=subject, due_at=due_at, tries=0))


async def count(db: Database) -> int:
    async with db.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(timers))).scalar_one())


async def test_a_naive_time_is_refused(db: Database, clock: ManualClock) -> None:
    with pytest.raises(StatementError, match="naive"):
        async with db.write() as tx:
            await add(tx, "a", clock.now().replace(tzinfo=None))
    assert await count(db) == 0


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura"), timezone(-timedelta(hours=9, minutes=30))])
async def test_a_time_comes_back_aware_in_utc(db: Database, zone: Any) -> None:
    moment = datetime(2026, 12, 31, 23, 30, 15, 123456, tzinfo=zone)
    async with db.write() as tx:
        await add(tx, "a", moment)
    async with db.read() as tx:
        back = (await tx.execute(select(timers.c.due_at))).scalar_one()
        lowest = (await tx.execute(select(func.min(timers.c.due_at)))).scalar_one()
        found = (await tx.execute(select(timers.c.subject).where(timers.c.due_at == moment.astimezone(UTC)))).scalar_one()
    assert back == lowest == moment
    assert back.tzinfo is lowest.tzinfo is UTC
    assert found == "a"


@given(
    st.datetimes(
        datetime(1971, 1, 2), datetime(9999, 12, 30), timezones=st.sampled_from([UTC, WIB, timezone(-timedelta(hours=9, minutes=30))])
    )
)
def test_any_aware_time_makes_the_round_trip(moment: datetime) -> None:
    column = UtcDateTime()
    for dialect in (sqlite.dialect(), postgresql.dialect()):  # type: ignore[no-untyped-call]
        back = column.process_result_value(column.process_bind_param(moment, dialect), dialect)
        assert back == moment
        assert back.tzinfo is UTC
    assert column.process_bind_param(None, sqlite.dialect()) is None  # type: ignore[no-untyped-call]
    assert column.process_result_value(None, sqlite.dialect()) is None  # type: ignore[no-untyped-call]


async def test_an_exception_rolls_everything_back_and_nobody_hears(db: Database, clock: ManualClock) -> None:
    heard: list[str] = []
    db.subscribe(lambda topic, data: heard.append(topic))
    with pytest.raises(RuntimeError):
        async with db.write() as tx:
            await add(tx, "a", clock.now())
            tx.publish("timer")
            raise RuntimeError
    assert (await count(db), heard) == (0, [])
    with pytest.raises(IntegrityError):
        async with db.write() as tx:
            await add(tx, "a", clock.now())
            tx.publish("timer")
            await add(tx, "a", clock.now())
    assert (await count(db), heard) == (0, [])


async def test_a_cancelled_transaction_rolls_back(db: Database, clock: ManualClock) -> None:
    heard: list[str] = []
    db.subscribe(lambda topic, data: heard.append(topic))
    begun = asyncio.Event()

    async def never_ends() -> None:
        async with db.write() as tx:
            await add(tx, "a", clock.now())
            tx.publish("timer")
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_ends())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await count(db), heard) == (0, [])
    async with db.write() as tx:  # and the writer's turn is free again
        await add(tx, "b", clock.now())
    assert await count(db) == 1


async def test_signals_come_after_the_commit_in_order(db: Database, clock: ManualClock) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    db.subscribe(lambda topic, data: heard.append((topic, data)))
    async with db.write() as tx:
        tx.publish("a", id="1")
        await add(tx, "a", clock.now())
        tx.publish("b", id="2")
        assert heard == []
    assert heard == [("a", {"id": "1"}), ("b", {"id": "2"})]


async def test_what_is_heard_is_already_to_be_seen(db: Database, clock: ManualClock) -> None:
    seen: list[asyncio.Task[int]] = []
    db.subscribe(lambda topic, data: seen.append(asyncio.create_task(count(db))))
    async with db.write() as tx:
        await add(tx, "a", clock.now())
        tx.publish("a")
    assert await seen[0] == 1


async def test_one_deaf_subscriber_does_not_stop_the_others(db: Database) -> None:
    heard: list[str] = []

    def fails(topic: str, data: dict[str, Any]) -> None:
        raise RuntimeError

    db.subscribe(fails)
    stop = db.subscribe(lambda topic, data: heard.append(topic))
    db.emit("a", {})
    stop()
    stop()
    db.emit("b", {})
    assert heard == ["a"]


async def test_a_transaction_has_one_time(db: Database, clock: ManualClock) -> None:
    async with db.write() as tx:
        clock.advance(5)
        assert tx.now == clock.now() - timedelta(seconds=5)


async def test_writers_take_turns(db: Database, clock: ManualClock) -> None:
    async def one_more(number: int) -> None:
        async with db.write() as tx:
            found = (await tx.execute(select(func.count()).select_from(timers))).scalar_one()
            await asyncio.sleep(0)
            await add(tx, str(found), clock.now())

    await asyncio.gather(*(one_more(n) for n in range(20)))
    assert await count(db) == 20


async def test_reading_commits_nothing(db: Database, clock: ManualClock) -> None:
    async with db.read() as tx:
        await add(tx, "a", clock.now())
    assert await count(db) == 0


async def test_foreign_keys_hold_on_sqlite(db: Database) -> None:
    async with db.read() as tx:
        assert (await tx.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1


@pytest.mark.postgres
async def test_a_process_that_stands_still_holds_nobody_up(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may stop in the middle of a transaction, with rows locked: the database ends that transaction, and others go on."""
    monkeypatch.setattr(database, "STILL_S", 0.3)
    frozen, alive = (Database(f"{postgres}/postgres", ManualClock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC))) for _ in range(2))
    try:
        async with alive.write() as tx:
            await tx.execute(text("CREATE TABLE places (name text PRIMARY KEY)"))
            await tx.execute(text("INSERT INTO places VALUES ('a')"))
        with pytest.raises(DBAPIError):
            async with frozen.write() as tx:
                await tx.execute(text("SELECT * FROM places FOR UPDATE"))
                async with asyncio.timeout(10), alive.write() as other:
                    await other.execute(text("UPDATE places SET name = 'b'"))
                await tx.execute(text("UPDATE places SET name = 'c'"))
        async with frozen.read() as tx:
            assert (await tx.execute(text("SELECT name FROM places"))).scalar_one() == "b"
    finally:
        async with alive.write() as tx:
            await tx.execute(text("DROP TABLE places"))
        await frozen.close()
        await alive.close()


@pytest.mark.postgres
async def test_a_line_that_swallows_signals_is_noticed(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing breaks and nothing comes: without asking now and then, chats on this process would hear of no answer again."""
    monkeypatch.setattr(database, "LISTEN_S", 0.2)
    proxy = TcpProxy(int(postgres.rsplit(":", 1)[1]))
    await proxy.start()
    clock = ManualClock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC))
    listener, teller = Database(f"{PostgresServer.url_at(proxy.port)}/postgres", clock), Database(f"{postgres}/postgres", clock)
    heard: list[str] = []
    listener.subscribe(lambda topic, _data: heard.append(topic))
    try:
        await listener.listen()
        await until(lambda: heard == ["refresh"], "it does not listen")
        await asyncio.sleep(0.5)
        assert heard == ["refresh"], "a line that is well is kept"
        proxy.lose()
        await until(lambda: heard == ["refresh", "refresh"], "the line was not opened again")
        async with teller.write() as tx:
            tx.publish("news")
        await until(lambda: heard[-1] == "news", "the new line carries nothing")
    finally:
        await listener.close()
        await teller.close()
        await proxy.close()


@pytest.mark.postgres
async def test_a_process_that_stands_still_within_a_statement_holds_nobody_up(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two steps of a statement PostgreSQL takes it for busy, not for idle: the other processes end it."""
    monkeypatch.setattr(database, "STILL_S", 0.3)
    monkeypatch.setattr(database, "LISTEN_S", 0.2)
    proxy = TcpProxy(int(postgres.rsplit(":", 1)[1]))
    await proxy.start()
    clock = ManualClock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC))
    frozen, alive = Database(f"{PostgresServer.url_at(proxy.port)}/postgres", clock), Database(f"{postgres}/postgres", clock)

    async def stand_still() -> None:
        async with frozen.write() as tx:
            await tx.execute(text("SELECT pg_advisory_xact_lock(2)"))
            proxy.lose(questions=False)
            await tx.execute(text("SELECT 'asked, and the answer never comes'"))

    standing = asyncio.create_task(stand_still())
    try:
        await until(lambda: proxy.losing, "it does not stand still")
        await alive.listen()
        async with asyncio.timeout(7), alive.write() as other:
            await other.execute(text("SELECT pg_advisory_xact_lock(2)"))
    finally:
        proxy.cut()
        await asyncio.gather(standing, return_exceptions=True)
        await frozen.close()
        await alive.close()
        await proxy.close()


@pytest.mark.postgres
async def test_nobody_waits_for_a_lock_for_ever(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_S", 0.3)
    one, other = (Database(f"{postgres}/postgres", ManualClock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC))) for _ in range(2))
    try:
        async with one.write() as held:
            await held.execute(text("SELECT pg_advisory_xact_lock(1)"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                async with asyncio.timeout(10), other.write() as tx:
                    await tx.execute(text("SELECT pg_advisory_xact_lock(1)"))
    finally:
        await one.close()
        await other.close()


@pytest.mark.postgres
@pytest.mark.parametrize("impatience", [0, 1, 2, 3])
@pytest.mark.parametrize("way", ["prepared", "built"])
async def test_who_is_cancelled_within_a_statement_leaves_nothing_behind(postgres: str, way: str, impatience: int) -> None:
    """Neither half a transaction for the next one to commit, nor a connection that is still at something."""
    db = Database(f"{postgres}/postgres", ManualClock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC)))
    sleep, begun = Prepared(select(func.pg_sleep(30))), asyncio.Event()

    async def dawdle(writes: bool) -> None:
        async with db.write() if writes else db.read() as tx:
            if writes:
                await tx.execute(text("INSERT INTO places VALUES ('half')"))
            begun.set()
            await (tx.run(sleep) if way == "prepared" else tx.execute(select(func.pg_sleep(30))))

    try:
        async with db.write() as tx:
            await tx.execute(text("CREATE TABLE places (name text)"))
        for number, writes in enumerate((True, False, True), 1):
            begun.clear()
            task = asyncio.create_task(dawdle(writes))
            await begun.wait()
            await asyncio.sleep(0)
            task.cancel()
            for _ in range(impatience):
                await asyncio.sleep(0)
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with db.write() as tx:
                await tx.execute(text("INSERT INTO places VALUES ('whole')"))
            async with db.read() as tx:
                assert [row.name for row in await tx.execute(text("SELECT name FROM places"))] == ["whole"] * number
    finally:
        async with db.write() as tx:
            await tx.execute(text("DROP TABLE places"))
        await db.close()
