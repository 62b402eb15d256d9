"""The models folder: which file to begin with, what a file must hold to be served, and changing the model between turns.

A file is loaded beside the model in service, in a thread, and tried; only then it takes its place. Turns under way end with the model they
began with. Their dialogues are keyed by the model, so the next turn of each is given its state (docs/decisions/0015-models-are-promoted.md).
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import logging
import re
import tarfile
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import rasa

from engine.actions import ServiceActions
from engine.processor import TurnProcessor, user_message

log = logging.getLogger(__name__)
IN_SERVICE = "in-service"  # a file beside the models that names the one in service; the service writes it
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.tar\.gz")
_TRIED_ON = ("halo", "berapa bunga gadai sekarang")


class CannotLoad(Exception):
    """The model cannot be served. `reason`: bad_name, missing, unreadable, wrong_version, other_model or fails."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def file_in(folder: Path, name: str) -> Path:
    """The model of that name. Raises CannotLoad for what is no name of a file of this very folder, or is not there."""
    if not _NAME.fullmatch(name):
        raise CannotLoad("bad_name", "a model's name has letters, digits, '.', '_' and '-' and ends with .tar.gz")
    path = folder / name
    if not path.is_file():
        raise CannotLoad("missing", f"{name} is not in the models folder")
    return path


def beginning_with(place: Path) -> List[Path]:
    """What to try at start: the file given, or of a folder the model in service, then the others, newest first."""
    if place.is_file():
        return [place]
    newest = sorted(place.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    try:
        named = file_in(place, (place / IN_SERVICE).read_text(encoding="utf-8").strip())
    except (OSError, ValueError, CannotLoad):
        return newest
    return [named, *(path for path in newest if path != named)]


def described(path: Path) -> Dict[str, Any]:
    """What the archive says of itself; the whole of it is read, so one cut short is found out. Raises CannotLoad."""
    found: Optional[Dict[str, Any]] = None
    try:
        with gzip.open(path) as stream:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isfile() and Path(member.name) == Path("metadata.json") else None
                    found = json.loads(content.read()) if content else found
            while stream.read(2**20):  # to the end, where the checksum stands
                pass
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise CannotLoad("unreadable", f"{path.name} is damaged or cut short ({type(error).__name__}: {error})") from error
    if not isinstance(found, dict) or not isinstance(found.get("model_id"), str):
        raise CannotLoad("unreadable", f"{path.name} is no model of Rasa 3")
    return found


def load(path: Path, actions: ServiceActions, model: Optional[str] = None) -> TurnProcessor:
    """The file's model, ready to run turns. `model`: the id it must have. Raises CannotLoad."""
    said = described(path)
    version = said.get("rasa_open_source_version")
    if version != rasa.__version__:
        raise CannotLoad("wrong_version", f"{path.name} was trained with Rasa {version}; this engine runs {rasa.__version__}")
    if model is not None and said["model_id"] != model:
        raise CannotLoad("other_model", f"{path.name} holds the model {said['model_id']}, not {model}")
    try:
        return TurnProcessor(str(path), actions)
    except (Exception, SystemExit) as error:  # whatever a component stumbles on, or Rasa exits with
        raise CannotLoad("fails", f"{path.name}: {type(error).__name__}: {error}") from error


async def tried(processor: TurnProcessor) -> None:
    """Let it read something once, so that customers do not wait for what is made at the first use. Raises CannotLoad."""
    for text in _TRIED_ON:
        try:
            await processor.parse_message(user_message(text, "trial", "trial", None, {}))
        except Exception as error:
            raise CannotLoad("fails", f"it cannot read: {type(error).__name__}: {error}") from error


class ModelInService:
    """The processor that turns are given, and how another takes its place."""

    def __init__(self, processor: TurnProcessor, folder: Path) -> None:
        self.processor = processor
        self._folder = folder
        self._users: Dict[TurnProcessor, int] = {}
        self._changing = asyncio.Lock()

    @contextmanager
    def use(self) -> Iterator[TurnProcessor]:
        """The model for one turn or one reading: it stays the same until the block ends, whatever takes its place meanwhile."""
        processor = self.processor
        self._users[processor] = self._users.get(processor, 0) + 1
        try:
            yield processor
        finally:
            self._users[processor] -= 1
            if not self._users[processor]:
                del self._users[processor]
                if processor is not self.processor:
                    asyncio.get_running_loop().call_soon(_collect)  # its last turn: what it held goes now

    async def change(self, name: str, model: Optional[str], actions: ServiceActions) -> bool:
        """Serve the model of file `name` from the next turn on. False when it is served already. Raises CannotLoad; then nothing changed."""
        async with self._changing:
            path = file_in(self._folder, name)
            if self.processor.model_id == model:
                return False
            begun = time.monotonic()
            processor = await asyncio.to_thread(load, path, actions, model)
            await tried(processor)
            before, self.processor = self.processor.model_id, processor
            log.info("model %s (%s) takes the place of %s after %.1f s", processor.model_id, name, before, time.monotonic() - begun)
            asyncio.get_running_loop().call_soon(_collect)
            return True


def _collect() -> None:
    """A model that nobody uses any more is freed by its last reference, but for a few rings of objects. Milliseconds: imports are frozen."""
    gc.collect()
