"""Whoever waits long for the bot's answer is told so: once for each wait, not before its time, and not once the answer is there."""

from collections.abc import Iterator
from datetime import timedelta

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    patience = day.seconds("messages.delay_notice_s")
    messages = {row["id"]: row for row in day.tables["messages"]}
    for conversation, story in day.story.items():
        told: set[str] = set()
        answered: set[str] = set()
        for fact in story:
            if fact["kind"] == "bot_answered":
                answered.add(fact["data"]["message"])
            elif fact["kind"] == "delay_told":
                about = fact["data"]["message"]
                waited = fact["at"] - messages[about]["created_at"] if about in messages else timedelta()
                if about in told:
                    yield f"conversation {conversation}: told twice that the answer to {about} takes long"
                if about in answered:
                    yield f"conversation {conversation}: told that the answer to {about} takes long when it was there"
                if waited < patience:
                    yield f"conversation {conversation}: told after {waited.total_seconds():.0f} s that the answer to {about} takes long"
                told.add(about)
