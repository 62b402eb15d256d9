"""What the product shows (/metrics, the desk's lists) is what the log says, whenever it was looked at."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.simulation.day.checker.evidence import BY_HAND, Evidence, moment


def check(day: Evidence) -> Iterator[str]:
    for figure in day.record["figures"]:
        owners, queued = _as_of(day, figure["facts"])
        at, shown = figure["at"], figure["shown"]
        counts = Counter(owners.values())
        if figure["what"] == "metrics":
            yield from _metrics(day, at, shown, counts)
        else:
            yield from _box(figure["what"], at, shown, counts, owners, queued)


def _as_of(day: Evidence, last_fact: int) -> tuple[dict[str, str], dict[str, tuple[Any, ...]]]:
    """Each conversation's owner, and the places in the queue, after a certain fact."""
    owners: dict[str, str] = {}
    places: dict[str, tuple[Any, ...]] = {}
    for fact in day.facts:
        if fact["id"] > last_fact:
            break
        conversation, data = fact["conversation_id"], fact["data"]
        if fact["kind"] == "conversation_opened":
            owners[conversation] = "agent" if data["channel"] in BY_HAND else "bot"
        elif fact["kind"] == "owner_changed":
            owners[conversation] = data["after"]
        elif fact["kind"] == "handoff_offered":
            handed_on = data["reason"] in ("transfer", "agent_gone")  # these have waited before: how long is not in this log
            places[conversation] = (not data["urgent"], not handed_on, fact["at"] if not handed_on else None, conversation)
    return owners, {c: places[c] for c, owner in owners.items() if owner == "queue"}


def _metrics(day: Evidence, at: str, shown: str, counts: Counter[str]) -> Iterator[str]:
    gauges = {name: float(value) for name, value in re.findall(r"^(sapa_\S+) (\S+)$", shown, re.MULTILINE)}
    wanted = {f'sapa_conversations{{owner="{owner}"}}': float(counts[owner]) for owner in ("bot", "queue", "agent")}
    halted = [f for f in day.of_kind("channel_halted") if f["at"] <= moment(at)]
    paused = bool(halted) and (halted[-1]["data"]["until"] is None or moment(halted[-1]["data"]["until"]) > moment(at))
    wanted["sapa_channels_halted"] = float(paused)
    for name, value in wanted.items():
        if gauges.get(name) != value:
            yield f"at {at} /metrics showed {name} {gauges.get(name)}, by the log it is {value}"


def _box(what: str, at: str, shown: Any, counts: Counter[str], owners: dict[str, str], queued: dict[str, tuple[Any, ...]]) -> Iterator[str]:
    open_now = {c for c, owner in owners.items() if owner != "closed"}
    if shown["counts"]["queue"] != counts["queue"] or shown["counts"]["all"] != len(open_now):
        yield f"at {at} the desk counted {shown['counts']}, by the log {counts['queue']} wait and {len(open_now)} are open"
    listed = [c["id"] for c in shown["conversations"]]
    if what == "box queue" and (set(listed) != set(queued) or not _in_order([queued[c] for c in listed])):
        yield f"at {at} the desk listed the queue as {listed}, by the log it is {queued}"
    if what == "box all" and len(open_now) <= 200 and set(listed) != open_now:
        yield f"at {at} the desk listed {len(listed)} conversations, by the log {len(open_now)} are open"


def _in_order(places: list[tuple[Any, ...]]) -> bool:
    """Urgent first, then who was handed on, then first come first served."""
    classes = [place[:2] for place in places]
    firsts = [place for place in places if place[2] is not None]
    return classes == sorted(classes) and firsts == sorted(firsts)
