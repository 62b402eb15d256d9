"""`sapa whatsapp resume`: let sending go on after it was stopped for an error of the account."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.channels.whatsapp.pacing import resume
from bot.clock import SystemClock
from bot.settings import SettingsError, load_settings
from bot.store.database import Database


def add_commands(commands: Any) -> None:
    """Register the commands."""
    parts = commands.add_parser("whatsapp", help="the WhatsApp channel").add_subparsers(required=True, metavar="COMMAND")
    go_on = parts.add_parser("resume", help="send again after the account was mended")
    go_on.set_defaults(run=lambda _: asyncio.run(_resume()))


async def _resume() -> int:
    settings = load_settings()
    if not settings.whatsapp_enabled:
        raise SettingsError("WHATSAPP_PHONE_NUMBER_ID is not set")
    db = Database(settings.database, SystemClock())
    try:
        async with db.write() as tx:
            stopped = await resume(tx, settings.whatsapp_phone_number_id)
    finally:
        await db.close()
    print("sending goes on" if stopped else "sending was not stopped")
    return 0
