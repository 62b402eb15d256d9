"""Tables: outlet reservations. A seat is one place in a slot, so the unique key alone keeps the capacity."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from bot.store.types import UtcDateTime, metadata

reservations = Table(
    "reservations",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("cause", String(120), nullable=False, unique=True),
    Column("customer_id", String(26), ForeignKey("customers.id"), nullable=False),
    Column("conversation_id", String(26), ForeignKey("conversations.id"), nullable=False),
    Column("outlet", String(40), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("seat", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("purpose", String(200), nullable=False),
    Column("status", String(12), nullable=False),  # booked | cancelled | moved
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(
        "uq_reservations_seat",
        "outlet",
        "starts_at",
        "seat",
        unique=True,
        sqlite_where=text("status = 'booked'"),
        postgresql_where=text("status = 'booked'"),
    ),
    Index("ix_reservations_customer_id", "customer_id"),
)
