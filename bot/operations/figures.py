"""`sapa figures rebuild`, `sapa figures check`: count the event log anew, and does what was counted agree with it?"""

from __future__ import annotations

import argparse
import asyncio
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.client import Client, load_client
from bot.clock import SystemClock
from bot.settings import SettingsError, load_settings
from bot.store.database import Database
from bot.supervision.recount import Recount
from bot.supervision.tally import Tally

LONG_AGO, FAR_AWAY = date(2000, 1, 1), date(2200, 1, 1)


def add_commands(commands: Any) -> None:
    """Register the commands."""
    parts = commands.add_parser("figures", help="figures counted from the event log").add_subparsers(required=True, metavar="COMMAND")
    rebuild = parts.add_parser("rebuild", help="count the log anew; with days, only the intervals of these days")
    check = parts.add_parser("check", help="count the intervals anew and compare; exit code 1 if what is kept differs")
    for part, run in ((rebuild, _rebuild), (check, _check)):
        part.add_argument("--from", dest="begin", type=_day, metavar="DAY", help="the first day, as 2026-11-23, in the client's time zone")
        part.add_argument("--to", dest="end", type=_day, metavar="DAY", help="the last day")
        part.set_defaults(run=lambda options, run=run: asyncio.run(_with_database(options, run)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day like 2026-11-23") from None


async def _with_database(options: argparse.Namespace, run: Any) -> int:
    settings = load_settings()
    client = load_client(settings.client_folder)
    db = Database(settings.database, SystemClock())
    try:
        result: int = await run(options, db, client)
        return result
    finally:
        await db.close()


async def _rebuild(options: argparse.Namespace, db: Database, client: Client) -> int:
    tally = Tally(db, client)
    if options.begin is None and options.end is None:
        await tally.begin_anew()
        await tally.catch_up()
        print("the whole log was counted anew")
        return 0
    await tally.catch_up()
    changed = await Recount(db, client).run(*_span(options, client), mend=True)
    print(f"{len(changed)} rows were not as the log has it, and are now")
    return 0


async def _check(options: argparse.Namespace, db: Database, client: Client) -> int:
    await Tally(db, client).catch_up()
    wrong = await Recount(db, client).run(*_span(options, client), mend=False)
    for cell in wrong[:20]:
        print(f"{cell[0]} {cell[2]:%Y-%m-%d %H:%M} {cell[1]} {cell[3]}".rstrip())
    print(f"{len(wrong)} rows differ from the log")
    return int(bool(wrong))


def _span(options: argparse.Namespace, client: Client) -> tuple[datetime, datetime]:
    first, last = options.begin or LONG_AGO, options.end or FAR_AWAY
    if last < first:
        raise SettingsError("--to is before --from")
    begin, end = (datetime.combine(day, time(), client.zone) for day in (first, last + timedelta(days=1)))
    return begin, end
