"""Whoever waits is told how it stands: the queue's timer, and the customer who left the chat window."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from bot.channels.delivery import reachable, send
from bot.channels.messages import Choice, Outbound
from bot.client import Client
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.service import get
from bot.conversations.timers import Due, set_timer, take_out
from bot.handoff.records import handoffs
from bot.handoff.rules import wait_text
from bot.handoff.service import episode, floor, position
from bot.store.database import Database

NOTICES = 3
TICKET = Choice("/buat_tiket", "Buat tiket saja")


class QueueTimer:
    """The handler of timers of kind 'queue': a customer still waiting is told the place, at growing intervals, three times."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client

    async def fire(self, due: Due) -> None:
        """Tell them, if they still wait."""
        async with self._db.write() as tx:
            row = await get(tx, due.subject, lock=True)
            if not await take_out(tx, due) or row is None or row.owner != Owner.QUEUE:
                return
            offered = await episode(tx, row.id, row.episode)
            if offered is None or offered.notices >= NOTICES or not reachable(row):
                return
            place = await position(tx, row)
            now = await floor(tx, self._client, row.team)
            hours = "" if now.in_hours else f" Petugas kami melayani {self._client.handoff.hours_text}."
            wait = wait_text(now, place)
            told = f"Mohon maaf telah menunggu. Bapak/Ibu saat ini berada di antrean nomor {place}.{wait}{hours}"
            text = f"{told} Bila berkenan, kami dapat membuatkan tiket agar ditindaklanjuti."
            await send(tx, row, Outbound(text, (TICKET,)), author="system")
            where = (handoffs.c.conversation_id == row.id) & (handoffs.c.episode == row.episode)
            await tx.execute(update(handoffs).where(where).values(notices=offered.notices + 1))
            await facts.record(tx, "queue_notice", conversation=row.id, customer=row.customer_id, position=place)
            if offered.notices + 1 < NOTICES:
                pause = self._client.handoff.promise_after_s * 2 ** (offered.notices + 1)
                await set_timer(tx, "queue", row.id, tx.now + timedelta(seconds=pause))
