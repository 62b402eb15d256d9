"""Tables: what waits to be sent, files, statuses that came before their message, and the pace towards each customer."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from bot.store.types import Json, UtcDateTime, metadata

# One row a message until it left or never will; then the row goes and the message keeps its delivery state.
outbox = Table(
    "outbox",
    metadata,
    Column("message_id", String(26), ForeignKey("messages.id"), primary_key=True),
    Column("conversation_id", String(26), nullable=False),
    Column("account", String(100), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("author", String(10), nullable=False),
    Column("body", Json, nullable=False),  # Outbound
    Column("part", Integer, nullable=False, default=0),  # bodies of a long message already sent
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("sending_since", UtcDateTime),  # set before the request: found set after a crash, the outcome is unknown
    Column("uncertain_since", UtcDateTime),  # since when the outcome of a send is unknown
    Index("ix_outbox_due_at", "due_at"),
    Index("ix_outbox_conversation_id_seq", "conversation_id", "seq"),
)

media = Table(
    "media",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("conversation_id", String(26)),
    Column("customer_id", String(26)),
    Column("channel", String(20), nullable=False),
    Column("external_id", String(300)),
    Column("kind", String(20), nullable=False),
    Column("name", String(200)),
    Column("mime", String(100), nullable=False),
    Column("size", BigInteger),
    Column("sha256", String(64)),
    Column("state", String(10), nullable=False),  # pending | stored | failed
    Column("error", Text),
    Column("tries", Integer, nullable=False, default=0),
    Column("due_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_media_state_due_at", "state", "due_at"),
    Index("ix_media_conversation_id", "conversation_id"),
)

parked_statuses = Table(
    "parked_statuses",
    metadata,
    Column("external_id", String(300), primary_key=True),
    Column("status", String(12), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("error_code", Integer),
    Column("parked_at", UtcDateTime, nullable=False),
)

pace = Table(
    "pace",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("recipient", String(200), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("strikes", Integer, nullable=False, default=0),  # 131056 in a row: the wait is 4^n seconds
)

# Why sending stands still for an account (token expired, policy): an operator sees it, the queue is kept.
halts = Table(
    "halts",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("code", Integer),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
)
