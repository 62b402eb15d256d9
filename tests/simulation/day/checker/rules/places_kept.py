"""What an agent holds, is offered and writes up is never more than their places, whenever something is offered or taken.

A contact by hand is never refused, as the caller is there already: it may be one too many, and then nothing more is offered or taken.
"""

from collections import defaultdict
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    places = {row["id"]: row["capacity"] or day.numbers["handoff.capacity"] for row in day.tables["users"]}
    held: dict[str, set] = defaultdict(set)  # by agent: (what, conversation)
    for fact in day.facts:
        conversation, agent, data = fact["conversation_id"], fact["agent_id"], fact["data"]
        if fact["kind"] == "contact_recorded":
            held[agent].add(("held", conversation))
        elif fact["kind"] == "owner_changed":
            for theirs in held.values():
                theirs.discard(("held", conversation))
            if data["after"] == "agent":
                held[agent].add(("held", conversation))
                yield from _full(held[agent], places, fact)
        elif fact["kind"] == "offer_made":
            held[agent].add(("offered", conversation))
            yield from _full(held[agent], places, fact)
        elif fact["kind"] == "offer_ended":
            held[agent].discard(("offered", conversation))
        elif fact["kind"] == "wrapup_started":
            held[agent].add(("written up", conversation))
        elif fact["kind"] == "wrapup_ended":
            held[agent].discard(("written up", conversation))


def _full(load: set, places: dict, fact: dict) -> Iterator[str]:
    most = places.get(fact["agent_id"], 0)
    if len(load) > most:
        shown = ", ".join(f"{what} {conversation}" for what, conversation in sorted(load))
        yield f"agent {fact['agent_id']} has {len(load)} for {most} places at {fact['at']:%H:%M:%S} (fact {fact['id']}): {shown}"
