"""Tables: the dialogue's state as the engine needs it, one row a turn and a seed where older turns were cut."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from bot.store.types import Json, UtcDateTime, metadata

dialogue_turns = Table(
    "dialogue_turns",
    metadata,
    Column("conversation_id", String(26), ForeignKey("conversations.id"), primary_key=True),
    Column("version", Integer, primary_key=True),  # the version this turn made
    Column("events", Json, nullable=False),
    Column("model", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

dialogue_seeds = Table(
    "dialogue_seeds",
    metadata,
    Column("conversation_id", String(26), ForeignKey("conversations.id"), primary_key=True),
    Column("version", Integer, nullable=False),  # the seed stands for all turns up to and with this one
    Column("events", Json, nullable=False),
)
