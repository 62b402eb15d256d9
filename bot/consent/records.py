"""Tables: the consent ledger. Rows are only added: what was shown, what was answered, where and in which message (UU 27/2022 art. 24)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from bot.store.types import UtcDateTime, metadata

consents = Table(
    "consents",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("cause", String(120), nullable=False, unique=True),
    Column("customer_id", String(26), ForeignKey("customers.id"), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("decision", String(12), nullable=False),  # granted | declined | withdrawn
    Column("text_version", String(40), nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("conversation_id", String(26), nullable=False),
    Column("message_id", String(26), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_consents_customer_id_purpose_at", "customer_id", "purpose", "at"),
)
