"""Several needs in one message: "syarat gadai emas apa, sama sabtu buka jam berapa?" asks two things."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Sequence, Tuple

ENDS = frozenset(".?!;…")
# Words that begin something else as well as joining it to what stands before. A part too short to be a need stays with its neighbour.
JOINS = frozenset("sama dan terus lalu sekalian juga plus oiya oia lagi kemudian sekaligus tapi".split())
ASKS = frozenset(
    "? apa apakah berapa kapan dimana mana bagaimana siapa bisa boleh ada syarat cara minta mau ingin jadwal info informasi".split()
)
SHORTEST, SURE, CLEAR = 3, 0.7, 0.9  # SURE: as an answer must be (config.yml)
KINDS = ("info_", "keluhan_", "cek_status", "reservasi_outlet", "data_pribadi", "minta_agen")
Need = Dict[str, Any]  # {"name": intent, "confidence": …, "text": its words}


def parts(words: Sequence[str]) -> List[List[str]]:
    """The message cut where a sentence ends or something is added, each part of at least `SHORTEST` words."""
    cut: List[List[str]] = [[]]
    for word in words:
        if word in JOINS and len(cut[-1]) >= SHORTEST:
            cut.append([])
            continue
        cut[-1].append(word)
        if word in ENDS and len(cut[-1]) > SHORTEST:
            cut.append([])
    whole: List[List[str]] = []
    for part in cut:
        if whole and sum(word.isalnum() for word in part) < SHORTEST:
            whole[-1] += part
        elif part:
            whole.append(part)
    return whole


def needs(words: Sequence[str], whole: str, read: Callable[[List[str]], Tuple[str, float]]) -> List[Need]:
    """Two or more different needs in the order they are written, or none. `whole`: the intent of the message as a whole.

    A complaint of several sentences is one need; what follows it, or stands before it, is a question only if it asks something.
    """
    found: List[Need] = []
    cut = parts(words)
    if len(cut) < 2:
        return []
    for part in cut:
        name, confidence = read(part)
        sure = CLEAR if _group(whole) == "keluhan" and name.startswith("info_") else SURE  # who complains asks many a question in passing
        asks = not name.startswith("info_") or not ASKS.isdisjoint(part)
        new = _group(name) not in [_group(need["name"]) for need in found]
        if confidence >= sure and name.startswith(KINDS) and asks and new:
            found.append({"name": name, "confidence": confidence, "text": " ".join(part)})
    return found if len(found) > 1 else []


def _group(name: str) -> str:
    return "keluhan" if name.startswith("keluhan_") else name
