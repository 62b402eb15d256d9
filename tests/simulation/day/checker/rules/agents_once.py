"""What an agent wrote is stored exactly once, however often the page had to ask, with that agent's name on it; nothing else is theirs."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    asked = {}
    for call in day.record["desk"]:
        path = call["call"].split("/")
        if path[-1] in ("reply", "note") and call["status"] == 200:
            asked[(path[-2], call["body"]["client_id"])] = (call["agent"], path[-1] == "note", call["body"]["text"])
    stored: Counter = Counter()
    for row in day.tables["messages"]:
        if row["author"] != "agent":
            continue
        key = (row["conversation_id"], row["content"].get("client_id"))
        stored[key] += 1
        if asked.get(key) != (row["agent_id"], row["note"], row["text"]):
            yield f"message {row['id']} of conversation {row['conversation_id']} was not written so by agent {row['agent_id']}"
    for key in asked:
        if stored[key] != 1:
            yield f"what an agent wrote in conversation {key[0]} ({key[1]}) is stored {stored[key]} times"
