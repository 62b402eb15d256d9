"""Bringing a database to the present schema, with Alembic."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config


def config(url: str) -> Config:
    """Alembic's configuration for a database."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    settings.attributes["url"] = url
    return settings


async def upgrade(url: str) -> None:
    """Apply every migration that is missing. Makes the folder of a SQLite file where it is not there."""
    _, _, path = url.partition(":///")
    if url.startswith("sqlite") and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(command.upgrade, config(url), "head")
