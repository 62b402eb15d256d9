"""Telling customers that the answer takes longer: once for each wait, never after the answer, whoever tells."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select, text

from bot.channels.messages import Inbound, Kind, Sender
from bot.channels.records import outbox
from bot.client import load_client
from bot.clock import ManualClock
from bot.conversations.delay import AT_A_TIME, DelayNotices
from bot.conversations.inbox import accept
from bot.conversations.records import facts, messages
from bot.conversations.service import change_owner, get
from bot.conversations.worker import done
from bot.store.database import Database
from tests.support.servers import ROOT

CLIENT = load_client(ROOT / "clients/pegadaian")
PATIENCE = CLIENT.messages.delay_notice_s
_numbers = itertools.count()


class Line:
    """Customers who write, and notices that fall due. Nobody answers but the test."""

    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db = db
        self.clock = clock
        self.notices = DelayNotices(db, CLIENT)

    async def writes(self, visitor: str = "v", channel: str = "livechat") -> str:
        """A message; returns its id."""
        sender = Sender((("visitor" if channel == "livechat" else "wa_id", visitor),))
        item = Inbound(channel, "web", f"{visitor}:{next(_numbers)}", sender, self.clock.now(), Kind.TEXT, "halo")
        async with self.db.write() as tx:
            return (await accept(tx, item, CLIENT)).message_id

    async def answer(self, message: str) -> None:
        async with self.db.write() as tx:
            await done(tx, message)

    async def told(self) -> list[str]:
        """The messages whose wait was told of, in order; a notice and a fact always come together."""
        async with self.db.read() as tx:
            found = [
                row.data["message"] for row in await tx.execute(select(facts).where(facts.c.kind == "delay_told").order_by(facts.c.id))
            ]
            texts = list((await tx.execute(select(messages.c.text).where(messages.c.author == "system"))).scalars())
        assert texts == [CLIENT.messages.delay_text] * len(found)
        return found


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Line]:
    clock = ManualClock(datetime(2026, 11, 23, 3, 0, tzinfo=UTC))
    db = Database(url, clock)
    yield Line(db, clock)
    await db.close()


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    async with opened(database_url) as line:
        yield line


async def test_nobody_is_told_who_has_not_waited_long(line: Line) -> None:
    await line.writes()
    line.clock.advance(PATIENCE - 1)
    assert await line.notices.tell() == 0
    assert await line.told() == []


async def test_a_wait_is_told_of_once(line: Line) -> None:
    first = await line.writes()
    line.clock.advance(PATIENCE)
    await line.writes()
    assert await line.notices.tell() == 1
    line.clock.advance(10 * PATIENCE)
    assert await DelayNotices(line.db, CLIENT).tell() == 0, "also not after a restart"
    assert await line.told() == [first]


async def test_processes_side_by_side_tell_once(line: Line) -> None:
    found = [await line.writes(f"v{n}") for n in range(12)]
    line.clock.advance(PATIENCE)
    others = [DelayNotices(line.db, CLIENT) for _ in range(4)]
    assert sum(await asyncio.gather(*(other.tell() for other in others))) == 12
    assert sorted(await line.told()) == sorted(found)


async def test_nobody_is_told_after_the_answer(line: Line) -> None:
    message = await line.writes()
    line.clock.advance(PATIENCE)
    await line.answer(message)
    assert await line.notices.tell() == 0
    assert await line.told() == []


async def test_an_answer_in_the_same_moment_comes_before_or_after_but_never_twice(line: Line) -> None:
    found = [await line.writes(f"v{n}") for n in range(8)]
    line.clock.advance(PATIENCE)
    await asyncio.gather(line.notices.tell(), *(line.answer(message) for message in found))
    async with line.db.read() as tx:
        rows = (await tx.execute(select(messages.c.author).where(messages.c.author == "system"))).all()
    assert len(rows) == len(await line.told()) <= 8
    assert await line.notices.tell() == 0


async def test_what_is_written_after_the_notice_waits_anew(line: Line) -> None:
    first = await line.writes()
    line.clock.advance(PATIENCE)
    await line.notices.tell()
    line.clock.advance(1)
    second = await line.writes()
    line.clock.advance(PATIENCE)
    assert await line.notices.tell() == 0, "the first still waits, and was told"
    await line.answer(first)
    assert await line.notices.tell() == 1
    assert await line.told() == [first, second]


@pytest.mark.parametrize("owner", ["queue", "closed"])
async def test_only_who_waits_for_the_bot_is_told(line: Line, owner: str) -> None:
    message = await line.writes()
    async with line.db.write() as tx:
        row = (await tx.execute(select(messages).where(messages.c.id == message))).one()
        conversation = await get(tx, row.conversation_id)
        assert conversation is not None
        await change_owner(tx, conversation, owner, by="system")
    line.clock.advance(PATIENCE)
    assert await line.notices.tell() == 0
    assert await line.told() == []


async def test_on_whatsapp_the_notice_is_sent(line: Line) -> None:
    await line.writes("6281200000001", "whatsapp")
    line.clock.advance(PATIENCE)
    await line.notices.tell()
    async with line.db.read() as tx:
        (row,) = (await tx.execute(select(outbox))).all()
    assert (row.author, row.body["text"]) == ("system", CLIENT.messages.delay_text)


async def test_a_long_line_is_told_part_by_part(line: Line) -> None:
    for n in range(AT_A_TIME + 5):
        await line.writes(f"v{n}")
    line.clock.advance(PATIENCE)
    assert [await line.notices.tell(), await line.notices.tell(), await line.notices.tell()] == [AT_A_TIME, 5, 0]


async def test_one_that_cannot_be_told_holds_up_nobody(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, _ = await line.writes("bad"), await line.writes("good")
    async with line.db.read() as tx:
        conversation = (await tx.execute(select(messages.c.conversation_id).where(messages.c.id == bad))).scalar()
    real = line.notices._tell

    async def tell(which: str) -> bool:
        if which == conversation:
            raise RuntimeError("a fault of ours")
        return await real(which)

    monkeypatch.setattr(line.notices, "_tell", tell)
    line.clock.advance(PATIENCE)
    assert await line.notices.tell() == 1


async def test_the_loop_tells_at_its_time_and_ends_when_told_to(line: Line) -> None:
    await line.writes()
    loop = asyncio.create_task(line.notices.run())
    async with asyncio.timeout(30):
        while not await line.told():
            line.clock.advance(1)
            await asyncio.sleep(0.005)
    loop.cancel()
    assert await asyncio.gather(loop, return_exceptions=True)


async def test_an_index_finds_who_waits(sqlite_url: str) -> None:
    """The look costs next to nothing when nobody waits, however many messages there are."""
    statements: list[str] = []
    async with opened(sqlite_url) as line:
        event.listen(line.db.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        await line.notices.tell()
        (look,) = [statement for statement in statements if "delay_told_at" in statement]
        async with line.db.read() as tx:
            plan = await tx.execute(text(f"EXPLAIN QUERY PLAN {look.replace('?', '1')}"))
            assert "ix_messages_answer" in str(plan.all())


def test_the_sentence_promises_nothing_it_cannot_keep() -> None:
    assert "Mohon maaf" in CLIENT.messages.delay_text
    assert not any(character.isdigit() for character in CLIENT.messages.delay_text), "no time is promised"
    assert CLIENT.messages.late_after_s > PATIENCE
