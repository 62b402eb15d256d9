"""Tables of the figures. All of them follow from the event log and can be filled again from it (`sapa figures rebuild`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from bot.conversations.records import Serial
from bot.store.types import Json, UtcDateTime, metadata

# What was counted in one interval for one key of one dimension: {"measure": whole number}. Zeros are not kept.
figure_cells = Table(
    "figure_cells",
    metadata,
    Column("grain", String(8), primary_key=True),  # quarter | hour | day | month, the last three in the client's time zone
    Column("dimension", String(10), primary_key=True),  # all | channel | team | agent | topic | reason | served
    Column("start", UtcDateTime, primary_key=True),
    Column("key", String(60), primary_key=True),  # "" of `all`
    Column("amounts", Json, nullable=False),
)

# A conversation in the hands of one agent, from taking it to letting it go. One row a stay.
figure_stays = Table(
    "figure_stays",
    metadata,
    Column("conversation_id", String(26), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("agent_id", String(26), nullable=False),
    Column("channel", String(20)),
    Column("team", String(40)),
    Column("topic", String(60)),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("wrap_ms", BigInteger),  # None until the writing up has ended, or where there was none
    Index("ix_figure_stays_agent_id_ended_at", "agent_id", "ended_at"),
)

# An agent's state from one change to the next. `ended_at` is None of the present one.
figure_states = Table(
    "figure_states",
    metadata,
    Column("fact_id", Serial, primary_key=True, autoincrement=False),
    Column("agent_id", String(26), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(40)),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("ix_figure_states_agent_id_began_at", "agent_id", "began_at"),
)

# How far the log is counted: every fact up to `fact_id` is, none after it. `rules`: by which definitions; others mean counting anew.
figure_progress = Table(
    "figure_progress",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("fact_id", BigInteger, nullable=False),
    Column("at", UtcDateTime),  # the last fact's time
    Column("rules", String(64), nullable=False),
)
