"""Bringing a database to the present schema, with Alembic. The rule for what a migration may do: docs/operations.md."""

from __future__ import annotations

import asyncio
import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

log = logging.getLogger(__name__)


def config(url: str) -> Config:
    """Alembic's configuration for a database."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    settings.attributes["url"] = url
    return settings


async def upgrade(url: str) -> None:
    """Apply every migration that is missing; of several processes one does, the others wait. Makes the folder of a SQLite file.

    A database that is newer than this release is left as it is: a newer release keeps it fit for the one before.
    """
    _, _, path = url.partition(":///")
    file = Path(path) if url.startswith("sqlite") and path else None
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(_upgrade, config(url), file)


def _upgrade(settings: Config, file: Path | None) -> None:
    with _alone(file):
        found = asyncio.run(revision(settings.attributes["url"]))
        if found is not None and found not in known(settings):
            log.warning("the database is of a newer release (%s): nothing is migrated", found)
            return
        command.upgrade(settings, "head")


async def revision(url: str) -> str | None:
    """The database's revision; None for an empty one."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)
    finally:
        await engine.dispose()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def known(settings: Config) -> set[str]:
    """The revisions this release knows, the newest among them."""
    return {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}


@contextmanager
def _alone(file: Path | None) -> Iterator[None]:
    """On SQLite one process at a time migrates; on PostgreSQL the migration itself takes a lock of the database."""
    if file is None:
        yield
        return
    with file.with_name(file.name + ".migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
