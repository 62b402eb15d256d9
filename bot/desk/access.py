"""Who may do what at the desk. Whatever is not allowed here is refused."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.conversations.ownership import Owner
from bot.conversations.service import get
from bot.desk.errors import DeskError, forbidden, not_found
from bot.desk.records import users
from bot.desk.sessions import User
from bot.store.database import Tx

DESK = frozenset({"agent", "leader", "admin"})  # may see and serve conversations
AT_TICKETS = DESK | {"division"}  # may read tickets, and move those of their unit
LEADS = frozenset({"leader", "admin"})  # may also step into a colleague's


def require_desk(user: User) -> None:
    """Raises `forbidden` for a role without a place at the desk."""
    if user.role not in DESK:
        raise forbidden()


def require_tickets(user: User) -> None:
    """Raises `forbidden` for a role that has nothing to do with tickets."""
    if user.role not in AT_TICKETS:
        raise forbidden()


async def unit_of(tx: Tx, user: User) -> str | None:
    """The unit whose tickets are theirs to move."""
    return user.unit or (await tx.execute(select(users.c.team).where(users.c.id == user.id))).scalar()


def not_yours() -> DeskError:
    """The conversation is not in this agent's hands."""
    return DeskError(409, "not_yours", "Percakapan ini tidak sedang Anda tangani.")


async def locked(tx: Tx, conversation: str) -> Row[Any]:
    """The conversation, locked until the transaction ends. Raises `not_found`."""
    row = await get(tx, conversation, lock=True)
    if row is None:
        raise not_found()
    return row


def require_owning(row: Row[Any], user: User) -> None:
    """Raises `not_yours` unless this agent serves the conversation now."""
    if row.owner != Owner.AGENT or row.agent_id != user.id:
        raise not_yours()


def require_own_or_lead(row: Row[Any], user: User) -> None:
    """Raises `not_yours` unless it is, or was when it closed, this agent's conversation, or the user leads."""
    if user.role not in LEADS and row.agent_id != user.id:
        raise not_yours()
