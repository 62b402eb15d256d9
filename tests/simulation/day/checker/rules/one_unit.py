"""A ticket is with one unit at a time: its hops follow each other without gap or overlap, and each is accepted, returned and sent on by who
belongs there or leads. What a division held it never closed; what is closed is only opened again."""

import itertools
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence, Row
from tests.simulation.day.checker.terms import terms

EVERYBODY = ("fields",)  # who made it may say more; everybody may add a note


def check(day: Evidence) -> Iterator[str]:
    hops: dict[str, list[Row]] = {}
    for row in day.tables["ticket_hops"]:
        hops.setdefault(row["ticket"], []).append(row)
    for ticket in day.tables["tickets"]:
        chain = sorted(hops.get(ticket["number"], []), key=lambda row: row["hop"])
        yield from _chain(day, ticket, chain)
        yield from _story(day, ticket["number"])


def _chain(day: Evidence, ticket: Row, chain: list[Row]) -> Iterator[str]:
    where = f"ticket {ticket['number']}"
    if [row["hop"] for row in chain] != list(range(1, len(chain) + 1)) or not chain:
        yield f"{where}: its hops are {[row['hop'] for row in chain]}"
        return
    last = chain[-1]
    if (last["hop"], last["unit"]) != (ticket["hop"], ticket["unit"]) or bool(last["accepted_at"]) != bool(ticket["accepted"]):
        yield f"{where} is with {ticket['unit']}, hop {ticket['hop']}; its last hop is {last['hop']} with {last['unit']}"
    if (last["ended_at"] is None) != (ticket["closed_at"] is None) or last["ended_at"] != ticket["closed_at"]:
        yield f"{where}: closed at {ticket['closed_at']}, its last hop ended at {last['ended_at']}"
    for before, row in itertools.pairwise(chain):
        place = f"{where}, hop {row['hop']}"
        if before["ended_at"] is None or row["sent_at"] < before["ended_at"]:
            yield f"{place} begins while the one before goes on"
        elif before["ended_how"] in ("dispatched", "returned") and row["sent_at"] != before["ended_at"]:
            yield f"{place}: nobody had it from {before['ended_at']} to {row['sent_at']}"
        if row["from_unit"] != before["unit"]:
            yield f"{place} is said to come from {row['from_unit']}, it was with {before['unit']}"
        if before["ended_how"] == "closed" and not _leads_or_in(day, row["sent_by"], before["unit"]):
            yield f"{place} was opened again by {row['sent_by']}, who is not of {before['unit']}"
        if before["ended_how"] != "closed" and not _leads_or_in(day, row["sent_by"], before["unit"]):
            yield f"{place} was sent by {row['sent_by']}, who is not of {before['unit']}"
    for row in chain:
        if row["accepted_by"] and not _leads_or_in(day, row["accepted_by"], row["unit"]):
            yield f"{where}, hop {row['hop']} was accepted by {row['accepted_by']}, who is not of {row['unit']}"
        if row["accepted_at"] and (row["accepted_at"] < row["sent_at"] or (row["ended_at"] and row["ended_at"] < row["accepted_at"])):
            yield f"{where}, hop {row['hop']} was accepted while it was not there"


def _story(day: Evidence, number: str) -> Iterator[str]:
    known, before = terms(), None
    for fact in day.of_ticket[number]:
        what, state, who = fact["data"]["what"], fact["data"]["state"], fact["agent_id"]
        where = f"ticket {number}, fact {fact['id']} ({what})"
        if before is not None:
            closed = known.closes(before["status"])
            if closed and what != "reopen" and state != before:
                yield f"{where} changes what is closed"
            if not closed and known.closes(state["status"]) and known.tiers[before["unit"]] == 3:
                yield f"{where}: a division closed it"
            if what not in EVERYBODY and who != before["assignee"] and not _leads_or_in(day, who, before["unit"]):
                yield f"{where} by {who}, who is not of {before['unit']}"
            if what == "return" and state["unit"] == before["unit"]:
                yield f"{where} returns it to where it is"
        before = state


def _leads_or_in(day: Evidence, who: str, unit: str) -> bool:
    user = day.users.get(who)
    return user is not None and (user["role"] in ("leader", "admin") or user["team"] == unit)
