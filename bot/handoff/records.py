"""Tables: hand-offs, one row an episode, with what the bot knew when it handed over."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from bot.store.types import Json, UtcDateTime, metadata

handoffs = Table(
    "handoffs",
    metadata,
    Column("conversation_id", String(26), ForeignKey("conversations.id"), primary_key=True),
    Column("episode", Integer, primary_key=True),
    Column("reason", String(40), nullable=False),
    Column("urgent", Boolean, nullable=False, default=False),
    Column("topic", String(40)),
    Column("context", Json, nullable=False, default=dict),  # slots, form, failed turns, confidence as of the hand-off
    Column("queued_at", UtcDateTime, nullable=False),
    Column("notices", Integer, nullable=False, default=0),  # times the waiting customer was told of the place in the queue
    Column("accepted_at", UtcDateTime),
    Column("agent_id", String(26)),
    Column("ended_at", UtcDateTime),
    Column("ended_how", String(20)),  # closed | returned | abandoned
    Index("ix_handoffs_queued_at", "queued_at"),
)

presence = Table(
    "presence",
    metadata,
    Column("agent_id", String(26), primary_key=True),
    Column("state", String(10), nullable=False),  # ready | aux | offline
    Column("reason", String(40)),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # last sign of life of the desk
)
