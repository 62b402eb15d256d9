"""The idle timer: one rule for bot and person. In the bot's phase the rule runs inside the dialogue (action_check_idle), so Rasa knows of it.

Should the engine not answer, the same rule is applied here directly: the question comes at its second either way.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.channels.delivery import send
from bot.channels.messages import Outbound
from bot.channels.records import outbox
from bot.conversations import facts
from bot.conversations.closing import farewell
from bot.conversations.idle import IdleState, IdleStep, decide_idle
from bot.conversations.ownership import Owner
from bot.conversations.service import get, idle_times, mark_steps, wait_for_customer
from bot.conversations.timers import Due, set_timer, take_out
from bot.dialogue.engine import EngineUnavailable
from bot.dialogue.service import Dialogue, TurnConflict
from bot.handoff.service import finish
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)


class IdleTimer:
    """The handler of timers of kind 'idle'."""

    def __init__(self, db: Database, dialogue: Dialogue) -> None:
        self._db = db
        self._dialogue = dialogue

    async def fire(self, due: Due) -> None:
        """Ask, or close, or nothing: whatever the rule says of the conversation as it is now."""
        async with self._db.read() as tx:
            row = await get(tx, due.subject)
            unsent = (await tx.execute(select(outbox.c.message_id).where(outbox.c.conversation_id == due.subject).limit(1))).first()
        if unsent is not None and row is not None:
            await self._put_off(due)  # our own answer has not left yet: the customer cannot be waited for
            return
        if row is not None and row.owner == Owner.BOT:
            message = {"id": f"idle-{row.owner_version}-{row.idle_stage}", "text": "", "payload": {"intent": "EXTERNAL_idle"}}
            try:
                if await self._dialogue.answer(row.id, message, guard=lambda tx: take_out(tx, due)):
                    return
            except (EngineUnavailable, TurnConflict) as error:
                log.warning("conversation %s: the idle rule runs without the engine: %s", row.id, error)
        async with self._db.write() as tx:
            row = await get(tx, due.subject, lock=True)
            if await take_out(tx, due) and row is not None:
                await self._apply(tx, row)

    async def _put_off(self, due: Due) -> None:
        async with self._db.write() as tx:
            row = await get(tx, due.subject, lock=True)
            if await take_out(tx, due) and row is not None and row.idle_since is not None:
                await wait_for_customer(tx, row.id, row.owner, self._dialogue.library.client, tx.now, row.idle_stage)

    async def _apply(self, tx: Tx, row: Row[Any]) -> None:
        client = self._dialogue.library.client
        decision = decide_idle(IdleState(row.owner, row.idle_since, row.idle_stage), idle_times(client), tx.now)
        if decision.step == IdleStep.ASK:
            await send(tx, row, Outbound(client.idle.question), author="system")
            await facts.record(tx, "idle_asked", conversation=row.id, customer=row.customer_id, stage=row.idle_stage + 1, owner=row.owner)
            await wait_for_customer(tx, row.id, row.owner, client, tx.now, row.idle_stage + 1)
        elif decision.step == IdleStep.CLOSE:
            sent = await send(tx, row, farewell(client, self._dialogue.library.calendar, tx.now, client.idle.goodbye), author="system")
            await mark_steps(tx, row.id, {"penutup": sent["id"]}, "system")
            await finish(tx, row, by="system", outcome="no_response", survey=True, client=client)
        elif decision.step == IdleStep.WAIT and decision.due_at is not None:
            await set_timer(tx, "idle", row.id, decision.due_at)
