"""The editor of data/nlu: trainers' decisions become lines of its files, and nothing else of them changes.

Every change holds a lock on the folder, so that two trainers at once lose nothing, whichever processes serve them; a file is replaced as a
whole or not at all. If any file cannot be read, nothing is written: somebody is in the middle of editing it by hand.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.training.diffs import Baseline
from bot.training.marks import same
from bot.training.nlu_file import BrokenFile, NluFile, read

NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")
_NEW_FILE = """# {label}
# Written by the trainers' page. Say here where this topic ends and the next one begins.
version: "3.1"

nlu:
  - intent: {intent}
    examples: |
      - {example}
"""


class CannotWrite(Exception):
    """The example was not written; the message is a sentence for trainers."""


class BrokenData(CannotWrite):
    """A file of data/nlu cannot be read."""


class AlreadyThere(CannotWrite):
    """The same example stands already, under `intent`."""

    def __init__(self, intent: str, place: str) -> None:
        super().__init__(f"Contoh ini sudah ada di {place} untuk '{intent}'. Satu kalimat hanya boleh di satu intent.")
        self.intent = intent
        self.place = place


@dataclass(frozen=True, slots=True)
class Line:
    """Where an example stands. `place`: file and line, as people say it."""

    intent: str
    example: str
    place: str


class Examples:
    """`data`: the folder that holds nlu/. `baseline` remembers what stood there, for the diff."""

    def __init__(self, data: Path, var: Path) -> None:
        self.folder = data / "nlu"
        self.baseline = Baseline(self.folder, var / "nlu-baseline")

    def intents(self) -> dict[str, int]:
        """Every intent that has examples, and how many. Raises BrokenData."""
        counts: dict[str, int] = {}
        for file in self._read_all().values():
            for block in file.blocks:
                counts[block.intent] = counts.get(block.intent, 0) + len(block.examples)
        return counts

    def find(self, example: str) -> Line | None:
        """Where the same example stands. Raises BrokenData."""
        return self._find(self._read_all(), example)

    def add(self, intent: str, example: str) -> Line:
        """Write the example at the end of its intent's. Raises AlreadyThere, LookupError for an unknown intent, BrokenData."""
        with self._alone():
            files = self._read_all()
            self._refuse_double(files, example)
            path, file = self._home(files, intent)
            try:
                edited = file.with_example(intent, example)
            except BrokenFile as error:
                raise self._broken(path, error) from None
            self._replace(path, edited.text)
            found = self._find({path: edited}, example)
        return found or Line(intent, example, self._name(path))

    def begin(self, intent: str, label: str, example: str) -> Line:
        """Make a file of its own for a new intent. Raises AlreadyThere, CannotWrite, BrokenData."""
        if not NAME.fullmatch(intent):
            raise CannotWrite("Nama intent memakai 3 sampai 40 huruf kecil, angka, dan garis bawah, misalnya info_pajak.")
        with self._alone():
            files = self._read_all()
            if any(file.block(intent) for file in files.values()):
                raise CannotWrite(f"Intent '{intent}' sudah ada. Pilih intent itu dari daftar.")
            self._refuse_double(files, example)
            path = self.folder / f"{intent}.yml"
            if path.exists():
                raise CannotWrite(f"Berkas {self._name(path)} sudah ada, tetapi tidak memuat intent '{intent}'. Pilih nama lain.")
            text = _NEW_FILE.format(label=" ".join(label.split()) or intent, intent=intent, example=example)
            self._replace(path, read(text).text)
        return Line(intent, example, f"{self._name(path)} baris 8")

    def remove(self, intent: str, example: str) -> bool:
        """Take this very line out again; False if it does not stand there any more. A file that `begin` made goes with its only example."""
        with self._alone():
            for path, file in self._read_all().items():
                try:
                    edited = file.without_example(intent, example)
                except BrokenFile as error:
                    raise self._broken(path, error) from None
                if edited is not None:
                    self._replace(path, edited.text)
                    return True
                only = [block.examples for block in file.blocks]
                if path.name == f"{intent}.yml" and only == [(example,)]:
                    self.baseline.keep()
                    path.unlink()
                    return True
        return False

    def diff(self) -> str:
        """What differs from the last commit (without git: from the last time the baseline was renewed), as a unified diff."""
        return self.baseline.diff()

    # --- inside

    def _read_all(self) -> dict[Path, NluFile]:
        files = {}
        for path in sorted(self.folder.rglob("*.yml")):
            if path.name.startswith("."):
                continue
            try:
                files[path] = read(path.read_bytes().decode("utf-8"))
            except FileNotFoundError:
                continue  # taken away meanwhile
            except UnicodeDecodeError as error:
                line = error.object.count(b"\n", 0, error.start) + 1
                raise self._broken(path, BrokenFile("berkas tidak tersimpan sebagai UTF-8", line)) from None
            except BrokenFile as error:
                raise self._broken(path, error) from None
        return files

    def _broken(self, path: Path, error: BrokenFile) -> BrokenData:
        told = f"Berkas {self._name(path)} baris {error.line} perlu diperbaiki dahulu: {error.problem}. Belum ada yang ditulis."
        return BrokenData(told)

    def _name(self, path: Path) -> str:
        return f"data/nlu/{path.relative_to(self.folder).as_posix()}"

    def _home(self, files: dict[Path, NluFile], intent: str) -> tuple[Path, NluFile]:
        found = [(len(block.lines), path) for path, file in files.items() if (block := file.block(intent))]
        if not found:
            raise LookupError(intent)
        path = max(found)[1]
        return path, files[path]

    def _refuse_double(self, files: dict[Path, NluFile], example: str) -> None:
        if line := self._find(files, example):
            raise AlreadyThere(line.intent, line.place)

    def _find(self, files: dict[Path, NluFile], example: str) -> Line | None:
        wanted = same(example)
        for path, file in files.items():
            for block in file.blocks:
                for number, held in zip(block.lines, block.examples, strict=True):
                    if same(held) == wanted:
                        return Line(block.intent, held, f"{self._name(path)} baris {number + 1}")
        return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder: the lock ends with the process that holds it, whatever becomes of it."""
        try:
            holder = os.open(self.folder, os.O_RDONLY)
        except FileNotFoundError:
            raise CannotWrite(f"Folder data latih tidak ditemukan: {self.folder.name}. Mohon hubungi admin.") from None
        try:
            fcntl.flock(holder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(holder)

    def _replace(self, path: Path, text: str) -> None:
        """The file as a whole or not at all, also when the machine stops; links and permissions stay."""
        target = path.resolve()
        try:
            self.baseline.keep()
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
        except OSError as error:
            raise CannotWrite(f"Folder data latih tidak dapat ditulis ({error.strerror}). Mohon hubungi admin.") from None
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o644)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
