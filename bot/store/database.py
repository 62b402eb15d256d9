"""The database: one transaction at a time is a promise kept, on SQLite and PostgreSQL alike.

`Database.write()` yields a `Tx`. What is published on it reaches subscribers only after the commit: within the process at once,
on PostgreSQL in every other process too (NOTIFY is transactional), so nobody hears of what was rolled back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Table, event, insert, make_url, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

import bot.store.direct  # noqa: F401 - registers the dialect
from bot.clock import Clock
from bot.ids import new_id
from bot.store.prepared import Prepared, change, insertion, lookup

log = logging.getLogger(__name__)
CHANNEL = "sapa"
BUSY_TRIES, BUSY_PAUSE_S = 600, 0.05  # half a minute for another process to finish writing
Subscriber = Callable[[str, dict[str, Any]], None]


class Tx:
    """A transaction under way. `now` is one instant for everything in it. `direct`: SQLite's own connection beneath `conn`."""

    def __init__(self, conn: AsyncConnection, now: datetime, dialect: str, direct: sqlite3.Connection | None = None) -> None:
        self.conn = conn
        self.now = now
        self.dialect = dialect
        self._direct = direct
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.rows: dict[Table, list[dict[str, Any]]] = {}

    async def execute(self, statement: Executable, *args: Any) -> CursorResult[Any]:
        """Run one statement."""
        return await self.conn.execute(statement, *args)

    async def run(self, statement: Prepared, **given: Any) -> list[Any]:
        """Run a prepared statement; its rows, as named tuples."""
        if self._direct is not None:
            return statement.on_sqlite(self._direct, given)[0]
        result = await self.conn.execute(statement.expression, {**statement.extra, **given})
        return list(result.all()) if result.returns_rows else []

    async def affect(self, statement: Prepared, **given: Any) -> int:
        """Run a prepared statement; how many rows it changed."""
        if self._direct is not None:
            return statement.on_sqlite(self._direct, given)[1]
        return (await self.conn.execute(statement.expression, {**statement.extra, **given})).rowcount

    async def insert(self, table: Table, **values: Any) -> None:
        """Insert one row now."""
        await self.affect(insertion(table, frozenset(values)), **values)

    async def update(self, table: Table, key: Mapping[str, Any], **values: Any) -> int:
        """Set columns of the rows whose columns equal `key`; how many there were. For keys that may be NULL write a statement."""
        where = {f"key_{name}": value for name, value in key.items()}
        return await self.affect(change(table, frozenset(key), frozenset(values)), **where, **values)

    async def find(self, table: Table, **key: Any) -> Any | None:
        """The row whose columns equal `key`, or None."""
        rows = await self.run(lookup(table, frozenset(key)), **{f"key_{name}": value for name, value in key.items()})
        return rows[0] if rows else None

    def add(self, table: Table, **row: Any) -> None:
        """Insert a row at the end of the transaction, together with the others of its table. Every row names the same columns."""
        self.rows.setdefault(table, []).append(row)

    def publish(self, topic: str, **data: Any) -> None:
        """Tell subscribers after the commit. Keep `data` small (ids): PostgreSQL allows 8000 bytes."""
        self.published.append((topic, data))


class Database:
    """Opens transactions and carries signals. Dispose it, or an in-memory SQLite process never exits."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self.clock = clock
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.engine: AsyncEngine = _create(url)
        self._writer = asyncio.Lock() if self.dialect == "sqlite" else contextlib.nullcontext()
        self._subscribers: list[Subscriber] = []
        self._origin = new_id()
        self._listener: asyncio.Task[None] | None = None
        self._idle: list[tuple[AsyncConnection, sqlite3.Connection]] = []

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction that commits at the end of the block and rolls back on any exception."""
        async with self._writer, self._transaction("BEGIN IMMEDIATE") as tx:
            yield tx
            for table, rows in tx.rows.items():
                if self.dialect == "postgresql" and len(rows) > 1:
                    await tx.conn.execute(insert(table), rows)
                else:
                    for row in rows:
                        await tx.insert(table, **row)
            if tx.published and self.dialect == "postgresql":
                notes = [{"payload": json.dumps([self._origin, topic, data])} for topic, data in tx.published]
                await tx.conn.execute(text(f"SELECT pg_notify('{CHANNEL}', :payload)"), notes)
        for topic, data in tx.published:
            self.emit(topic, data)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """One unchanging view of the database; nothing is committed."""
        async with self._transaction("BEGIN") as tx:
            yield tx

    @contextlib.asynccontextmanager
    async def _transaction(self, begin: str) -> AsyncIterator[Tx]:
        if self.dialect == "postgresql":
            async with self.engine.connect() as conn:
                yield Tx(conn, self.clock.now(), self.dialect)
                await (conn.rollback() if begin == "BEGIN" else conn.commit())
            return
        conn, direct = self._idle.pop() if self._idle else await self._connect()
        try:
            await _begin(direct, begin)
            try:
                yield Tx(conn, self.clock.now(), self.dialect, direct)
                direct.execute("ROLLBACK" if begin == "BEGIN" else "COMMIT")
            except BaseException:
                if direct.in_transaction:
                    direct.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise DBAPIError.instance(begin, (), error, sqlite3.Error, dialect=conn.dialect) from error
        finally:
            self._idle.append((conn, direct))

    async def _connect(self) -> tuple[AsyncConnection, sqlite3.Connection]:
        """A connection kept for good. SQLAlchemy believes it commits by itself; BEGIN and COMMIT are ours."""
        conn = await self.engine.connect()
        await conn.execution_options(isolation_level="AUTOCOMMIT")
        return conn, (await conn.get_raw_connection()).driver_connection  # type: ignore[return-value]

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber(topic, data)` after each commit that published; returns how to stop."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber) if subscriber in self._subscribers else None

    def emit(self, topic: str, data: dict[str, Any]) -> None:
        """Hand a signal to this process's subscribers. One that fails does not stop the others."""
        for subscriber in list(self._subscribers):
            try:
                subscriber(topic, data)
            except Exception:
                log.exception("a subscriber failed on %s", topic)

    async def listen(self) -> None:
        """Start hearing other processes (PostgreSQL); a lost connection is opened again and everyone told to refresh."""
        if self.dialect == "postgresql" and self._listener is None:
            self._listener = asyncio.create_task(self._listen(), name="listen")

    async def _listen(self) -> None:
        import asyncpg

        address = self.url.replace("+asyncpg", "")
        while True:
            try:
                conn = await asyncpg.connect(address)
                try:
                    lost = asyncio.Event()
                    conn.add_termination_listener(lambda _conn, gone=lost: gone.set())
                    await conn.add_listener(CHANNEL, self._heard)
                    self.emit("refresh", {})
                    await lost.wait()
                finally:
                    await conn.close(timeout=1)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("not listening to other processes, trying again: %s", type(error).__name__)
            await asyncio.sleep(1)

    def _heard(self, _conn: Any, _pid: int, _channel: str, payload: str) -> None:
        origin, topic, data = json.loads(payload)
        if origin != self._origin:
            self.emit(topic, data)

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._listener:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        for conn, _ in self._idle:
            await conn.close()
        self._idle.clear()
        await self.engine.dispose()


async def _begin(direct: sqlite3.Connection, begin: str) -> None:
    """Begin. Another process may be writing: wait for it without holding up the event loop."""
    for attempt in range(BUSY_TRIES):
        try:
            direct.execute(begin)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt + 1 == BUSY_TRIES:
                raise
            await asyncio.sleep(BUSY_PAUSE_S)


def _create(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    engine = create_async_engine(make_url(url).set(drivername="sqlite+direct"), max_overflow=-1)

    @event.listens_for(engine.sync_engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # Leave BEGIN to us: the driver's implicit one starts as a reader and cannot always become a writer.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=50", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
