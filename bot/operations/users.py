"""`sapa user add NAME --role agent`, `sapa user set NAME --team helpdesk`: users of the desk. The password is asked for, never an argument."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from typing import Any

from bot.client import load_client
from bot.clock import SystemClock
from bot.desk.sessions import ROLES, create_user
from bot.desk.work import set_work
from bot.settings import load_settings
from bot.store.database import Database


def add_commands(commands: Any) -> None:
    """Register the commands."""
    user = commands.add_parser("user", help="users of the desk")
    parts = user.add_subparsers(required=True, metavar="COMMAND")
    add = parts.add_parser("add", help="add a user; the password is read from the terminal or from standard input")
    add.add_argument("username")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=ROLES, default="agent")
    _add_work(add)
    add.set_defaults(run=_add)
    change = parts.add_parser("set", help="change a user's team, skills or capacity")
    change.add_argument("username")
    _add_work(change)
    change.set_defaults(run=lambda options: asyncio.run(_store(options)))


def _add_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--team", help="a team of floor.yml; for the role division, a unit of tickets.yml")
    parser.add_argument("--topics", type=_some, help="topics, separated by commas; 'all' for all")
    parser.add_argument("--languages", type=_some, help="languages, separated by commas; 'all' for all")
    parser.add_argument("--capacity", type=_capacity, help="conversations at once; 'client' for the client's number")


def _some(value: str) -> list[str] | str:
    return "all" if value == "all" else [part.strip() for part in value.split(",") if part.strip()]


def _capacity(value: str) -> int | str:
    return "client" if value == "client" else int(value)


def _add(options: argparse.Namespace) -> int:
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    return asyncio.run(_store(options, password))


async def _store(options: argparse.Namespace, password: str | None = None) -> int:
    settings = load_settings()
    db = Database(settings.database, SystemClock())
    given = {name: getattr(options, name) for name in ("team", "topics", "languages", "capacity") if getattr(options, name) is not None}
    try:
        async with db.write() as tx:
            if password is not None:
                await create_user(tx, options.username, options.name, options.role, password)
            if given:
                await set_work(tx, load_client(settings.client_folder), options.username, **given)
    except ValueError as error:
        print(f"sapa: {error}", file=sys.stderr)
        return 2
    finally:
        await db.close()
    return 0
