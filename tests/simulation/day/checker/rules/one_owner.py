"""One owner at any time: the changes are a legal chain without a gap, and no bot speaks after a person has taken over."""

from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence

LEGAL = {
    ("bot", "queue"),
    ("bot", "closed"),
    ("queue", "agent"),
    ("queue", "bot"),
    ("queue", "closed"),
    ("agent", "bot"),
    ("agent", "closed"),
    ("agent", "queue"),  # handed on, or the agent is gone
    ("queue", "queue"),
}


def check(day: Evidence) -> Iterator[str]:
    for conversation, row in day.conversations.items():
        recorded = next((fact["agent_id"] for fact in day.story[conversation] if fact["kind"] == "contact_recorded"), None)
        owner, agent, changes, episode = "agent" if recorded else "bot", recorded, 0, 0
        for fact in day.story[conversation]:
            data = fact["data"]
            if fact["kind"] == "owner_changed":
                changes += 1
                if data["before"] != owner:
                    yield f"conversation {conversation}: fact {fact['id']} takes it from {data['before']}, but it was {owner}'s"
                if (data["before"], data["after"]) not in LEGAL:
                    yield f"conversation {conversation}: fact {fact['id']} goes from {data['before']} to {data['after']}"
                if data["after"] == "queue":
                    episode += 1
                    if data["episode"] != episode:
                        yield f"conversation {conversation}: fact {fact['id']} counts episode {data['episode']} instead of {episode}"
                owner = data["after"]
                agent = fact["agent_id"] if owner == "agent" else None
            elif fact["kind"] == "message_sent":
                who = data["author"]
                if who == "bot" and owner == "agent":
                    yield f"conversation {conversation}: the bot wrote message {data['message']} while agent {agent} served"
                if who == "agent" and (owner != "agent" or fact["agent_id"] != agent):
                    yield f"conversation {conversation}: agent {fact['agent_id']} wrote message {data['message']} while it was {owner}'s ({agent})"
            elif fact["kind"] == "bot_answered" and owner not in ("bot", *_just_left(day, conversation, fact)):
                yield f"conversation {conversation}: the bot answered message {data['message']} while it was {owner}'s"
        if owner != row["owner"]:
            yield f"conversation {conversation}: the log ends with {owner}, the row says {row['owner']}"
        if changes != row["owner_version"]:
            yield f"conversation {conversation}: {changes} changes of owner, version {row['owner_version']}"
        if episode != row["episode"]:
            yield f"conversation {conversation}: {episode} hand-offs, episode {row['episode']}"
        handed = sorted(h["episode"] for h in day.tables["handoffs"] if h["conversation_id"] == conversation)
        if handed != list(range(1, episode + 1)):
            yield f"conversation {conversation}: hand-offs {handed} are written down for {episode} episodes"


def _just_left(day: Evidence, conversation: str, answered: dict) -> set[str]:
    """A turn's own effect (hand-off, closing) is logged before the turn's end, in the same transaction: at the same time, by the bot."""
    for fact in reversed(day.story[conversation]):
        if fact["id"] < answered["id"] and fact["kind"] == "owner_changed":
            same = fact["at"] == answered["at"] and fact["data"]["before"] == "bot"
            return {fact["data"]["after"]} if same else set()
    return set()
