"""Tickets as a table for spreadsheets: RFC 4180, UTF-8 with BOM, made a page at a time, so that memory does not grow with the table."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.desk.errors import bad_field
from bot.desk.sessions import User
from bot.desk.ticket_access import reader_of
from bot.desk.ticket_lists import shown_rows
from bot.store.database import Database
from bot.tickets.filters import NAMES, BadFilter, Filter
from bot.tickets.listing import page

PAGE = 500
HEAD = (
    "Nomor", "Jenis", "Topik", "Produk", "Kategori", "Subkategori", "Ringkasan", "Prioritas", "Status", "Unit", "Petugas", "Nasabah", "Kontak",
    "Kanal", "Outlet", "Dibuat", "Diperbarui", "Tenggat", "Tenggat unit", "Melewati tenggat", "Hubungi kembali", "Panggilan", "Ditutup",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Json = dict[str, Any]


class Export:
    """Every row of a filter. Customers' names and numbers are masked unless the caller leads."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client

    async def pieces(self, user: User, wanted: Filter, query: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """The table, piece by piece. However it ends, the log says who took how many rows."""
        steady = wanted if wanted.sort in ("new", "old") else replace(wanted, sort="new")  # rows do not move in it while it is made
        after, rows, begun = None, 0, False
        try:
            while after is not None or not begun:
                async with self._db.read() as tx:
                    reader = await reader_of(tx, user)
                    try:
                        found = await page(tx, steady, reader, self._client, after, PAGE, count=False)
                    except BadFilter as error:
                        raise bad_field(str(error)) from None
                    shown = await shown_rows(tx, found.rows, reader, self._client)
                lines = [self._line(row, line, reader.leads) for row, line in zip(found.rows, shown, strict=True)]
                text = "" if begun else "\ufeff" + _written([HEAD])
                begun, after, rows = True, found.next, rows + len(lines)
                yield (text + _written(lines)).encode()
        finally:
            if begun:
                asked = {name: query[name] for name in NAMES if query.get(name) and name != "q"} | ({"q": True} if wanted.q else {})
                async with self._db.write() as tx:
                    await facts.record(tx, "tickets_exported", agent=user.id, filter=asked, rows=rows)

    def _line(self, row: Row[Any], shown: Json, leads: bool) -> tuple[str, ...]:
        name, contact = shown["customer"]["name"] or "", row.contact or ""
        late = row.breached_at or row.hop_breached_at
        texts = (
            shown["number"],
            *(_label(shown[key]) for key in ("kind", "topic")),
            shown["product"],
            *(_label(shown[key]) for key in ("category", "sub_category")),
            shown["summary"],
            *(_label(shown[key]) for key in ("priority", "status", "unit")),
            shown["assignee"]["name"] if shown["assignee"] else "",
            name if leads else masked_name(name),
            contact if leads else masked_number(contact),
            shown["channel"],
            _label(shown["outlet"]),
            *(self._moment(moment) for moment in (row.created_at, row.updated_at, row.due_at, row.hop_due_at, late, row.call_back_at)),
            str(row.calls),
            self._moment(row.closed_at),
        )
        return tuple(defused(text or "") for text in texts)

    def _moment(self, moment: datetime | None) -> str:
        return moment.astimezone(self._client.zone).strftime("%Y-%m-%d %H:%M") if moment else ""


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def masked_name(name: str) -> str:
    """The initial of each word."""
    return " ".join(f"{word[0]}***" for word in name.split())


def masked_number(number: str) -> str:
    """The last three digits."""
    return f"•••{number[-3:]}" if number else ""


def _label(named: Json | None) -> str:
    return str(named["label"]) if named else ""


def _written(lines: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(lines)
    return buffer.getvalue()
