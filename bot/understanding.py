"""Scores of understanding, as pure arithmetic over readings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

# Where nothing can be understood, saying so is right.
UNANSWERABLE = frozenset({"tidak_jelas", "di_luar_topik"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One line as it was read. `got`: the topic, before any fallback; `fallback`: the model was not sure enough to answer;
    `confidence`: how sure it was of `got`."""

    text: str
    wanted: str
    also: tuple[str, ...]
    kind: str
    got: str
    fallback: bool
    confidence: float
    seconds: float

    @property
    def topic(self) -> str:
        """The topic that counts: a fallback is 'tidak_jelas'."""
        return "tidak_jelas" if self.fallback else self.got

    @property
    def right(self) -> bool:
        """Right topic, or one that also counts; for what cannot be answered, falling back is right too."""
        return self.topic in (self.wanted, *self.also) or (self.fallback and self.wanted in UNANSWERABLE)


def score(readings: Sequence[Reading]) -> dict[str, Any]:
    """accuracy, macro_f1, by_topic, by_kind, confidently_wrong (share answered with a wrong topic), ms_per_message."""
    if not readings:
        return {
            "lines": 0,
            "accuracy": 0.0,
            "macro_f1": 0.0,
            "by_topic": {},
            "by_kind": {},
            "confidently_wrong": 0.0,
            "ms_per_message": 0.0,
        }
    by_kind: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_kind[reading.kind].append(reading)
    by_topic = _by_topic(readings)
    users = [r for r in readings if r.kind.startswith("user_")]
    return {
        "lines": len(readings),
        "accuracy": _share(r.right for r in readings),
        "macro_f1": _macro(by_topic),
        "macro_f1_user": _macro(_by_topic(users)) if users else None,
        "confidently_wrong": _share(not r.right and not r.fallback for r in readings),
        "fallback": _share(r.fallback for r in readings),
        "ms_per_message": round(1000 * sum(r.seconds for r in readings) / len(readings), 3),
        "by_kind": {kind: {"lines": len(found), "accuracy": _share(r.right for r in found)} for kind, found in sorted(by_kind.items())},
        "by_topic": by_topic,
    }


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold would do: shares of all lines answered wrongly and asked back, the cost of both a line, and the scores."""

    threshold: float
    wrong: float
    asked: float
    cost: float
    macro_f1: float


def curve(readings: Sequence[Reading], thresholds: Iterable[float], wrong_costs: float) -> list[Point]:
    """The cost curve of the fallback's threshold: a question costs the customer 1, a wrong answer `wrong_costs`."""
    points = []
    for threshold in thresholds:
        moved = [replace(r, fallback=r.confidence < threshold) for r in readings]
        wrong = _share(not r.right and not r.fallback for r in moved)
        asked = _share(r.fallback for r in moved)
        points.append(Point(round(threshold, 2), wrong, asked, round(wrong_costs * wrong + asked, 4), _macro(_by_topic(moved))))
    return points


def confusions(readings: Sequence[Reading]) -> list[tuple[str, str, int]]:
    """(wanted, read as, how often) of the lines that were answered wrongly, the most frequent first."""
    seen = Counter((r.wanted, r.got) for r in readings if not r.right and not r.fallback)
    return [(wanted, got, count) for (wanted, got), count in sorted(seen.items(), key=lambda item: (-item[1], item[0]))]


def _by_topic(readings: Sequence[Reading]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 by wanted topic; a right answer counts for the wanted topic whichever of the allowed ones it was."""
    seen = [(r.wanted, r.wanted if r.right else r.topic) for r in readings]
    result = {}
    for topic in sorted({wanted for wanted, _ in seen}):
        hits = sum(wanted == got == topic for wanted, got in seen)
        wanted_count = sum(wanted == topic for wanted, _ in seen)
        got_count = sum(got == topic for _, got in seen)
        precision = hits / got_count if got_count else 0.0
        recall = hits / wanted_count
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        result[topic] = {"lines": wanted_count, "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
    return result


def _macro(by_topic: dict[str, dict[str, float]]) -> float:
    return round(sum(t["f1"] for t in by_topic.values()) / len(by_topic), 4) if by_topic else 0.0


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return round(sum(found) / len(found), 4)
