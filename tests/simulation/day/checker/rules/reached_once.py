"""Nothing reached a customer that is not stored as sent; nothing stored as sent failed to reach them; nothing reached them twice.

An uncertain send (docs/decisions/0005-uncertain-sends.md) that never was resolved may or may not have arrived, but not twice.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence
from tests.simulation.day.checker.terms import terms

ARRIVED = ("sent", "delivered", "read", "played")
NEVER = ("dropped", "queued", "sending")


def check(day: Evidence) -> Iterator[str]:
    yield from _whatsapp(day)
    yield from _livechat(day)


def _text(body: dict) -> str:
    if body.get("type", "text") == "text":
        return body["text"]["body"]
    if body["type"] == "template":
        values = iter(value["text"] for part in body["template"]["components"] for value in part["parameters"])
        return re.sub(r"\{\w+\}", lambda _: next(values), terms().templates[body["template"]["name"]])
    return body["interactive"]["body"]["text"] if body.get("type") == "interactive" else ""


def _whatsapp(day: Evidence) -> Iterator[str]:
    parts: dict = defaultdict(Counter)
    texts: dict = defaultdict(list)
    address = {c["label"]: (c["wa_id"], c["identity"]) for c in day.record["customers"]}
    for taken in day.record["graph"]:
        token = str(taken["body"].get("biz_opaque_callback_data"))
        message = token.partition(":")[0]
        parts[message][token] += 1
        texts[message].append(_text(taken["body"]))
        row = day.messages.get(message)
        if row is None or row["author"] == "customer" or row["note"]:
            yield f"customer {taken['to']} got message {message}, which is not stored as one of ours"
            continue
        label = day.label.get(day.conversations[row["conversation_id"]]["customer_id"])
        if taken["to"] not in address.get(label or "", ()):
            yield f"message {message} of conversation {row['conversation_id']} reached {taken['to']}, who is not {label}"
    for row in day.tables["messages"]:
        if row["channel"] != "whatsapp" or row["author"] == "customer" or row["note"]:
            continue
        tokens = parts[row["id"]]
        where = f"message {row['id']} of conversation {row['conversation_id']} ({row['delivery']})"
        if any(count > 1 for count in tokens.values()):
            yield f"{where} reached the customer twice"
        wanted = max((int(t.split(":")[2]) for t in tokens if t.count(":") == 2), default=1)
        if row["delivery"] in ARRIVED and len(tokens) < wanted:
            yield f"{where} did not reach the customer"
        if row["delivery"] in NEVER and tokens:
            yield f"{where} reached the customer all the same"
        if tokens and row["delivery"] in ARRIVED and _squeezed("".join(texts[row["id"]])) != _squeezed(row["text"]):
            yield f"{where} reached the customer with other words"


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _livechat(day: Evidence) -> Iterator[str]:
    seen: dict = defaultdict(set)
    for frame in day.record["received"]:
        row = day.messages.get(frame["id"])
        if row is None or row["conversation_id"] != frame["conversation"] or row["note"] or row["seq"] != frame["seq"]:
            yield f"{frame['customer']} got message {frame['id']} of conversation {frame['conversation']}, which is not stored so"
            continue
        owner = day.label.get(day.conversations[row["conversation_id"]]["customer_id"])
        if owner != frame["customer"]:
            yield f"{frame['customer']} got message {frame['id']}, which is {owner}'s"
        if frame["author"] != row["author"] or frame["text"] != row["text"]:
            yield f"{frame['customer']} got message {frame['id']} with another author or other words"
        seen[frame["customer"]].add(frame["id"])
    watching = {w["customer"]: w["conversation"] for w in day.record["windows"] if w["open"]}
    for row in day.tables["messages"]:
        conversation = day.conversations[row["conversation_id"]]
        label = day.label.get(conversation["customer_id"], "")
        if row["channel"] != "livechat" or row["note"] or row["kind"] in ("reaction", "edit", "revoke"):
            continue
        if watching.get(label) == row["conversation_id"] and row["id"] not in seen[label]:
            yield f"{label} has the window open, but message {row['id']} of conversation {row['conversation_id']} did not come"
