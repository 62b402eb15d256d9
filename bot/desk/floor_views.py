"""What the floor adds to a summary: the offer under way, who handed it on to whom, the writing up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select

from bot.conversations.records import conversations
from bot.conversations.transcript import iso
from bot.handoff.records import handoffs, offers, wrapups
from bot.store.database import Tx

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OnFloor:
    """Where a conversation stands on the floor."""

    offered_to: str | None
    expires_at: datetime | None
    from_agent: str | None
    for_agent: str | None
    note: str | None
    wrapup_until: datetime | None

    @property
    def agents(self) -> set[str]:
        """Whose names are shown."""
        return {agent for agent in (self.offered_to, self.from_agent, self.for_agent) if agent}

    def shown(self, queued: bool, names: Mapping[str, str]) -> Json:
        """The summary's part."""
        offered = queued and self.offered_to
        return {
            "offer": {"agent": person(self.offered_to, names), "expires_at": iso(self.expires_at)} if offered else None,
            "from_agent": person(self.from_agent, names),
            "for_agent": person(self.for_agent, names),
            "handoff_note": self.note,
            "wrapup_until": iso(self.wrapup_until),
        }


def person(agent: str | None, names: Mapping[str, str]) -> Json | None:
    """Somebody as shown."""
    return {"id": agent, "name": names.get(agent, "Petugas")} if agent else None


async def floor_of(tx: Tx, ids: Sequence[str]) -> dict[str, OnFloor]:
    """Of each of these conversations, in one query."""
    c, h, o, w = conversations.c, handoffs.c, offers.c, wrapups.c
    wanted = (
        select(c.id, o.agent_id, o.expires_at, h.from_agent_id, h.for_agent_id, h.note, w.until)
        .outerjoin(handoffs, and_(h.conversation_id == c.id, h.episode == c.episode))
        .outerjoin(offers, and_(o.conversation_id == c.id, o.ended_at.is_(None)))
        .outerjoin(wrapups, and_(w.conversation_id == c.id, w.ended_at.is_(None)))
        .where(c.id.in_(ids))
    )
    return {
        row.id: OnFloor(row.agent_id, row.expires_at, row.from_agent_id, row.for_agent_id, row.note, row.until)
        for row in await tx.execute(wanted)
    }


def written_up_by(agent: str) -> Select[Any]:
    """The ids of what the agent writes up now."""
    return select(wrapups.c.conversation_id).where(wrapups.c.agent_id == agent, wrapups.c.ended_at.is_(None))
