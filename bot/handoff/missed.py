"""An offer nobody answered: the next is asked, and who misses too many in a row goes to AUX."""

from __future__ import annotations

from sqlalchemy import update

from bot.client import Client
from bot.conversations.service import get
from bot.conversations.timers import Due, set_timer, take_out
from bot.handoff import offers
from bot.handoff.presence import hold, set_presence
from bot.handoff.records import presence
from bot.store.database import Database


class OfferTimer:
    """The handler of timers of kind 'offer'."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client

    async def fire(self, due: Due) -> None:
        """End the offer as missed, if its time is up."""
        routing = self._client.floor.routing
        async with self._db.write() as tx:
            row = await get(tx, due.subject, lock=True)
            offer = await offers.open_offer(tx, due.subject)
            agent = await hold(tx, offer.agent_id) if offer is not None else None
            if not await take_out(tx, due) or row is None or offer is None or agent is None:
                return
            if offer.expires_at > tx.now:
                await set_timer(tx, "offer", row.id, offer.expires_at)
                return
            if not await offers.end(tx, offer, "missed"):
                return
            await offers.not_by_name(tx, row, offer.agent_id)
            mine = presence.c.agent_id == offer.agent_id
            await tx.execute(update(presence).where(mine).values(missed=agent.missed + 1, free_since=tx.now))
            if agent.missed + 1 >= routing.missed_to_aux and agent.state in ("ready", "wrapup"):
                await set_presence(tx, offer.agent_id, "aux", routing.missed_reason, by="system")
