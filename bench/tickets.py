"""`python -m bench.tickets`: lists, searches and counts of tickets at 1,000, 20,000 and 200,000, on SQLite and PostgreSQL.

Each time is of the use case with its rows as JSON, in this process, without HTTP: what grows is not hidden behind what does not.
Prints Markdown, writes var/bench/tickets.json.
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
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench import report
from bench.measure import percentile
from bench.processes import ROOT
from bot.client import Client, load_client
from bot.clock import ManualClock
from bot.customers.records import customers
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.ticket_lists import TicketLists
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.tickets.records import ticket_hops, tickets
from bot.tickets.search_records import ticket_words
from bot.tickets.words import indexed
from tests.support.servers import postgres_server

SIZES = (1_000, 20_000, 200_000)
OPEN = {1_000: 600, 20_000: 4_000, 200_000: 10_000}  # what is closed piles up; what is open follows how many people work
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BATCH = 5_000
MINE = 40  # open tickets in the caller's hands, whatever the size
RARE, MIDDLING = "zirkonia", "kwitansi"  # in five tickets; in one of a hundred
RANI = User("RANI", "rani", "Rani", "agent")
YANTI = User("YANTI", "yanti", "Yanti", "division")
SENTENCES = (
    "saldo tabungan emas belum masuk setelah pembayaran lewat virtual account",
    "angsuran cicil emas terdebit dua kali di rekening nasabah",
    "aplikasi tertutup sendiri setelah pembaruan dan tidak bisa masuk",
    "penyerahan barang jaminan tertunda di outlet padahal sudah lunas",
    "petugas outlet kurang ramah dan antrean terlalu lama",
    "pengembalian dana transaksi gagal belum diterima",
    "kode otp tidak diterima saat aktivasi finansial",
    "uang kelebihan lelang belum dibayarkan kepada nasabah",
    "cetakan emas lima gram belum tersedia sesuai jadwal",
    "perhitungan sewa modal berbeda dengan bukti gadai",
)
CASES: tuple[tuple[str, dict[str, str]], ...] = (
    ("mine, by due time", {"box": "mine"}),
    ("my unit, by due time", {"box": "unit"}),
    ("my unit, the last changed first", {"box": "unit", "sort": "updated"}),
    ("to be called today", {"box": "calls"}),
    ("all, by due time", {"sort": "due"}),
    ("all, the newest first", {"sort": "new"}),
    ("all, the oldest first", {"sort": "old"}),
    ("all, the last changed first", {"sort": "updated"}),
    ("a unit and a status, open", {"unit": "div_ti", "status": "waiting_support", "open": "1"}),
    ("a status, the newest first", {"status": "escalated", "sort": "new"}),
    ("an outlet, the newest first", {"outlet": "OUTLET", "sort": "new"}),
    ("late", {"late": "overall"}),
    ("due within a day", {"late": "soon"}),
    ("a deep page", {"sort": "new", "after": "DEEP"}),
    ("search: a rare word", {"q": RARE}),
    ("search: one ticket in a hundred", {"q": MIDDLING, "sort": "new"}),
    ("search: every other ticket", {"q": "emas", "sort": "new"}),
    ("search: two frequent words", {"q": "saldo emas", "sort": "updated"}),
    ("search: a frequent word, by due time", {"q": "emas"}),
    ("search: a frequent word in a unit", {"q": "emas", "unit": "helpdesk", "open": "1"}),
    ("search: a beginning", {"q": "pemb", "sort": "new"}),
    ("search: a number", {"q": "ARIA-260500"}),
    ("search: a phone number", {"q": "0812-0000-0500"}),
)


@cache
def _words(sentence: str) -> tuple[str, ...]:
    return tuple(indexed([sentence]).split())


def _made(size: int, client: Client) -> Iterator[tuple[dict[str, Any], tuple[str, ...], str]]:
    """Tickets, oldest first, with their words and the unit they were with before: the same for a size, whatever the database."""
    rng = random.Random(size)
    units, statuses = list(client.ticketing.units), list(client.tickets.statuses)[:-2]
    outlets, products = [outlet.id for outlet in client.outlets], list(client.ticketing.catalogue)
    step = timedelta(days=730) / size
    open_from = size - OPEN[size]
    marked = set(rng.sample(range(size), 5))
    own = set(rng.sample(range(open_from, size), MINE))
    for n in range(size):
        at = NOW - step * (size - n)
        is_open = n >= open_from
        parts = [*rng.sample(SENTENCES, 3), *([RARE] if n in marked else []), *([MIDDLING] if rng.random() < 0.01 else [])]
        due = NOW + timedelta(minutes=rng.randrange(-600, 14_000))
        running, late = is_open and rng.random() < 0.9, is_open and rng.random() < 0.05
        row = {
            "number": f"ARIA-{260_000 + n}",
            "cause": f"bench:{n}",
            "customer_id": f"C{n // 2}",
            "channel": rng.choice(("whatsapp", "livechat", "phone")),
            "kind": rng.choices(("complaint", "request", "outlet", "break_in"), (70, 20, 9, 1))[0],
            "topic": rng.choice(("keluhan_layanan", "keluhan_transaksi", "keluhan_aplikasi")),
            "product": rng.choice(products),
            "outlet_id": rng.choice(outlets),
            "summary": parts[0][:190],
            "detail": ". ".join(parts),
            "contact": f"+6281200{n:06d}"[:15],
            "priority": rng.choices(("low", "normal", "high", "urgent"), (10, 70, 15, 5))[0],
            "status": rng.choice(statuses) if is_open else "solved",
            "unit": rng.choice(units),
            "accepted": rng.random() < 0.7,
            "assignee_id": "RANI" if n in own else f"U{rng.randrange(300)}",
            "created_by": "bot",
            "created_at": at,
            "updated_at": min(at + timedelta(minutes=rng.randrange(5_000)), NOW),
            "promised_at": at,
            "due_at": due if running else None,
            "hop_due_at": due - timedelta(hours=3) if running else None,
            "breached_at": NOW - timedelta(hours=1) if late else None,
            "call_back_at": NOW + timedelta(minutes=rng.randrange(-100, 20_000)) if is_open and rng.random() < 0.2 else None,
            "closed_at": None if is_open else at + timedelta(days=3),
            "version": 1,
        }
        yield row, tuple(dict.fromkeys(word for part in parts for word in _words(part))), rng.choice(units)


async def furnish(db: Database, size: int, client: Client) -> None:
    """Fill the database."""
    made = list(_made(size, client))
    people = [{"id": f"U{n}", "username": f"u{n}", "name": f"Petugas {n}", "role": "agent", "team": "helpdesk"} for n in range(300)]
    people += [{"id": who.id, "username": who.username, "name": who.name, "role": who.role, "team": "tier1"} for who in (RANI, YANTI)]
    people[-1]["team"] = "div_ti"
    async with db.write() as tx:
        await tx.execute(insert(users), [{**each, "password_hash": "-", "active": True, "created_at": NOW} for each in people])
        for start in range(0, size // 2, BATCH):
            named = range(start, min(start + BATCH, size // 2))
            await tx.execute(insert(customers), [{"id": f"C{n}", "name": f"Nasabah {n}", "created_at": NOW} for n in named])
    for start in range(0, size, BATCH):
        part = made[start : start + BATCH]
        async with db.write() as tx:
            await tx.execute(insert(tickets), [row for row, _, _ in part])
            await tx.execute(insert(ticket_words), [{"ticket": row["number"], "words": f" {' '.join(words)} "} for row, words, _ in part])
            hops = [(row["number"], hop, unit) for row, _, before in part for hop, unit in ((1, before), (2, row["unit"]))]
            stays = [{"ticket": ticket, "hop": hop, "unit": unit, "sent_by": "bot", "sent_at": NOW} for ticket, hop, unit in hops]
            await tx.execute(insert(ticket_hops), stays)
    if db.dialect == "postgresql":
        async with db.engine.connect() as connection:  # what its autovacuum does by itself a little later
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))


async def measure(db: Database, client: Client, rounds: int) -> dict[str, dict[str, float]]:
    """Median and p99 in milliseconds of each case."""
    lists = TicketLists(db, client)
    deep = await _deep(lists)
    filled = {"OUTLET": client.outlets[0].id, "DEEP": deep}
    runs: dict[str, Callable[[], Awaitable[Any]]] = {}
    for name, query in CASES:
        given = {key: filled.get(value, value) for key, value in query.items()}
        runs[name] = lambda given=given: lists.show(RANI, given)  # type: ignore[misc]
    runs["a division's, the newest first"] = lambda: lists.show(YANTI, {"sort": "new"})
    runs["a division's search"] = lambda: lists.show(YANTI, {"q": "emas", "sort": "new"})
    runs["counts"] = lambda: lists.counts(RANI)
    runs["options"] = lambda: lists.options(RANI)
    found = {}
    for name, run in runs.items():
        seconds = []
        for n in range(rounds + 5):
            begun = time.perf_counter()
            json.dumps(await run())
            if n >= 5:
                seconds.append(time.perf_counter() - begun)
        found[name] = {"median_ms": round(statistics.median(seconds) * 1000, 2), "p99_ms": round(percentile(seconds, 0.99) * 1000, 2)}
    return found


async def _deep(lists: TicketLists) -> str:
    """The place of a page far back: the 200th, or the last full one."""
    after = ""
    for _ in range(200):
        following = (await lists.show(RANI, {"sort": "new", "after": after}))["next"]
        if following is None:
            break
        after = following
    return after


async def _run(sizes: list[int], rounds: int, only: str) -> dict[str, Any]:
    client = load_client(ROOT / "clients/pegadaian")
    found: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="sapa-tickets-", dir="/tmp"))
    try:
        with postgres_server(folder / "postgres") as server:
            for size in sizes:
                for name, url in (("sqlite", f"sqlite+aiosqlite:///{folder / f'{size}.db'}"), ("postgresql", f"{server}/b{size}")):
                    if only not in ("", name):
                        continue
                    if name == "postgresql":
                        await _create(server, f"b{size}")
                    await upgrade(url)
                    db = Database(url, ManualClock(NOW))
                    begun = time.perf_counter()
                    await furnish(db, size, client)
                    print(f"<!-- {size} on {name}: filled in {time.perf_counter() - begun:.0f} s -->", flush=True)
                    found.setdefault(name, {})[str(size)] = await measure(db, client, rounds)
                    await db.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


async def _create(server: str, name: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(f"{server.replace('+asyncpg', '')}/postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()


def table(result: dict[str, Any]) -> str:
    """Markdown: median (p99) in milliseconds at each size, and the greatest by the smallest."""
    sizes = result["sizes"]
    lines = [f"Machine: {result['machine']}. Commit: {result['commit'] or 'none yet'}. {result['rounds']} runs of each; median (p99), ms."]
    for name, measured in result["times"].items():
        heads = " | ".join(f"{size:,}" for size in sizes)
        lines += ["", f"| {name} | {heads} | × |", "| --- |" + " ---: |" * (len(sizes) + 1)]
        for case in measured[str(sizes[0])]:
            cells = [measured[str(size)][case] for size in sizes]
            shown = " | ".join(f"{cell['median_ms']:.1f} ({cell['p99_ms']:.1f})" for cell in cells)
            lines.append(f"| {case} | {shown} | {cells[-1]['median_ms'] / cells[0]['median_ms']:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=lambda given: [int(size) for size in given.split(",")], default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--only", choices=("sqlite", "postgresql"), default="")
    options = parser.parse_args()
    times = asyncio.run(_run(options.sizes, options.rounds, options.only))
    result = {"machine": report.machine(), "commit": report.commit(), "sizes": options.sizes, "rounds": options.rounds, "times": times}
    folder = ROOT / "var/bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tickets.json").write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print(table(result))


if __name__ == "__main__":
    main()
