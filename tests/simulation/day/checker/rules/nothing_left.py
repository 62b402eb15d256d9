"""At the end of the day nothing is left: no message to do, nothing to send, no timer overdue, no file half fetched."""

from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    for row in day.tables["messages"]:
        if row["todo"] is not None:
            yield f"message {row['id']} of conversation {row['conversation_id']} is still to do ({row['todo']})"
        if row["delivery"] in ("queued", "sending"):
            yield f"message {row['id']} of conversation {row['conversation_id']} is still {row['delivery']}"
    for row in day.tables["outbox"]:
        yield f"message {row['message_id']} of conversation {row['conversation_id']} is still in the outbox"
    closed = {row["id"] for row in day.tables["conversations"] if row["owner"] == "closed"}
    closed |= {row["number"] for row in day.tables["tickets"] if row["closed_at"] is not None}
    for row in day.tables["timers"]:
        if row["due_at"] <= day.ended_at:
            yield f"the timer {row['kind']} of {row['subject']} was due at {row['due_at']}"
        if row["subject"] in closed:
            yield f"the timer {row['kind']} of {row['subject']} outlived it"
    for row in day.tables["media"]:
        if row["state"] == "pending":
            yield f"file {row['id']} of conversation {row['conversation_id']} is still to be fetched"
