"""Tickets, reservations and consents are made exactly once per request, by a message that asked for it, and each has its fact."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence


def check(day: Evidence) -> Iterator[str]:
    for table, kind, key in (("tickets", "ticket_opened", "ticket"), ("reservations", "reservation_booked", "code")):
        names = [row["number" if table == "tickets" else "code"] for row in day.tables[table]]
        facts = Counter(fact["data"][key] for fact in day.of_kind(kind))
        for name in names:
            if facts[name] != 1:
                yield f"{table}: {name} has {facts[name]} facts"
        for name in facts:
            if name not in names:
                yield f"{table}: fact of {name}, which there is not"
    yield from _one_cause(day)
    yield from _bot_tickets(day)
    yield from _consents(day)


def _one_cause(day: Evidence) -> Iterator[str]:
    for table in ("tickets", "reservations", "consents"):
        for cause, count in Counter(row["cause"] for row in day.tables[table]).items():
            if count > 1:
                yield f"{table}: {count} rows of one cause, {cause}"


def _bot_tickets(day: Evidence) -> Iterator[str]:
    """What the bot made names the conversation and the customer's message that asked for it; that message was answered in that turn."""
    answered = {fact["data"]["message"] for fact in day.of_kind("bot_answered")}
    made = [(row, "ticket") for row in day.tables["tickets"] if row["created_by"] == "bot"]
    made += [(row, "reservation") for row in day.tables["reservations"]]
    for row, what in made:
        conversation, message, _ = row["cause"].split(":")
        stored = day.messages.get(message)
        if stored is None or stored["conversation_id"] != conversation or message not in answered:
            yield f"a {what} of conversation {conversation} is due to message {message}, which asked for nothing"
    said = Counter()
    for row in day.tables["messages"]:
        if row["author"] == "bot" and "nomor tiket *" in row["text"]:
            said[row["text"].split("nomor tiket *")[1].split("*")[0]] += 1
    for row in day.tables["tickets"]:
        if row["created_by"] == "bot" and said[row["number"]] != 1:
            yield f"ticket {row['number']} of conversation {row['conversation_id']} was told to the customer {said[row['number']]} times"
        said.pop(row["number"], None)
    for number in said:
        yield f"the customer was told of ticket {number}, which there is not"
    wanted = Counter(
        (d["call"], (d["body"] or {}).get("client_id")) for d in day.record["desk"] if d["call"].endswith("/ticket") and d["status"] == 201
    )
    of_agents = sum(1 for row in day.tables["tickets"] if row["created_by"] != "bot" and not row["cause"].startswith(("hand:", "split:")))
    if len(wanted) != of_agents:
        yield f"agents asked for {len(wanted)} tickets and there are {of_agents} of theirs"


def _consents(day: Evidence) -> Iterator[str]:
    facts = Counter((f["kind"], f["data"]["message"]) for f in day.of_kind("consent_granted", "consent_declined", "consent_withdrawn"))
    for row in day.tables["consents"]:
        if facts.pop((f"consent_{row['decision']}", row["message_id"]), 0) != 1:
            yield f"consent {row['id']} of conversation {row['conversation_id']} has no fact, or more than one"
        if row["message_id"] not in day.messages:
            yield f"consent {row['id']} is due to message {row['message_id']}, which is not stored"
    for kind, message in facts:
        yield f"{kind} by message {message} is not in the ledger of consents"
