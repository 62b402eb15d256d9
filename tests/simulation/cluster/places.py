"""Whether an agent ever had more than their places: held, offered and being written up, by the event log of all processes."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from sqlalchemy import text

from bot.store.database import Database

KINDS = "('owner_changed', 'offer_made', 'offer_ended', 'wrapup_started', 'wrapup_ended')"


async def overfull(db: Database, capacity: int) -> list[tuple[str, str, int]]:
    """(agent, when, places taken) wherever there were more than `capacity`. What one transaction did counts together."""
    async with db.read() as tx:
        rows = (
            await tx.execute(text(f"SELECT id, kind, at, conversation_id, agent_id, data FROM facts WHERE kind IN {KINDS} ORDER BY id"))
        ).all()
    holder: dict[str, str] = {}
    held: dict[str, set[str]] = defaultdict(set)
    found = []
    for at, together in groupby(rows, key=lambda row: row.at):
        touched = set()
        for row in together:
            conversation = row.conversation_id
            if row.kind == "owner_changed":
                before = holder.pop(conversation, None)
                if before is not None:
                    held[before].discard(f"held {conversation}")
                if row.data["after"] == "agent":
                    holder[conversation] = row.agent_id
                    held[row.agent_id].add(f"held {conversation}")
                    touched.add(row.agent_id)
                continue
            place = f"{row.kind.split('_')[0]} {conversation}"
            if row.kind in ("offer_made", "wrapup_started"):
                held[row.agent_id].add(place)
                touched.add(row.agent_id)
            else:
                held[row.agent_id].discard(place)
        found += [(agent, str(at), len(held[agent])) for agent in touched if len(held[agent]) > capacity]
    return found
