"""The database: one transaction at a time is a promise kept, on SQLite and PostgreSQL alike.

`Database.write()` yields a `Tx`. What is published on it reaches subscribers only after the commit: within the process at once,
on PostgreSQL in every other process too (NOTIFY is transactional), so nobody hears of what was rolled back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Table, Text, bindparam, event, func, make_url, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

import bot.store.direct  # noqa: F401 - registers the dialect
from bot.clock import Clock
from bot.ids import new_id
from bot.store.connections import AT_MOST, Connection, Connections
from bot.store.prepared import Prepared, change, insertion, lookup

log = logging.getLogger(__name__)
CHANNEL = "sapa"
_NOTIFY = Prepared(select(func.pg_notify(CHANNEL, func.unnest(bindparam("payloads", type_=ARRAY(Text))))))
# PostgreSQL: a process that stands still in the middle of a transaction must not hold up all others by the rows it has locked.
STILL_S = 10.0  # a transaction in which nothing happens for so long is ended
LISTEN_S = 10.0  # the line that carries signals is asked that often whether it still does
LOCK_S = 8.0  # so long a statement waits for a row; then it fails, and what called it comes again
APPLICATION = "sapa"
# A statement is said in two steps. Whoever stops between them counts as busy for ever, and none of PostgreSQL's time-outs ends it.
_END_THE_SILENT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND application_name = $2 AND state = 'active' AND wait_event = 'ClientRead' "
    "AND now() - state_change > make_interval(secs => $1::float8)"
)
Subscriber = Callable[[str, dict[str, Any]], None]
Hook = Callable[["Tx"], Awaitable[None]]


class Tx:
    """A transaction under way. `now` is one instant for everything in it."""

    def __init__(self, connection: Connection, now: datetime, dialect: str) -> None:
        self._connection = connection
        self.now = now
        self.dialect = dialect
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.rows: dict[Table, list[dict[str, Any]]] = {}

    async def execute(self, statement: Executable, *args: Any) -> CursorResult[Any]:
        """Run one statement."""
        return await self._connection.built.execute(statement, *args)

    async def run(self, statement: Prepared, **given: Any) -> list[Any]:
        """Run a prepared statement; its rows, as named tuples."""
        return (await self._connection.run(statement, given))[0]

    async def affect(self, statement: Prepared, **given: Any) -> int:
        """Run a prepared statement; how many rows it changed."""
        return (await self._connection.run(statement, given))[1]

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
        self._connections = Connections(self.engine)
        self._writer = asyncio.Lock() if self.dialect == "sqlite" else contextlib.nullcontext()
        self._subscribers: list[Subscriber] = []
        self._hooks: list[Hook] = []
        self._origin = new_id()
        self._listener: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction that commits at the end of the block and rolls back on any exception."""
        async with self._writer, self._connections.transaction(write=True) as connection:
            tx = Tx(connection, self.clock.now(), self.dialect)
            yield tx
            for hook in self._hooks:
                await hook(tx)
            for table, rows in tx.rows.items():
                for row in rows:
                    await tx.insert(table, **row)
            if tx.published and self.dialect == "postgresql":
                await tx.run(_NOTIFY, payloads=[json.dumps([self._origin, topic, data]) for topic, data in tx.published])
        for topic, data in tx.published:
            self.emit(topic, data)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A connection for reading: one unchanging view on SQLite, what is committed at each statement on PostgreSQL. Do not write."""
        async with self._connections.transaction(write=False) as connection:
            yield Tx(connection, self.clock.now(), self.dialect)

    def before_commit(self, hook: Hook) -> None:
        """Call `hook(tx)` at the end of each transaction that writes, before what was added is inserted: it may write along. If it raises,
        nothing is committed. Called for every write there is, so it must look first (`tx.rows`) and return at once where nothing concerns it.
        """
        self._hooks.append(hook)

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

    async def tell(self, *signals: tuple[str, dict[str, Any]]) -> None:
        """Publish signals that go with no change of data: to this process and, on PostgreSQL, to the others."""
        if self.dialect == "postgresql":
            async with self.write() as tx:
                for topic, data in signals:
                    tx.publish(topic, **data)
            return
        for topic, data in signals:
            self.emit(topic, data)

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
                    while not lost.is_set():
                        try:
                            async with asyncio.timeout(LISTEN_S):
                                await lost.wait()
                        except TimeoutError:
                            async with asyncio.timeout(LISTEN_S):  # a line that swallows what is said looks like one that is quiet
                                await conn.fetch(_END_THE_SILENT, STILL_S, APPLICATION)
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
        await self._connections.close()
        await self.engine.dispose()


def _create(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        limits = {"idle_in_transaction_session_timeout": STILL_S, "lock_timeout": LOCK_S}
        settings = {"application_name": APPLICATION, **{name: str(int(seconds * 1000)) for name, seconds in limits.items()}}
        options = {"server_settings": settings, "statement_cache_size": 500}
        return create_async_engine(url, pool_size=AT_MOST, max_overflow=2, pool_pre_ping=True, hide_parameters=True, connect_args=options)
    engine = create_async_engine(make_url(url).set(drivername="sqlite+direct"), max_overflow=-1, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # Leave BEGIN to us: the driver's implicit one starts as a reader and cannot always become a writer.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=50", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
