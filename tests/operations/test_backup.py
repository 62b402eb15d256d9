"""A backup of a live database, restored into a new one: whole, and a service goes on working on it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.channels.records import outbox
from bot.conversations.records import conversations, messages
from bot.dialogue.records import dialogue_turns
from bot.operations import dumps
from bot.store.database import Database
from tests.conftest import StackFactory, _create_database
from tests.support.servers import ROOT
from tests.support.stack import Stack, until

pytestmark = pytest.mark.engine


@pytest.fixture
def another_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of the same kind that does not exist yet, or is empty."""
    if database_url.startswith("sqlite"):
        return f"sqlite+aiosqlite:///{tmp_path / 'another' / 'sapa.db'}"
    server, _, name = database_url.rpartition("/")
    asyncio.run(_create_database(server, f"{name}_another"))
    return f"{server}/{name}_another"


async def sapa(url: str, var: Path, *arguments: str) -> tuple[int, str]:
    """Run the command line; (exit code, what it said)."""
    environment = {**os.environ, "DATABASE_URL": url, "SAPA_VAR": str(var), "SECRET_KEY": "x" * 40, "ENGINE_TOKEN": "t", "SAPA_ENV": "test"}
    command = [sys.executable, "-m", "bot", *arguments]
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


async def halves(db: Database) -> list[Any]:
    """Conversations whose transcript or dialogue is not whole."""
    turns = select(func.count()).where(dialogue_turns.c.conversation_id == conversations.c.id).scalar_subquery()
    said = select(func.count()).where(messages.c.conversation_id == conversations.c.id).scalar_subquery()
    async with db.read() as tx:
        rows = (await tx.execute(select(conversations.c.id, conversations.c.dialogue_version, conversations.c.last_seq, turns, said))).all()
    return [tuple(row) for row in rows if row[1] != row[3] or row[2] != row[4]]


async def test_a_live_database_is_saved_and_goes_on_elsewhere(
    start_stack: StackFactory, database_url: str, another_url: str, tmp_path: Path
) -> None:
    stack = await start_stack(database_url)
    visitors = [await stack.visitor() for _ in range(3)]
    await visitors[0].say("halo")
    stack.service.files.write("01FILE", b"%PDF-1.4 isi")
    over = asyncio.Event()

    async def chat(visitor: Any) -> None:
        while not over.is_set():
            await visitor.say("brp sih bunga gadai di pegadaian")
            await asyncio.sleep(0.6)  # the live chat takes two messages a second

    talking = [asyncio.create_task(chat(visitor)) for visitor in visitors]
    archive = tmp_path / "safe" / "sapa.backup"
    code, told = await sapa(database_url, tmp_path / "var", "backup", str(archive))
    over.set()
    await asyncio.gather(*talking)
    assert code == 0, told
    await stack.stop()

    code, told = await sapa(another_url, tmp_path / "var2", "restore", str(archive), "--as-is")
    assert code == 0, told
    assert (tmp_path / "var2/media/LE/01FILE").read_bytes() == b"%PDF-1.4 isi"
    again = await start_stack(another_url)
    assert await halves(again.db) == []
    back = await again.visitor(visitors[0].token)
    assert back.conversation == visitors[0].conversation
    assert "sewa modal" in await back.say("brp sih bunga gadai di pegadaian")
    assert await halves(again.db) == []


async def test_what_waited_at_the_time_of_the_backup_is_not_done_twice(
    start_stack: StackFactory, database_url: str, another_url: str, tmp_path: Path
) -> None:
    """It most likely was done after the backup: nothing is sent again, and people look at what may not have been answered."""
    stack = await start_stack(database_url)
    await stack.phone().say("halo")
    await stack.service.drain()  # from here on nobody works
    await leave_waiting(stack)
    archive = tmp_path / "sapa.backup"
    assert (await sapa(database_url, tmp_path / "var", "backup", str(archive)))[0] == 0
    await stack.stop()
    assert (await sapa(another_url, tmp_path / "var2", "restore", str(archive)))[0] == 0
    again = await start_stack(another_url)

    async def with_people() -> bool:
        async with again.db.read() as tx:
            return (await tx.execute(select(conversations.c.owner))).scalar_one() == "queue"

    await until(with_people, "people were not asked")
    assert again.graph.record == []
    async with again.db.read() as tx:
        assert (await tx.execute(select(outbox))).first() is None


async def leave_waiting(stack: Stack) -> None:
    """One message to answer and one to send, as a backup in the middle of work finds them."""
    async with stack.db.write() as tx:
        row = (await tx.execute(select(conversations))).one()
        await tx.execute(update(messages).where(messages.c.author == "customer").values(todo="answer"))
        own = (await tx.execute(select(messages.c.id, messages.c.seq).where(messages.c.author != "customer"))).first()
        assert own is not None
        values = {"message_id": own.id, "conversation_id": row.id, "account": row.account, "seq": own.seq, "author": "bot"}
        await tx.execute(outbox.insert().values(**values, body={"text": "halo"}, due_at=tx.now))


async def test_a_database_with_something_in_it_is_not_written_over(
    start_stack: StackFactory, database_url: str, another_url: str, tmp_path: Path
) -> None:
    archive = tmp_path / "sapa.backup"
    assert (await sapa(database_url, tmp_path / "var", "backup", str(archive)))[0] == 0
    assert (await sapa(another_url, tmp_path / "var", "migrate"))[0] == 0
    code, told = await sapa(another_url, tmp_path / "var", "restore", str(archive))
    assert code != 0
    assert "not empty" in told
    stack = await start_stack(another_url)
    await stack.phone().say("halo")
    code, told = await sapa(another_url, tmp_path / "var", "restore", str(archive), "--force")
    assert code != 0
    assert "in use" in told
    await stack.stop()
    code, told = await sapa(another_url, tmp_path / "var", "restore", str(archive), "--force")
    assert code == 0, told
    db = Database(another_url, stack.clock)
    try:
        async with db.read() as tx:
            assert (await tx.execute(select(func.count()).select_from(messages))).scalar_one() == 0
    finally:
        await db.close()


async def test_what_is_no_backup_is_refused(another_url: str, tmp_path: Path) -> None:
    for content in (b"", b"nothing"):
        (tmp_path / "file").write_bytes(content)
        code, told = await sapa(another_url, tmp_path / "var", "restore", str(tmp_path / "file"))
        assert code != 0
        assert "could not be restored" in told
        assert "Traceback" not in told
    code, told = await sapa(another_url, tmp_path / "var", "restore", str(tmp_path / "nowhere"))
    assert code != 0
    assert "Traceback" not in told


@pytest.mark.postgres
async def test_a_missing_or_old_program_is_named(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumps, "_version", lambda _program: 9)
    with pytest.raises(dumps.CannotDump, match="Install postgresql-client-"):
        await dumps.dump(f"{postgres}/postgres", tmp_path / "dump")
    monkeypatch.setattr(dumps, "glob", lambda _pattern: [])
    monkeypatch.setattr(dumps.shutil, "which", lambda _name: None)
    with pytest.raises(dumps.CannotDump, match="pg_dump is missing"):
        await dumps.dump(f"{postgres}/postgres", tmp_path / "dump")
