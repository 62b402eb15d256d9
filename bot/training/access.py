"""Who may train. Checked in the service, whatever the page shows."""

from __future__ import annotations

from bot.desk.errors import forbidden
from bot.desk.sessions import User

TRAINERS = frozenset({"trainer", "leader", "admin"})


def require_trainer(user: User) -> None:
    """Raises `forbidden` for a role that does not train."""
    if user.role not in TRAINERS:
        raise forbidden()
