"""The loop that keeps the figures up with the event log. Every service process runs one; one at a time counts."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from sqlalchemy.exc import DBAPIError

from bot.client import Client
from bot.store.database import Database
from bot.supervision.tally import Tally, behind

log = logging.getLogger(__name__)
EVERY_S = 5.0
BREATH_S = 0.02  # between two steps, for everything else that is to be done


class FiguresLoop:
    """Counts what is new every few seconds; the service's other work goes first."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._tally = Tally(db, client)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`."""
        while not self._stopping.is_set():
            more = False
            try:
                more = await self._look()
            except DBAPIError as error:
                log.warning("figures: the database refused, trying again: %s", type(error).__name__)
            except Exception:
                log.exception("the figures stumbled; going on")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BREATH_S if more else EVERY_S):
                    await self._stopping.wait()

    async def _look(self) -> bool:
        """Count one step if there is anything to count; whether there is more."""
        async with self._db.read() as tx:
            left, _ = await behind(tx)
        if not left and self._tally.known:
            return False
        step = await self._tally.advance()
        return step.more and step.mine

    def stop(self) -> None:
        """Count nothing more."""
        self._stopping.set()

    async def drain(self) -> None:
        """Nothing is under way between two steps."""
