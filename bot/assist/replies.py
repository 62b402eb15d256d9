"""Canned replies at the desk: the client's own, everybody's, the team's and one's own; who may change which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from bot.assist.filling import fill, unknown_places
from bot.assist.records import canned_replies
from bot.assist.service import Assist
from bot.conversations.secrets import asks_for_secret, hide_secrets
from bot.conversations.service import get
from bot.desk.access import LEADS, require_desk
from bot.desk.errors import DeskError, bad_field, conflict, forbidden, not_found
from bot.desk.records import users
from bot.desk.sessions import User
from bot.ids import new_id
from bot.store.database import Tx

SCOPES = ("all", "team", "mine")
TITLE, TEXT, TOPICS, HELD = 100, 2000, 20, 500  # most characters, topics, replies of one holder
_SHORTCUT = re.compile(r"[a-z][a-z0-9_]{0,39}")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as it was sent to us, its fields of the right types and nothing more."""

    scope: str
    shortcut: str
    title: str
    text: str
    topics: Sequence[Any]


class Replies:
    """The use cases. They raise DeskError for everything that is refused."""

    def __init__(self, assist: Assist) -> None:
        self._db = assist.db
        self._client = assist.client
        self._assist = assist

    async def listed(self, user: User, conversation: str | None = None) -> list[Json]:
        """What the user may use, by shortcut; `filled` as it reads in the conversation."""
        require_desk(user)
        async with self._db.read() as tx:
            row = await get(tx, conversation) if conversation else None
            if conversation and row is None:
                raise not_found()
            values = await self._assist.values(tx, row, user.name)
            team = await _team(tx, user)
            c = canned_replies.c
            own = or_(c.scope == "all", (c.scope == "team") & (c.holder == team), (c.scope == "mine") & (c.holder == user.id))
            rows = (await tx.execute(select(canned_replies).where(own, c.active.is_(True)).limit(3 * HELD))).all()
        found = [self._of_client(reply.shortcut, reply.title, reply.text, reply.topics) for reply in self._client.replies]
        found += [_shown(each, user, team) for each in rows]
        return [{**each, "filled": fill(each["text"], values)} for each in sorted(found, key=lambda each: (each["shortcut"], each["id"]))]

    async def add(self, user: User, draft: Draft) -> Json:
        """A new reply. 409 `conflict` for a shortcut that is taken."""
        require_desk(user)
        values = self._checked(draft)
        try:
            async with self._db.write() as tx:
                team = await _team(tx, user)
                holder = _holder(draft.scope, user, team)
                held = select(func.count()).select_from(canned_replies).where(canned_replies.c.holder == holder)
                if (await tx.execute(held)).scalar_one() >= HELD:
                    raise DeskError(422, "too_many", f"Paling banyak {HELD} balasan dapat disimpan.")
                reply = new_id()
                await self._require_free(tx, holder, draft.shortcut, reply)
                made = {"id": reply, "holder": holder, "active": True, "updated_at": tx.now, "updated_by": user.id, **values}
                await tx.execute(insert(canned_replies).values(**made))
                tx.publish("replies")
                return _shown(await _found(tx, reply), user, team)
        except IntegrityError:
            raise _taken() from None

    async def change(self, user: User, reply: str, draft: Draft) -> Json:
        """Write it anew, also under another scope: the user must have the right to both."""
        require_desk(user)
        values = self._checked(draft)
        try:
            async with self._db.write() as tx:
                team = await _team(tx, user)
                self._require_right(await _found(tx, reply), user, team)
                holder = _holder(draft.scope, user, team)
                await self._require_free(tx, holder, draft.shortcut, reply)
                changed = {"holder": holder, "updated_at": tx.now, "updated_by": user.id, **values}
                await tx.execute(update(canned_replies).where(canned_replies.c.id == reply).values(**changed))
                tx.publish("replies")
                return _shown(await _found(tx, reply), user, team)
        except IntegrityError:
            raise _taken() from None

    async def remove(self, user: User, reply: str) -> None:
        """Delete it. What was offered of it stays as it was."""
        require_desk(user)
        async with self._db.write() as tx:
            self._require_right(await _found(tx, reply), user, await _team(tx, user))
            await tx.execute(delete(canned_replies).where(canned_replies.c.id == reply))
            tx.publish("replies")

    # --- inside

    def _of_client(self, shortcut: str, title: str, text: str, topics: Sequence[str]) -> Json:
        return {
            "id": shortcut,
            "shortcut": shortcut,
            "title": title,
            "text": text,
            "scope": "client",
            "topics": list(topics),
            "editable": False,
        }

    def _checked(self, draft: Draft) -> Json:
        title, text = " ".join(draft.title.split()), draft.text.strip()
        if draft.scope not in SCOPES:
            raise bad_field("Pilih untuk siapa balasan ini.")
        if not _SHORTCUT.fullmatch(draft.shortcut):
            raise bad_field("Pintasan terdiri atas huruf kecil, angka, dan garis bawah, diawali huruf, paling banyak 40 karakter.")
        if not title or not text:
            raise DeskError(422, "empty", "Isi judul dan teks balasan.")
        for value, most, told in ((title, TITLE, "Judul"), (text, TEXT, "Teks")):
            if len(value) > most:
                raise DeskError(422, "too_long", f"{told} terlalu panjang, paling banyak {most} karakter.")
        if wrong := unknown_places(text):
            raise bad_field(f"Isian {wrong[0][:40]} tidak dikenal.")
        if asks_for_secret(text) or hide_secrets(text)[1] or hide_secrets(title)[1]:
            raise DeskError(422, "asks_secret", "Balasan tidak boleh memuat atau meminta data rahasia (PIN, OTP, atau kata sandi).")
        topics = list(dict.fromkeys(one for one in draft.topics if isinstance(one, str) and one in self._client.topics))
        if len(draft.topics) > TOPICS or len(topics) != len(draft.topics):
            raise bad_field("Topik tidak dikenal.")
        return {"scope": draft.scope, "shortcut": draft.shortcut, "title": title, "text": text, "topics": topics}

    async def _require_free(self, tx: Tx, holder: str, shortcut: str, but: str) -> None:
        c = canned_replies.c
        same = select(c.id).where(c.holder == holder, c.shortcut == shortcut, c.id != but)
        if any(reply.shortcut == shortcut for reply in self._client.replies) or (await tx.execute(same)).first() is not None:
            raise _taken()

    @staticmethod
    def _require_right(row: Row[Any], user: User, team: str) -> None:
        if row.scope == "mine" and row.holder != user.id:
            raise not_found()  # nobody else is to know of it
        if not _editable(row, user, team):
            raise forbidden()


def _holder(scope: str, user: User, team: str) -> str:
    """To whom a reply of a scope belongs. Raises `forbidden` for a scope that is not the user's to write in."""
    if scope != "mine" and user.role not in LEADS:
        raise forbidden()
    return {"all": "", "team": team, "mine": user.id}[scope]


def _editable(row: Row[Any], user: User, team: str) -> bool:
    if row.scope == "mine":
        return bool(row.holder == user.id)
    return user.role in LEADS and (row.scope == "all" or row.holder == team)


def _shown(row: Row[Any], user: User, team: str) -> Json:
    return {
        "id": row.id,
        "shortcut": row.shortcut,
        "title": row.title,
        "text": row.text,
        "scope": row.scope,
        "topics": list(row.topics or ()),
        "editable": _editable(row, user, team),
    }


async def _team(tx: Tx, user: User) -> str:
    return str((await tx.execute(select(users.c.team).where(users.c.id == user.id))).scalar_one())


async def _found(tx: Tx, reply: str) -> Row[Any]:
    row = (await tx.execute(select(canned_replies).where(canned_replies.c.id == reply).with_for_update())).first()
    if row is None:
        raise not_found()
    return row


def _taken() -> DeskError:
    return conflict("Pintasan ini sudah dipakai.")
