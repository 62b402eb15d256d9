"""Every message a customer sent is stored exactly once, and nothing is stored that nobody sent."""

from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    wanted = {}
    for sent in day.record["sent"]:
        if sent.get("refused"):
            continue
        wanted[sent["id"]] = sent
        rows = day.stored_as.get(sent["id"], [])
        if len(rows) != 1:
            yield f"{sent['customer']}: message {sent['id']} ('{sent['text'][:40]}') is stored {len(rows)} times"
        elif day.label.get(day.conversations[rows[0]["conversation_id"]]["customer_id"]) != sent["customer"]:
            yield f"{sent['customer']}: message {sent['id']} is stored with somebody else, in conversation {rows[0]['conversation_id']}"
    for outside, rows in day.stored_as.items():
        if outside not in wanted:
            yield f"message {rows[0]['id']} of conversation {rows[0]['conversation_id']} was sent by nobody ({outside})"
