"""The event log: facts, appended in the transaction of what they tell. Every figure is computed from them alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.conversations.records import facts
from bot.store.database import Tx


async def record(
    tx: Tx,
    kind: str,
    *,
    conversation: str | None = None,
    customer: str | None = None,
    agent: str | None = None,
    channel_at: datetime | None = None,
    **data: Any,
) -> None:
    """Append one fact at the transaction's time. `data` is JSON-ready and holds no personal data beyond ids."""
    tx.add(
        facts,
        kind=kind,
        at=tx.now,
        channel_at=channel_at,
        conversation_id=conversation,
        customer_id=customer,
        agent_id=agent,
        ticket=data.get("ticket"),
        data=data,
    )
