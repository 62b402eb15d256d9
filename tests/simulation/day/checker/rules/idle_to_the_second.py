"""Every "are you still there?" comes at its very second, never while the customer waits for us, and so does the closing.

The rule (SOP Customer Handling 8.2 3a-3b, 8.4 2a-2b, 8.5 2a-2c) is computed here from the log alone. What starts the wait: our answer, once
nothing of the customer's is left to answer; an agent's reply or return. What ends it: anything the customer writes, the queue, the end. While an
answer of ours has not left yet the wait has not begun: it starts anew at the second at which the question would have come. A process that
dies, or loses its database, with the question in hand leaves it to the next after 30 seconds (the timer's lease).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.day.checker.evidence import Evidence, moment

WRITES = {"text", "choice", "media", "location", "contacts", "order", "unsupported", "unknown"}
LEASE = timedelta(seconds=30)
GONE = timedelta(seconds=15)  # docs/decisions/0009-idle-rule-on-leaving.md


@dataclass
class Wait:
    """What we know while reading a conversation's story."""

    owner: str = "bot"
    since: datetime | None = None
    stage: int = 0
    owed: set[str] = field(default_factory=set)


def check(day: Evidence) -> Iterator[str]:
    disturbed = {moment(f["at"]) for f in day.record["faults"] if f["what"] in ("crash", "database")}
    for conversation, story in day.story.items():
        yield from _follow(day, conversation, story, disturbed, _unsent(day, conversation))


def _unsent(day: Evidence, conversation: str) -> list[tuple[datetime, datetime]]:
    """When a message of ours was waiting to leave: from the decision until the channel took it, or it was given up."""
    if day.conversations[conversation]["channel"] != "whatsapp":
        return []
    begun: dict[str, datetime] = {}
    doubted: dict[str, datetime] = {}
    spans = []
    for fact in day.story[conversation]:
        message = fact["data"].get("message")
        if fact["kind"] == "message_sent":
            begun[message] = fact["at"]
        elif fact["kind"] == "message_uncertain":
            doubted[message] = fact["at"]
        elif fact["kind"].endswith("_to_channel"):
            spans.append((begun.pop(message), fact["at"]))
    for message, at in begun.items():  # a status showed that it arrived: the doubt ends when it is looked at again, 20 seconds on
        spans.append((at, doubted[message] + timedelta(seconds=20) if message in doubted else day.ended_at))
    return spans


def _follow(
    day: Evidence, conversation: str, story: list[Any], disturbed: set[datetime], unsent: list[tuple[datetime, datetime]]
) -> Iterator[str]:
    times = [day.seconds(f"idle.{name}") for name in ("first_after_s", "again_after_s", "close_after_s")]
    wait = Wait()
    for fact in story:
        kind, data, at = fact["kind"], fact["data"], fact["at"]
        dues = _dues(wait, times, disturbed, unsent, at)
        if dues and at > max(dues):
            due = max(dues)
            yield f"conversation {conversation}: nothing came at {due:%H:%M:%S}, when step {wait.stage + 1} of the idle rule was due (fact {fact['id']})"
            wait.since, dues = None, set()
        if kind == "idle_asked" and data.get("why") == "left":
            yield from _left(day, conversation, fact, wait, disturbed)
            wait.since, wait.stage = at, 2
        elif kind == "idle_asked":
            if not dues or wait.owed or wait.owner not in ("bot", "agent"):
                yield f"conversation {conversation}: the customer was asked at {at:%H:%M:%S} (fact {fact['id']}) while it was not the customer's turn"
            elif at not in dues or data["stage"] != wait.stage + 1:
                told = f"question {wait.stage + 1} was due at {min(dues):%H:%M:%S}"
                yield f"conversation {conversation}: question {data['stage']} came at {at:%H:%M:%S} (fact {fact['id']}), {told}"
            wait.since, wait.stage = at, data["stage"]
        elif kind == "conversation_closed":
            if data["outcome"] == "no_response" and data["by"] == "system" and (wait.stage < 2 or at not in dues):
                told = f"{min(dues):%H:%M:%S}" if dues else "not at all"
                yield f"conversation {conversation}: closed for silence at {at:%H:%M:%S} (fact {fact['id']}), due {told}"
            wait.since = None
        else:
            _learn(day, wait, fact)
    dues = _dues(wait, times, disturbed, unsent, day.ended_at)
    if dues and max(dues) < day.ended_at:
        yield f"conversation {conversation}: the customer was waited for since {wait.since:%H:%M:%S}, and nothing came of it"


def _dues(
    wait: Wait, times: list[timedelta], disturbed: set[datetime], unsent: list[tuple[datetime, datetime]], until: datetime
) -> set[datetime]:
    """When the next step may come: one second, but for one in which a message of ours was just leaving or the service dying, when there are two."""
    if wait.since is None:
        return set()
    pause = times[min(wait.stage, 2)]
    found, left = set(), [wait.since + pause]
    while left:
        due = left.pop()
        if due in disturbed:
            left.append(due + LEASE)
        if due <= until and any(begun < due <= ended for begun, ended in unsent):
            left.append(due + pause)
        if not any(begun < due < ended for begun, ended in unsent):
            found.add(due)
    return found


def _learn(day: Evidence, wait: Wait, fact: Any) -> None:
    kind, data, at = fact["kind"], fact["data"], fact["at"]
    if kind == "message_received" and data["type"] in WRITES and data["skipped"] != "survey":
        wait.since, wait.stage = None, 0
        if data["skipped"] is None:
            wait.owed.add(data["message"])
    elif kind == "bot_answered":
        wait.owed.discard(data["message"])
        if wait.owner == "bot" and data["replies"] and not data["message"].startswith("idle-"):
            left = {m for m in wait.owed if day.messages[m]["skipped"] is None}
            wait.since, wait.stage = (None, 0) if left else (at, 0)
    elif kind == "agent_replied":
        wait.since, wait.stage = at, 0
        wait.owed.clear()
    elif kind == "handoff_returned":
        wait.since, wait.stage = (None, 0) if data["reason"] == "recalled" else (at, 0)
    elif kind == "owner_changed":
        wait.owner = data["after"]
        if wait.owner in ("queue", "agent"):
            wait.since, wait.stage = None, 0
            wait.owed.clear()


def _left(day: Evidence, conversation: str, fact: Any, wait: Wait, disturbed: set[datetime]) -> Iterator[str]:
    """Asked because the customer left: the button was pressed, or the window has been away for fifteen seconds, or for as long as a lease
    more where the service died or lost its database over that very second."""
    label = day.label.get(fact["customer_id"])
    doors = [(moment(d["at"]), d["what"]) for d in day.record["doors"] if d["customer"] == label]
    ended = any(at == fact["at"] and what == "end" for at, what in doors)
    since = {fact["at"] - GONE} | ({fact["at"] - GONE - LEASE} if fact["at"] - LEASE in disturbed else set())
    away = [at for at, what in doors if at in since and what == "leave"]
    back = any(away and min(away) < at < fact["at"] and what == "come_back" for at, what in doors)
    if not ended and (not away or back):
        yield f"conversation {conversation}: asked at {fact['at']:%H:%M:%S} because the customer left, who had not"
    if not ended and wait.since is None:
        yield f"conversation {conversation}: the customer left while waiting for us, and was asked at {fact['at']:%H:%M:%S}"
