"""How a conversation ends: the closing greeting by the clock and the survey, as one message, and the effects that end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.channels.messages import Outbound
from bot.client import Client
from bot.conversations import facts, survey
from bot.conversations.calendar import WorkCalendar
from bot.conversations.courtesy import closing_wish
from bot.conversations.service import OwnerChanged, close, get, wait_for_customer
from bot.dialogue.unit import Unit
from bot.store.database import Tx


def farewell(client: Client, calendar: WorkCalendar, now: datetime, before: str = "") -> Outbound:
    """The closing greeting with the survey's question and its answers. `before`: a sentence that comes first."""
    wish = closing_wish(client.closing, client.zone, now, calendar)
    question = survey.question(client)
    text = "\n\n".join(part for part in (before, f"{client.closing.thanks} {wish}", question.text) if part)
    return Outbound(text, question.choices, question.list_label)


@dataclass(frozen=True, slots=True)
class CloseConversation:
    """The effect of a turn that ended the conversation and asked the survey."""

    outcome: str
    by: str = "bot"

    async def apply(self, tx: Tx, unit: Unit) -> None:
        row = await get(tx, unit.conversation.id)
        if row is None or row.owner != "bot":
            raise OwnerChanged("not the bot's any more")
        await close(tx, row, by=self.by, outcome=self.outcome, survey=True)


@dataclass(frozen=True, slots=True)
class AskedIfThere:
    """The effect of an idle question: the rule goes on from this moment. `stage`: how many questions were asked before it."""

    stage: int

    async def apply(self, tx: Tx, unit: Unit) -> None:
        await facts.record(
            tx, "idle_asked", conversation=unit.conversation.id, customer=unit.conversation.customer_id, stage=self.stage + 1, owner="bot"
        )
        await wait_for_customer(tx, unit.conversation.id, "bot", unit.client, tx.now, self.stage + 1)
