"""When answers take long, the customer is told so, once for each wait (docs/decisions/0013-overload.md).

Nothing is done for a message that is answered in time: every few seconds one indexed query looks for messages that have waited too
long. Each process looks; the conversation's row decides who tells, so several processes tell once.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import exists, literal_column, or_, select, update

from bot.channels.delivery import send
from bot.channels.messages import Outbound
from bot.client import Client
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.service import get
from bot.store.database import Database

log = logging.getLogger(__name__)
LOOK_EVERY_S = 2
AT_A_TIME = 100
_LEFT = messages.c.todo == literal_column("'answer'")  # written out, or the partial index could not be used


class DelayNotices:
    """Tells customers whose message for the bot waits longer than the client's `messages.delay_notice_s`."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._text = client.messages.delay_text
        self._patience = timedelta(seconds=client.messages.delay_notice_s)
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Until `stop` or cancelled."""
        while not self._stopped.is_set():
            told = 0
            try:
                told = await self.tell()
            except Exception:
                log.exception("who waits could not be told; going on")
            if told < AT_A_TIME:
                await self._rest()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    async def drain(self) -> None:
        """Nothing is under way once `run` has returned."""

    async def _rest(self) -> None:
        slept = asyncio.ensure_future(self._db.clock.sleep_until(self._db.clock.now() + timedelta(seconds=LOOK_EVERY_S)))
        stopped = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait({slept, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            slept.cancel()
            stopped.cancel()

    async def tell(self) -> int:
        """Tell those who have waited too long and were not told since they wrote; how many."""
        async with self._db.read() as tx:
            untold = or_(conversations.c.delay_told_at.is_(None), conversations.c.delay_told_at < messages.c.created_at)
            theirs = exists().where(conversations.c.id == messages.c.conversation_id, conversations.c.owner == Owner.BOT, untold)
            late = messages.c.created_at <= tx.now - self._patience
            longest = select(messages.c.conversation_id).where(_LEFT, late, theirs).order_by(messages.c.created_at).limit(AT_A_TIME)
            waiting = dict.fromkeys(row.conversation_id for row in await tx.execute(longest))
        return sum([await self._tell_or_log(conversation) for conversation in waiting])

    async def _tell_or_log(self, conversation: str) -> bool:
        try:
            return await self._tell(conversation)
        except Exception:
            log.exception("conversation %s could not be told of the delay; going on with the others", conversation)
            return False

    async def _tell(self, conversation: str) -> bool:
        """Look again, with the conversation locked: an answer may have come, another process may have told."""
        async with self._db.write() as tx:
            row = await get(tx, conversation, lock=True)
            if row is None or row.owner != Owner.BOT:
                return False
            theirs = select(messages).where(messages.c.conversation_id == conversation, _LEFT)
            first = (await tx.execute(theirs.order_by(messages.c.seq).limit(1))).first()
            if first is None or first.created_at > tx.now - self._patience:
                return False
            if row.delay_told_at is not None and row.delay_told_at >= first.created_at:
                return False
            await send(tx, row, Outbound(self._text), author="system")
            await tx.execute(update(conversations).where(conversations.c.id == conversation).values(delay_told_at=tx.now))
            await facts.record(
                tx,
                "delay_told",
                conversation=conversation,
                customer=row.customer_id,
                message=first.id,
                waited_s=round((tx.now - first.created_at).total_seconds()),
            )
        return True
