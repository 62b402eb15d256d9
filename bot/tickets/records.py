"""Tables: tickets, their numbers and notes."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from bot.store.types import UtcDateTime, metadata

# A number belongs to its cause (conversation, message, kind): repeating a turn finds the number it had.
ticket_numbers = Table(
    "ticket_numbers",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("cause", String(120), nullable=False, unique=True),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", String(30), primary_key=True),
    Column("cause", String(120), nullable=False, unique=True),
    Column("customer_id", String(26), ForeignKey("customers.id"), nullable=False),
    Column("conversation_id", String(26), ForeignKey("conversations.id")),
    Column("channel", String(20), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("product", String(100)),
    Column("summary", String(200), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("reporter", String(200)),  # the name the customer gave
    Column("contact", String(50)),  # the phone number the customer gave
    Column("priority", String(10), nullable=False),
    Column("status", String(20), nullable=False),
    Column("created_by", String(26), nullable=False),  # 'bot' or an agent's id
    Column("created_at", UtcDateTime, nullable=False),
    Column("promised_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_tickets_customer_id_created_at", "customer_id", "created_at"),
    Index("ix_tickets_status_promised_at", "status", "promised_at"),
)

ticket_notes = Table(
    "ticket_notes",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("ticket", String(30), ForeignKey("tickets.number"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("author", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_ticket_notes_ticket", "ticket"),
)
