"""The day in one line: the same for two runs of one seed, whatever raced within an instant.

It is made of what each customer lived through: the conversations, in order, with what the customer said in order and what we said in order,
in which words. Left out, because two who act within one second may come in either order: ids, the numbers of tickets and reservations,
places in the queue, which agent it was (or whose name is told), when to the second, and whether the first answer came before the last of several messages written
at once. Left out, too, is the notice that an answer takes long, which is decided within an instant. Left out altogether are the customers
whose kind is a race (`RACES`): who wins it is not the seed's to say.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from bot.client import load_client
from tests.simulation.day.bodies import plain
from tests.simulation.day.checker.evidence import Evidence
from tests.support.servers import ROOT


def lives(day: Evidence) -> dict[str, list[Any]]:
    """What each customer lived through."""
    races = {c["label"] for c in day.record["customers"] if c["races"]}
    notices = {m["id"] for m in day.tables["messages"] if m["author"] == "system" and m["text"] == delay_text()}
    found: dict[str, list[Any]] = {}
    for row in sorted(day.tables["conversations"], key=lambda c: (c["opened_at"], c["id"])):
        label = day.label.get(row["customer_id"])
        if label is None or label in races:
            continue
        transcript = day.transcript.get(row["id"], [])
        theirs = [(m["kind"], plain(m["text"])) for m in transcript if m["author"] == "customer"]
        ours = [(m["author"], plain(m["text"])) for m in transcript if m["author"] != "customer" and m["id"] not in notices]
        found.setdefault(label, []).append([row["owner"], row["outcome"], row["topic"], row["episode"], theirs, ours])
    return found


@cache
def delay_text() -> str:
    """What customers are told while they wait."""
    return load_client(ROOT / "clients/pegadaian").messages.delay_text


def digest(day: Evidence) -> str:
    """Sixteen letters."""
    return hashlib.sha256(repr(sorted(lives(day).items())).encode()).hexdigest()[:16]
