"""Every customer's message is answered by the bot exactly once, or left to a person or to nobody for a reason that is written down."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import BY_HAND, Evidence

REASONS = {"person", "late", "survey", "engine_down", "reaction", "edit", "revoke", "system", "echo"}


def check(day: Evidence) -> Iterator[str]:
    answers = Counter(fact["data"]["message"] for fact in day.of_kind("bot_answered"))
    handed = {fact["conversation_id"] for fact in day.of_kind("handoff_offered")}
    for row in day.tables["messages"]:
        if row["author"] != "customer":
            continue
        where = f"message {row['id']} of conversation {row['conversation_id']}"
        count = answers[row["id"]]
        if day.conversations[row["conversation_id"]]["channel"] in BY_HAND:
            if count or row["skipped"]:
                yield f"{where} was only written down by an agent, and the bot did something about it"
            continue
        if count > 1:
            yield f"{where} was answered {count} times"
        elif count == 0 and row["skipped"] is None:
            yield f"{where} was neither answered nor left out for a reason"
        elif count == 0 and row["skipped"] not in REASONS:
            yield f"{where} was left out for an unknown reason, '{row['skipped']}'"
        elif count == 1 and row["skipped"] not in (None, "person"):
            yield f"{where} was answered although it was to be left out ({row['skipped']})"
        if count == 0 and row["skipped"] in ("late", "engine_down") and row["conversation_id"] not in handed:
            yield f"{where} was left out ({row['skipped']}) but no person was given the conversation"
    known = {row["id"] for row in day.tables["messages"]}
    for message in answers:
        if not message.startswith("idle-") and message not in known:
            yield f"an answer was given to message {message}, which is not stored"
