"""Each ticket's times in its row are those of its log, and everybody was told what became due: at its second, once, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tests.simulation.day.checker.clocks import epochs, told, watches
from tests.simulation.day.checker.evidence import Evidence, Row

LEASE = 31  # seconds: what a process that died had in hand


def check(day: Evidence) -> Iterator[str]:
    end = int(day.ended_at.timestamp())
    alerts: dict[str, list[Row]] = {}
    for row in day.tables["ticket_alerts"]:
        alerts.setdefault(row["ticket"], []).append(row)
    for ticket in day.tables["tickets"]:
        story = epochs(day.of_ticket[ticket["number"]])
        clocks = watches(story)
        whole, hop = clocks[0], clocks[-1]
        wanted = {"due_at": whole.due(), "hop_due_at": hop.due(), "breached_at": whole.breach(), "hop_breached_at": hop.breach()}
        for name, second in wanted.items():
            if name.endswith("breached_at") and second is not None and second > end:
                second = None
            if _second(ticket[name]) != second:
                yield f"ticket {ticket['number']}: {name} is {ticket[name]}, by the log {_said(second)}"
        yield from _alerts(day, ticket["number"], told(story, end), alerts.pop(ticket["number"], []))
    for number in alerts:
        yield f"ticket {number}: something is told of it, and there is no such ticket"


def _alerts(day: Evidence, number: str, wanted: dict[tuple[str, str, int, str, int], int], rows: list[Row]) -> Iterator[str]:
    disturbed = [int(at.timestamp()) for at in day.disturbed]
    facts = [
        (f["data"]["what"], f["data"]["scope"], f["data"]["hop"], f["data"]["mark"], int(datetime.fromisoformat(f["data"]["due_at"]).timestamp()))
        for f in day.of_kind("ticket_alerted")
        if f["data"]["ticket"] == number
    ]  # fmt: skip
    keys = [(row["what"], row["scope"], row["hop"], row["mark"], _second(row["due_at"])) for row in rows]
    if sorted(facts, key=str) != sorted(keys, key=str):
        yield f"ticket {number}: the log and the table do not agree about what was told"
    if len(set(keys)) != len(keys):
        yield f"ticket {number}: something was told twice"
    for key in wanted.keys() - set(keys):
        yield f"ticket {number}: {key[:4]} of {_said(key[4])} was not told, due {_said(wanted[key])}"
    for key, row in zip(keys, rows, strict=True):
        at = int(row["at"].timestamp())
        if key not in wanted:
            yield f"ticket {number}: {key[:4]} of {row['due_at']} was told at {row['at']}, and not due"
        elif at != wanted[key] and not (wanted[key] < at <= wanted[key] + LEASE and any(0 <= wanted[key] - d <= LEASE for d in disturbed)):
            yield f"ticket {number}: {key[:4]} was told at {row['at']}, due {_said(wanted[key])}"


def _second(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _said(second: int | None) -> str:
    return "never" if second is None else f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second):%m-%d %H:%M:%S}"
