"""`sapa user add NAME --role agent`: users of the desk. The password is asked for, never an argument."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from typing import Any

from bot.clock import SystemClock
from bot.desk.sessions import create_user
from bot.settings import load_settings
from bot.store.database import Database

ROLES = ("agent", "leader", "trainer", "admin")


def add_commands(commands: Any) -> None:
    """Register the commands."""
    user = commands.add_parser("user", help="users of the desk")
    parts = user.add_subparsers(required=True, metavar="COMMAND")
    add = parts.add_parser("add", help="add a user; the password is read from the terminal or from standard input")
    add.add_argument("username")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=ROLES, default="agent")
    add.set_defaults(run=_add)


def _add(options: argparse.Namespace) -> int:
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    return asyncio.run(_store(options, password))


async def _store(options: argparse.Namespace, password: str) -> int:
    db = Database(load_settings().database, SystemClock())
    try:
        async with db.write() as tx:
            await create_user(tx, options.username, options.name, options.role, password)
    except ValueError as error:
        print(f"sapa: {error}", file=sys.stderr)
        return 2
    finally:
        await db.close()
    return 0
