"""Order is kept: messages are stored and answered in the order in which the customer sent them, and replies reach the customer in order."""

import itertools
from collections import defaultdict
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    yield from _seqs(day)
    yield from _stored(day)
    yield from _answered(day)
    yield from _replies_on_whatsapp(day)
    yield from _replies_on_livechat(day)


def _seqs(day: Evidence) -> Iterator[str]:
    for conversation, rows in day.transcript.items():
        if [row["seq"] for row in rows] != list(range(1, len(rows) + 1)):
            yield f"conversation {conversation}: the seqs have a gap or a double"
        if day.conversations[conversation]["last_seq"] != len(rows):
            yield f"conversation {conversation}: last_seq is {day.conversations[conversation]['last_seq']} of {len(rows)} messages"


def _place(day: Evidence, row: dict) -> tuple:
    opened = day.conversations[row["conversation_id"]]
    return opened["opened_at"], opened["id"], row["seq"]


def _stored(day: Evidence) -> Iterator[str]:
    """What was acknowledged before the next was sent stands before it."""
    by_customer = defaultdict(list)
    for sent in day.record["sent"]:
        rows = day.stored_as.get(sent["id"], [])
        if len(rows) == 1:
            by_customer[sent["customer"]].append((sent, rows[0]))
    for customer, pairs in by_customer.items():
        for (first, before), (second, after) in itertools.pairwise(pairs):
            if first["acked"] is not None and first["acked"] < second["n"] and not _place(day, before) < _place(day, after):
                yield f"{customer}: message {before['id']} was sent before {after['id']}, but is stored after it"


def _answered(day: Evidence) -> Iterator[str]:
    answered = defaultdict(list)
    for fact in day.of_kind("bot_answered"):
        row = day.messages.get(fact["data"]["message"])
        if row is not None:
            answered[fact["conversation_id"]].append(row)
    for conversation, rows in answered.items():
        for before, after in itertools.pairwise(rows):
            if before["seq"] > after["seq"]:
                yield f"conversation {conversation}: message {after['id']} was answered after {before['id']}, which came later"


def _replies_on_whatsapp(day: Evidence) -> Iterator[str]:
    """By message, and within a long message by part (`id:part:parts`)."""
    last: dict = {}
    for taken in day.record["graph"]:
        message, _, part = str(taken["body"].get("biz_opaque_callback_data")).partition(":")
        row = day.messages.get(message)
        if row is None:
            continue
        customer = day.conversations[row["conversation_id"]]["customer_id"]
        place = (*_place(day, row), int(part.partition(":")[0] or 0))
        if customer in last and place < last[customer]:
            yield f"conversation {row['conversation_id']}: message {row['id']} reached the customer after a later one"
        last[customer] = max(last.get(customer, place), place)


def _replies_on_livechat(day: Evidence) -> Iterator[str]:
    shown: dict = defaultdict(dict)
    for frame in day.record["received"]:
        shown[(frame["customer"], frame["conversation"])].setdefault(frame["id"], frame["seq"])
    for (customer, conversation), first in shown.items():
        seqs = list(first.values())
        if seqs != sorted(seqs):
            yield f"{customer}: the messages of conversation {conversation} came in the order {seqs}"
