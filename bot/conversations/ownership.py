"""Who answers a conversation: bot -> queue -> agent -> closed, and the ways back. Pure.

A change is written by compare-and-set on `owner_version`, so two people cannot take one conversation and a late bot cannot talk over a person.
"""

from __future__ import annotations

from enum import StrEnum


class Owner(StrEnum):
    """Who answers."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"
    CLOSED = "closed"


_ALLOWED: dict[Owner, frozenset[Owner]] = {
    Owner.BOT: frozenset({Owner.QUEUE, Owner.CLOSED}),
    Owner.QUEUE: frozenset({Owner.QUEUE, Owner.AGENT, Owner.BOT, Owner.CLOSED}),
    Owner.AGENT: frozenset({Owner.BOT, Owner.QUEUE, Owner.CLOSED}),
    Owner.CLOSED: frozenset(),
}


def may_change(current: str, wanted: str) -> bool:
    """Whether a conversation may go from one owner to the other; from one queue to the next it is handed on by a leader. A closed one never opens again: a new one begins."""
    return Owner(wanted) in _ALLOWED[Owner(current)]
