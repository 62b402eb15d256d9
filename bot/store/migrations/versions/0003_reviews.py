"""What trainers decided about messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.store.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CUSTOMER = sa.text("author = 'customer'")


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("message_id", sa.String(26), sa.ForeignKey("messages.id"), primary_key=True),
        sa.Column("group_id", sa.String(26), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("guess", sa.String(80), nullable=True),
        sa.Column("intent", sa.String(80), nullable=True),
        sa.Column("entities", bot.store.types.Json, nullable=False),
        sa.Column("example", sa.Text(), nullable=True),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.String(26), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        sa.Column("at", bot.store.types.UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_reviews_by_id_at", "reviews", ["by_id", "at"])
    op.create_index("ix_reviews_group_id", "reviews", ["group_id"])
    # Finds what customers wrote in a span of time, for the review queue.
    op.create_index("ix_messages_customer", "messages", ["created_at"], sqlite_where=_CUSTOMER, postgresql_where=_CUSTOMER)


def downgrade() -> None:
    op.drop_index("ix_messages_customer", "messages")
    op.drop_table("reviews")
