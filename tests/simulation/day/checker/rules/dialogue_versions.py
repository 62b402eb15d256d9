"""The dialogue's versions have no gap: every turn made the next one, and one turn made one answer."""

from collections import defaultdict
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    versions = defaultdict(list)
    for turn in day.tables["dialogue_turns"]:
        versions[turn["conversation_id"]].append(turn["version"])
    for conversation, row in day.conversations.items():
        made = sorted(versions[conversation])
        if made != list(range(1, row["dialogue_version"] + 1)):
            yield f"conversation {conversation}: versions {made} for a dialogue at version {row['dialogue_version']}"
        answers = sum(1 for fact in day.story[conversation] if fact["kind"] == "bot_answered")
        if answers != row["dialogue_version"]:
            yield f"conversation {conversation}: {answers} answers in {row['dialogue_version']} turns"
