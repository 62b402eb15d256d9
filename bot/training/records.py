"""Table: what trainers decided about messages."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text

from bot.store.types import Json, UtcDateTime, metadata

# A message is decided once; undoing takes the row out again.
reviews = Table(
    "reviews",
    metadata,
    Column("message_id", String(26), ForeignKey("messages.id"), primary_key=True),
    Column("group_id", String(26), nullable=False),  # the message that was decided for all of its group
    Column("decision", String(20), nullable=False),  # right | other | new | out_of_topic | skip
    Column("guess", String(80)),  # what the model had made of it
    Column("intent", String(80)),  # what it is; NULL for skip
    Column("entities", Json, nullable=False, default=list),  # the marks on the example
    Column("example", Text),  # as it stands in data/nlu; on the group's first message only
    Column("written", Boolean, nullable=False, default=False),  # whether this decision wrote that line, and undoing takes it out
    Column("by_id", String(26), ForeignKey("users.id"), nullable=False),
    Column("by_name", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_reviews_by_id_at", "by_id", "at"),
    Index("ix_reviews_group_id", "group_id"),
)
