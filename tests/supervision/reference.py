"""The figures by a second way: slow, with the whole log at hand, from docs/figures.md and without the product's rules.

`cells(log)` gives every row that the product's table must hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Line = dict[str, Any]  # id, kind, at, channel_at, conversation_id, agent_id, ticket, data
Part = tuple[datetime, str, int, dict[str, Any]]
MS = timedelta(milliseconds=1)
AGAIN = {"transfer", "agent_gone"}
OF_CONVERSATIONS = """conversation_opened contact_recorded owner_changed handoff_offered handoff_accepted message_received message_sent
message_status message_failed_to_channel bot_answered topic_named conversation_closed survey_answered wrapup_started wrapup_ended
offer_ended""".split()


def cells(log: list[Line], target_s: int, zone: ZoneInfo) -> dict[tuple[str, str, datetime, str], dict[str, int]]:
    log = sorted(log, key=lambda line: line["id"])
    parts = [*_conversations(log, target_s), *_shared(log), *_states(log), *_tickets(log), *_halts(log)]
    found: dict[Any, Counter[str]] = defaultdict(Counter)
    for at, measure, amount, named in parts:
        for grain in ("quarter", "hour", "day", "month"):
            start = _start(grain, at, zone)
            for dimension, key in [("all", ""), *((d, k) for d, k in named.items() if k)]:
                found[(grain, dimension, start, key)][measure] += amount
    nonzero = {cell: {m: n for m, n in amounts.items() if n} for cell, amounts in found.items()}
    return {cell: amounts for cell, amounts in nonzero.items() if amounts}


def _start(grain: str, at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    kept = {"quarter": 5, "hour": 4, "day": 3, "month": 2}[grain]
    numbers = [local.year, local.month, local.day, local.hour, local.minute // 15 * 15][:kept]
    return datetime(*([*numbers, 1] if kept == 2 else numbers), tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]


def _stories(log: list[Line]) -> Iterator[tuple[str, list[tuple[datetime, Line]]]]:
    told: dict[str, list[Line]] = defaultdict(list)
    for line in log:
        if line["conversation_id"] and line["kind"] in OF_CONVERSATIONS:
            told[line["conversation_id"]].append(line)
    for conversation, lines in told.items():
        yield conversation, [(max(other["at"] for other in lines[: n + 1]), line) for n, line in enumerate(lines)]


def _about(story: list[tuple[datetime, Line]]) -> dict[str, Any]:
    topics = [line["data"].get("topic") for _, line in story if line["kind"] in ("bot_answered", "topic_named", "contact_recorded")]
    channels = [line["data"]["channel"] for _, line in story if line["kind"] == "conversation_opened"]
    return {"topic": next((t for t in reversed(topics) if t), None), "channel": channels[0] if channels else None}


def _happened(line: Line) -> datetime:
    return min(line["at"], line["channel_at"] or line["at"])


def _leaves(line: Line) -> bool:
    return line["kind"] == "owner_changed" and line["data"]["after"] in ("bot", "closed")


def _by_agent(line: Line) -> bool:
    return line["kind"] == "message_sent" and line["data"]["author"] == "agent"


def _team(story: list[tuple[datetime, Line]], n: int) -> Any:
    return next((line["data"]["team"] for _, line in reversed(story[: n + 1]) if line["kind"] == "handoff_offered"), None)


def _conversations(log: list[Line], target_s: int) -> Iterator[Part]:
    for _, story in _stories(log):
        about = _about(story)
        for at, measure, amount, named in [*_hand_offs(story), *_answers(story, target_s), *_rest(story)]:
            yield at, measure, amount, {**about, **named}


def _hand_offs(story: list[tuple[datetime, Line]]) -> Iterator[Part]:
    asked = [n for n, (_, line) in enumerate(story) if line["kind"] == "handoff_offered" and line["data"]["reason"] not in AGAIN]
    for n in asked:
        at, line = story[n]
        named = {"reason": line["data"]["reason"], "team": line["data"]["team"]}
        end = next((m for m in range(n, len(story)) if _leaves(story[m][1])), None)
        replies = [one for _, one in story[n:end] if _by_agent(one)]
        yield at, "handoffs", 1, named
        if replies:
            yield at, "offered", 1, {**named, "agent": replies[0]["agent_id"]}
            yield at, "served", 1, {**named, "agent": replies[0]["agent_id"]}
        elif end is None:
            yield at, "offered", 1, named
        elif story[end][1]["data"]["after"] == "bot":
            yield at, "returned_unanswered", 1, named
        else:
            yield at, "offered", 1, named
            yield at, "abandoned", 1, named
            yield at, "abandoned_ms", (story[end][0] - at) // MS, named
    opened = [at for at, line in story if line["kind"] == "conversation_opened"]
    if opened and any(line["kind"] == "contact_recorded" for _, line in story):
        yield opened[0], "contacts", 1, {}
    elif opened:
        yield opened[0], "opened", 1, {}
        if asked:
            yield opened[0], "handed_off", 1, {}
        elif any(line["kind"] == "bot_answered" for _, line in story) and any(
            line["kind"] == "owner_changed" and line["data"]["after"] == "closed" for _, line in story
        ):
            yield opened[0], "contained", 1, {}


def _waiting(story: list[tuple[datetime, Line]], n: int) -> tuple[datetime, bool] | None:
    """Since when an answer of a person was waited for before line n, and whether the first."""
    after = max((m + 1 for m in range(n) if _by_agent(story[m][1]) or _leaves(story[m][1])), default=0)
    between = story[after:n]
    for at, line in between:
        if line["kind"] == "handoff_offered" and line["data"]["reason"] not in AGAIN:
            return at, True
    for at, line in between:
        if line["kind"] == "handoff_offered":
            return at, False
        data = line["data"]
        if line["kind"] == "message_received" and data["skipped"] in (None, "person", "late") and data["owner"] in ("queue", "agent"):
            return _happened(line), False
    return None


def _answers(story: list[tuple[datetime, Line]], target_s: int) -> Iterator[Part]:
    for n, (at, line) in enumerate(story):
        held = [one["agent_id"] for _, one in story[: n + 1] if _takes(one)]
        since = _waiting(story, n) if _by_agent(line) or _leaves(line) else None
        if since is None:
            continue
        if _leaves(line):
            if held:
                yield at, "unanswered", 1, {"agent": held[-1], "team": _team(story, n)}
            continue
        named = {"agent": line["agent_id"], "team": _team(story, n)}
        waited = (at - since[0]) // MS
        yield at, "first_responses" if since[1] else "next_responses", 1, named
        yield at, "first_response_ms" if since[1] else "next_response_ms", waited, named
        yield at, "responses_in_target", int(waited <= target_s * 1000), named


def _takes(line: Line) -> bool:
    return line["kind"] == "contact_recorded" or (line["kind"] == "owner_changed" and line["data"]["after"] == "agent")


def _rest(story: list[tuple[datetime, Line]]) -> Iterator[Part]:
    closings = [at for at, line in story if line["kind"] == "owner_changed" and line["data"]["after"] == "closed"]
    received = {
        line["data"]["message"]: _happened(line)
        for _, line in story
        if line["kind"] == "message_received" and line["data"]["skipped"] in (None, "person", "late", "survey")
    }
    for n, (at, line) in enumerate(story):
        kind, data, before = line["kind"], line["data"], [one for _, one in story[: n + 1]]
        if kind == "message_received" and data["message"] in received:
            yield _happened(line), "messages_in", 1, {}
        elif kind == "message_sent":
            yield at, "messages_out", 1, {"served": data["author"] if data["author"] != "system" else None}
            later = [one for _, one in story[n:] if one["data"].get("message") == data["message"]]
            states = {one["data"].get("status") for one in later if one["kind"] == "message_status"}
            if states & {"delivered", "read", "played"}:
                yield at, "messages_delivered", 1, {}
            elif "failed" in states or any(one["kind"] == "message_failed_to_channel" for one in later):
                yield at, "messages_failed", 1, {}
        elif kind == "bot_answered" and data["message"] in {
            one["data"].get("message") for one in before if one["kind"] == "message_received"
        }:
            if data["message"] in received:
                yield at, "bot_responses", 1, {}
                yield at, "bot_response_ms", (at - received[data["message"]]) // MS, {}
                yield at, "bot_misunderstood", int(not data["understood"]), {}
        elif kind == "handoff_accepted":
            asked = [t for t, one in story[:n] if one["kind"] == "handoff_offered"]
            named = {"agent": line["agent_id"], "team": _team(story, n)}
            yield at, "accepted", 1, named
            yield at, "queue_ms", (at - asked[-1]) // MS, named
        elif kind == "offer_ended" and data["how"] != "withdrawn":
            yield at, f"offers_{data['how']}", 1, {"agent": line["agent_id"], "team": _team(story, n)}
        elif kind == "conversation_closed":
            held = [one["agent_id"] for one in before if _takes(one)]
            person = any(one["kind"] == "contact_recorded" for one in before) or any(
                _answered_within(story, m, n) for m in range(n) if story[m][1]["kind"] == "handoff_offered"
            )
            named = {"agent": held[-1] if held else None, "team": _team(story, n), "served": "agent" if person else "bot"}
            yield at, "closed", 1, named
            yield at, "resolved", int(data["outcome"] == "solved"), named
            yield at, "idle_closes", int(data["by"] == "system" and data["outcome"] == "no_response"), named
        elif kind == "survey_answered":
            past = [
                c
                for c, (_, one) in (
                    (t, (t, o)) for t, o in story[: n + 1] if o["kind"] == "owner_changed" and o["data"]["after"] == "closed"
                )
            ]
            when = past[-1] if past else at
            named = {"agent": line["agent_id"], "team": _team(story, n) if line["agent_id"] else None, "served": data["served"]}
            yield when, "ratings", 1, named
            yield when, "rating_sum", data["score"], named
            yield when, "ratings_good", int(data["score"] in (4, 5)), named
    assert len(closings) <= 1


def _answered_within(story: list[tuple[datetime, Line]], m: int, n: int) -> bool:
    """Whether a person wrote in the hand-off of line m, before line n."""
    for _, line in story[m:n]:
        if _leaves(line):
            return False
        if _by_agent(line):
            return True
    return False


def _shared(log: list[Line]) -> Iterator[Part]:
    stays: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, story in _stories(log):
        for n, (at, line) in enumerate(story):
            if not _takes(line):
                continue
            end = next((m for m in range(n + 1, len(story)) if story[m][1]["kind"] == "owner_changed"), None)
            over = next((m for m in range(n + 1, len(story)) if _takes(story[m][1])), len(story))
            mine = [(t, one) for t, one in story[n:over] if one["agent_id"] == line["agent_id"]]
            begun = [t for t, one in mine if one["kind"] == "wrapup_started"]
            ended = [t for t, one in mine if one["kind"] == "wrapup_ended"]
            hand = line["kind"] == "contact_recorded"
            stays[line["agent_id"]].append(
                {
                    "from": at,
                    "to": None if end is None else story[end][0],
                    "wrap": (ended[0] - begun[0]) // MS if begun and ended else 0,
                    "named": {**_about(story), "agent": line["agent_id"], "team": None if hand else _team(story, n)},
                }
            )
    for held in stays.values():
        ends = [stay["to"] or datetime.max.replace(tzinfo=UTC) for stay in held]
        cuts = sorted({at for stay in held for at in (stay["from"], stay["to"]) if at is not None})
        for stay, end in zip(held, ends, strict=True):
            if stay["to"] is None:
                continue
            shares: dict[datetime, Fraction] = defaultdict(Fraction)
            at = stay["from"]
            while at < end:
                quarter = datetime.fromtimestamp(at.timestamp() // 900 * 900, UTC)
                until = min([quarter + timedelta(minutes=15), *(cut for cut in cuts if cut > at)])
                beside = sum(other["from"] <= at < other_end for other, other_end in zip(held, ends, strict=True))
                shares[quarter] += Fraction((until - at) // MS, beside)
                at = until
            yield end, "handled", 1, stay["named"]
            yield end, "hand_ms", round(sum(shares.values(), Fraction(0))), stay["named"]
            yield end, "wrap_ms", stay["wrap"], stay["named"]
            for quarter, share in shares.items():
                yield quarter, "busy_ms", round(share), stay["named"]


def _states(log: list[Line]) -> Iterator[Part]:
    for agent in {line["agent_id"] for line in log if line["kind"] == "agent_state_changed"}:
        mine = [line for line in log if line["kind"] == "agent_state_changed" and line["agent_id"] == agent]
        times = [max(line["at"] for line in mine[: n + 1]) for n in range(len(mine))]
        for line, began, ended in zip(mine, times, times[1:], strict=False):
            measure = {"ready": "ready_ms", "wrapup": "writing_ms", "aux": "aux_ms", "offline": ""}[line["data"]["state"]]
            if measure:
                reason = line["data"]["reason"] if measure == "aux_ms" else None
                yield from ((at, measure, ms, {"agent": agent, "reason": reason}) for at, ms in _cut(began, ended))


def _cut(began: datetime, ended: datetime) -> Iterator[tuple[datetime, int]]:
    while began < ended:
        until = min(ended, datetime.fromtimestamp(began.timestamp() // 900 * 900 + 900, UTC))
        yield began, (until - began) // MS
        began = until


def _tickets(log: list[Line]) -> Iterator[Part]:
    for number in {line["ticket"] for line in log if line["ticket"]}:
        mine = [line for line in log if line["ticket"] == number]
        changes = [line for line in mine if line["kind"] in ("ticket_opened", "ticket_changed")]
        for line in changes:
            if line["kind"] == "ticket_opened":
                yield line["at"], "tickets_opened", 1, _of_ticket(line)
        is_over = [line["data"]["state"]["status"] in ("solved", "no_response") for line in changes]
        if is_over and is_over[-1]:
            first = len(is_over) - next((n for n, over in enumerate(reversed(is_over)) if not over), len(is_over))
            closing = changes[first]
            yield closing["at"], "tickets_closed", 1, _of_ticket(closing)
            alerts = [line["data"] for line in mine if line["kind"] == "ticket_alerted"]
            if not any(told["what"] == "breach" and told["scope"] == "overall" for told in alerts):
                yield closing["at"], "tickets_in_time", 1, _of_ticket(closing)


def _of_ticket(line: Line) -> dict[str, Any]:
    return {"team": line["data"]["state"]["unit"], "topic": line["data"]["state"]["topic"]}


def _halts(log: list[Line]) -> Iterator[Part]:
    told = [line for line in log if line["kind"] in ("channel_halted", "channel_resumed")]
    for n, line in enumerate(told):
        if line["kind"] == "channel_halted":
            same = [other["at"] for other in told[n + 1 :] if other["data"]["account"] == line["data"]["account"]]
            until = line["data"]["until"]
            ends = [*same[:1], *([datetime.fromisoformat(until)] if until else [])]
            if ends:
                yield from ((at, "halted_ms", ms, {"channel": "whatsapp"}) for at, ms in _cut(line["at"], min(ends)))
