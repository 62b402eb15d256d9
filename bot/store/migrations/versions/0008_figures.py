"""Figures: what was counted by interval, agents' stays with conversations and their states, how far the log is counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_cells",
        sa.Column("grain", sa.String(8), nullable=False),
        sa.Column("dimension", sa.String(10), nullable=False),
        sa.Column("start", UtcDateTime, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("amounts", Json, nullable=False),
        sa.PrimaryKeyConstraint("grain", "dimension", "start", "key", name=op.f("pk_figure_cells")),
    )
    op.create_table(
        "figure_stays",
        sa.Column("conversation_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("agent_id", sa.String(26), nullable=False),
        sa.Column("channel", sa.String(20)),
        sa.Column("team", sa.String(40)),
        sa.Column("topic", sa.String(60)),
        sa.Column("began_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("wrap_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("conversation_id", "number", name=op.f("pk_figure_stays")),
    )
    op.create_index("ix_figure_stays_agent_id_ended_at", "figure_stays", ["agent_id", "ended_at"])
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "figure_states",
        sa.Column("fact_id", serial, autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.String(26), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("began_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_figure_states")),
    )
    op.create_index("ix_figure_states_agent_id_began_at", "figure_states", ["agent_id", "began_at"])
    op.create_table(
        "figure_progress",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("fact_id", sa.BigInteger, nullable=False),
        sa.Column("at", UtcDateTime),
        sa.Column("rules", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_figure_progress")),
    )


def downgrade() -> None:
    for name in ("figure_progress", "figure_states", "figure_stays", "figure_cells"):
        op.drop_table(name)
