"""Which comment, file and status there is which here: so that nothing is told twice, and an echo is known for one."""

from __future__ import annotations

import re
from pathlib import PurePath

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.outside.records import jira_mirrors
from bot.store.database import Tx

COMMENT, FILE, STATUS = "comment", "attachment", "status"
# What we send names itself: a comment in its last line, a file in its name. An answer that was lost can be looked for.
_IN_COMMENT = re.compile(r"\(.{0,200} · Sapa ([0-9A-Z]{26})\)\s*\Z", re.DOTALL)
_IN_NAME = re.compile(r"-([0-9A-Z]{26})(?:\.[A-Za-z0-9]{1,10})?\Z")
_MOST = 60


def signed(text: str, author: str, note: str) -> str:
    """A note as a comment."""
    return f"{text}\n\n({author} · Sapa {note})"


def note_of(comment: str) -> str | None:
    """The note a comment says it is."""
    found = _IN_COMMENT.search(comment)
    return found[1] if found else None


def named(name: str | None, media: str) -> str:
    """A file's name there."""
    path = PurePath(name or "berkas")
    return f"{path.stem[:80]}-{media}{path.suffix[:10]}"


def media_of(name: str) -> str | None:
    """The file an attachment's name says it is."""
    found = _IN_NAME.search(name)
    return found[1] if found else None


async def theirs(tx: Tx, kind: str, ours: str) -> str | None:
    """Their id of what is ours."""
    row = await tx.find(jira_mirrors, kind=kind, ours=ours)
    return row.theirs if row is not None else None


async def known(tx: Tx, kind: str, ticket: str) -> set[str]:
    """Their ids of all that is mirrored of a ticket."""
    mine = (jira_mirrors.c.ticket == ticket) & (jira_mirrors.c.kind == kind)
    return set((await tx.execute(select(jira_mirrors.c.theirs).where(mine))).scalars())


async def keep(tx: Tx, kind: str, ours: str, their: str, ticket: str) -> None:
    """Note that they belong together."""
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    values = {"kind": kind, "ours": ours[:_MOST], "theirs": their[:_MOST], "ticket": ticket}
    await tx.execute(new_insert(jira_mirrors).values(**values).on_conflict_do_nothing())


async def keep_status(tx: Tx, ticket: str, key: str, status: str) -> None:
    """The issue's status as last known: by what we did, or by what we read."""
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    seen = status_seen(key, status)
    statement = new_insert(jira_mirrors).values(kind=STATUS, ours=ticket, theirs=seen, ticket=ticket)
    await tx.execute(statement.on_conflict_do_update(index_elements=["kind", "ours"], set_={"theirs": seen}))


def status_seen(key: str, status: str) -> str:
    """How a status is kept."""
    return f"{key}:{status}"[:_MOST]
