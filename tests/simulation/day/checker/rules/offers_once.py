"""A waiting conversation is offered to one agent at a time, who is ready; each offer ends once, in time; whoever takes a conversation asked for it."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.simulation.day.checker.evidence import Evidence

HOW = {"accepted", "declined", "missed", "withdrawn"}
MOMENT, LEASE = timedelta(seconds=1), timedelta(seconds=31)


def check(day: Evidence) -> Iterator[str]:
    yield from _one_at_a_time(day)
    yield from _to_who_is_ready(day)
    yield from _asked_for(day)
    told = Counter((f["conversation_id"], f["agent_id"], f["data"]["episode"], f["at"]) for f in day.of_kind("offer_made"))
    kept = Counter((o["conversation_id"], o["agent_id"], o["episode"], o["offered_at"]) for o in day.tables["offers"])
    for conversation, agent, *_ in (told - kept) + (kept - told):
        yield f"conversation {conversation}: the log and the table do not agree about what was offered to {agent}"


def _one_at_a_time(day: Evidence) -> Iterator[str]:
    lasts = day.seconds("routing.offer_s")
    for conversation, story in day.story.items():
        offer: dict[str, Any] | None = None
        owner, episode = "bot", 0
        for number, fact in enumerate(story):
            data, where = fact["data"], f"conversation {conversation}: fact {fact['id']}"
            if fact["kind"] == "owner_changed":
                owner, episode = data["after"], data["episode"]
                if offer is not None:
                    yield f"{where} takes it out of the queue with an offer open"
            elif fact["kind"] == "offer_made":
                if offer is not None:
                    yield f"{where} offers it to {fact['agent_id']} while it is offered to {offer['agent_id']}"
                if owner != "queue" or data["episode"] != episode:
                    yield f"{where} offers it in episode {data['episode']} while it is {owner}'s in episode {episode}"
                offer = fact
            elif fact["kind"] == "offer_ended":
                if offer is None or offer["agent_id"] != fact["agent_id"] or data["how"] not in HOW:
                    yield f"{where} ends ({data['how']}) an offer to {fact['agent_id']} that is not open"
                    continue
                due = offer["at"] + lasts
                late = fact["at"] - due > (LEASE if any(due <= at <= due + LEASE for at in day.disturbed) else MOMENT)
                if late or (data["how"] == "missed" and fact["at"] < due):
                    yield f"{where} ends ({data['how']}) what was due at {due:%H:%M:%S} at {fact['at']:%H:%M:%S}"
                taken = next((f for f in story[number + 1 :] if f["kind"] == "owner_changed"), None)
                if data["how"] == "accepted" and (taken is None or (taken["at"], taken["agent_id"]) != (fact["at"], fact["agent_id"])):
                    yield f"{where}: accepted by {fact['agent_id']}, who did not get it"
                offer = None
        if offer is not None:
            yield f"conversation {conversation}: the offer of fact {offer['id']} never ended"


def _to_who_is_ready(day: Evidence) -> Iterator[str]:
    states: dict[str, str] = {}
    for fact in day.of_kind("agent_state_changed", "offer_made"):
        if fact["kind"] == "agent_state_changed":
            states[fact["agent_id"]] = fact["data"]["state"]
        elif states.get(fact["agent_id"]) != "ready":
            yield f"conversation {fact['conversation_id']} is offered to {fact['agent_id']} (fact {fact['id']}), who is {states.get(fact['agent_id'])}"


def _asked_for(day: Evidence) -> Iterator[str]:
    asked = set()
    for call in day.record["desk"]:
        path = call["call"].split("/")
        if path[-1] == "accept" and path[3] == "conversations" and call["status"] == 200:
            asked.add((path[-2], call["agent"], call["body"]["episode"]))
    for fact in day.of_kind("owner_changed"):
        if fact["data"]["after"] == "agent" and (fact["conversation_id"], fact["agent_id"], fact["data"]["episode"]) not in asked:
            yield f"conversation {fact['conversation_id']} was given to {fact['agent_id']} (fact {fact['id']}), who did not ask for it"
