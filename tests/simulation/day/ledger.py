"""What happened outside the service: who sent what when, and what reached them. The checker compares it with the database."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class Ledger:
    """Lists of plain dicts, JSON-ready. `n` numbers everything in the order in which it happened."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self.sent: list[Json] = []  # by customers
        self.received: list[Json] = []  # by live-chat clients, each frame
        self.doors: list[Json] = []  # chat windows closed and opened again, "end" pressed
        self.desk: list[Json] = []  # what agents asked for and how it was answered
        self.lines: list[Json] = []  # desks whose connection broke and came back
        self.faults: list[Json] = []
        self.figures: list[Json] = []  # what the product showed, when

    def number(self) -> int:
        """The next number."""
        return next(self._numbers)

    def add(self, book: str, **entry: Any) -> Json:
        """Append to one of the lists; returns the entry, which may be completed later."""
        entry = {"n": self.number(), "at": self._now().isoformat(), **entry}
        getattr(self, book).append(entry)
        return entry

    def to_json(self, graph: list[Json], customers: list[Json], agents: list[Json], windows: list[Json]) -> Json:
        """The whole record. `graph`: what the stand-in of the Graph API accepted."""
        taken = [{"wamid": g["wamid"], "to": g["to"], "at": g["at"].isoformat(), "body": g["body"]} for g in graph]
        return {
            "customers": customers,
            "agents": agents,
            "windows": windows,
            "sent": self.sent,
            "received": self.received,
            "graph": taken,
            "doors": self.doors,
            "desk": self.desk,
            "lines": self.lines,
            "faults": self.faults,
            "figures": self.figures,
            "ended_at": self._now().isoformat(),
        }
