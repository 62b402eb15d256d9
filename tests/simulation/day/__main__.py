"""python -m tests.simulation.day: simulate days, check them, say how it went. The last line is 'N passed, M failed'."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.store.migrate import upgrade
from tests.simulation.day.checker import judge
from tests.simulation.day.checker.evidence import load
from tests.simulation.day.day import Day, quick_passwords
from tests.simulation.day.digest import digest
from tests.simulation.day.engines import Engines
from tests.support.servers import postgres_server


def main() -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.day", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how many days")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--customers", type=int, default=300)
    parser.add_argument("--agents", type=int, help="default: a twentieth of the customers")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="sqlite")
    parser.add_argument("--keep", type=Path, help="copy the database and the record of failed days here")
    parser.add_argument("--verbose", action="store_true", help="the service's own log")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO if args.verbose else logging.CRITICAL)
    for noisy in ("rasa_sdk", "bm25s", "asyncio", "sqlalchemy.pool"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    seeds = [args.seed] if args.seed is not None else list(range(args.first, args.first + args.seeds))
    kinds = ("sqlite", "postgres") if args.database == "both" else (args.database,)
    with tempfile.TemporaryDirectory(prefix="sapa-day-") as name, quick_passwords():
        return asyncio.run(_simulate(args, seeds, kinds, Path(name)))


async def _simulate(args: argparse.Namespace, seeds: list[int], kinds: tuple[str, ...], folder: Path) -> int:
    passed = failed = 0
    engines = Engines(folder, spare=True)
    with _server(kinds) as server:
        await engines.start()
        try:
            for seed in seeds:
                for kind in kinds:
                    if await _one(args, seed, kind, server, engines, folder):
                        passed += 1
                    else:
                        failed += 1
        finally:
            engines.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


@contextlib.contextmanager
def _server(kinds: tuple[str, ...]) -> Iterator[str]:
    """A throw-away PostgreSQL where one is wanted."""
    if "postgres" not in kinds:
        yield ""
        return
    place = Path(tempfile.mkdtemp(prefix="sapa-postgres-", dir="/tmp"))
    try:
        with postgres_server(place) as server:
            yield server
    finally:
        shutil.rmtree(place, ignore_errors=True)


async def _database(kind: str, seed: int, server: str, folder: Path) -> str:
    if kind == "sqlite":
        url = f"sqlite+aiosqlite:///{folder / f'day-{seed}.db'}"
    else:
        import asyncpg

        conn = await asyncpg.connect(f"{server.replace('+asyncpg', '')}/postgres")
        await conn.execute(f"CREATE DATABASE day{seed}")
        await conn.close()
        url = f"{server}/day{seed}"
    await upgrade(url)
    logging.disable(logging.NOTSET)
    return url


async def _one(args: argparse.Namespace, seed: int, kind: str, server: str, engines: Engines, folder: Path) -> bool:
    """One day; prints what came of it."""
    url = await _database(kind, seed, server, folder)
    var = folder / f"var-{kind}-{seed}"
    var.mkdir()
    day = Day(seed, url, var, engines=engines, customers=args.customers, agents=args.agents)
    started = time.perf_counter()
    problems = []
    try:
        await day.run()
    except Exception as error:
        problems.append(f"the day broke off: {type(error).__name__}: {error}")
        if args.verbose:
            logging.exception("the day broke off")
    seconds = time.perf_counter() - started
    evidence = await load(url, day.record())
    problems += [f"{violation.rule}: {violation.what}" for violation in judge(evidence)] if not problems else []
    print(
        f"seed {seed} {kind}: {args.customers} customers, {day.agents} agents, {len(evidence.tables['messages'])} messages, "
        f"{len(evidence.tables['conversations'])} conversations, {day.lives - 1} crashes, {len(day.ledger.faults)} faults; "
        f"{seconds:.1f} s ({seconds / args.customers:.3f} a customer), {day.spent['processor']:.1f} s of the processor; digest {digest(evidence)}",
        flush=True,
    )
    if args.verbose:
        print(
            "  " + ", ".join(f"{what} {spent:.1f} s" for what, spent in day.spent.items()),
            f"{day.instants} instants, {day.proxy.calls} calls",
        )
    for problem in problems[:20]:
        print(f"  FAILED {problem}")
    if problems:
        more = f" AGENTS={args.agents}" if args.agents else ""
        print(f"  replay: make simulate SEED={seed} CUSTOMERS={args.customers} DATABASE={kind}{more}", flush=True)
        if args.keep:
            _keep(args.keep, seed, kind, url, day)
    return not problems


def _keep(place: Path, seed: int, kind: str, url: str, day: Day) -> None:
    import json

    place.mkdir(parents=True, exist_ok=True)
    (place / f"{kind}-{seed}.json").write_text(json.dumps(day.record(), ensure_ascii=False, indent=1), encoding="utf-8")
    if kind == "sqlite":
        shutil.copy(url.partition(":///")[2], place / f"{kind}-{seed}.db")


if __name__ == "__main__":
    sys.exit(main())
