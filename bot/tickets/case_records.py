"""Tables: the case file of a break-in (who is in it, evidence, minutes, decision) and an outlet's answer to a complaint (MONEV)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from bot.store.types import Json, UtcDateTime, metadata

# Matrix row 9. Only its members read it. A decision is proposed by one and approved by another.
cases = Table(
    "cases",
    metadata,
    Column("ticket", String(30), ForeignKey("tickets.number"), primary_key=True),
    Column("opened_by", String(26), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("claimed", BigInteger),  # rupiah
    Column("decision", String(20)),
    Column("amount", BigInteger),  # rupiah
    Column("grounds", Text),
    Column("proposed_by", String(26)),
    Column("proposed_at", UtcDateTime),
    Column("approved_by", String(26)),
    Column("approved_at", UtcDateTime),
)

case_members = Table(
    "case_members",
    metadata,
    Column("ticket", String(30), ForeignKey("cases.ticket"), primary_key=True),
    Column("user_id", String(26), primary_key=True),
    Column("added_by", String(26), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),
)

case_evidence = Table(
    "case_evidence",
    metadata,
    Column("ticket", String(30), ForeignKey("cases.ticket"), primary_key=True),
    Column("item", String(40), primary_key=True),
    Column("state", String(10), nullable=False),  # missing | there | refused
    Column("media_id", String(26)),
    Column("note", Text, nullable=False, default=""),
    Column("by_id", String(26), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

case_minutes = Table(
    "case_minutes",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("ticket", String(30), ForeignKey("cases.ticket"), nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    Column("attendees", Json, nullable=False),  # [{"name", "unit"}]
    Column("text", Text, nullable=False),
    Column("by_id", String(26), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_case_minutes_ticket", "ticket"),
)

# Matrix row 3. The link holds a random token; the table its SHA-256 only.
monev = Table(
    "monev",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("ticket", String(30), ForeignKey("tickets.number"), nullable=False),
    Column("outlet_id", String(60), nullable=False),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("question", Text, nullable=False),
    Column("sent_by", String(26), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("answered_by", String(200)),
    Column("position", String(200)),
    Column("chronology", Text),
    Column("follow_up", Text),
    Index("ix_monev_ticket", "ticket"),
    Index("ix_monev_outlet_id", "outlet_id", "sent_at"),
)
