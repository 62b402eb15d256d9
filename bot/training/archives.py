"""The models folder as the service sees it: what a file holds, giving one its place there, and the name of the one in service."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tarfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

IN_SERVICE = "in-service"  # read by an engine when it starts (engine/models.py)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.tar\.gz")


class NoModel(Exception):
    """The file is not there, or is no whole model."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What a model's file says of itself."""

    id: str
    trained_at: datetime


def read(path: Path) -> Archive:
    """Raises NoModel."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            member = next((m for m in archive if m.isfile() and Path(m.name) == Path("metadata.json")), None)
            content = archive.extractfile(member) if member else None
            said: Any = json.loads(content.read()) if content else {}
        trained_at = datetime.fromisoformat(said["trained_at"]).replace(tzinfo=UTC)
        return Archive(str(said["model_id"])[:40], trained_at)
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise NoModel(f"{path}: {type(error).__name__}: {error}") from error


def new_name(at: datetime) -> str:
    """A name of its own: `sapa-20261121-153000-a1b2.tar.gz`."""
    return f"sapa-{at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.tar.gz"


def place(source: Path, folder: Path, name: str) -> Path:
    """Put a copy into the models folder. It has its name only once it is whole and on the disk; engines may read it."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    try:
        shutil.copyfile(source, part)
        part.chmod(0o644)
        _sync(part)
        part.replace(folder / name)
    finally:
        part.unlink(missing_ok=True)
    return folder / name


def name_in_service(folder: Path, name: str) -> None:
    """Write down which file an engine is to begin with, if the folder is ours to write and holds it."""
    pointer = folder / IN_SERVICE
    try:
        if not (folder / name).is_file() or (pointer.is_file() and pointer.read_text("utf-8").strip() == name):
            return
        part = folder / f".{IN_SERVICE}.{secrets.token_hex(4)}.part"
        part.write_text(f"{name}\n", "utf-8")
        part.chmod(0o644)
        part.replace(pointer)
    except (OSError, ValueError):
        return  # an engine that begins with another is told so within seconds


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
