"""Which model is in service and which one a roll back leads to, read off the history of promotions. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """The models that were promoted and not rolled back, oldest first."""

    models: tuple[str, ...]

    @property
    def in_service(self) -> str | None:
        return self.models[-1] if self.models else None

    @property
    def previous(self) -> str | None:
        """What was in service before; None where nothing is known of it."""
        return self.models[-2] if len(self.models) > 1 else None


def line_of(promotions: Iterable[tuple[str, str]]) -> Line:
    """The line after these (how, model) in order. A roll back takes the last promotion away, so the next one goes further back, not forth."""
    standing: list[str] = []
    for how, model in promotions:
        if how == "rolled_back":
            standing = standing[:-1]
            if not standing or standing[-1] != model:
                standing.append(model)
        elif not standing or standing[-1] != model:
            standing.append(model)
    return Line(tuple(standing))
