"""Who is at the desk: ready, AUX with a reason, wrapping up, offline. Every change is a fact.

Everybody who changes what an agent has in hand holds the agent's row first (`hold`), so that it is counted one at a time, in every process.
Where a conversation is locked too, it is locked before.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.conversations import facts
from bot.handoff import offers
from bot.handoff.records import presence
from bot.store.database import Tx

STATES = ("ready", "aux", "offline")  # what a person may choose; `wrapup` is set by closing the last conversation


async def hold(tx: Tx, agent: str) -> Row[Any]:
    """The agent's row, locked until the transaction ends; whoever was never here is offline."""
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    fresh = new_insert(presence).values(agent_id=agent, state="offline", reason=None, since=tx.now, seen_at=tx.now)
    await tx.execute(fresh.on_conflict_do_nothing(index_elements=["agent_id"]))
    return (await tx.execute(select(presence).where(presence.c.agent_id == agent).with_for_update())).one()


async def set_presence(tx: Tx, agent: str, state: str, reason: str | None, by: str, *, lost: bool = False) -> Row[Any]:
    """Set the state; `since` starts anew only when state or reason change. Who is not ready any more keeps no offer.

    Only what the agent does is a sign of life. `lost`: nobody chose it, the desk has fallen silent.
    """
    before = await hold(tx, agent)
    values: dict[str, Any] = {"seen_at": tx.now} if by == agent else {}
    changed = (before.state, before.reason) != (state, reason)
    if changed:
        values |= {"state": state, "reason": reason, "since": tx.now}
        if state == "ready":
            values |= {"missed": 0, "free_since": tx.now}
    if values:
        await tx.execute(update(presence).where(presence.c.agent_id == agent).values(**values))
    if changed:
        if state in ("aux", "offline"):
            await offers.withdraw_all(tx, agent, "silent" if lost else state)
        await facts.record(tx, "agent_state_changed", agent=agent, state=state, reason=reason, before=before.state, by=by, lost=lost)
        tx.publish("presence", agent=agent)
    after = await get_presence(tx, agent)
    assert after is not None
    return after


async def get_presence(tx: Tx, agent: str) -> Row[Any] | None:
    """The agent's row, None if never seen."""
    return (await tx.execute(select(presence).where(presence.c.agent_id == agent))).first()


async def seen(tx: Tx, *agents: str) -> None:
    """The desks of these agents gave a sign of life."""
    rows = select(presence.c.agent_id).where(presence.c.agent_id.in_(agents)).order_by(presence.c.agent_id).with_for_update()
    found = (await tx.execute(rows)).scalars().all()  # locked in one order, as two processes may tell of the same people
    if found:
        await tx.execute(update(presence).where(presence.c.agent_id.in_(found)).values(seen_at=tx.now))
