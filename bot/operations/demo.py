"""`sapa demo`: seven users to try the desk with. Their passwords are made once and kept under var/."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from sqlalchemy import select

from bot.client import load_client
from bot.clock import SystemClock
from bot.desk.records import users
from bot.desk.sessions import create_user
from bot.desk.work import set_work
from bot.settings import Settings, load_settings
from bot.store.database import Database

PEOPLE = (
    ("rani", "Rani", "agent", "tier1"),
    ("dimas", "Dimas", "agent", "tier1"),
    ("maya", "Maya", "agent", "helpdesk"),
    ("bagus", "Bagus", "agent", "cs_digital"),
    ("sari", "Sari", "leader", "tier1"),
    ("tono", "Tono", "trainer", "tier1"),
    ("wulan", "Wulan", "division", "div_ti"),
)
_WORDS = ["melati", "kenanga", "cempaka", "anggrek", "mawar", "teratai", "dahlia", "kamboja", "seruni", "tanjung"]


def add_commands(commands: Any) -> None:
    """Register the command."""
    demo = commands.add_parser("demo", help="make the demo users and print their passwords")
    demo.set_defaults(run=lambda _: print(json.dumps(asyncio.run(load_demo(load_settings())), indent=2)))


async def load_demo(settings: Settings) -> dict[str, str]:
    """Username to password. Users that exist already are left alone."""
    kept = settings.var / "demo-users.json"
    passwords: dict[str, str] = json.loads(kept.read_text()) if kept.is_file() else {}
    client = load_client(settings.client_folder)
    db = Database(settings.database, SystemClock())
    try:
        async with db.write() as tx:
            known = {row.username for row in await tx.execute(select(users.c.username))}
        for username, name, role, team in PEOPLE:
            if username in known:
                continue
            passwords[username] = "-".join(secrets.choice(_WORDS) for _ in range(2)) + f"-{secrets.randbelow(9000) + 1000}"
            async with db.write() as tx:
                await create_user(tx, username, name, role, passwords[username])
                await set_work(tx, client, username, team=team)
    finally:
        await db.close()
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(passwords))
    kept.chmod(0o600)
    return passwords
