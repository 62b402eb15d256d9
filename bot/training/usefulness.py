"""How much a message would teach, and why: what Sapa was unsure of, what a person had to take over, what somebody called wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REASONS = {
    "marked_wrong": "Ditandai salah oleh petugas",
    "suggested_wrong": "Saran ditandai keliru",
    "fallback": "Tidak dipahami",
    "second_opinion": "Pendapat kedua berbeda",
    "handed_over": "Dialihkan ke petugas sesudahnya",
    "low_confidence": "Kurang yakin",
    "small_margin": "Dua topik hampir sama kuat",
}
SURE = 0.7  # from here on the model counts as sure
CLOSE = 0.15  # the first and the second guess lie closer than this
FALLBACK = "nlu_fallback"
_ASKED_FOR = frozenset({"minta_agen", "tunggu_petugas"})  # handing over was what was asked for


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model made of a message. `intent` is its best guess, also where it fell back; `margin` the lead over the next one."""

    intent: str | None
    confidence: float
    fallback: bool
    margin: float | None
    second: str | None  # what another reader made of it, where there is one

    @classmethod
    def of(cls, insight: Mapping[str, Any]) -> Guess:
        """From what a message keeps of its parse; every part but the intent may be missing."""
        named, ranked = insight.get("intent"), [r for r in insight.get("ranking") or () if r.get("name") != FALLBACK]
        fallback = named == FALLBACK
        best = (ranked[0]["name"] if ranked else None) if fallback else named
        confidence = float((ranked[0]["confidence"] if fallback and ranked else insight.get("confidence")) or 0.0)
        margin = round(ranked[0]["confidence"] - ranked[1]["confidence"], 4) if len(ranked) > 1 else None
        return cls(best, confidence, fallback, margin, insight.get("second"))


@dataclass(frozen=True, slots=True)
class Usefulness:
    """Higher is sooner. `reasons`: keys of REASONS, the weightiest first."""

    score: float
    reasons: tuple[str, ...]


def usefulness(guess: Guess, *, handed_over: str | None = None, marked_wrong: bool = False, suggested_wrong: bool = False) -> Usefulness:
    """What a message is worth to a trainer. `handed_over`: why people took over right after it, None if nobody did; `suggested_wrong`: an
    agent called wrong what was suggested for it."""
    weights: dict[str, float] = {}
    if marked_wrong:
        weights["marked_wrong"] = 100
    if suggested_wrong:
        weights["suggested_wrong"] = 80
    if guess.fallback:
        weights["fallback"] = 60
    if guess.second and guess.second != guess.intent:
        weights["second_opinion"] = 50
    if handed_over and guess.intent not in _ASKED_FOR:
        weights["handed_over"] = 45 if handed_over == "fallback" else 30
    if not guess.fallback and guess.confidence < SURE:
        weights["low_confidence"] = 10 + 40 * (SURE - guess.confidence) / SURE
    if guess.margin is not None and guess.margin < CLOSE:
        weights["small_margin"] = 5 + 15 * (CLOSE - max(guess.margin, 0.0)) / CLOSE
    reasons = sorted(weights, key=lambda reason: -weights[reason])
    return Usefulness(round(sum(weights.values()) + 1 - min(guess.confidence, 1.0), 3), tuple(reasons))
