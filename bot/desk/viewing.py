"""Who else has a conversation on the screen, and writes. Kept in memory: every process hears every desk's `watch` by the database's signals,
and what is not said again within `KEPT` is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

KEPT = timedelta(seconds=40)
WRITING = timedelta(seconds=5)


@dataclass(slots=True)
class _View:
    name: str
    until: datetime
    writing_until: datetime


class Viewers:
    """The viewers of every conversation that somebody has on the screen, as far as this process was told."""

    def __init__(self) -> None:
        self._views: dict[str, dict[str, _View]] = {}

    def heard(self, now: datetime, conversation: str, agent: str, name: str, state: str) -> None:
        """`state`: here, writing or gone."""
        views = self._views.setdefault(conversation, {})
        if state == "gone":
            views.pop(agent, None)
        else:
            known = views.get(agent)
            writing = now + WRITING if state == "writing" else known.writing_until if known else now
            views[agent] = _View(name, now + KEPT, writing)
        if not views:
            del self._views[conversation]

    def forget(self, now: datetime) -> list[str]:
        """Drop what was not said again; the conversations that this changed."""
        changed = []
        for conversation, views in list(self._views.items()):
            gone = [agent for agent, view in views.items() if view.until <= now]
            for agent in gone:
                del views[agent]
            if not views:
                del self._views[conversation]
            if gone:
                changed.append(conversation)
        return changed

    def of(self, conversation: str, now: datetime, but: str | None = None) -> list[dict[str, Any]]:
        """Who is there, by name; `but`: not this one."""
        views = self._views.get(conversation, {})
        shown = [
            {"id": agent, "name": view.name, "writing": view.writing_until > now}
            for agent, view in views.items()
            if agent != but and view.until > now
        ]
        return sorted(shown, key=lambda each: (each["name"], each["id"]))
