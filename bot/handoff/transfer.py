"""A conversation handed on, to a team or to a colleague: a new episode that keeps form, slots, transcript and tickets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.handoff.people import AT_DESK
from bot.handoff.records import people
from bot.handoff.service import requeue
from bot.store.database import Tx


@dataclass(frozen=True, slots=True)
class Place:
    """Where to: a team, and within it a colleague or anybody. `name` is what the customer is told."""

    team: str
    name: str
    agent: str | None = None


async def place_of(tx: Tx, to: str, client: Client) -> Place | None:
    """The place that `team:ID` or `agent:ID` names; None where there is none."""
    kind, _, key = to.partition(":")
    if kind == "team" and key in client.floor.teams:
        return Place(key, client.floor.teams[key].label)
    if kind == "agent":
        wanted = select(people.c.id, people.c.name, people.c.team).where(people.c.id == key, people.c.active.is_(True))
        row = (await tx.execute(wanted.where(people.c.role.in_(AT_DESK)))).first()
        if row is not None:
            return Place(row.team, row.name, row.id)
    return None


def told(place: Place) -> str:
    """What the customer is told, once."""
    return f"Percakapan Bapak/Ibu kami teruskan kepada {place.name}. Mohon menunggu sebentar."


async def transfer(tx: Tx, row: Row[Any], place: Place, client: Client, *, by: str, reason: str, note: str) -> None:
    """Hand it on, out of an agent's hands or out of the queue. The note begins with the reason's words. Raises OwnerChanged."""
    words = client.floor.transfer_reasons[reason]
    await requeue(
        tx,
        row,
        client,
        how="transferred",
        by=by,
        reason="transfer",
        team=place.team,
        from_agent_id=row.agent_id or by,
        for_agent_id=place.agent,
        note=f"{words}: {note}" if note else words,
    )
    moved = {"from": row.agent_id or by, "to": place.agent, "team": place.team, "before": row.team, "reason": reason, "by": by}
    await facts.record(tx, "transferred", conversation=row.id, customer=row.customer_id, agent=row.agent_id, episode=row.episode, **moved)
