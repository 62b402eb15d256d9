"""Capacity is never exceeded: not of a slot at an outlet, not of an agent at any moment."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    yield from _slots(day)
    yield from _agents(day)


def _slots(day: Evidence) -> Iterator[str]:
    places = day.numbers["reservations.capacity"]
    booked = {fact["data"]["code"]: fact["data"] for fact in day.of_kind("reservation_booked")}
    taken: Counter = Counter()
    standing = set()
    for fact in day.of_kind("reservation_booked", "reservation_moved", "reservation_cancelled"):
        made = booked[fact["data"]["code"]]
        slot = (made["outlet"], made["starts_at"])
        if fact["kind"] == "reservation_booked":
            taken[slot] += 1
            standing.add(fact["data"]["code"])
            if taken[slot] > places:
                yield f"{slot[0]} at {slot[1]}: {taken[slot]} visitors for {places} places, the last by conversation {fact['conversation_id']}"
        else:
            taken[slot] -= 1
            standing.discard(fact["data"]["code"])
    rows = {row["code"] for row in day.tables["reservations"] if row["status"] == "booked"}
    for code in rows ^ standing:
        yield f"reservation {code}: the log and the table do not agree whether it stands"
    seats = Counter((r["outlet"], r["starts_at"], r["seat"]) for r in day.tables["reservations"] if r["status"] == "booked")
    for seat, count in seats.items():
        if count > 1 or seat[2] >= places:
            yield f"seat {seat} is taken {count} times, of {places}"


def _agents(day: Evidence) -> Iterator[str]:
    room = day.numbers["handoff.capacity"]
    held: dict = defaultdict(set)
    holder: dict = {}
    for fact in day.of_kind("owner_changed"):
        conversation = fact["conversation_id"]
        held[holder.pop(conversation, None)].discard(conversation)
        if fact["data"]["after"] == "agent":
            holder[conversation] = fact["agent_id"]
            held[fact["agent_id"]].add(conversation)
            if len(held[fact["agent_id"]]) > room:
                yield f"agent {fact['agent_id']} holds {len(held[fact['agent_id']])} conversations with {conversation} (fact {fact['id']})"
