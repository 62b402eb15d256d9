"""Alembic's entry: runs the migrations on the database named by `bot.store.migrate.config`."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.schema import compared, metadata

ONE_AT_A_TIME = 0x5A9A  # of PostgreSQL's advisory locks: whoever else migrates waits, and then finds nothing left to do


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ONE_AT_A_TIME})
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, include_name=compared)
    with context.begin_transaction():
        context.run_migrations()


async def _main() -> None:
    engine = create_async_engine(context.config.attributes["url"])
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_main())
