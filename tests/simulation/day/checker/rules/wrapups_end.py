"""Writing up begins when an agent closes, once; it ends once, and lasts no longer than allowed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.simulation.day.checker.evidence import Evidence

MOMENT, LEASE = timedelta(seconds=1), timedelta(seconds=31)


def check(day: Evidence) -> Iterator[str]:
    allowed = day.seconds("routing.wrap_up_s")
    kept = {row["conversation_id"]: row for row in day.tables["wrapups"]}
    for conversation, story in day.story.items():
        holder, begun, ended = None, None, None
        for fact in story:
            where = f"conversation {conversation}: fact {fact['id']}"
            if fact["kind"] == "contact_recorded" or (fact["kind"] == "owner_changed" and fact["data"]["after"] == "agent"):
                holder = fact["agent_id"]
            elif fact["kind"] == "wrapup_started":
                if begun is not None or holder != fact["agent_id"] or not _closed(story, fact):
                    yield f"{where}: {fact['agent_id']} begins to write up what {holder} held"
                begun = fact
            elif fact["kind"] == "wrapup_ended":
                if begun is None or ended is not None or begun["agent_id"] != fact["agent_id"]:
                    yield f"{where}: {fact['agent_id']} ends a writing up that is not under way"
                    continue
                ended, due = fact, begun["at"] + allowed
                spare = LEASE if any(due <= at <= due + LEASE for at in day.disturbed) else MOMENT
                if fact["at"] - due > spare or fact["data"]["seconds"] != (fact["at"] - begun["at"]).total_seconds():
                    yield f"{where}: written up for {fact['at'] - begun['at']}, told as {fact['data']['seconds']} s"
        if begun is not None and ended is None:
            yield f"conversation {conversation}: the writing up of fact {begun['id']} never ended"
        row = kept.get(conversation)
        times = (begun["at"], ended["at"] if ended else None) if begun else None
        if times != ((row["started_at"], row["ended_at"]) if row else None):
            yield f"conversation {conversation}: the log and the table do not agree about its writing up"


def _closed(story: list[Any], begun: Any) -> bool:
    """Whether an agent's closing is what it begins with."""
    changes = [f for f in story if f["kind"] == "owner_changed" and f["id"] < begun["id"]]
    return (
        bool(changes)
        and changes[-1]["at"] == begun["at"]
        and (changes[-1]["data"]["before"], changes[-1]["data"]["after"]) == ("agent", "closed")
    )
