"""Tables: customers and the identities they are known by."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

from bot.store.types import UtcDateTime, metadata

customers = Table(
    "customers",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("name", String(200)),
    Column("created_at", UtcDateTime, nullable=False),
)

# kind: wa_id (digits), bsuid, parent_bsuid, visitor. The customer's key is ours; a phone number or BSUID may change.
identities = Table(
    "identities",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("customer_id", String(26), ForeignKey("customers.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("value", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "value"),
    Index("ix_identities_customer_id", "customer_id"),
)
