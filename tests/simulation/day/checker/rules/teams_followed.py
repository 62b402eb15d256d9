"""Each episode's team is the one it was handed to; nobody hands on but by asking; what is a team's is offered to its people, or to the colleague named."""

from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence

FIRST = "tier1"


def check(day: Evidence) -> Iterator[str]:
    asked = _asked(day)
    teams = {row["id"]: row["team"] for row in day.tables["users"]}
    for conversation, story in day.story.items():
        team, named, by_episode = FIRST, None, {}
        for number, fact in enumerate(story):
            data, where = fact["data"], f"conversation {conversation}: fact {fact['id']}"
            if fact["kind"] == "handoff_offered":
                moved = next((f for f in story[number + 1 : number + 3] if f["kind"] == "transferred"), None)
                moved = moved["data"] if data["reason"] == "transfer" and moved is not None else None
                wanted = (
                    (moved["team"] if moved else None)
                    if data["reason"] == "transfer"
                    else team
                    if data["reason"] == "agent_gone"
                    else FIRST
                )
                if data["team"] != wanted or (moved is not None and moved["before"] != team):
                    yield f"{where} gives it to {data['team']}, from {team}, for the reason {data['reason']}; it was handed to {wanted}"
                team, named = data["team"], moved["to"] if moved else None
                by_episode[data["episode"]] = team
            elif fact["kind"] == "transferred" and (conversation, data["by"]) not in asked:
                yield f"{where}: handed on by {data['by']}, who did not ask for it"
            elif fact["kind"] == "offer_made" and teams.get(fact["agent_id"]) != team and fact["agent_id"] != named:
                yield f"{where} offers what is {team}'s to {fact['agent_id']} of {teams.get(fact['agent_id'])}"
        kept = {row["episode"]: row["team"] for row in day.tables["handoffs"] if row["conversation_id"] == conversation}
        if kept != by_episode:
            yield f"conversation {conversation}: the episodes' teams are {kept}, by the log {by_episode}"
        if by_episode and day.conversations[conversation]["team"] != team:
            yield f"conversation {conversation} is {day.conversations[conversation]['team']}'s, by the log {team}'s"
    handed = {(fact["conversation_id"], fact["data"]["by"]) for fact in day.of_kind("transferred")}
    for conversation, agent in asked:
        if asked[(conversation, agent)] and (conversation, agent) not in handed:
            yield f"conversation {conversation}: {agent} was told that it is handed on, and it is not"


def _asked(day: Evidence) -> dict[tuple[str, str], bool]:
    """Who asked to hand on which conversation, and whether they were told that it is done (an answer may be lost)."""
    asked: dict[tuple[str, str], bool] = {}
    for call in day.record["desk"]:
        path = call["call"].split("/")
        if path[-1] == "transfer":
            key = path[-2], call["agent"]
            asked[key] = asked.get(key, False) or call["status"] == 200
    return asked
