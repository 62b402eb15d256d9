"""Tables: what the desk was offered for each message of a customer, and canned replies."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, String, Table, Text, UniqueConstraint

from bot.store.types import Json, UtcDateTime, metadata

# One row a customer's message: what was suggested and what became of each suggestion.
assists = Table(
    "assists",
    metadata,
    Column("message_id", String(26), ForeignKey("messages.id"), primary_key=True),
    Column("conversation_id", String(26), ForeignKey("conversations.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("took_s", Float, nullable=False),  # from the message's arrival
    Column("offered", Json, nullable=False, default=dict),  # the assist as docs/protocols.md shows it
    Column("fates", Json, nullable=False, default=dict),  # suggestion id -> {"fate", "at", "by"}
    Index("ix_assists_conversation_id_at", "conversation_id", "at"),
)

# A client's replies come with its data (clients/…/replies.yml); these were written at the desk.
canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("scope", String(5), nullable=False),  # all | team | mine
    Column("holder", String(30), nullable=False),  # "" for all, the team, or the agent's id
    Column("shortcut", String(40), nullable=False),
    Column("title", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("topics", Json, nullable=False, default=list),
    Column("active", Boolean, nullable=False, default=True),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", String(26), nullable=False),
    UniqueConstraint("holder", "shortcut"),
)
