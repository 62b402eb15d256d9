"""Tokens of other systems: made by an admin, shown once, kept as SHA-256; each acts as a colleague of its unit, or of all."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from bot.client_tickets import Unit
from bot.conversations import facts
from bot.conversations.records import facts as log
from bot.conversations.transcript import iso
from bot.desk.errors import bad_field, not_found
from bot.desk.sessions import User
from bot.outside.records import api_tokens
from bot.store.database import Tx

SCOPES = ("tickets:read", "tickets:write")
NAME, DAYS = 80, 730  # most
_SHAPE = re.compile(r"sapa_[A-Za-z0-9_-]{43}")
_UNIT = "unit:"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    """Whose call it is and what it may do. `user`: whom the use cases of the desk know it by."""

    id: str
    scopes: frozenset[str]
    user: User


async def make(tx: Tx, name: str, scopes: Sequence[str], days: int, unit: str | None, units: dict[str, Unit], by: str) -> tuple[str, str]:
    """(the token, its id). `unit`: whose tickets it moves; None: everybody's. Raises `bad_field`."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME:
        raise bad_field(f"Isi nama, paling banyak {NAME} karakter.")
    if not scopes or any(scope not in SCOPES for scope in scopes):
        raise bad_field("Pilih hak akses.")
    if not 1 <= days <= DAYS:
        raise bad_field(f"Masa berlaku 1 sampai {DAYS} hari.")
    if unit is not None and unit not in units:
        raise bad_field("Pilih unit.")
    token, token_id = f"sapa_{secrets.token_urlsafe(32)}", f"api-{secrets.token_hex(10)}"
    kept = [*sorted(set(scopes)), *([f"{_UNIT}{unit}"] if unit else [])]
    times = {"created_at": tx.now, "expires_at": tx.now + timedelta(days=days)}
    await tx.insert(api_tokens, id=token_id, name=name, token_sha256=_digest(token), scopes=kept, created_by=by, **times)
    await facts.record(tx, "api_token_made", agent=by, token=token_id, scopes=kept)
    return token, token_id


async def revoke(tx: Tx, token_id: str, by: str) -> None:
    """It is good for nothing from now on. Raises `not_found`."""
    still = (api_tokens.c.id == token_id) & api_tokens.c.revoked_at.is_(None)
    if not (await tx.execute(update(api_tokens).where(still).values(revoked_at=tx.now))).rowcount:
        raise not_found()
    await facts.record(tx, "api_token_revoked", agent=by, token=token_id)


async def listed(tx: Tx) -> list[Json]:
    """All that were ever made, newest first, without the tokens."""
    used = select(log.c.agent_id, func.max(log.c.at).label("at")).where(log.c.kind == "api_token_used").group_by(log.c.agent_id)
    last = {row.agent_id: row.at for row in await tx.execute(used)}
    rows = await tx.execute(select(api_tokens).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id))
    return [
        {
            "id": row.id,
            "name": row.name,
            "scopes": _scopes(row.scopes),
            "unit": _unit(row.scopes),
            "created_by": row.created_by,
            "created_at": iso(row.created_at),
            "expires_at": iso(row.expires_at),
            "revoked_at": iso(row.revoked_at),
            "used_at": iso(last.get(row.id)),
        }
        for row in rows
    ]


async def find(tx: Tx, authorization: str, units: dict[str, Unit]) -> Token | None:
    """The token of an Authorization header, if it holds now."""
    scheme, _, given = authorization.partition(" ")
    given = given.strip()
    if scheme.lower() != "bearer" or not _SHAPE.fullmatch(given):
        return None
    row = await tx.find(api_tokens, token_sha256=_digest(given))
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= tx.now):
        return None
    unit = _unit(row.scopes)
    if unit is None:
        role = "leader"
    elif unit in units:
        role = "agent" if units[unit].tier < 3 else "division"
    else:
        return None  # its unit is gone from the client's data
    return Token(row.id, frozenset(_scopes(row.scopes)), User(row.id, row.id, row.name, role, unit))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _scopes(kept: Sequence[str]) -> list[str]:
    return [each for each in kept if not each.startswith(_UNIT)]


def _unit(kept: Sequence[str]) -> str | None:
    return next((each.removeprefix(_UNIT) for each in kept if each.startswith(_UNIT)), None)
