"""Figures from amounts: what docs/figures.md says in words. A figure without anything to divide by is None. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Amounts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ratio:
    """The sum of some measures divided by that of others. `unit`: share (0 to 1), s (of milliseconds), or a plain number."""

    over: tuple[str, ...]
    under: tuple[str, ...]
    unit: str = "share"

    def of(self, amounts: Amounts) -> float | None:
        """The figure."""
        below = above = 0
        for name in self.under:
            below += amounts.get(name, 0)
        if below <= 0:
            return None
        for name in self.over:
            above += amounts.get(name, 0)
        value = above / below
        if self.unit == "s":
            return round(value / 1000, 1)
        if self.unit == "per_hour":
            return round(value * 3_600_000, 2)
        return round(min(value, 1.0) if self.unit == "share" else value, 4)


_RESPONSES = ("first_responses", "next_responses")
_STANDING = ("ready_ms", "writing_ms")
RATIOS: dict[str, Ratio] = {
    "scr": Ratio(("served",), ("offered",)),
    "abandoned": Ratio(("abandoned",), ("offered",)),
    "response_s": Ratio(("first_response_ms", "next_response_ms"), _RESPONSES, "s"),
    "first_response_s": Ratio(("first_response_ms",), ("first_responses",), "s"),
    "next_response_s": Ratio(("next_response_ms",), ("next_responses",), "s"),
    "response_in_target": Ratio(("responses_in_target",), _RESPONSES),
    "queue_s": Ratio(("queue_ms",), ("accepted",), "s"),
    "abandoned_s": Ratio(("abandoned_ms",), ("abandoned",), "s"),
    "aht_s": Ratio(("hand_ms", "wrap_ms"), ("handled",), "s"),
    "wrap_s": Ratio(("wrap_ms",), ("handled",), "s"),
    "containment": Ratio(("contained",), ("contained", "handed_off")),
    "hand_off_rate": Ratio(("handed_off",), ("opened",)),
    "bot_response_s": Ratio(("bot_response_ms",), ("bot_responses",), "s"),
    "bot_misunderstood": Ratio(("bot_misunderstood",), ("bot_responses",)),
    "idle_closes": Ratio(("idle_closes",), ("closed",)),
    "resolution": Ratio(("resolved",), ("closed",)),
    "tickets_closed": Ratio(("tickets_closed",), ("tickets_opened",), "number"),
    "sla_kept": Ratio(("tickets_in_time",), ("tickets_closed",)),
    "csi": Ratio(("ratings_good",), ("ratings",)),
    "csi_mean": Ratio(("rating_sum",), ("ratings",), "number"),
    "occupancy": Ratio(("busy_ms", "writing_ms"), _STANDING),
    "per_hour": Ratio(("handled",), (*_STANDING, "aux_ms"), "per_hour"),
    "offers_missed": Ratio(("offers_missed",), ("offers_accepted", "offers_missed", "offers_declined")),
    "delivered": Ratio(("messages_delivered",), ("messages_delivered", "messages_failed")),
}


def figures_of(amounts: Amounts) -> dict[str, float | None]:
    """All figures of these amounts."""
    return {name: ratio.of(amounts) for name, ratio in RATIOS.items()}
