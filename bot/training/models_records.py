"""Tables: models, which of them was in service when, the runs that make them, and the engines that serve them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from bot.store.types import Json, UtcDateTime, metadata

models = Table(
    "models",
    metadata,
    Column("id", String(40), primary_key=True),  # as the archive names itself
    Column("file", String(140), nullable=False, unique=True),  # in the models folder
    Column("origin", String(10), nullable=False),  # trained | added (made elsewhere)
    Column("made_at", UtcDateTime, nullable=False),
    Column("by_id", String(26)),
    Column("by_name", String(100)),
    Column("data_revision", String(80)),  # of what it was trained from; None where that is not known
    Column("examples", Integer),
    Column("report", Json),  # bot/training/report.py; None while it was not compared
    Column("reported_at", UtcDateTime),
)

# What is in service is the newest row. The number is given by who promotes, so of two who promote at once one is refused.
promotions = Table(
    "promotions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("model_id", String(40), ForeignKey("models.id"), nullable=False),
    Column("how", String(12), nullable=False),  # found (in service before the first promotion) | promoted | rolled_back
    Column("at", UtcDateTime, nullable=False),
    Column("by_id", String(26)),
    Column("by_name", String(100)),
)

runs = Table(
    "training_runs",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("kind", String(10), nullable=False),  # train | report
    Column("state", String(12), nullable=False),  # running | done | failed | cancelled | broken_off
    Column("stage", String(20), nullable=False),
    Column("progress", Integer, nullable=False, default=0),  # percent
    Column("model_id", String(40)),  # what came of it, or what is compared
    Column("faults", Json, nullable=False, default=list),  # sentences for people
    Column("cancel", Boolean, nullable=False, default=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("by_id", String(26)),
    Column("by_name", String(100)),
    Column("lease_until", UtcDateTime),
    Index(
        "uq_training_runs_one_running",
        "state",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
    Index("ix_training_runs_started_at", "started_at"),
)

# What each engine said last, so that every service's page can show every engine.
engine_models = Table(
    "engine_models",
    metadata,
    Column("engine", String(200), primary_key=True),  # machine and address
    Column("model_id", String(40)),
    Column("file", String(140)),
    Column("fault", Text),  # why it does not serve the model in service: a sentence for people
    Column("seen_at", UtcDateTime, nullable=False),
)
