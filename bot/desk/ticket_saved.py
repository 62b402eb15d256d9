"""Saved views of tickets: a list's filter under a name, for oneself, for a unit or for all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.desk.errors import bad_field, forbidden, not_found
from bot.desk.sessions import User
from bot.desk.ticket_access import reader_of
from bot.ids import new_id
from bot.store.database import Database, Tx
from bot.tickets.filters import NAMES, BadFilter, parse
from bot.tickets.listing import Reader
from bot.tickets.records import ticket_views

SCOPES = ("mine", "unit", "all")
TITLE, MOST = 80, 100  # characters; views of one owner
Json = dict[str, Any]
_v = ticket_views.c


class SavedViews:
    """The use cases. Who leads keeps views for a unit and for all; the others their own."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client

    async def list(self, user: User) -> list[Json]:
        """The caller's views, those of their unit, those for all."""
        async with self._db.read() as tx:
            reader = await reader_of(tx, user)
            found = await tx.execute(select(ticket_views).where(_shown_to(reader)).order_by(_v.scope, func.lower(_v.title), _v.id))
            return [_shown(row, reader) for row in found]

    async def save(self, user: User, title: str, scope: str, given: Any) -> Json:
        """A new view."""
        async with self._db.write() as tx:
            reader = await reader_of(tx, user)
            values = self._checked(reader, title, scope, given)
            kept = select(func.count()).select_from(ticket_views).where(_v.owner_id == user.id)
            if (await tx.execute(kept)).scalar_one() >= MOST:
                raise bad_field(f"Paling banyak {MOST} tampilan tersimpan. Hapus salah satu dahulu.")
            view = new_id()
            await tx.execute(insert(ticket_views).values(id=view, owner_id=user.id, created_at=tx.now, **values))
            await facts.record(tx, "ticket_view_saved", agent=user.id, view=view, scope=scope)
            return _shown((await tx.execute(select(ticket_views).where(_v.id == view))).one(), reader)

    async def change(self, user: User, view: str, title: str, scope: str, given: Any) -> Json:
        """Another title, scope or filter."""
        async with self._db.write() as tx:
            reader = await reader_of(tx, user)
            await _own(tx, reader, view)
            values = self._checked(reader, title, scope, given)
            await tx.execute(update(ticket_views).where(_v.id == view).values(**values))
            await facts.record(tx, "ticket_view_saved", agent=user.id, view=view, scope=scope)
            return _shown((await tx.execute(select(ticket_views).where(_v.id == view))).one(), reader)

    async def drop(self, user: User, view: str) -> None:
        """Take a view away."""
        async with self._db.write() as tx:
            await _own(tx, await reader_of(tx, user), view)
            await tx.execute(delete(ticket_views).where(_v.id == view))
            await facts.record(tx, "ticket_view_dropped", agent=user.id, view=view)

    def _checked(self, reader: Reader, title: str, scope: str, given: Any) -> Json:
        title = " ".join(title.split())
        if not title or len(title) > TITLE:
            raise bad_field(f"Isi nama tampilan, paling banyak {TITLE} karakter.")
        if scope not in SCOPES:
            raise bad_field("Pilih untuk siapa tampilan ini.")
        if scope != "mine" and not reader.leads:
            raise forbidden()
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise bad_field("Saringan tampilan tidak sesuai.")
        kept = {name: given[name] for name in NAMES if given.get(name)}
        try:
            parse(kept, self._client)
        except BadFilter as error:
            raise bad_field(str(error)) from None
        return {"title": title, "scope": scope, "unit": reader.unit if scope == "unit" else None, "filter": kept}


def _shown_to(reader: Reader) -> Any:
    return or_(_v.owner_id == reader.id, _v.scope == "all", and_(_v.scope == "unit", _v.unit == reader.unit))


def _editable(row: Row[Any], reader: Reader) -> bool:
    return row.owner_id == reader.id or (reader.leads and row.scope != "mine")


async def _own(tx: Tx, reader: Reader, view: str) -> None:
    """Raises `not_found` for a view that is not shown to the reader, `forbidden` for one they may not change."""
    row = (await tx.execute(select(ticket_views).where(_v.id == view, _shown_to(reader)))).first()
    if row is None:
        raise not_found()
    if not _editable(row, reader):
        raise forbidden()


def _shown(row: Row[Any], reader: Reader) -> Json:
    return {"id": row.id, "title": row.title, "scope": row.scope, "filter": row.filter, "editable": _editable(row, reader)}
