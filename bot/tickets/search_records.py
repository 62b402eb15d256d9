"""Table: the words tickets are found by, with each database's own full-text index on it.

SQLite: an FTS5 table fed by triggers. PostgreSQL: a tsvector column the database computes, under GIN. Both hold the same words, already stemmed
(bot/tickets/words.py), so that both find the same. Neither is in `metadata`; `OF_THE_DATABASE` names what a comparison must leave out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, Column, ForeignKey, String, Table, Text, event

from bot.conversations.records import Serial
from bot.store.types import metadata

# `id` grows with time: the newest tickets have the highest. `words`: " one two three ", a blank at each end.
ticket_words = Table(
    "ticket_words",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("ticket", String(30), ForeignKey("tickets.number"), nullable=False, unique=True),
    Column("words", Text, nullable=False),
)

SQLITE = (
    "CREATE VIRTUAL TABLE ticket_words_fts USING fts5(words, content='ticket_words', content_rowid='id', detail=none, prefix='2 3 4')",
    "CREATE TRIGGER ticket_words_added AFTER INSERT ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER ticket_words_removed AFTER DELETE ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(ticket_words_fts, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER ticket_words_changed AFTER UPDATE OF words ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(ticket_words_fts, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO ticket_words_fts(rowid, words) VALUES (new.id, new.words); END",
)
POSTGRES = (
    "ALTER TABLE ticket_words ADD COLUMN vector tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(btrim(words), ' '))) STORED",
    "CREATE INDEX ix_ticket_words_vector ON ticket_words USING gin (vector) WITH (fastupdate = off)",
)
OF_THE_DATABASE = ("ticket_words_fts", "ix_ticket_words_vector", "vector")

for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRES)):
    for _statement in _statements:
        event.listen(ticket_words, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
event.listen(ticket_words, "before_drop", DDL("DROP TABLE IF EXISTS ticket_words_fts").execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]


def compared(name: str | None, _kind: str, _parents: Any) -> bool:
    """Whether Alembic may compare this object with `metadata` (its `include_name`)."""
    return name is None or not name.startswith(OF_THE_DATABASE)
