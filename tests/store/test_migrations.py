"""A migrated database is the one the code describes; one process migrates, and whoever runs the release before goes on."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.clock import SystemClock
from bot.store import migrate
from bot.store.database import Database
from bot.store.schema import compared, metadata
from tests.conftest import StackFactory, _create_database, _database
from tests.store.migrations import breaks, tables_of
from tests.support.servers import ROOT

# revision → what it takes away on purpose, as `breaks` words it: the release before it no longer used it.
CONTRACTED: dict[str, set[str]] = {}
NEXT = '''"""A migration of the next release."""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade() -> None:
    {what}
'''


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True, "include_name": compared}), metadata))


async def test_the_migrations_make_the_schema(database_url: str) -> None:
    db = Database(database_url, SystemClock())
    try:
        async with db.engine.connect() as conn:
            assert await conn.run_sync(_differences) == []
    finally:
        await db.close()


def head(settings: Config) -> str:
    found = ScriptDirectory.from_config(settings).get_current_head()
    assert found is not None
    return found


def next_release(url: str, folder: Path, what: str) -> Config:
    """Alembic's configuration of a release that has one migration more."""
    settings = migrate.config(url)
    folder.mkdir()
    (folder / "next.py").write_text(NEXT.format(head=head(settings), what=what))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("version_locations", f"{ROOT / 'bot/store/migrations/versions'}{os.pathsep}{folder}")
    return settings


async def known_before(url: str) -> MetaData:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(tables_of)
    finally:
        await engine.dispose()


async def broken_for(url: str, before: MetaData) -> list[str]:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(breaks, before)
    finally:
        await engine.dispose()


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return _database(request, tmp_path, "postgres")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("what", "breaking"),
    [
        ('op.add_column("messages", sa.Column("mood", sa.String(20)))', False),
        ('op.add_column("messages", sa.Column("mood", sa.String(20), nullable=False, server_default="calm"))', False),
        ('op.create_table("moods", sa.Column("name", sa.String(20), primary_key=True))', False),
        ('op.create_index("ix_messages_author", "messages", ["author"])', False),
        ('op.add_column("messages", sa.Column("mood", sa.String(20), nullable=False))', True),
        ('op.drop_column("messages", "skipped")', True),
        ('op.alter_column("messages", "skipped", new_column_name="left_out")', True),
        ('op.drop_table("surveys")', True),
        ('op.alter_column("conversations", "reason", nullable=False)', True),
        ('op.alter_column("messages", "seq", type_=sa.String(20))', True),
    ],
)
async def test_a_breaking_migration_is_recognised(postgres_url: str, tmp_path: Path, what: str, breaking: bool) -> None:
    before = await known_before(postgres_url)
    await asyncio.to_thread(command.upgrade, next_release(postgres_url, tmp_path / "next", what), "head")
    assert bool(await broken_for(postgres_url, before)) == breaking


@pytest.mark.postgres
async def test_no_migration_breaks_the_release_before_it(postgres: str) -> None:
    """Every migration after the first: whoever knows only the tables before it can read and write them after it."""
    await _create_database(postgres, "sapa_steps")
    url = f"{postgres}/sapa_steps"
    settings = migrate.config(url)
    steps = [script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()][::-1]
    await asyncio.to_thread(command.upgrade, settings, steps[0])
    for step in steps[1:]:
        before = await known_before(url)
        await asyncio.to_thread(command.upgrade, settings, step)
        taken_away = CONTRACTED.get(step, set())
        assert [what for what in await broken_for(url, before) if what not in taken_away] == [], (
            f"migration {step} breaks the release before it (docs/operations.md)"
        )


@pytest.mark.engine
async def test_a_service_goes_on_while_the_next_release_migrates(start_stack: StackFactory, database_url: str, tmp_path: Path) -> None:
    stack = await start_stack(database_url)
    visitor = await stack.visitor()
    await visitor.say("halo")
    over = asyncio.Event()

    async def chat() -> int:
        answers = 0
        while not over.is_set() or not answers:
            assert "sewa modal" in await visitor.say("brp sih bunga gadai di pegadaian")
            answers += 1
            await asyncio.sleep(0.6)  # the live chat takes two messages a second
        return answers

    chatting = asyncio.create_task(chat())
    what = """op.add_column("messages", sa.Column("mood", sa.String(20), nullable=False, server_default="calm"))
    op.create_index("ix_messages_mood", "messages", ["mood"])"""
    await asyncio.to_thread(command.upgrade, next_release(database_url, tmp_path / "next", what), "head")
    over.set()
    assert await chatting > 0
    assert await migrate.revision(database_url) == "next"
    assert "sewa modal" in await visitor.say("brp sih bunga gadai di pegadaian")
    assert len(await stack.facts("bot_answered")) == len(await stack.facts("message_received"))


async def test_a_release_starts_on_the_database_of_the_next_one(database_url: str, tmp_path: Path) -> None:
    """Otherwise a service of the old release that dies during a rolling update could not come back."""
    what = 'op.add_column("messages", sa.Column("mood", sa.String(20)))'
    await asyncio.to_thread(command.upgrade, next_release(database_url, tmp_path / "next", what), "head")
    await migrate.upgrade(database_url)
    assert await migrate.revision(database_url) == "next"


async def test_of_three_processes_one_migrates(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> None:
    url = database_url
    db = Database(url, SystemClock())
    async with db.write() as tx:  # back to nothing
        if db.dialect == "postgresql":
            await tx.execute(text("DROP SCHEMA public CASCADE"))
            await tx.execute(text("CREATE SCHEMA public"))
    await db.close()
    if url.startswith("sqlite"):
        Path(url.partition(":///")[2]).unlink()
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "x" * 40, "ENGINE_TOKEN": "t", "SAPA_VAR": str(tmp_path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", "migrate"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(3)
    ]
    told = [(await asyncio.to_thread(process.communicate))[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], told
    assert await migrate.revision(url) == head(migrate.config(url))
