"""Tables: other systems' tokens, webhooks out and what is to be delivered to them, and the line to Jira."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from bot.conversations.records import Serial
from bot.store.types import Json, UtcDateTime, metadata

# The token is shown once; the table holds its SHA-256 only.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_by", String(26), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

# `secret` signs every delivery; it is encrypted nowhere, so it is made by us and never a password of somebody's.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("url", String(500), nullable=False),
    Column("secret", String(64), nullable=False),
    Column("events", Json, nullable=False),  # kinds of facts
    Column("created_by", String(26), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
)

_TODO = text("done_at IS NULL")

# What is to be said to other systems, in order for each ticket and destination: one row for each, tried until done or given up.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("destination", String(40), nullable=False),  # 'jira' or 'webhook:<id>'
    Column("subject", String(40), nullable=False),  # the ticket: one after the other
    Column("event", String(40), nullable=False),
    Column("key", String(120), nullable=False, unique=True),  # what makes it happen once
    Column("body", Json, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("done_at", UtcDateTime),
    Column("failed", Boolean, nullable=False, server_default=text("false")),
    Column("answer", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_deliveries_todo", "due_at", sqlite_where=_TODO, postgresql_where=_TODO),
    Index("ix_deliveries_subject", "destination", "subject", "id"),
)

# What Jira's webhook told, once each.
jira_inbox = Table(
    "jira_inbox",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("issue", String(40), nullable=False),
    Column("event", String(60), nullable=False),
    Column("outcome", String(200), nullable=False),
)

# Ours and Jira's ids of what was mirrored, so that an echo is known for one.
jira_mirrors = Table(
    "jira_mirrors",
    metadata,
    Column("kind", String(20), primary_key=True),  # comment | attachment
    Column("ours", String(60), primary_key=True),
    Column("theirs", String(60), nullable=False),
    Column("ticket", String(30), ForeignKey("tickets.number"), nullable=False),
    Index("uq_jira_mirrors_theirs", "kind", "theirs", unique=True),
)
