"""Prepared statements mean on SQLite's own connection what they mean through SQLAlchemy, and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from bot.clock import ManualClock
from bot.conversations.records import conversations, facts, timers
from bot.customers.records import customers
from bot.store.database import Database, Tx
from bot.store.prepared import Prepared

NOW = datetime(2026, 11, 18, 2, 0, 0, 123456, tzinfo=UTC)
STEPS = {"salam": {"at": "2026", "evidence": 'pesan dengan "kutipan" dan emoji 🙏'}}


async def open_one(tx: Tx, name: str = "c1") -> None:
    await tx.insert(customers, id=f"k-{name}", name=None, created_at=tx.now)
    await tx.insert(
        conversations,
        id=name,
        channel="livechat",
        account="web",
        customer_id=f"k-{name}",
        owner="bot",
        opened_at=NOW,
        last_at=NOW,
        steps=STEPS,
    )


@pytest.fixture
async def both(database_url: str) -> Database:
    return Database(database_url, ManualClock(NOW))


async def test_the_same_row_either_way(both: Database) -> None:
    async with both.write() as tx:
        await open_one(tx)
        prepared = await tx.find(conversations, id="c1")
        built = (await tx.execute(select(conversations).where(conversations.c.id == "c1"))).one()
    assert prepared is not None
    assert tuple(prepared) == tuple(built)
    assert [getattr(prepared, column.key) for column in conversations.c] == list(built)
    assert prepared.opened_at == NOW
    assert prepared.opened_at.tzinfo is UTC
    assert prepared.steps == STEPS
    assert (prepared.owner_version, prepared.urgent, prepared.closed_at) == (0, False, None), "the table's defaults hold"
    await both.close()


async def test_changes_are_counted_and_kept(both: Database) -> None:
    async with both.write() as tx:
        await open_one(tx)
        assert await tx.update(conversations, {"id": "c1", "owner": "bot"}, owner="queue", queued_at=NOW, urgent=True) == 1
        assert await tx.update(conversations, {"id": "c1", "owner": "bot"}, owner="agent") == 0
    async with both.read() as tx:
        row = await tx.find(conversations, id="c1")
        assert row is not None
        assert (row.owner, row.queued_at, row.urgent) == ("queue", NOW, True)
        assert await tx.find(conversations, id="other") is None
    await both.close()


async def test_rows_come_back_from_a_change(both: Database) -> None:
    statement = Prepared(
        update(conversations)
        .where(conversations.c.id == bindparam("of"))
        .values(last_seq=conversations.c.last_seq + bindparam("more"))
        .returning(conversations.c.last_seq, conversations.c.opened_at)
    )
    async with both.write() as tx:
        await open_one(tx)
        assert await tx.run(statement, of="c1", more=2) == [(2, NOW)]
        assert await tx.run(statement, of="other", more=2) == []
    await both.close()


async def test_a_broken_rule_of_the_table_undoes_everything(both: Database) -> None:
    with pytest.raises(IntegrityError):
        async with both.write() as tx:
            await open_one(tx)
            await open_one(tx)
    async with both.read() as tx:
        assert await tx.find(conversations, id="c1") is None
    async with both.write() as tx:
        await open_one(tx)  # the connection is fit for use again
    await both.close()


async def test_prepared_and_built_statements_share_the_transaction(both: Database) -> None:
    with pytest.raises(RuntimeError, match="stop"):
        async with both.write() as tx:
            await open_one(tx)
            await tx.execute(update(conversations).where(conversations.c.id == "c1").values(owner="queue"))
            row = await tx.find(conversations, id="c1")
            assert row is not None
            assert row.owner == "queue"
            raise RuntimeError("stop")
    async with both.read() as tx:
        assert (await tx.execute(select(conversations.c.id))).all() == []
    await both.close()


async def test_rows_kept_for_the_end_are_written_together(both: Database) -> None:
    async with both.write() as tx:
        for number in range(3):
            tx.add(
                facts, kind="test", at=tx.now, channel_at=None, conversation_id=None, customer_id=None, agent_id=None, data={"n": number}
            )
    async with both.read() as tx:
        assert [row.data["n"] for row in await tx.execute(select(facts.c.data).order_by(facts.c.id))] == [0, 1, 2]
    await both.close()


async def test_a_naive_time_is_refused_and_a_deletion_counted(both: Database) -> None:
    with pytest.raises(Exception, match="naive"):
        async with both.write() as tx:
            await tx.insert(timers, kind="a", subject="b", due_at=NOW.replace(tzinfo=None), tries=0)
    gone = Prepared(delete(timers).where(timers.c.due_at <= bindparam("now", type_=timers.c.due_at.type)))
    async with both.write() as tx:
        await tx.insert(timers, kind="a", subject="b", due_at=NOW, tries=0)
        assert await tx.affect(gone, now=NOW - timedelta(seconds=1)) == 0
        assert await tx.affect(gone, now=NOW) == 1
    await both.close()
