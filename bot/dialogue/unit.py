"""A turn's unit of work: what actions may read, and what they stage to be written when the turn commits.

Actions never write. They stage effects; the service applies them in the one transaction that also stores the dialogue and the replies, so a
turn that is repeated after a crash repeats nothing. Ids of what is staged derive from (conversation, message, kind).
"""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.engine import Row

from bot.store.database import Database, Tx

if TYPE_CHECKING:
    from bot.client import Client
    from bot.conversations.calendar import WorkCalendar
    from bot.knowledge.index import Knowledge


class Effect(Protocol):
    """Something a turn does besides talking."""

    async def apply(self, tx: Tx, unit: Unit) -> None:
        """Write it. Raising undoes the whole turn."""
        ...


class TurnMustRepeat(Exception):
    """What an action saw is true no more (a slot was taken meanwhile): run the turn again from the same state."""


@dataclass(frozen=True, slots=True)
class Library:
    """What is the same for every turn: the client's data and what is computed from it."""

    client: Client
    calendar: WorkCalendar
    knowledge: Knowledge


@dataclass(slots=True)
class Unit:
    """One turn under way. `conversation` is its row as of the turn's beginning; `message_id` the message it answers."""

    turn: str
    db: Database
    library: Library
    conversation: Row[Any]
    message_id: str
    now: datetime
    identities: dict[str, str]
    customer_name: str | None
    effects: list[Effect] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    handed_over: bool = False
    closed: bool = False
    topic: str | None = None
    unanswered: bool = False  # the bot did not understand: counts towards the hand-off

    @property
    def client(self) -> Client:
        return self.library.client

    def stage(self, effect: Effect) -> None:
        """Have `effect` applied when the turn commits."""
        self.effects.append(effect)

    def mark(self, step: str) -> None:
        """Tick an SOP step; the evidence is the message this turn answers."""
        self.marks.setdefault(step, self.message_id)

    def cause(self, kind: str) -> str:
        """The key that makes an effect of this turn unique, however often the turn is repeated."""
        return f"{self.conversation.id}:{self.message_id}:{kind}"


current_unit: contextvars.ContextVar[Unit | None] = contextvars.ContextVar("current_unit", default=None)
