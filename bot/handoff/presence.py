"""Who is at the desk: ready, AUX with a reason, offline. Every change is a fact."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.conversations import facts
from bot.handoff.records import presence
from bot.store.database import Tx

STATES = ("ready", "aux", "offline")


async def set_presence(tx: Tx, agent: str, state: str, reason: str | None, by: str) -> Row[Any]:
    """Set the state; `since` starts anew only when state or reason change."""
    before = await get_presence(tx, agent)
    if before is None or (before.state, before.reason) != (state, reason):
        new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
        values = {"state": state, "reason": reason, "since": tx.now, "seen_at": tx.now}
        statement = new_insert(presence).values(agent_id=agent, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["agent_id"], set_=values))
        await facts.record(
            tx, "agent_state_changed", agent=agent, state=state, reason=reason, before=before.state if before else "offline", by=by
        )
        tx.publish("presence", agent=agent)
    else:
        await seen(tx, agent)
    after = await get_presence(tx, agent)
    assert after is not None
    return after


async def get_presence(tx: Tx, agent: str) -> Row[Any] | None:
    """The agent's row, None if never seen."""
    return (await tx.execute(select(presence).where(presence.c.agent_id == agent))).first()


async def seen(tx: Tx, *agents: str) -> None:
    """The desks of these agents gave a sign of life."""
    await tx.execute(update(presence).where(presence.c.agent_id.in_(sorted(agents))).values(seen_at=tx.now))
