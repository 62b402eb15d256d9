"""Actions without the service around them: under stock Rasa each action reads and commits by itself.

Only `rasa shell`, `rasa run actions` and the benchmark's stock side come here. The database is that of the settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator

from rasa_sdk.interfaces import Tracker

from bot.channels.messages import Sender
from bot.client import load_client
from bot.clock import SystemClock
from bot.conversations.calendar import WorkCalendar
from bot.conversations.service import open_for
from bot.customers.service import find_or_create
from bot.dialogue.unit import Library, Unit
from bot.ids import new_id
from bot.knowledge.index import Knowledge
from bot.store.database import Database
from bot.store.migrate import upgrade

_shared: tuple[Database, Library] | None = None
_opening = asyncio.Lock()  # first calls come at once: one of them migrates, the others wait


async def _open() -> tuple[Database, Library]:
    global _shared
    async with _opening:
        _shared = _shared or await _load()
    return _shared


async def _load() -> tuple[Database, Library]:
    client = load_client(os.environ.get("SAPA_CLIENT", "clients/pegadaian"))
    url = os.environ.get("ACTIONS_DATABASE_URL", "sqlite+aiosqlite:///var/rasa-shell.db")
    await upgrade(url)
    return Database(url, SystemClock()), Library(client, WorkCalendar(client.calendar), Knowledge(client.articles))


@contextlib.asynccontextmanager
async def standalone_unit(tracker: Tracker) -> AsyncIterator[Unit]:
    """A unit of work for one action, committed at the end of the block."""
    db, library = await _open()
    async with db.write() as tx:
        sender = Sender((("visitor", f"rasa:{tracker.sender_id}"),))
        conversation = await open_for(tx, "rasa", "rasa", await find_or_create(tx, sender))
    message = (tracker.latest_message or {}).get("message_id") or hashlib.sha256(str(tracker.latest_message).encode()).hexdigest()[:26]
    unit = Unit(new_id(), db, library, conversation, message, db.clock.now(), {"visitor": tracker.sender_id}, None)
    yield unit
    if unit.effects:
        async with db.write() as tx:
            for effect in unit.effects:
                await effect.apply(tx, unit)
