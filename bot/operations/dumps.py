"""The database in one file and back: SQLite by its online backup, PostgreSQL by its own programs. The service may go on meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from glob import glob
from pathlib import Path

import asyncpg
from sqlalchemy import make_url


class CannotDump(Exception):
    """A program is missing, of another version, or says no; the message tells what to do."""


def dialect_of(url: str) -> str:
    """sqlite or postgresql."""
    return "sqlite" if url.startswith("sqlite") else "postgresql"


async def dump(url: str, file: Path) -> int:
    """Write the database, as it is at one moment, to `file`; returns the server's major version (0 for SQLite)."""
    if dialect_of(url) == "sqlite":
        source = _sqlite_file(url)
        if not source.is_file():
            raise CannotDump(f"there is no database at {source}")
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(file)) as copy:
            live.backup(copy)
        return 0
    server = await _server_version(url)
    program = _program("pg_dump")
    if _version(program) < server:
        raise CannotDump(f"pg_dump {_version(program)} cannot read a PostgreSQL {server}. Install postgresql-client-{server}.")
    _run(url, [program, "--format=custom", f"--file={file}"])
    return server


async def load(url: str, file: Path, dumped_from: int) -> None:
    """Fill an empty database from `file`. `dumped_from`: what `dump` returned."""
    if dialect_of(url) == "sqlite":
        target = _sqlite_file(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".restoring")
        shutil.copyfile(file, part)
        part.replace(target)
        return
    server = await _server_version(url)
    program = _program("pg_restore")
    if server < dumped_from:
        raise CannotDump(f"the backup is of PostgreSQL {dumped_from}, the server is {server}: restore into {dumped_from} or newer")
    if _version(program) < dumped_from:
        raise CannotDump(f"pg_restore {_version(program)} cannot read a backup of {dumped_from}. Install postgresql-client-{dumped_from}.")
    _run(url, [program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file)], "--dbname")


async def is_empty(url: str) -> bool:
    """Whether there is nothing that a restore would write over."""
    if dialect_of(url) == "sqlite":
        file = _sqlite_file(url)
        return not file.is_file() or file.stat().st_size == 0
    conn = await _connect(url)
    try:
        return not await conn.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await conn.close()


async def empty(url: str) -> None:
    """Throw everything away. Raises CannotDump while a service uses it."""
    if dialect_of(url) == "sqlite":
        file = _sqlite_file(url)
        with closing(sqlite3.connect(file, timeout=0)) as conn:
            try:
                conn.execute("PRAGMA locking_mode=EXCLUSIVE")
                conn.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise CannotDump("the database is in use. Stop the service first.") from None
        for end in ("", "-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)
        return
    conn = await _connect(url)
    try:
        others = await conn.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        if others:
            raise CannotDump(f"the database is in use by {others} connections. Stop every service first.")
        await conn.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    finally:
        await conn.close()


def _sqlite_file(url: str) -> Path:
    name = make_url(url).database
    if not name:
        raise CannotDump("a database in memory has no backup")
    return Path(name)


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url.replace("+asyncpg", ""), timeout=10)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise CannotDump(f"the database cannot be reached: {error}") from None


async def _server_version(url: str) -> int:
    conn = await _connect(url)
    try:
        return int(conn.get_server_version().major)
    finally:
        await conn.close()


def _program(name: str) -> str:
    """The newest one installed: on PATH, or where Debian keeps every version."""
    found = sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.split("/")[4]))
    program = found[-1] if found else shutil.which(name)
    if program is None:
        raise CannotDump(f"{name} is missing. Install PostgreSQL's client programs (on Debian: apt install postgresql-client).")
    return program


def _version(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", told)
    return int(found[1]) if found else 0


def _run(url: str, command: list[str], database_option: str = "--dbname") -> None:
    """Run one of PostgreSQL's programs. The password goes by the environment: arguments can be seen by everybody on the machine."""
    address = make_url(url).set(drivername="postgresql")
    environment = {**os.environ, **({"PGPASSWORD": str(address.password)} if address.password else {})}
    shown = address.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run([*command, database_option, shown], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotDump(f"{Path(command[0]).name}: {done.stderr.strip()[-500:]}")
