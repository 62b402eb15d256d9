"""Whatever was deliberately not done had its reason: dropped, failed, too late for the bot, no engine. And what should be left out was."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulation.day.checker.evidence import Evidence, moment

ENGINE = ("engine 502", "engine drops", "engine's answer lost", "engine refuses", "engine killed", "crash")
FINAL = ("Graph refuses for good", "status failed")
WHILE = timedelta(minutes=10)  # the longest an outage and its retries last
WINDOW = timedelta(hours=24)


def check(day: Evidence) -> Iterator[str]:
    owners = {c: [(f["at"], f["data"]["after"]) for f in story if f["kind"] == "owner_changed"] for c, story in day.story.items()}
    late = timedelta(seconds=day.numbers["messages.late_after_s"])
    for fact in day.of_kind("message_dropped_to_channel"):
        serving = [owner for at, owner in owners[fact["conversation_id"]] if at <= fact["at"]]
        if day.messages[fact["data"]["message"]]["author"] != "bot" or "agent" not in serving:
            yield f"message {fact['data']['message']} of conversation {fact['conversation_id']} was dropped, but no agent had taken over"
    for row in day.tables["messages"]:
        where = f"message {row['id']} of conversation {row['conversation_id']}"
        if row["delivery"] == "failed":
            yield from _failed(day, row, where)
        if row["author"] != "customer":
            continue
        if row["skipped"] == "engine_down" and not _fault(day, ENGINE, row["created_at"] + timedelta(minutes=2)):
            yield f"{where} went to people for want of an engine, and none was missing"
        old = row["channel_at"] is not None and row["created_at"] - row["channel_at"] > late
        if row["skipped"] == "late" and not old:
            yield f"{where} was taken for late, and was not"
        answered = any(f["kind"] == "bot_answered" and f["data"]["message"] == row["id"] for f in day.story[row["conversation_id"]])
        if old and answered:
            yield f"{where} was {row['created_at'] - row['channel_at']} old, and the bot answered it"


def _failed(day: Evidence, row: dict, where: str) -> Iterator[str]:
    if row["error_code"] == 131047:
        seen = [m["channel_at"] for m in day.transcript[row["conversation_id"]] if m["author"] == "customer" and m["seq"] < row["seq"]]
        if max(seen) + WINDOW > row["created_at"]:
            yield f"{where} failed for a closed window, which was open"
    elif not _fault(day, FINAL, row["delivery_at"]):
        yield f"{where} failed (code {row['error_code']}), and nothing had refused it for good"


def _fault(day: Evidence, kinds: tuple[str, ...], at: datetime) -> bool:
    return any(f["what"] in kinds and timedelta(0) <= at - moment(f["at"]) <= WHILE for f in day.record["faults"])
