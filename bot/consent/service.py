"""Consent to personal data: asked once, recorded with what was shown, withdrawn by a plain sentence (UU 27/2022 art. 20-24; SE 17/SE/2024)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.consent.records import consents
from bot.conversations import facts
from bot.dialogue.unit import Unit
from bot.ids import new_id
from bot.store.database import Tx

DECISIONS = ("granted", "declined", "withdrawn")


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """The effect of a customer's answer. `decision`: granted, declined or withdrawn."""

    decision: str

    async def apply(self, tx: Tx, unit: Unit) -> None:
        consent = unit.client.consent
        new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
        values = {
            "id": new_id(),
            "cause": unit.cause(f"consent-{self.decision}"),
            "customer_id": unit.conversation.customer_id,
            "purpose": consent.purpose,
            "decision": self.decision,
            "text_version": consent.version,
            "text_sha256": hashlib.sha256(consent.text.encode()).hexdigest(),
            "channel": unit.conversation.channel,
            "conversation_id": unit.conversation.id,
            "message_id": unit.message_id,
            "at": tx.now,
        }
        result = await tx.execute(new_insert(consents).values(**values).on_conflict_do_nothing(index_elements=["cause"]))
        if result.rowcount:
            await facts.record(
                tx,
                f"consent_{self.decision}",
                conversation=unit.conversation.id,
                customer=unit.conversation.customer_id,
                version=consent.version,
                message=unit.message_id,
            )
            tx.publish("card", conversation=unit.conversation.id)


async def latest(tx: Tx, customer: str, purpose: str) -> Row[Any] | None:
    """The decision in force, or None if never asked."""
    where = (consents.c.customer_id == customer) & (consents.c.purpose == purpose)
    return (await tx.execute(select(consents).where(where).order_by(consents.c.at.desc(), consents.c.id.desc()).limit(1))).first()
