"""The capacity of a slot at an outlet is never exceeded, and nobody has the same seat. (Agents' places: places_kept.)"""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
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
