"""Tables: customers and the identities they are known by."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

from bot.store.types import Json, UtcDateTime, metadata

customers = Table(
    "customers",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("name", String(200)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("merged_into", String(26)),  # the customer this one turned out to be
)

# kind: wa_id (digits), bsuid, parent_bsuid, visitor, phone (digits, of a contact recorded by hand). The customer's key is ours; a phone number or BSUID may change.
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

# Two customers who may be one. `kept` and `merged` are a pair; a decided proposal is not made again.
merges = Table(
    "merges",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("kept", String(26), ForeignKey("customers.id"), nullable=False),
    Column("merged", String(26), ForeignKey("customers.id"), nullable=False),
    Column("because", String(40), nullable=False),
    Column("state", String(10), nullable=False),  # proposed | merged | refused | undone
    Column("moved", Json, nullable=False, default=dict),  # table -> ids that changed hands, so that it can be undone
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", String(26)),
    UniqueConstraint("kept", "merged"),
    Index("ix_merges_merged", "merged"),
)
