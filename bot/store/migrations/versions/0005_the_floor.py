"""The floor: teams, offers, wrap-ups; verification, drafts, merges of customers, canned replies, what was suggested."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import bot.store.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_OPEN = sa.text("ended_at IS NULL")
_IN_HAND = sa.text("owner = 'agent'")

ADDED = {
    "conversations": ("team", "language", "procedure", "verified", "sub_topic"),
    "handoffs": ("team", "from_agent_id", "for_agent_id", "note"),
    "presence": ("missed", "free_since"),
    "users": ("team", "skills", "capacity"),
    "customers": ("merged_into",),
}


def _time(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, bot.store.types.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _columns()
    _floor()
    _customers()
    _writing()


def _columns() -> None:
    tier1 = {"nullable": False, "server_default": "tier1"}
    op.add_column("conversations", sa.Column("team", sa.String(30), **tier1))
    op.add_column("conversations", sa.Column("language", sa.String(5), nullable=False, server_default="id"))
    op.add_column("conversations", sa.Column("procedure", sa.String(20), nullable=False, server_default="nonvoice"))
    op.add_column("conversations", sa.Column("verified", sa.Integer, nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("sub_topic", sa.String(60)))
    op.create_index("ix_conversations_in_hand", "conversations", ["agent_id"], sqlite_where=_IN_HAND, postgresql_where=_IN_HAND)
    op.add_column("handoffs", sa.Column("team", sa.String(30), **tier1))
    op.add_column("handoffs", sa.Column("from_agent_id", sa.String(26)))
    op.add_column("handoffs", sa.Column("for_agent_id", sa.String(26)))
    op.add_column("handoffs", sa.Column("note", sa.Text))
    op.add_column("presence", sa.Column("missed", sa.Integer, nullable=False, server_default="0"))
    op.add_column("presence", _time("free_since"))
    op.add_column("users", sa.Column("team", sa.String(30), **tier1))
    op.add_column("users", sa.Column("skills", _JSON))
    op.add_column("users", sa.Column("capacity", sa.Integer))
    op.add_column("customers", sa.Column("merged_into", sa.String(26)))


def _floor() -> None:
    op.create_table(
        "offers",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("conversation_id", sa.String(26), nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("agent_id", sa.String(26), nullable=False),
        _time("offered_at", nullable=False),
        _time("expires_at", nullable=False),
        _time("ended_at"),
        sa.Column("ended_how", sa.String(20)),
        sa.Column("reason", sa.String(40)),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_offers_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index("uq_offers_one_open", "offers", ["conversation_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_offers_agent_id_offered_at", "offers", ["agent_id", "offered_at"])
    op.create_index("ix_offers_conversation_id_episode", "offers", ["conversation_id", "episode"])
    op.create_table(
        "wrapups",
        sa.Column("conversation_id", sa.String(26), nullable=False),
        sa.Column("agent_id", sa.String(26), nullable=False),
        _time("started_at", nullable=False),
        _time("until", nullable=False),
        _time("ended_at"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_wrapups_conversation_id")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_wrapups")),
    )
    op.create_index("ix_wrapups_open", "wrapups", ["agent_id"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def _customers() -> None:
    op.create_table(
        "merges",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kept", sa.String(26), nullable=False),
        sa.Column("merged", sa.String(26), nullable=False),
        sa.Column("because", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("moved", _JSON, nullable=False),
        _time("proposed_at", nullable=False),
        _time("decided_at"),
        sa.Column("decided_by", sa.String(26)),
        sa.ForeignKeyConstraint(["kept"], ["customers.id"], name=op.f("fk_merges_kept")),
        sa.ForeignKeyConstraint(["merged"], ["customers.id"], name=op.f("fk_merges_merged")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sa.UniqueConstraint("kept", "merged", name=op.f("uq_merges_kept_merged")),
    )
    op.create_index("ix_merges_merged", "merges", ["merged"])
    op.create_table(
        "verifications",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("conversation_id", sa.String(26), nullable=False),
        sa.Column("customer_id", sa.String(26), nullable=False),
        sa.Column("field", sa.String(30), nullable=False),
        sa.Column("matched", sa.Boolean, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("agent_id", sa.String(26), nullable=False),
        _time("at", nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_verifications_conversation_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_verifications_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    op.create_index("ix_verifications_conversation_id", "verifications", ["conversation_id"])


def _writing() -> None:
    op.create_table(
        "drafts",
        sa.Column("agent_id", sa.String(26), nullable=False),
        sa.Column("conversation_id", sa.String(26), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        _time("updated_at", nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_drafts_conversation_id")),
        sa.PrimaryKeyConstraint("agent_id", "conversation_id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "assists",
        sa.Column("message_id", sa.String(26), nullable=False),
        sa.Column("conversation_id", sa.String(26), nullable=False),
        _time("at", nullable=False),
        sa.Column("took_s", sa.Float, nullable=False),
        sa.Column("offered", _JSON, nullable=False),
        sa.Column("fates", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_assists_message_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_assists_conversation_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_assists")),
    )
    op.create_index("ix_assists_conversation_id_at", "assists", ["conversation_id", "at"])
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("scope", sa.String(5), nullable=False),
        sa.Column("holder", sa.String(30), nullable=False),
        sa.Column("shortcut", sa.String(40), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("topics", _JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        _time("updated_at", nullable=False),
        sa.Column("updated_by", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
        sa.UniqueConstraint("holder", "shortcut", name=op.f("uq_canned_replies_holder_shortcut")),
    )


def downgrade() -> None:
    for table in ("canned_replies", "assists", "drafts", "verifications", "merges", "wrapups", "offers"):
        op.drop_table(table)
    op.drop_index("ix_conversations_in_hand", "conversations")
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column)
