"""Who works at the desk and how much each has in hand: conversations, offers and wrap-ups, counted alike wherever it matters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all, update

from bot.client import Client
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.handoff.records import offers, people, presence, wrapups
from bot.handoff.routing import Agent
from bot.store.database import Tx

AT_DESK = ("agent", "leader", "admin")  # roles with a place at the desk
STAFFED = ("ready", "wrapup")


@dataclass(frozen=True, slots=True)
class Load:
    """What keeps an agent's places taken."""

    held: int = 0
    offered: int = 0
    wrapups: int = 0

    @property
    def total(self) -> int:
        return self.held + self.offered + self.wrapups


async def loads(tx: Tx, agents: Collection[str]) -> dict[str, Load]:
    """The load of each of these agents, in one query."""
    if not agents:
        return {}
    counted = union_all(*(_counted(what, table, *where).where(table.c.agent_id.in_(agents)) for what, table, where in _PARTS))
    found: dict[str, dict[str, int]] = {agent: {} for agent in agents}
    for row in await tx.execute(counted):
        found[row.agent_id][row.what] = row.number
    return {agent: Load(**parts) for agent, parts in found.items()}


_PARTS: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
    ("held", conversations, (conversations.c.owner == Owner.AGENT,)),
    ("offered", offers, (offers.c.ended_at.is_(None),)),
    ("wrapups", wrapups, (wrapups.c.ended_at.is_(None),)),
)


def _counted(what: str, table: Any, *where: Any) -> Select[Any]:
    columns = (literal(what).label("what"), table.c.agent_id.label("agent_id"), func.count().label("number"))
    return select(*columns).where(*where).group_by(table.c.agent_id)


async def load_of(tx: Tx, agent: str) -> Load:
    """One agent's load."""
    return (await loads(tx, [agent]))[agent]


async def capacity_of(tx: Tx, agent: str, client: Client) -> int:
    """How many conversations the agent may have at once."""
    own = (await tx.execute(select(people.c.capacity).where(people.c.id == agent))).scalar()
    return own if own is not None else client.handoff.capacity


async def place_freed(tx: Tx, agent: str, client: Client) -> None:
    """Something left the agent's hands. Whoever was full until now waits for work from now on."""
    if (await load_of(tx, agent)).total == await capacity_of(tx, agent, client) - 1:
        await waits_from_now(tx, agent)


async def waits_from_now(tx: Tx, agent: str) -> None:
    """The agent's waiting for work begins anew."""
    await tx.execute(update(presence).where(presence.c.agent_id == agent).values(free_since=tx.now))


def alive_since(client: Client, now: datetime) -> datetime:
    """A desk whose last sign of life is older counts as gone."""
    return now - timedelta(seconds=client.floor.presence.grace_s)


async def ready_agents(tx: Tx, client: Client, of: Collection[str] | None = None) -> list[Agent]:
    """Everybody who may be offered something now: ready, their desk alive. `of`: only these."""
    p, u = presence.c, people.c
    wanted = (
        select(u.id, u.team, u.skills, u.capacity, p.free_since, p.since)
        .join(presence, p.agent_id == u.id)
        .where(p.state == "ready", p.seen_at >= alive_since(client, tx.now), u.active.is_(True), u.role.in_(AT_DESK))
    )
    if of is not None:
        wanted = wanted.where(u.id.in_(of))
    rows = (await tx.execute(wanted)).all()
    taken = await loads(tx, [row.id for row in rows])
    return [
        Agent(
            id=row.id,
            team=row.team,
            capacity=row.capacity if row.capacity is not None else client.handoff.capacity,
            load=taken[row.id].total,
            free_since=row.free_since or row.since,
            offered=taken[row.id].offered,
            topics=(row.skills or {}).get("topics"),
            languages=(row.skills or {}).get("languages"),
        )
        for row in rows
    ]
