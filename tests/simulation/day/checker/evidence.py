"""What the checker reads: the database's tables as plain rows, and the record of the outside."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

Row = dict[str, Any]
TABLES = (
    "conversations", "messages", "facts", "timers", "outbox", "handoffs", "presence", "tickets", "ticket_numbers", "ticket_notes", "reservations",
    "consents", "dialogue_turns", "surveys", "identities", "customers", "halts", "media", "users", "offers",
    "wrapups", "ticket_hops", "ticket_calls", "ticket_alerts",
)  # fmt: skip
BY_HAND = ("phone", "outlet_call", "walk_in", "social")  # channels of contacts that an agent writes down
CLIENT = Path(__file__).parents[4] / "clients/pegadaian"


@dataclass
class Evidence:
    """One day. `tables`: rows by table; `record`: see ledger.py."""

    tables: dict[str, list[Row]]
    record: dict[str, Any]
    numbers: dict[str, int] = field(default_factory=lambda: read_numbers())

    @cached_property
    def messages(self) -> dict[str, Row]:
        """By id."""
        return {row["id"]: row for row in self.tables["messages"]}

    @cached_property
    def conversations(self) -> dict[str, Row]:
        """By id."""
        return {row["id"]: row for row in self.tables["conversations"]}

    @cached_property
    def facts(self) -> list[Row]:
        """In the order of the log."""
        return sorted(self.tables["facts"], key=lambda fact: fact["id"])

    @cached_property
    def story(self) -> dict[str, list[Row]]:
        """Each conversation's facts in order."""
        return _grouped(self.facts, "conversation_id")

    @cached_property
    def of_ticket(self) -> dict[str, list[Row]]:
        """What happened to each ticket, in order."""
        return _grouped(self.of_kind("ticket_opened", "ticket_changed"), "ticket")

    @cached_property
    def told(self) -> dict[str, list[Row]]:
        """What its customer was told of each ticket, in order."""
        return _grouped(self.of_kind("ticket_told"), "ticket")

    @cached_property
    def users(self) -> dict[str, Row]:
        """By id."""
        return {row["id"]: row for row in self.tables["users"]}

    @cached_property
    def transcript(self) -> dict[str, list[Row]]:
        """Each conversation's messages in order."""
        return {key: sorted(rows, key=lambda m: m["seq"]) for key, rows in _grouped(self.tables["messages"], "conversation_id").items()}

    @cached_property
    def label(self) -> dict[str, str]:
        """Our customer id -> the actor's label."""
        known = {c["identity"]: c["label"] for c in self.record["customers"] if c["identity"]}
        return {row["customer_id"]: known[row["value"]] for row in self.tables["identities"] if row["value"] in known}

    @cached_property
    def stored_as(self) -> dict[str, list[Row]]:
        """Customers' messages by the id the customer's side knows: the wamid, or the client id after the visitor's."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.tables["messages"]:
            if row["author"] == "customer" and row["external_id"]:
                outside = row["external_id"].rpartition(":")[2] if row["channel"] == "livechat" else row["external_id"]
                found[outside].append(row)
        return found

    @cached_property
    def disturbed(self) -> list[datetime]:
        """When the service died or lost its database: what it had in hand then comes a lease later."""
        return [moment(fault["at"]) for fault in self.record["faults"] if fault["what"] in ("crash", "database")]

    @cached_property
    def ended_at(self) -> datetime:
        """When the day ended."""
        return moment(self.record["ended_at"])

    def of_kind(self, *kinds: str) -> list[Row]:
        """Facts of these kinds, in order."""
        return [fact for fact in self.facts if fact["kind"] in kinds]

    def seconds(self, name: str) -> timedelta:
        """A number of the client's rules, as a time."""
        return timedelta(seconds=self.numbers[name])


def _grouped(rows: list[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[key] is not None:
            found[row[key]].append(row)
    return found


def read_numbers() -> dict[str, int]:
    """The client's numbers, by section and name, picked out of its files without any library."""
    numbers: dict[str, int] = {}
    section = ""
    for file in ("client.yml", "floor.yml"):
        for line in (CLIENT / file).read_text(encoding="utf-8").splitlines():
            if found := re.match(r"(\w+):", line):
                section = found.group(1)
            elif found := re.match(r"  (\w+): (\d+)$", line):
                numbers[f"{section}.{found.group(1)}"] = int(found.group(2))
    return numbers


async def load(database_url: str, record: dict[str, Any]) -> Evidence:
    """Read the whole day."""
    if database_url.startswith("sqlite"):
        return load_sqlite(Path(database_url.partition(":///")[2]), record)
    import asyncpg

    conn = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        tables = {name: [_plain(dict(row)) for row in await conn.fetch(f"SELECT * FROM {name}")] for name in TABLES}
    finally:
        await conn.close()
    return Evidence(tables, record)


def load_sqlite(path: Path, record: dict[str, Any]) -> Evidence:
    """Read the whole day from a SQLite file."""
    conn = sqlite3.connect(path)
    conn.row_factory = sqlite3.Row
    try:
        return Evidence({name: [_plain(dict(row)) for row in conn.execute(f"SELECT * FROM {name}")] for name in TABLES}, record)
    finally:
        conn.close()


_JSON = ("data", "content", "body", "steps", "context", "events")
_BOOL = ("note", "urgent", "late", "edited", "revoked")


def _plain(row: Row) -> Row:
    for name, value in row.items():
        if name in _JSON and isinstance(value, str):
            row[name] = json.loads(value)
        elif isinstance(value, datetime) or (
            isinstance(value, str) and (name.endswith(("_at", "_since", "_until")) or name in ("at", "since"))
        ):
            row[name] = moment(value)
        elif name in _BOOL and value is not None:
            row[name] = bool(value)
    return row


def moment(value: Any) -> datetime:
    """An aware time in UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
