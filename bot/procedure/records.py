"""Tables: what was checked of who the customer is. The answers are not kept."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from bot.store.types import UtcDateTime, metadata

verifications = Table(
    "verifications",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("conversation_id", String(26), ForeignKey("conversations.id"), nullable=False),
    Column("customer_id", String(26), ForeignKey("customers.id"), nullable=False),
    Column("field", String(30), nullable=False),  # of the client's data: nama, lahir …
    Column("matched", Boolean, nullable=False),
    Column("level", Integer, nullable=False),  # reached with it
    Column("agent_id", String(26), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_verifications_conversation_id", "conversation_id"),
)
