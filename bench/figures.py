"""`python -m bench.figures`: reports over a year of 20,000 conversations a day, on SQLite and PostgreSQL, and counting the log.

The cells of a year are made up as that many conversations would fill them: 60 agents, 20 topics, 3 teams, 2 channels, 10 reasons, at all quarters of
the day with the load of daytime. Each time is of a report with its figures as JSON, in this process, without HTTP. Prints Markdown, writes
var/bench/figures.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench import report
from bench.processes import ROOT
from bench.tickets import _create
from bot.client import Client, load_client
from bot.clock import ManualClock
from bot.conversations.records import facts
from bot.desk.errors import DeskError
from bot.desk.sessions import User
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.supervision.board import Board
from bot.supervision.bookings import GRAINS, QUARTER, start_of
from bot.supervision.records import figure_cells
from bot.supervision.tally import Tally
from tests.supervision.making import Making
from tests.support.servers import postgres_server

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BEGIN = datetime(2025, 11, 22, 17, 0, tzinfo=UTC)
DAYS, A_DAY = 365, 20_000
LEADER = User("LEADER", "leader", "Leader", "leader")
KEYS = {"all": 1, "channel": 2, "team": 3, "agent": 60, "topic": 20, "reason": 10, "served": 2}
MEASURES = (
    "opened", "handed_off", "contained", "closed", "resolved", "idle_closes", "ratings", "rating_sum", "ratings_good", "messages_in", "messages_out",
    "messages_delivered", "bot_responses", "bot_response_ms", "offered", "served", "abandoned", "abandoned_ms", "handoffs", "accepted", "queue_ms",
    "first_responses", "first_response_ms", "next_responses", "next_response_ms", "responses_in_target", "unanswered", "handled", "hand_ms",
    "wrap_ms", "busy_ms", "ready_ms", "aux_ms",
)  # fmt: skip
REPORTS = (
    ("a year by month", {"step": "month"}),
    ("a year by month and agent", {"step": "month", "by": "agent"}),
    ("a year by day", {"step": "day"}),
    ("a year by day and topic", {"step": "day", "by": "topic"}),
    ("four months by day and agent", {"step": "day", "by": "agent", "from": "2026-07-25"}),
    ("a year by hour", {"step": "hour"}),
    ("a year by hour and agent", {"step": "hour", "by": "agent"}),
    ("four months by hour and team", {"step": "hour", "by": "team", "from": "2026-07-25"}),
    ("a week by quarter", {"step": "quarter", "from": "2026-11-16"}),
    ("a day by quarter and agent", {"step": "quarter", "by": "agent", "from": "2026-11-22"}),
)


def load_at(hour: int) -> float:
    """How much of a day's work comes in a quarter of this hour."""
    return 0.0165 if 8 <= hour < 20 else 0.0044


def year(client: Client, quarters: int) -> Iterator[dict[str, Any]]:
    """Every cell of the year, made up grain by grain: as many and as large as they would be. Quarters of the last days only, where less is asked for."""
    chance = random.Random(1)
    shapes = [
        {name: chance.randrange(1, 40) * (10_000 if name.endswith("_ms") else 1) for name in MEASURES} for _ in range(500)
    ]  # the amounts of one interval are as good as those of another
    months: set[datetime] = set()
    for day in range(DAYS):
        midnight = BEGIN + timedelta(days=day)
        months.add(start_of("month", midnight, client.zone))
        spans = [("day", midnight, 1.0)]
        spans += [("hour", midnight + timedelta(hours=hour), 4 * load_at(hour)) for hour in range(24)]
        if day >= DAYS - quarters:
            spans += [("quarter", midnight + n * QUARTER, load_at(n // 4)) for n in range(96)]
        for grain, start, share in spans:
            yield from _interval(chance, shapes, grain, start, A_DAY * share)
    for month in sorted(months):
        yield from _interval(chance, shapes, "month", month, A_DAY * 30)


def _interval(chance: random.Random, shapes: list[Any], grain: str, start: datetime, conversations: float) -> Iterator[dict[str, Any]]:
    assert grain in GRAINS
    for dimension, number in KEYS.items():
        for key in range(number):
            if conversations > number or chance.random() < conversations / number:
                name = f"{dimension}-{key}" if number > 1 else ""
                yield {"grain": grain, "dimension": dimension, "start": start, "key": name, "amounts": chance.choice(shapes)}


async def furnish(db: Database, client: Client, quarters: int) -> int:
    """Store the year; how many cells it has."""
    number, batch = 0, []
    for row in year(client, quarters):
        batch.append(row)
        if len(batch) == 5000:
            number += await _store(db, batch)
            batch = []
    number += await _store(db, batch)
    if db.dialect == "postgresql":
        async with db.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE figure_cells"))
    return number


async def _store(db: Database, batch: list[dict[str, Any]]) -> int:
    async with db.write() as tx:
        await tx.execute(insert(figure_cells), batch)
    return len(batch)


async def measure(db: Database, client: Client, rounds: int) -> dict[str, dict[str, Any]]:
    """Median and greatest milliseconds of each report, and its rows."""

    async def ready() -> bool:
        return True

    board = Board(db, client, ready)
    found: dict[str, dict[str, Any]] = {}
    for name, query in REPORTS:
        times, rows = [], 0
        for _ in range(rounds):
            begun = time.perf_counter()
            try:
                shown = await board.figures(LEADER, {"from": "2025-11-23", "to": "2026-11-22", **query})
            except DeskError as error:
                found[name] = {"refused": error.code}
                break
            json.dumps(shown)
            times.append((time.perf_counter() - begun) * 1000)
            rows = len(shown["rows"])
        else:
            found[name] = {"median_ms": round(statistics.median(times)), "greatest_ms": round(max(times)), "rows": rows}
    begun = time.perf_counter()
    await board.now(LEADER)
    found["the board now"] = {"median_ms": round((time.perf_counter() - begun) * 1000), "greatest_ms": None, "rows": None}
    return found


async def counting(url: str, client: Client) -> dict[str, Any]:
    """How fast a log is counted that is there already, and one that grows."""
    db = Database(url, ManualClock(NOW))
    making = Making(1, NOW)
    try:
        async with db.write() as tx:
            await tx.execute(insert(facts), making.lines(5_000))
        begun = time.perf_counter()
        await Tally(db, client).catch_up()
        anew = 5_000 / (time.perf_counter() - begun)
        spent = 0.0
        for _ in range(40):
            async with db.write() as tx:
                await tx.execute(insert(facts), making.lines(70))  # what comes in five seconds of 1.2 million facts a day
            begun = time.perf_counter()
            await Tally(db, client).advance()
            spent += time.perf_counter() - begun
        return {"facts_per_s": round(anew), "step_of_70_ms": round(spent / 40 * 1000, 1)}
    finally:
        await db.close()


async def _run(rounds: int, only: str, quarters: int) -> dict[str, Any]:
    client = load_client(ROOT / "clients/pegadaian")
    found: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="sapa-figures-", dir="/tmp"))
    try:
        with postgres_server(folder / "postgres") as server:
            for name, url, other in (
                ("sqlite", f"sqlite+aiosqlite:///{folder / 'year.db'}", f"sqlite+aiosqlite:///{folder / 'log.db'}"),
                ("postgresql", f"{server}/year", f"{server}/log"),
            ):
                if only not in ("", name):
                    continue
                for each in (url, other):
                    if name == "postgresql":
                        await _create(server, each.rpartition("/")[2])
                    await upgrade(each)
                db = Database(url, ManualClock(NOW))
                begun = time.perf_counter()
                cells = await furnish(db, client, quarters)
                print(f"<!-- {cells:,} cells on {name}: filled in {time.perf_counter() - begun:.0f} s -->", flush=True)
                found[name] = {"cells": cells, "reports": await measure(db, client, rounds), "counting": await counting(other, client)}
                await db.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def table(result: dict[str, Any]) -> str:
    """Markdown."""
    lines = [
        f"Machine: {result['machine']}. Commit: {result['commit'] or 'none yet'}. {result['rounds']} runs of each; median (greatest), ms."
    ]
    for name, found in result["found"].items():
        lines += ["", f"| {name}, {found['cells']:,} cells | ms | rows |", "| --- | ---: | ---: |"]
        for case, measured in found["reports"].items():
            shown = measured.get("refused") or f"{measured['median_ms']} ({measured['greatest_ms'] or '–'})"
            lines.append(f"| {case} | {shown} | {measured.get('rows') or '–'} |")
        told = found["counting"]
        lines += ["", f"Counting: {told['facts_per_s']} facts a second anew; {told['step_of_70_ms']} ms for a step of 70 facts."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("sqlite", "postgresql"), default="")
    parser.add_argument("--quarters", type=int, default=DAYS, help="of so many days there are quarters, too: they are most of the cells")
    options = parser.parse_args()
    found = asyncio.run(_run(options.rounds, options.only, options.quarters))
    result = {"machine": report.machine(), "commit": report.commit(), "rounds": options.rounds, "found": found}
    folder = ROOT / "var/bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print(table(result))


if __name__ == "__main__":
    main()
