"""Asking a colleague: a note that names somebody, and their answer, without the customer seeing either."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.conversations import facts
from bot.conversations.records import facts as log
from bot.conversations.records import messages
from bot.conversations.transcript import iso
from bot.desk.access import DESK, require_desk
from bot.desk.errors import bad_field
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.views import Views
from bot.store.database import Database, Tx

KEPT = timedelta(days=7)
LISTED = 50
ASKED = 5  # colleagues at once
Json = dict[str, Any]


class Consulting:
    """Mentions: made with a note, listed for whom they ask."""

    def __init__(self, db: Database, views: Views) -> None:
        self._db = db
        self._views = views

    async def ask(self, tx: Tx, row: Row[Any], user: User, message: str, text: str, to: Collection[str]) -> None:
        """Ask these colleagues about the conversation. Raises `bad_field` for somebody who does not work at the desk."""
        if not to:
            return
        found = await tx.execute(select(users.c.id).where(users.c.id.in_(sorted(to)), users.c.role.in_(DESK), users.c.active.is_(True)))
        known = set(found.scalars())
        if len(to) > ASKED or known != set(to):
            raise bad_field("Rekan yang disebut tidak dikenal.")
        for colleague in sorted(known - {user.id}):
            await facts.record(tx, "mentioned", conversation=row.id, customer=row.customer_id, agent=colleague, by=user.id, message=message)
        tx.publish("mention", conversation=row.id, to=sorted(known - {user.id}), by={"id": user.id, "name": user.name}, text=text[:200])

    async def asked(self, tx: Tx, conversation: str, user: User) -> bool:
        """Whether somebody asked this user about the conversation: then they may answer with a note."""
        where = (log.c.kind == "mentioned") & (log.c.conversation_id == conversation) & (log.c.agent_id == user.id)
        return (await tx.execute(select(log.c.id).where(where).limit(1))).first() is not None

    async def mentions(self, user: User) -> list[Json]:
        """What colleagues asked of this user in the last 7 days, newest first."""
        require_desk(user)
        async with self._db.read() as tx:
            where = (log.c.kind == "mentioned") & (log.c.at >= tx.now - KEPT) & (log.c.agent_id == user.id)
            asked = (await tx.execute(select(log).where(where).order_by(log.c.id.desc()).limit(LISTED))).all()
            if not asked:
                return []
            about = sorted({row.conversation_id for row in asked})
            summaries = {each["id"]: each for each in await self._views.by_ids(tx, about)}
            notes = await tx.execute(
                select(messages.c.id, messages.c.conversation_id, messages.c.seq, messages.c.text, messages.c.agent_id).where(
                    messages.c.conversation_id.in_(about), messages.c.note.is_(True)
                )
            )
            by_id, answered = {}, dict[str, int]()
            for note in notes:
                by_id[note.id] = note
                if note.agent_id == user.id:
                    answered[note.conversation_id] = max(answered.get(note.conversation_id, 0), note.seq)
            people = {row.data["by"] for row in asked}
            names = {row.id: row.name for row in await tx.execute(select(users.c.id, users.c.name).where(users.c.id.in_(people)))}
        return [
            {
                "conversation": summaries[row.conversation_id],
                "message": row.data["message"],
                "by": {"id": row.data["by"], "name": names.get(row.data["by"], "Petugas")},
                "text": by_id[row.data["message"]].text,
                "at": iso(row.at),
                "answered": answered.get(row.conversation_id, 0) > by_id[row.data["message"]].seq,
            }
            for row in asked
            if row.data["message"] in by_id and row.conversation_id in summaries
        ]
