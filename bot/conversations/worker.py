"""The worker: takes conversations that have something left to do, one holder at a time, their messages in order.

A lease on the conversation's row keeps others away; a process that dies leaves a lease that runs out. The lease also spaces out
repeats: a conversation whose message must wait is simply held until it may be tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select, update
from sqlalchemy.engine import Row

from bot.conversations.records import conversations, messages
from bot.ids import new_id
from bot.store.database import Database, Tx
from bot.store.prepared import Prepared

log = logging.getLogger(__name__)
LEASE_S = 60
POLL_S = 1.0


_LEFT = messages.c.todo.is_not(None)
_UNHELD = or_(
    conversations.c.lease_until.is_(None), conversations.c.lease_until <= bindparam("now", type_=conversations.c.lease_until.type)
)


def _prepared(statement: Select[Any]) -> dict[bool, Prepared]:
    """To look, and to take."""
    limited = statement.limit(bindparam("most"))
    return {False: Prepared(limited), True: Prepared(limited.with_for_update(skip_locked=True))}


_LONGEST = _prepared(
    select(conversations.c.id)  # along the index: no sorting
    .where(conversations.c.waiting_since.is_not(None), exists().where(messages.c.conversation_id == conversations.c.id, _LEFT), _UNHELD)
    .order_by(conversations.c.waiting_since)
)
_OTHERS = _prepared(
    select(conversations.c.id).where(
        conversations.c.waiting_since.is_(None), conversations.c.id.in_(select(messages.c.conversation_id).where(_LEFT)), _UNHELD
    )
)
_NEXT = Prepared(
    select(messages, conversations.c.lease_until)
    .join(conversations, (conversations.c.id == messages.c.conversation_id) & (conversations.c.lease_owner == bindparam("holder")))
    .where(messages.c.conversation_id == bindparam("of"), messages.c.todo.is_not(None))
    .order_by(messages.c.seq)
    .limit(1)
)


class TryLater(Exception):
    """The message stays to do; take the conversation up again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


Handler = Callable[[Row[Any]], Awaitable[None]]


class Worker:
    """Runs `handlers[todo](message)` for each message left to do. A handler ends by clearing `todo`, or raises TryLater."""

    def __init__(self, db: Database, handlers: dict[str, Handler], at_once: int = 16) -> None:
        self._db = db
        self._handlers = handlers
        self._at_once = at_once
        self._wake = asyncio.Event()
        self._told = False
        self._stopping = False
        self._leases: dict[str, str] = {}  # of what was taken and is not served yet
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until `stop` or cancelled; what is under way is finished by `drain`."""
        unsubscribe = self._db.subscribe(self._heard)
        try:
            while not self._stopping:
                self._wake.clear()
                try:
                    taken = await self._take()
                except Exception:
                    log.exception("the worker stumbled; going on")
                    taken = []
                for conversation in taken:
                    task = asyncio.create_task(self._serve(conversation), name=f"serve {conversation}")
                    self._running.add(task)
                    task.add_done_callback(self._done)
                if not taken:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL_S):  # unlike wait_for, never swallows a cancellation (Python 3.11)
                            await self._wake.wait()
        finally:
            unsubscribe()

    def stop(self) -> None:
        """Take nothing more; the messages under way are finished, what is behind them is left to other processes."""
        self._stopping = True
        self._wake.set()

    async def drain(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _heard(self, topic: str, _data: dict[str, Any]) -> None:
        if topic in ("inbox", "refresh"):
            self._told = True
            self._wake.set()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()

    async def _take(self) -> list[str]:
        free = self._at_once - len(self._running)
        if free <= 0:
            return []
        if not self._told:  # nobody said that there is something: look before asking for the write lock
            async with self._db.read() as tx:
                if not await _waiting(tx, free):
                    return []
        self._told = False
        lease = new_id()  # one for each taking: we ourselves may lose a conversation and take it again
        async with self._db.write() as tx:
            found = await _waiting(tx, free, lock=True)
            for conversation in found:
                held = {"lease_owner": lease, "lease_until": tx.now + timedelta(seconds=LEASE_S)}
                await tx.update(conversations, {"id": conversation}, **held)
        self._leases.update(dict.fromkeys(found, lease))
        return found

    async def _serve(self, conversation: str) -> None:
        wait, lease = 0.0, self._leases.pop(conversation)
        try:
            while not self._stopping and (message := await self._next(conversation, lease)) is not None:
                try:
                    await self._handlers[message.todo](message)
                except TryLater as later:
                    wait = later.seconds
                    break
                if len(self._running) >= self._at_once:
                    break  # no place is free: whoever has waited longest comes next, not one customer's whole flood
        except Exception:
            log.exception("conversation %s: a message could not be handled; it will be tried again", conversation)
            wait = 5.0
        await self._release(conversation, lease, wait)

    async def _next(self, conversation: str, lease: str) -> Row[Any] | None:
        """The conversation's next message to do, while we hold it; prolongs the lease once it is half used up."""
        async with self._db.read() as tx:
            found = await tx.run(_NEXT, holder=lease, of=conversation)
        message = found[0] if found else None
        if message is not None and message.lease_until - self._db.clock.now() < timedelta(seconds=LEASE_S / 2):
            async with self._db.write() as tx:
                await self._hold(tx, conversation, lease, LEASE_S)
        return message

    async def _release(self, conversation: str, lease: str, wait: float) -> None:
        try:
            async with self._db.write() as tx:
                await self._hold(tx, conversation, lease, wait)
        except Exception:
            log.exception("conversation %s could not be released; its lease will run out", conversation)

    async def _hold(self, tx: Tx, conversation: str, lease: str, seconds: float) -> None:
        until = tx.now + timedelta(seconds=seconds) if seconds else None
        await tx.update(conversations, {"id": conversation, "lease_owner": lease}, lease_until=until)


async def _waiting(tx: Tx, most: int, lock: bool = False) -> list[str]:
    """Conversations nobody holds that have something to do: who has waited longest first, then those where nobody waits for an answer."""
    found = await tx.run(_LONGEST[lock], now=tx.now, most=most)
    if len(found) < most:
        found += await tx.run(_OTHERS[lock], now=tx.now, most=most - len(found))
    return [row.id for row in found]


async def done(tx: Tx, message_id: str, skipped: str | None = None, **columns: Any) -> bool:
    """Nothing is left to do for a message; `skipped` says why it was not answered. False: somebody was done with it before, and it stays so."""
    values = {"todo": None, **({"skipped": skipped} if skipped else {}), **columns}
    return await tx.affect(_finishing(frozenset(values)), of=message_id, **values) == 1


@lru_cache(maxsize=32)
def _finishing(changed: frozenset[str]) -> Prepared:
    values = {name: bindparam(name, type_=messages.c[name].type) for name in sorted(changed)}
    return Prepared(update(messages).where(messages.c.id == bindparam("of"), messages.c.todo.is_not(None)).values(values))
