"""What is asked for again under its client id is done once: calls with their attempts counted, notes, tickets by hand and split off."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence, Row


def check(day: Evidence) -> Iterator[str]:
    wanted: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for call in day.record["desk"]:
        path = call["call"].partition(" ")[2].split("/")
        if path[:4] == ["", "api", "desk", "tickets"] and call["status"] == 201:
            wanted[path[-1]].add((path[4] if len(path) > 5 else "", f"{call['agent']}:{call['body']['client_id']}"[:64]))
    for table, what in (("ticket_calls", "calls"), ("ticket_notes", "notes")):
        rows = Counter((row["ticket"], row["client_id"]) for row in day.tables[table] if row["client_id"])
        for key in wanted[what]:
            if rows.pop(key, 0) != 1:
                yield f"ticket {key[0]}: one of its {what}, {key[1]}, is not there once"
        for key in rows:
            yield f"ticket {key[0]}: nobody asked for {key[1]} of its {what}"
    for what, begins in (("tickets", "hand:"), ("split", "split:")):
        made = sum(1 for row in day.tables["tickets"] if row["cause"].startswith(begins))
        if made != len(wanted[what]):
            yield f"{len(wanted[what])} tickets were asked for ({what}), {made} were made"
    yield from _attempts(day)


def _attempts(day: Evidence) -> Iterator[str]:
    calls: dict[str, list[Row]] = defaultdict(list)
    for row in day.tables["ticket_calls"]:
        calls[row["ticket"]].append(row)
    for ticket in day.tables["tickets"]:
        facts = [fact for fact in day.of_kind("ticket_called") if fact["data"]["ticket"] == ticket["number"]]
        attempts = [fact["data"]["attempt"] for fact in facts]
        if attempts != list(range(1, ticket["calls"] + 1)):
            yield f"ticket {ticket['number']} counts {ticket['calls']} calls, its log {attempts}"
        rows = sorted((row["at"], row["by_id"], row["outcome"]) for row in calls[ticket["number"]])
        if rows != sorted((fact["at"], fact["agent_id"], fact["data"]["outcome"]) for fact in facts):
            yield f"ticket {ticket['number']}: its calls are not those of the log"
