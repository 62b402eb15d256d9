"""`sapa backup FILE` and `sapa restore FILE`: database and files of conversations in one archive. What it means: docs/operations.md."""

from __future__ import annotations

import asyncio
import json
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update

from bot.channels.records import outbox
from bot.clock import SystemClock
from bot.conversations import facts
from bot.conversations.records import messages
from bot.operations.dumps import CannotDump, dialect_of, dump, empty, is_empty, load
from bot.settings import Settings, load_settings
from bot.store.database import Database
from bot.store.migrate import revision, upgrade

FORMAT = 1
UNSURE = "Dipulihkan dari cadangan; belum pasti sampai."


def add_commands(commands: Any) -> None:
    """Register the commands."""
    save = commands.add_parser("backup", help="database and files into one archive, while the service goes on")
    save.add_argument("file", type=Path)
    save.set_defaults(run=lambda options: asyncio.run(back_up(load_settings(), options.file)))
    back = commands.add_parser("restore", help="fill an empty database and the files' folder from an archive")
    back.add_argument("file", type=Path)
    back.add_argument("--force", action="store_true", help="throw away what the database holds; every service must be stopped")
    back.add_argument("--as-is", action="store_true", help="nothing was sent since the backup: send and answer what was waiting then")
    back.set_defaults(run=lambda options: asyncio.run(restore(load_settings(), options.file, options.force, options.as_is)))


async def back_up(settings: Settings, file: Path) -> None:
    """Write the archive; it has its name only once it is whole. Files come after the database, so each that is named is there."""
    url, media = settings.database, settings.var / "media"
    part = file.with_name(file.name + ".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            dumped = Path(folder) / "database"
            server = await dump(url, dumped)
            manifest = Path(folder) / "manifest.json"
            told = {"format": FORMAT, "database": dialect_of(url), "server": server, "revision": await revision(url)}
            manifest.write_text(json.dumps({**told, "at": datetime.now(UTC).isoformat()}))
            with tarfile.open(part, "w") as archive:
                archive.add(manifest, "manifest.json")
                archive.add(dumped, "database")
                if media.is_dir():
                    archive.add(media, "media", filter=lambda entry: None if entry.name.endswith(".part") else entry)
        part.replace(file)
    except OSError as error:
        raise CannotDump(f"the backup could not be written: {error}") from None
    finally:
        part.unlink(missing_ok=True)
    print(f"{file}: {file.stat().st_size} bytes")


async def restore(settings: Settings, file: Path, force: bool = False, as_is: bool = False) -> None:
    """Fill an empty database. Raises CannotDump for one that is not, unless forced, and for an archive that does not fit.

    What waited to be sent or answered at the time of the backup most likely was, afterwards: it is not sent again, and goes to people
    (`as_is`: nothing happened since, so it is).
    """
    url = settings.database
    try:
        with tempfile.TemporaryDirectory(dir=_folder(settings)) as name, tarfile.open(file) as archive:
            folder = Path(name)
            archive.extractall(folder, filter="data")
            manifest = json.loads((folder / "manifest.json").read_text())
            if manifest["format"] != FORMAT or manifest["database"] != dialect_of(url):
                raise CannotDump(f"this is a backup of {manifest['database']}, the database is {dialect_of(url)}")
            if not await is_empty(url):
                if not force:
                    raise CannotDump("the database is not empty. Restore into a new one, or throw it away with --force.")
                await empty(url)
            await load(url, folder / "database", manifest["server"])
            _bring_files(folder / "media", settings.var / "media")
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise CannotDump(f"{file} could not be restored: {error}") from None
    await upgrade(url)
    if not as_is:
        await _let_rest(url)
    print(f"restored as of {manifest['at']}")


def _folder(settings: Settings) -> Path:
    settings.var.mkdir(parents=True, exist_ok=True)
    return settings.var


def _bring_files(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)


async def _let_rest(url: str) -> None:
    """Nothing is sent or answered a second time."""
    db = Database(url, SystemClock())
    try:
        async with db.write() as tx:
            waiting = list((await tx.execute(select(outbox.c.message_id, outbox.c.conversation_id))).all())
            for row in waiting:
                found = (await tx.execute(select(messages.c.content).where(messages.c.id == row.message_id))).one()
                unsure = {"delivery": "uncertain", "content": {**(found.content or {}), "error": UNSURE}}
                await tx.execute(update(messages).where(messages.c.id == row.message_id).values(**unsure))
                await facts.record(tx, "message_uncertain", conversation=row.conversation_id, message=row.message_id)
            await tx.execute(delete(outbox))
            await tx.execute(update(messages).where(messages.c.todo.in_(("answer", "recall"))).values(todo="late", skipped="late"))
    finally:
        await db.close()
