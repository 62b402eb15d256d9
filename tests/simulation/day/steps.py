"""What an actor may do next. An actor is a generator: it yields a step, and is resumed with what was heard since (or "" for nothing).

All times are seconds on the virtual clock. `after`: how long from now. `patience`: how long to listen for an answer afterwards.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Generator
from dataclasses import dataclass, field
from random import Random
from types import ModuleType
from typing import Any

PATIENCE_S = 150.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `kind` is the name of the method of the actor's body that does it; `exact`: at that very second, whatever else happens."""

    kind: str
    after: float = 0.0
    patience: float = 0.0
    exact: bool = False
    text: str = ""
    texts: tuple[str, ...] = ()
    age_s: float = 0.0
    more: str = ""


Script = Generator[Step, str, None]


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do about a ticket: the call's last word and what it is given. `by`: who does it, where that is not the unit that has it."""

    action: str
    after: float
    given: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    of: str = ""  # another ticket's number


Course = Generator[Errand, dict[str, Any], None]


# --- a customer's


def say(text: str, after: float = 0.0, patience: float = PATIENCE_S, exact: bool = False) -> Step:
    """Write a text and listen for the answer."""
    return Step("say", after, patience, exact, text)


def tap(title: str, after: float = 0.0, patience: float = PATIENCE_S) -> Step:
    """Tap the choice whose title contains `title`; write it where it is not offered."""
    return Step("tap", after, patience, text=title)


def say_all(texts: tuple[str, ...], after: float = 0.0, patience: float = PATIENCE_S) -> Step:
    """Write several messages within one second, one after the other."""
    return Step("say_all", after, patience, texts=texts)


def say_twice(text: str, after: float = 0.0, patience: float = PATIENCE_S) -> Step:
    """Write one message that the channel delivers twice."""
    return Step("say_twice", after, patience, text=text)


def say_swapped(first: str, second: str, after: float = 0.0, patience: float = PATIENCE_S) -> Step:
    """Write two messages that arrive in the other order (WhatsApp promises none)."""
    return Step("say_swapped", after, patience, texts=(first, second))


def say_late(text: str, age_s: float, after: float = 0.0, patience: float = PATIENCE_S) -> Step:
    """A message that was written `age_s` ago and arrives only now (WhatsApp)."""
    return Step("say", after, patience, text=text, age_s=age_s)


def send(kind: str, caption: str = "", after: float = 0.0, patience: float = PATIENCE_S) -> Step:
    """Send a file, place, card, sticker or reaction."""
    return Step("send", after, patience, text=caption, more=kind)


def listen(patience: float) -> Step:
    """Do nothing but listen."""
    return Step("nothing", 0.0, patience)


def wait(seconds: float) -> Step:
    """Do nothing and hear nothing."""
    return Step("nothing", seconds)


def leave(after: float = 0.0) -> Step:
    """Close the chat window (live chat)."""
    return Step("leave", after)


def come_back(after: float = 0.0) -> Step:
    """Open the chat window again (live chat)."""
    return Step("come_back", after)


def end(after: float = 0.0) -> Step:
    """Press "end" (live chat)."""
    return Step("end", after)


# --- an agent's, about the conversation being served


def reply(text: str, after: float = 0.0, patience: float = PATIENCE_S) -> Step:
    """Answer the customer and wait for theirs."""
    return Step("reply", after, patience, text=text)


def note(text: str, after: float = 0.0) -> Step:
    """Write a note for colleagues."""
    return Step("note", after, text=text)


def ticket(topic: str, summary: str, after: float = 0.0) -> Step:
    """Make a ticket."""
    return Step("ticket", after, text=summary, more=topic)


def give_back(reason: str, after: float = 0.0) -> Step:
    """Back to the bot."""
    return Step("give_back", after, text=reason)


def hand_on(to: str, reason: str, after: float = 0.0) -> Step:
    """To another team (`team:ID`), or to a colleague of one's own (`colleague`) if one is there."""
    return Step("hand_on", after, text=reason, more=to)


def close(outcome: str, after: float = 0.0, silent: bool = False) -> Step:
    """Close it, with the farewell and the survey unless `silent`."""
    return Step("close", after, text=outcome, more="silent" if silent else "")


# --- about a ticket; a course is resumed with the ticket as it is then


def errand(action: str, after: float, by: str = "", of: str = "", **given: Any) -> Errand:
    """See `Errand`."""
    return Errand(action, after, given, by, of)


# --- finding the actors


def think(dice: Random, least: int = 4, most: int = 40) -> float:
    """Seconds a person takes to read and type."""
    return float(dice.randint(least, most))


def discover(package: Any) -> dict[str, ModuleType]:
    """Every module of a package by its name: adding a file is all it takes."""
    found = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return {name: importlib.import_module(f"{package.__name__}.{name}") for name in found}
