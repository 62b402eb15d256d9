"""Who waits longest, and who was told that the answer takes longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.store.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ANSWER, _WAITING = sa.text("todo = 'answer'"), sa.text("waiting_since IS NOT NULL")


def upgrade() -> None:
    op.add_column("conversations", sa.Column("delay_told_at", bot.store.types.UtcDateTime(timezone=True), nullable=True))
    op.create_index("ix_messages_answer", "messages", ["created_at"], sqlite_where=_ANSWER, postgresql_where=_ANSWER)
    op.create_index("ix_conversations_waiting", "conversations", ["waiting_since"], sqlite_where=_WAITING, postgresql_where=_WAITING)


def downgrade() -> None:
    op.drop_index("ix_conversations_waiting", "conversations")
    op.drop_index("ix_messages_answer", "messages")
    op.drop_column("conversations", "delay_told_at")
