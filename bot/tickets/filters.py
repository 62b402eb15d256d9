"""What a list of tickets is asked for: read from a query, checked against the client's data. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta

from bot.client import Client

BOXES = ("mine", "unit", "all", "calls")
SORTS = ("due", "new", "old", "updated", "call")
LATE = ("soon", "hop", "overall")
LONGEST_QUERY = 200
_ID = re.compile(r"[0-9A-Za-z]{1,26}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class BadFilter(ValueError):
    """A value that makes no sense; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A list's query. None: whatever. `assignee`: a user's id, `me` or `none`. `since`, `until`: of creation, the end not included."""

    box: str = "all"
    unit: str | None = None
    status: str | None = None
    kind: str | None = None
    topic: str | None = None
    product: str | None = None
    category: str | None = None
    priority: str | None = None
    assignee: str | None = None
    outlet: str | None = None
    late: str | None = None
    open: bool | None = None
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "due"


NAMES = (*(field.name for field in fields(Filter) if field.name not in ("since", "until")), "from", "to")


def parse(given: Mapping[str, str], client: Client) -> Filter:
    """The filter of a query; what is empty or unknown by name is left out. Raises BadFilter."""
    rules = client.ticketing
    known: dict[str, Container[str]] = {
        "unit": rules.units,
        "status": client.tickets.statuses,
        "kind": rules.kinds,
        "topic": client.topics,
        "product": rules.catalogue,
        "category": {key for categories in rules.catalogue.values() for key in categories},
        "priority": client.tickets.priorities,
        "outlet": client.outlet_by_id,
        "box": BOXES,
        "late": LATE,
        "sort": SORTS,
    }
    named = {name: value for name in known if (value := given.get(name, ""))}
    for name, value in named.items():
        if value not in known[name]:
            raise BadFilter(f"Isian '{name}' tidak dikenal.")
    assignee = given.get("assignee") or None
    if assignee and not _ID.fullmatch(assignee):
        raise BadFilter("Isian 'assignee' tidak dikenal.")
    if given.get("open", "") not in ("", "0", "1"):
        raise BadFilter("Isian 'open' tidak dikenal.")
    q = _CONTROL.sub(" ", given.get("q", "")).lstrip()
    if len(q) > LONGEST_QUERY:
        raise BadFilter(f"Kata pencarian paling banyak {LONGEST_QUERY} karakter.")
    since, until = _day(given, "from"), _day(given, "to")
    zone = client.zone
    return Filter(
        box=named.get("box", "all"),
        **{name: named.get(name) for name in ("unit", "status", "kind", "topic", "product", "category", "priority", "outlet", "late")},
        assignee=assignee,
        open={"0": False, "1": True}.get(given.get("open", "")),
        q=q,
        since=datetime.combine(since, time(), zone).astimezone(UTC) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone).astimezone(UTC) if until else None,
        sort=named.get("sort") or ("call" if named.get("box") == "calls" else "due"),
    )


def _day(given: Mapping[str, str], name: str) -> date | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 2000 <= day.year <= 2200:
        raise BadFilter(f"Isian '{name}' harus tanggal seperti 2026-11-23.")
    return day


def end_of_day(now: datetime, client: Client) -> datetime:
    """The first moment of tomorrow, where the client is."""
    local = now.astimezone(client.zone)
    return datetime.combine(local.date() + timedelta(days=1), time(), client.zone).astimezone(UTC)
