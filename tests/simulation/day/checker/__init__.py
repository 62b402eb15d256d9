"""The checker: decides from the database and the record of what happened outside whether a day was right.

It shares no code with the product: only the standard library, and asyncpg to read PostgreSQL. What it knows of the rules stands here, written
from the procedure (SOP), docs/protocols.md and docs/decisions. Each invariant is one file of `rules/`: a docstring that says what must hold, and
`check(day)`, which yields a sentence for each violation.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.simulation.day.checker import rules
from tests.simulation.day.checker.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that does not hold, and where."""

    rule: str
    what: str


def all_rules() -> dict[str, Callable[[Evidence], Iterator[str]]]:
    """Every invariant by its file's name."""
    names = sorted(info.name for info in pkgutil.iter_modules(rules.__path__))
    return {name: importlib.import_module(f"{rules.__name__}.{name}").check for name in names}


def judge(day: Evidence) -> list[Violation]:
    """All violations; none for a day that was right."""
    return [Violation(name, what) for name, check in all_rules().items() for what in check(day)]
