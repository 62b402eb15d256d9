"""Fixtures shared by all tests: databases, the engine, the whole stack."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bot.store.migrate import upgrade
from tests.support.servers import ENGINE_PYTHON, MODEL, ROOT, EngineProcess, postgres_binary, postgres_server
from tests.support.stack import MONDAY_10, Stack

CI = os.environ.get("CI") == "true"
settings.register_profile("sapa", deadline=None)  # no test here measures time
settings.load_profile("sapa")


def missing(what: str) -> None:
    """Skip, saying what is missing; in CI nothing may be missing."""
    if CI:
        pytest.fail(f"{what} is missing, and CI requires it")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server for the run, with a migrated template database."""
    if not (postgres_binary("initdb") and postgres_binary("pg_ctl")):
        missing("PostgreSQL (initdb, pg_ctl)")
    folder = Path("/tmp") / f"sapa-postgres-{uuid.uuid4().hex[:8]}"
    try:
        with postgres_server(folder) as server:
            asyncio.run(_create_database(server, "sapa_template"))
            asyncio.run(upgrade(f"{server}/sapa_template"))
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _create_database(server: str, name: str, template: str | None = None) -> None:
    import asyncpg

    conn = await asyncpg.connect(f"{server.replace('+asyncpg', '')}/postgres")
    try:
        await conn.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    finally:
        await conn.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "sapa.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database: the test runs on SQLite and on PostgreSQL."""
    return _database(request, tmp_path, request.param)


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated SQLite database."""
    return _database(request, tmp_path, "sqlite")


def _database(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> str:
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "sapa.db")
        return f"sqlite+aiosqlite:///{tmp_path / 'sapa.db'}"
    server = request.getfixturevalue("postgres")
    name = f"t{uuid.uuid4().hex[:12]}"
    asyncio.run(_create_database(server, name, "sapa_template"))
    return f"{server}/{name}"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """A real engine with the trained model, one for the run."""
    if not ENGINE_PYTHON.is_file():
        missing("the engine's environment (make engine-env)")
    if not MODEL.is_file():
        missing("a trained model (make train)")
    process = EngineProcess(tmp_path_factory.mktemp("engine") / "engine.log")
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.kill()


StackFactory = Callable[..., Awaitable[Stack]]


@pytest.fixture
async def start_stack(engine: EngineProcess, tmp_path: Path) -> AsyncIterator[StackFactory]:
    """Starts stacks; they are stopped at the end."""
    started: list[Stack] = []

    async def start(url: str, at: datetime = MONDAY_10, **options: Any) -> Stack:
        stack = Stack(url, options.pop("engine_url", engine.url), tmp_path / "var", ROOT / "web/dist", at, **options)
        await stack.start()
        started.append(stack)
        return stack

    yield start
    for stack in started:
        await stack.stop()


@pytest.fixture
async def stack(start_stack: StackFactory, sqlite_url: str) -> Stack:
    """The whole stack on SQLite, Monday 10.00 in Jakarta."""
    return await start_stack(sqlite_url)
