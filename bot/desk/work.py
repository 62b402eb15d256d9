"""What a user of the desk is given: the team, what they know, how much at once."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select, update

from bot.client import Client
from bot.conversations import facts
from bot.desk.records import users
from bot.store.database import Tx

MOST = 50


async def set_work(
    tx: Tx,
    client: Client,
    username: str,
    *,
    team: str | None = None,
    topics: list[str] | Literal["all"] | None = None,
    languages: list[str] | Literal["all"] | None = None,
    capacity: int | Literal["client"] | None = None,
) -> None:
    """Change what is given; None leaves as it is. Raises ValueError with what is wrong."""
    row = (await tx.execute(select(users).where(users.c.username == username.strip().lower()).with_for_update())).first()
    if row is None:
        raise ValueError(f"there is no user {username}")
    values: dict[str, Any] = {}
    if team is not None:
        divisions = [name for name, unit in client.ticketing.units.items() if unit.tier == 3]
        teams = divisions if row.role == "division" else list(client.floor.teams)
        if team not in teams:
            raise ValueError(f"the team is one of {', '.join(teams)}")
        values["team"] = team
    skills = dict(row.skills or {})
    for name, chosen, known in (("topics", topics, client.topics), ("languages", languages, client.floor.languages)):
        if chosen is None:
            continue
        skills.pop(name, None)
        if chosen != "all":
            if unknown := sorted(set(chosen) - set(known)):
                raise ValueError(f"{name}: {', '.join(unknown)} is none of {', '.join(known)}")
            skills[name] = chosen
    values["skills"] = skills or None
    if capacity is not None:
        if capacity != "client" and not 1 <= capacity <= MOST:
            raise ValueError(f"the capacity is from 1 to {MOST}")
        values["capacity"] = None if capacity == "client" else capacity
    await tx.execute(update(users).where(users.c.id == row.id).values(**values))
    await facts.record(tx, "user_changed", agent=row.id, changed=sorted(values))
    tx.publish("presence", agent=row.id)
