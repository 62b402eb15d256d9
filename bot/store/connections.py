"""Connections kept open for good, and the transactions on them.

SQLAlchemy believes that each statement commits by itself (AUTOCOMMIT); BEGIN, COMMIT and ROLLBACK are said here, on the driver's connection beneath.
So prepared statements, which run on the driver, and built ones, which go through SQLAlchemy, share one transaction, and neither pays for
SQLAlchemy's bookkeeping of it (docs/decisions/0010).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Mapping
from typing import Any, Protocol

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.prepared import POSTGRES, SQLITE, Prepared

BUSY_TRIES, BUSY_PAUSE_S = 600, 0.05  # half a minute for another process to finish writing
AT_MOST = 20  # connections of a process to PostgreSQL; whoever needs one more waits
FRESH_S = 0.25  # used so lately, a connection is taken to be alive


class Connection(Protocol):
    """One connection: at most one transaction at a time."""

    built: AsyncConnection

    async def begin(self, write: bool) -> None:
        """Begin. Raises DBAPIError when it cannot."""

    async def end(self, commit: bool) -> None:
        """Commit, or undo everything."""

    async def run(self, statement: Prepared, given: Mapping[str, Any]) -> tuple[list[Any], int]:
        """The rows a prepared statement returns, and how many it changed. Raises DBAPIError."""

    @property
    def usable(self) -> bool:
        """Whether it may be used again."""


class SQLiteConnection:
    """Python's own sqlite3 beneath; every statement runs where it is called."""

    def __init__(self, built: AsyncConnection, driver: sqlite3.Connection) -> None:
        self.built = built
        self._driver = driver

    @property
    def usable(self) -> bool:
        return True

    async def begin(self, write: bool) -> None:
        """Another process may be writing: wait for it without holding up the event loop."""
        for attempt in range(BUSY_TRIES):
            try:
                self._driver.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                return
            except sqlite3.Error as error:
                if "locked" not in str(error) or attempt + 1 == BUSY_TRIES:
                    raise _of_sqlite("BEGIN", (), error) from error
                await asyncio.sleep(BUSY_PAUSE_S)

    async def end(self, commit: bool) -> None:
        try:
            if commit:
                self._driver.execute("COMMIT")
        except sqlite3.Error as error:
            raise _of_sqlite("COMMIT", (), error) from error
        finally:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")

    async def run(self, statement: Prepared, given: Mapping[str, Any]) -> tuple[list[Any], int]:
        compiled = statement.on(SQLITE)
        values = compiled.values(given)
        try:
            cursor = self._driver.execute(compiled.sql, values)
            return compiled.rows(cursor.fetchall()) if compiled.returns else [], cursor.rowcount
        except sqlite3.Error as error:
            raise _of_sqlite(compiled.sql, values, error) from error


class PostgresConnection:
    """asyncpg beneath. A transaction that only reads is none: each statement sees what is committed, as it would in READ COMMITTED."""

    def __init__(self, built: AsyncConnection, driver: asyncpg.Connection[Any]) -> None:
        self.built = built
        self._driver = driver
        self._transaction: Any = None
        self._used = time.monotonic()

    @property
    def usable(self) -> bool:
        return not self._driver.is_closed()

    async def begin(self, write: bool) -> None:
        try:
            if write:
                self._transaction = self._driver.transaction()
                await self._transaction.start()
            elif time.monotonic() - self._used > FRESH_S:
                await self._driver.execute("SELECT 1")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            self._transaction = None
            raise _of_postgres("BEGIN", (), error) from error

    async def end(self, commit: bool) -> None:
        self._used = time.monotonic()
        transaction, self._transaction = self._transaction, None
        if transaction is None:
            return
        try:
            await (transaction.commit() if commit else transaction.rollback())
        except BaseException as error:
            # Cancelled once more while it ended, or refused: the server may still be within the transaction, and whoever came next would
            # continue it. It undoes what was not committed when nobody is on the line.
            self._driver.terminate()
            if not isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError | OSError):
                raise
            if commit:
                raise _of_postgres("COMMIT", (), error) from error

    async def run(self, statement: Prepared, given: Mapping[str, Any]) -> tuple[list[Any], int]:
        compiled = statement.on(POSTGRES)
        values = compiled.values(given)
        try:
            if compiled.returns:
                found = compiled.rows(await self._driver.fetch(compiled.sql, *values))
                return found, len(found)
            status = await self._driver.execute(compiled.sql, *values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise _of_postgres(compiled.sql, values, error) from error
        return [], int(status.rsplit(" ", 1)[-1]) if status[-1:].isdigit() else 0


class Connections:
    """Takes connections out and puts them back; one that broke is thrown away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._idle: list[Connection] = []
        self._postgres = engine.dialect.name == "postgresql"
        self._places = asyncio.Semaphore(AT_MOST) if self._postgres else contextlib.nullcontext()

    @contextlib.asynccontextmanager
    async def transaction(self, write: bool) -> Any:
        """A connection within a transaction that ends with the block: committed if it writes and raised nothing, undone otherwise."""
        async with self._places:
            connection = await self._begun(write)
            try:
                try:
                    yield connection
                except BaseException:
                    await connection.end(commit=False)
                    raise
                await connection.end(commit=write)
            finally:
                await self._put(connection)

    async def _begun(self, write: bool) -> Connection:
        """One that answers. Idle ones may have died with the server; that nothing began on them is safe to find out."""
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.begin(write)
                return connection
            except DBAPIError:
                if connection.usable:
                    await self._put(connection)
                    raise
                await self._put(connection)
            except BaseException:
                await self._put(connection)
                raise
        built = await self._engine.connect()
        try:
            await built.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = (await built.get_raw_connection()).driver_connection
            connection = PostgresConnection(built, driver) if self._postgres else SQLiteConnection(built, driver)
            await connection.begin(write)
        except BaseException:
            await built.close()
            raise
        return connection

    async def _put(self, connection: Connection) -> None:
        if connection.usable:
            self._idle.append(connection)
            return
        with contextlib.suppress(Exception):
            await connection.built.invalidate()
        with contextlib.suppress(Exception):
            await connection.built.close()

    async def close(self) -> None:
        """Close the idle ones."""
        while self._idle:
            with contextlib.suppress(Exception):
                await self._idle.pop().built.close()


def _of_sqlite(sql: str, values: Any, error: sqlite3.Error) -> BaseException:
    return DBAPIError.instance(sql, values, error, sqlite3.Error, hide_parameters=True, dialect=SQLITE)


def _of_postgres(sql: str, values: Any, error: Exception) -> DBAPIError:
    kind = IntegrityError if isinstance(error, asyncpg.IntegrityConstraintViolationError) else OperationalError
    if isinstance(error, asyncpg.PostgresError) and not isinstance(
        error, (asyncpg.OperatorInterventionError, asyncpg.PostgresConnectionError)
    ):
        kind = kind if kind is IntegrityError else DBAPIError  # type: ignore[assignment]
    return kind(sql, values, error, hide_parameters=True)
