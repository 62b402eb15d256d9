"""A model's report: what was measured of it and of the model in service, put side by side. Pure; bot/training/evaluation.py measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.client import Client
from bot.understanding import Reading

CONFUSED = 0.05  # of the examples of an intent read as one other: the two overlap
SHOWN = 200  # changed answers and warnings that are kept

Read = Mapping[str, Any]  # a line of engine.reading: intent, confidence, ranking, seconds


def reading(line: Mapping[str, Any], read: Read, client: Client) -> Reading:
    """A line of a test set as it was read."""
    fallback = _fell_back(read)
    return Reading(
        text=line["text"],
        wanted=line["intent"],
        also=tuple(line.get("alt") or ()),
        kind=line.get("kind", ""),
        got=client.topic_of(_likeliest(read)),
        fallback=fallback,
        confidence=read["confidence"],
        seconds=read["seconds"],
    )


def changed(texts: Sequence[str], before: Sequence[Read], after: Sequence[Read], client: Client) -> list[dict[str, Any]]:
    """The texts that get another answer: another intent, or a fallback more or less. Answers with another topic stand first."""
    found: list[dict[str, Any]] = []
    for text, was, now in zip(texts, before, after, strict=True):
        shown = _shown(was, client), _shown(now, client)
        if shown[0]["answer"] != shown[1]["answer"]:
            found.append({"text": text, "before": shown[0], "after": shown[1]})
    return sorted(found, key=_same_topic)[:SHOWN]


def _same_topic(change: Mapping[str, Any]) -> bool:
    return bool(change["before"]["topic"] == change["after"]["topic"])


def _shown(read: Read, client: Client) -> dict[str, Any]:
    intent = None if _fell_back(read) else read["intent"]
    topic = client.topic_of(intent)
    label = client.topic_label(topic) if intent else "Tidak dipahami"
    return {"answer": intent, "topic": topic, "label": label, "confidence": round(read["confidence"], 2)}


def _fell_back(read: Read) -> bool:
    return read["intent"] in (None, "nlu_fallback")


def _likeliest(read: Read) -> str | None:
    ranking = read["ranking"]
    name: str | None = ranking[1]["name"] if _fell_back(read) and len(ranking) > 1 else read["intent"]
    return name


def overlaps(cross_validation: Mapping[str, Any]) -> list[str]:
    """Sentences on intents that are taken for each other, the worst first."""
    examples = {intent: entry["examples"] for intent, entry in cross_validation["by_intent"].items()}
    skipped = set(cross_validation.get("not_counted", ()))
    found = []
    for pair in cross_validation["confused"]:
        share = pair["count"] / examples[pair["wanted"]]
        if share >= CONFUSED and pair["wanted"] not in skipped:
            sentence = (
                f"Intent '{pair['wanted']}' terbaca sebagai '{pair['read']}' pada {pair['count']} dari {examples[pair['wanted']]} contoh."
            )
            found.append((share, sentence))
    return [sentence for _, sentence in sorted(found, reverse=True)]


def summary(report: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The few figures that a list shows."""
    if report is None:
        return None
    candidate = (report.get("test_set") or {}).get("candidate") or {}
    conversations = report.get("conversations")
    return {
        "macro_f1": (report.get("cross_validation") or {}).get("macro_f1"),
        "spread": (report.get("cross_validation") or {}).get("fold_spread"),
        "test_macro_f1": candidate.get("macro_f1"),
        "confidently_wrong": candidate.get("confidently_wrong"),
        "conversations": {"ran": conversations["ran"], "failed": len(conversations["failed"])} if conversations else None,
    }
