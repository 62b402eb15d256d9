"""Agents' states are a chain without a gap; the service sets only what it may: writing up and back, AUX after three missed offers in a row, offline for
a desk whose connection is lost, once the grace is over and not long after."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulation.day.checker.evidence import Evidence, moment

STATES = {"ready", "aux", "wrapup", "offline"}
OF_THE_SERVICE = {("ready", "wrapup"), ("wrapup", "ready"), ("ready", "aux"), ("wrapup", "aux")}
LOOKS = timedelta(seconds=65)  # two looks, half a minute apart


def check(day: Evidence) -> Iterator[str]:
    states: dict[str, str] = {}
    missed: Counter[str] = Counter()
    for fact in day.of_kind("agent_state_changed", "offer_ended", "handoff_accepted"):
        agent, data = fact["agent_id"], fact["data"]
        if fact["kind"] != "agent_state_changed":
            how = data.get("how", "accepted")
            missed[agent] = missed[agent] + 1 if how == "missed" else missed[agent] if how == "withdrawn" else 0
            continue
        where = f"agent {agent}: fact {fact['id']}"
        before, after = states.get(agent, "offline"), data["state"]
        if data["before"] != before or after not in STATES:
            yield f"{where} goes from {data['before']} to {after}, but the agent was {before}"
        if data["lost"] != (data["by"] == "system" and after == "offline"):
            yield f"{where}: {after} by {data['by']}, lost: {data['lost']}"
        elif data["lost"]:
            yield from _lost(day, agent, fact["at"], where)
        elif data["by"] == "system" and (before, after) not in OF_THE_SERVICE:
            yield f"{where}: the service went from {before} to {after}"
        elif data["by"] != "system" and after == "wrapup":
            yield f"{where}: writing up, by {data['by']}"
        if data["by"] == "system" and after == "aux" and missed[agent] < day.numbers["routing.missed_to_aux"]:
            yield f"{where}: taken for absent after {missed[agent]} missed offers"
        states[agent] = after
        if after == "ready":
            missed[agent] = 0
    for row in day.tables["presence"]:
        if row["state"] != states.get(row["agent_id"], "offline"):
            yield f"agent {row['agent_id']} is {row['state']}, by the log {states.get(row['agent_id'])}"
    yield from _unnoticed(day)


def _lost(day: Evidence, agent: str, at: datetime, where: str) -> Iterator[str]:
    lines = [line for line in day.record["lines"] if line["agent"] == agent and moment(line["at"]) <= at]
    if not lines or lines[-1]["what"] != "lost":
        yield f"{where}: taken for gone, with a desk that is connected"
    elif at - moment(lines[-1]["at"]) < day.seconds("presence.grace_s"):
        yield f"{where}: taken for gone {at - moment(lines[-1]['at'])} after the connection was lost"


def _unnoticed(day: Evidence) -> Iterator[str]:
    """Who was gone for longer than it takes to notice is noticed, unless the service itself was away meanwhile."""
    gone: dict[str, datetime] = {}
    for line in day.record["lines"]:
        agent, at = line["agent"], moment(line["at"])
        if line["what"] == "lost":
            gone[agent] = at
            continue
        since = gone.pop(agent)
        sure = since + day.seconds("presence.grace_s") + LOOKS
        noticed = any(
            f["agent_id"] == agent and f["data"]["state"] == "offline" and since < f["at"] <= sure
            for f in day.of_kind("agent_state_changed")
        )
        if at > sure and not noticed and not any(since <= fault <= sure for fault in day.disturbed):
            yield f"agent {agent}: the connection was lost at {since:%H:%M:%S}, and it was not noticed by {sure:%H:%M:%S}"
