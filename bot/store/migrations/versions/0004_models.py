"""Models, promotions, training runs, and what each engine serves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import bot.store.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_RUNNING = sa.text("state = 'running'")


def _time(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, bot.store.types.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "models",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("file", sa.String(140), nullable=False),
        sa.Column("origin", sa.String(10), nullable=False),
        _time("made_at", nullable=False),
        sa.Column("by_id", sa.String(26)),
        sa.Column("by_name", sa.String(100)),
        sa.Column("data_revision", sa.String(80)),
        sa.Column("examples", sa.Integer),
        sa.Column("report", _JSON),
        _time("reported_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("file", name=op.f("uq_models_file")),
    )
    op.create_table(
        "promotions",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("model_id", sa.String(40), nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        _time("at", nullable=False),
        sa.Column("by_id", sa.String(26)),
        sa.Column("by_name", sa.String(100)),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_promotions_model_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_promotions")),
    )
    op.create_table(
        "training_runs",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("model_id", sa.String(40)),
        sa.Column("faults", _JSON, nullable=False),
        sa.Column("cancel", sa.Boolean, nullable=False),
        _time("started_at", nullable=False),
        _time("ended_at"),
        sa.Column("by_id", sa.String(26)),
        sa.Column("by_name", sa.String(100)),
        _time("lease_until"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_runs")),
    )
    op.create_index(
        "uq_training_runs_one_running", "training_runs", ["state"], unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING
    )
    op.create_index("ix_training_runs_started_at", "training_runs", ["started_at"])
    op.create_table(
        "engine_models",
        sa.Column("engine", sa.String(200), nullable=False),
        sa.Column("model_id", sa.String(40)),
        sa.Column("file", sa.String(140)),
        sa.Column("fault", sa.Text),
        _time("seen_at", nullable=False),
        sa.PrimaryKeyConstraint("engine", name=op.f("pk_engine_models")),
    )


def downgrade() -> None:
    for table in ("engine_models", "training_runs", "promotions", "models"):
        op.drop_table(table)
