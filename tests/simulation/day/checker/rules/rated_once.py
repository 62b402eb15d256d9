"""A rating counts once, for a conversation that was closed and asked for it, and what the customer said is what is stored."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    facts = Counter((f["conversation_id"], f["data"]["score"]) for f in day.of_kind("survey_answered"))
    for row in day.tables["surveys"]:
        conversation = row["conversation_id"]
        if facts.pop((conversation, row["score"]), 0) != 1:
            yield f"conversation {conversation}: the rating {row['score']} has no fact, or more than one"
        if day.conversations[conversation]["owner"] != "closed" or day.conversations[conversation]["survey"] != "answered":
            yield f"conversation {conversation}: rated, but it is not closed and answered"
        said = [m["text"] for m in day.transcript[conversation] if m["author"] == "customer" and m["skipped"] == "survey"]
        if not said or not said[0].strip().startswith(str(row["score"])):
            yield f"conversation {conversation}: rated {row['score']}, the customer said {said[:1]}"
    for conversation, score in facts:
        yield f"conversation {conversation}: the rating {score} is not stored"
