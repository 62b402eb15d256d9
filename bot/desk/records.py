"""Tables: users, their sessions, tries to log in, drafts."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from bot.conversations.records import Serial
from bot.store.types import Json, UtcDateTime, metadata

users = Table(
    "users",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("username", String(60), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("role", String(10), nullable=False),  # agent | leader | trainer | admin | division
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("team", String(30), nullable=False, server_default="tier1"),
    Column("skills", Json),  # {"topics": […], "languages": […]}; a list left out means all
    Column("capacity", Integer),  # conversations at once; None: the client's number
)

# The cookie holds a random token; the table holds its SHA-256 only.
sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user_id", String(26), ForeignKey("users.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_sessions_user_id", "user_id"),
)

login_tries = Table(
    "login_tries",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("subject", String(120), nullable=False),  # 'user:NAME' or 'ip:ADDRESS'
    Column("at", UtcDateTime, nullable=False),
    Index("ix_login_tries_subject_at", "subject", "at"),
)

# What an agent has begun to write, so that it is there after a reload and at another computer.
drafts = Table(
    "drafts",
    metadata,
    Column("agent_id", String(26), primary_key=True),
    Column("conversation_id", String(26), ForeignKey("conversations.id"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
