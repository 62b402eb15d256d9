"""What an agent wrote, also in a contact by hand, is stored exactly once, however often the page asked, with their name; nothing else is theirs."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import BY_HAND, Evidence


def check(day: Evidence) -> Iterator[str]:
    asked = {}
    for call in day.record["desk"]:
        path = call["call"].split("/")
        if path[-1] in ("reply", "note", "said") and call["status"] == 200:
            asked[(path[-2], call["body"]["client_id"])] = (
                call["body"].get("author", "agent"),
                call["agent"],
                path[-1] == "note",
                call["body"]["text"],
            )
    stored: Counter = Counter()
    for row in day.tables["messages"]:
        if row["author"] != "agent" and day.conversations[row["conversation_id"]]["channel"] not in BY_HAND:
            continue
        key = (row["conversation_id"], row["content"].get("client_id"))
        stored[key] += 1
        author, agent, *what = asked.get(key, (None, None))
        if (author, agent if author == "agent" else None, *what) != (row["author"], row["agent_id"], row["note"], row["text"]):
            yield f"message {row['id']} of conversation {row['conversation_id']} was not written so by agent {row['agent_id']}"
    for key in asked:
        if stored[key] != 1:
            yield f"what an agent wrote in conversation {key[0]} ({key[1]}) is stored {stored[key]} times"
