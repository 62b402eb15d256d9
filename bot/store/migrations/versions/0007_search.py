"""Search and lists: the words of tickets, each database's full-text index on them, and the indexes that lists walk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.tickets.words import indexed

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WHERE = {
    "due": "due_at IS NOT NULL",
    "open": "closed_at IS NULL",
    "late": "closed_at IS NULL AND breached_at IS NOT NULL",
    "hop": "closed_at IS NULL AND hop_breached_at IS NOT NULL",
}
_INDEXES = (
    ("ix_tickets_due", ["due_at", "number"], "due"),
    ("ix_tickets_unit_due", ["unit", "due_at", "number"], "due"),
    ("ix_tickets_updated_at", ["updated_at", "number"], None),
    ("ix_tickets_unit_updated_open", ["unit", "updated_at", "number"], "open"),
    ("ix_tickets_created_by_open", ["created_by"], "open"),
    ("ix_tickets_board", ["unit", "accepted", "hop_breached_at", "breached_at"], "open"),
    ("ix_tickets_late", ["created_at", "number"], "late"),
    ("ix_tickets_hop_late", ["created_at", "number"], "hop"),
    ("ix_tickets_contact", ["contact"], None),
    *(
        (f"ix_tickets_{name}_created", [name, "created_at", "number"], None)
        for name in ("status", "kind", "topic", "product", "outlet_id", "assignee_id")
    ),
)
_SQLITE = (
    "CREATE VIRTUAL TABLE ticket_words_fts USING fts5(words, content='ticket_words', content_rowid='id', detail=none, prefix='2 3 4')",
    "CREATE TRIGGER ticket_words_added AFTER INSERT ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER ticket_words_removed AFTER DELETE ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(ticket_words_fts, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER ticket_words_changed AFTER UPDATE OF words ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(ticket_words_fts, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO ticket_words_fts(rowid, words) VALUES (new.id, new.words); END",
)
_POSTGRES = (
    "ALTER TABLE ticket_words ADD COLUMN vector tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(btrim(words), ' '))) STORED",
    "CREATE INDEX ix_ticket_words_vector ON ticket_words USING gin (vector) WITH (fastupdate = off)",
)


def upgrade() -> None:
    op.execute("UPDATE tickets SET updated_at = created_at WHERE updated_at IS NULL")
    op.drop_index("ix_tickets_due_open", "tickets")  # ix_tickets_due takes its place
    for name, columns, which in _INDEXES:
        where = {"sqlite_where": sa.text(_WHERE[which]), "postgresql_where": sa.text(_WHERE[which])} if which else {}
        op.create_index(name, "tickets", columns, **where)
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    words = op.create_table(
        "ticket_words",
        sa.Column("id", serial, autoincrement=True, nullable=False),
        sa.Column("ticket", sa.String(30), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_ticket_words_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_words")),
        sa.UniqueConstraint("ticket", name=op.f("uq_ticket_words_ticket")),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
    _fill(words)


def _fill(words: sa.Table) -> None:
    """What was there before, oldest first: the ids grow with time."""
    connection = op.get_bind()
    notes: dict[str, list[str]] = {}
    for ticket, text in connection.execute(sa.text("SELECT ticket, text FROM ticket_notes ORDER BY id")):
        notes.setdefault(ticket, []).append(text)
    found = connection.execute(
        sa.text("SELECT number, summary, detail, reporter, product, category, sub_category FROM tickets ORDER BY created_at, number")
    )
    for rows in found.partitions(500):
        filled = [{"ticket": row[0], "words": indexed([*row[:5], *_spelled(*row[5:]), *notes.get(row[0], ())])} for row in rows]
        connection.execute(words.insert(), filled)


def _spelled(*keys: str | None) -> list[str]:
    return [(key or "").replace("_", " ") for key in keys]


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE ticket_words_fts")
    op.drop_table("ticket_words")
    for name, _columns, _where in _INDEXES:
        op.drop_index(name, "tickets")
    op.create_index(
        "ix_tickets_due_open", "tickets", ["due_at"], sqlite_where=sa.text(_WHERE["open"]), postgresql_where=sa.text(_WHERE["open"])
    )
