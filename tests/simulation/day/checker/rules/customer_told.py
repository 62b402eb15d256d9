"""The customer is told once of each change that tells, in the client's words: as a message, or by a template and then, with the next they write,
as news. Nobody reads of another's ticket."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulation.day.checker.evidence import Evidence, Row
from tests.simulation.day.checker.terms import terms

TELLS = {
    "accept": "in_progress", "dispatch": "dispatched", "wait": "waiting_customer", "propose": "confirming", "confirm": "solved",
    "solve": "solved", "no_response": "no_response", "reopen": "reopened", "unsolved": "unsolved",
}  # fmt: skip
WRITTEN_TO = ("whatsapp", "livechat")
OPEN = timedelta(hours=24)


def check(day: Evidence) -> Iterator[str]:
    owners = {row["number"]: row["customer_id"] for row in day.tables["tickets"]}
    ours: dict[str, list[Row]] = {}
    for row in day.tables["messages"]:
        if row["author"] != "customer" and not row["note"]:
            customer = day.conversations[row["conversation_id"]]["customer_id"]
            ours.setdefault(customer, []).append(row)
            for number in re.findall(r"ARIA-\d+", row["text"]):
                if owners.get(number) != customer:
                    yield f"message {row['id']} of conversation {row['conversation_id']} tells of ticket {number}, which is another's"
    for ticket in day.tables["tickets"]:
        yield from _changes(day, ticket)
        yield from _messages(day, ticket, [m for m in ours.get(ticket["customer_id"], []) if m["author"] == "system"])


def _changes(day: Evidence, ticket: Row) -> Iterator[str]:
    """One notice for one change. A call that finds it unsolved opens it again without a word of its own."""
    number = ticket["number"]
    wanted: list[tuple[datetime, str]] = []
    may: list[tuple[datetime, str]] = []
    for fact in day.of_ticket[number]:
        what = fact["data"]["what"]
        same = [f["data"]["what"] for f in day.of_ticket[number] if f["at"] == fact["at"]]
        if what not in TELLS or (what == "reopen" and "unsolved" in same):
            continue
        # That it is in hand is told where it begins; of a later hop it may be.
        (may if what == "accept" and fact["data"]["state"]["hop"] > 1 else wanted).append((fact["at"], TELLS[what]))
    notes = [f for f in day.of_kind("ticket_noted") if f["data"]["ticket"] == number and f["data"]["audience"] == "customer"]
    wanted += [(fact["at"], "note") for fact in notes]
    told = [(fact["at"], fact["data"]["notice"]) for fact in day.told.get(number, [])]
    for each in wanted:
        if each not in told:
            yield f"ticket {number}: the customer was not told of {each[1]} at {each[0]}"
        else:
            told.remove(each)
    for each in told:
        if each in may:
            may.remove(each)
        else:
            yield f"ticket {number}: the customer was told of {each[1]} at {each[0]} for nothing"


def _messages(day: Evidence, ticket: Row, ours: list[Row]) -> Iterator[str]:
    number, kept, left = ticket["number"], None, [m for m in ours if ticket["number"] in m["text"]]
    for fact in [*day.told.get(number, []), None]:
        until = fact["at"] if fact else day.ended_at
        if kept is not None and (wrote := _wrote(day, ticket, kept["at"], until)) is not None:
            yield from _one(left, kept, wrote, _pattern(kept, number), "the news")
            kept = None
        if fact is None:
            break
        how, at, where = fact["data"]["how"], fact["at"], f"ticket {number}: {fact['data']['notice']} at {fact['at']}"
        if (how == "none") != (ticket["channel"] not in WRITTEN_TO):
            yield f"{where} was told by {how} on {ticket['channel']}"
        if how in ("message", "template", "kept") and ticket["channel"] == "whatsapp":
            last = _last(day, ticket, at)
            if (last is not None and at < last + OPEN) != (how == "message"):
                yield f"{where} was told by {how}, the customer wrote last at {last}"
        if how == "message" and fact["data"]["notice"] != "note":
            yield from _one(left, fact, at, _pattern(fact, number), "the message")
            kept = None
        elif how == "template":
            yield from _one(left, fact, at, _read(_template(fact), number), "the template")
        if how in ("template", "kept"):
            kept = fact
    if (kept is None) != (ticket["news"] is None):
        yield f"ticket {number}: its news is {ticket['news']!r}"
    for row in left:
        if not re.search(r"nomor tiket", row["text"]):
            yield f"ticket {number}: message {row['id']} tells of it for nothing"


def _one(left: list[Row], fact: Row, at: datetime, pattern: re.Pattern[str] | None, what: str) -> Iterator[str]:
    if pattern is None:  # a note's words are its agent's
        return
    found = [row for row in left if row["created_at"] == at and any(pattern.match(part) for part in _parts(row["text"]))]
    if len(found) != 1:
        yield f"ticket {fact['data']['ticket']}: {what} of {fact['data']['notice']}, told at {fact['at']}, is there {len(found)} times at {at}"
    for row in found:
        left.remove(row)


def _parts(text: str) -> list[str]:
    """The text, and what follows each blank line of it: what was not read before comes first."""
    return [text, *(text[found.end() :] for found in re.finditer(r"\n\n", text))]


def _template(fact: Row) -> str:
    known, notice = terms(), fact["data"]["notice"]
    wanted = known.notices[notice][1] if notice in known.notices else "kabar_tiket"
    return known.templates[f"sapa_{wanted}"]


def _pattern(fact: Row, number: str) -> re.Pattern[str] | None:
    notice = fact["data"]["notice"]
    return _read(terms().notices[notice][0], number) if notice in terms().notices else None


def _read(text: str, number: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", text)
    said = "".join(
        re.escape(number) if p in ("{nomor}", "{tiket}") else ".*?" if p.startswith("{") else re.escape(p.rstrip()) + r"\s*" for p in parts
    )
    return re.compile(said, re.S)


def _theirs(day: Evidence, ticket: Row) -> list[Row]:
    """What the customer wrote on the ticket's channel."""
    of = {c["id"] for c in day.tables["conversations"] if (c["customer_id"], c["channel"]) == (ticket["customer_id"], ticket["channel"])}
    return [m for m in day.tables["messages"] if m["conversation_id"] in of and m["author"] == "customer"]


def _last(day: Evidence, ticket: Row, at: datetime) -> datetime | None:
    return max((m["channel_at"] or m["created_at"] for m in _theirs(day, ticket) if m["created_at"] <= at), default=None)


def _wrote(day: Evidence, ticket: Row, since: datetime, until: datetime) -> datetime | None:
    return min((m["created_at"] for m in _theirs(day, ticket) if since < m["created_at"] <= until), default=None)
