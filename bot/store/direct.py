"""SQLite without a thread between: the same async interface, each statement run where it is called.

A statement of ours takes some ten microseconds; handing it to a thread and back takes a few hundred, most of it processor time
(docs/decisions/0010-sqlite-without-a-thread.md). Waiting for another process's write lock would hold up the event loop, so the
database's own waiting is short and `Database.write` waits asynchronously.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.util.concurrency import await_


async def _nothing() -> None:
    """SQLAlchemy wants each operation of an async engine to await something."""


class _Cursor(sqlite3.Cursor):
    def execute(self, *args: Any) -> Any:
        await_(_nothing())
        return super().execute(*args)

    def executemany(self, *args: Any) -> Any:
        await_(_nothing())
        return super().executemany(*args)

    async def _async_soft_close(self) -> None:
        """Nothing is held elsewhere."""


class _Connection(sqlite3.Connection):
    def cursor(self, *_args: Any) -> Any:
        return super().cursor(_Cursor)


registry.register("sqlite.direct", "bot.store.direct", "DirectSQLite")


class DirectSQLite(SQLiteDialect_pysqlite):
    """`sqlite+direct:///file`: Python's own sqlite3 behind SQLAlchemy's async engine."""

    driver = "direct"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[pool.Pool]:
        """Connections wait for each other without blocking the event loop."""
        return pool.AsyncAdaptedQueuePool

    def create_connect_args(self, url: URL) -> Any:
        """As Python's driver does, with cursors of ours."""
        args, options = super().create_connect_args(url)
        return args, {**options, "factory": _Connection}

    def get_driver_connection(self, connection: Any) -> Any:
        """The sqlite3 connection itself."""
        return connection
