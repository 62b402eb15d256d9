"""Tables: hand-offs, one row an episode; offers to agents; wrap-ups; who is at the desk."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, column, table, text

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
    Column("ended_how", String(20)),  # closed | returned | transferred | agent_gone
    Column("team", String(30), nullable=False, server_default="tier1"),
    Column("from_agent_id", String(26)),  # a transfer: who gave it away
    Column("for_agent_id", String(26)),  # a transfer to a colleague: to whom it is offered first
    Column("note", Text),  # what the one who transfers wants the next to know
    Index("ix_handoffs_queued_at", "queued_at"),
)

# A queued conversation put before one agent. At most one is open a conversation; each ends in one way.
offers = Table(
    "offers",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("conversation_id", String(26), ForeignKey("conversations.id"), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("agent_id", String(26), nullable=False),
    Column("offered_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_how", String(20)),  # accepted | declined | missed | withdrawn
    Column("reason", String(40)),  # why it was declined or withdrawn
    Index(
        "uq_offers_one_open",
        "conversation_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_offers_agent_id_offered_at", "agent_id", "offered_at"),
    Index("ix_offers_conversation_id_episode", "conversation_id", "episode"),
)

# The time after a conversation in which its agent writes up and takes nothing new. It keeps the conversation's place.
wrapups = Table(
    "wrapups",
    metadata,
    Column("conversation_id", String(26), ForeignKey("conversations.id"), primary_key=True),
    Column("agent_id", String(26), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("ix_wrapups_open", "agent_id", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
)

presence = Table(
    "presence",
    metadata,
    Column("agent_id", String(26), primary_key=True),
    Column("state", String(10), nullable=False),  # ready | aux | wrapup | offline
    Column("reason", String(40)),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # last sign of life of the desk
    Column("missed", Integer, nullable=False, server_default="0"),  # offers in a row that were not answered
    Column("free_since", UtcDateTime),  # since when the agent waits for work: the longest idle comes first
)

# The desk's users, as far as the floor needs to know them; the table is the desk's.
people = table(
    "users",
    column("id", String),
    column("name", String),
    column("role", String),
    column("active", Boolean),
    column("team", String),
    column("skills", Json),
    column("capacity", Integer),
)
