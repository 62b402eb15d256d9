"""The customer's window went away and did not come back: ask once, wait a minute, close (SOP Customer Handling 8.5 2c)."""

from __future__ import annotations

from bot.channels.livechat.session import ask_before_leaving
from bot.client import Client
from bot.conversations.service import get
from bot.conversations.timers import Due, take_out
from bot.store.database import Database


class GoneTimer:
    """The handler of timers of kind 'gone'. While the customer waits for us nothing is asked: the answer will be there on return."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client

    async def fire(self, due: Due) -> None:
        """Ask, if we are waiting for the customer."""
        async with self._db.write() as tx:
            row = await get(tx, due.subject, lock=True)
            if await take_out(tx, due) and row is not None and row.idle_since is not None:
                await ask_before_leaving(tx, row, self._client)
