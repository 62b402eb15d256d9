"""What changed in a folder since its last commit; where there is no git, since a copy was put aside."""

from __future__ import annotations

import difflib
import shutil
import subprocess
from pathlib import Path

_GIT_S = 20


class Baseline:
    """What `folder` is compared with: HEAD, or else the copy in `aside`."""

    def __init__(self, folder: Path, aside: Path) -> None:
        self._folder = folder
        self._aside = aside

    def keep(self) -> None:
        """Before the first change: put a copy aside where no git remembers the folder."""
        if not self._aside.is_dir() and not self._in_git():
            self.renew()

    def renew(self) -> None:
        """From now on compare with what stands now (without git only)."""
        new = self._aside.with_name(f"{self._aside.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(self._folder, new, ignore=shutil.ignore_patterns(".*"))
        shutil.rmtree(self._aside, ignore_errors=True)
        new.rename(self._aside)

    def diff(self) -> str:
        """A unified diff; "" when nothing differs."""
        if self._in_git():
            changed = self._git("diff", "--no-color", "--no-ext-diff", "HEAD", "--", ".")
            new = self._git("ls-files", "--others", "--exclude-standard", "-z", "--", "*.yml").split("\0")
            added = [_one("", self._text(self._folder / name), name) for name in sorted(filter(None, new))]
            return changed + "".join(added)
        if not self._aside.is_dir():
            return ""
        names = sorted({p.relative_to(root).as_posix() for root in (self._aside, self._folder) for p in root.rglob("*.yml")})
        return "".join(_one(self._text(self._aside / name), self._text(self._folder / name), name) for name in names)

    def _in_git(self) -> bool:
        try:
            return bool(self._git("ls-tree", "--name-only", "HEAD", "--", "."))
        except (OSError, subprocess.SubprocessError):
            return False

    def _git(self, *arguments: str) -> str:
        command = ["git", "--no-optional-locks", "-C", str(self._folder), "-c", "core.quotepath=off", *arguments]
        done = subprocess.run(command, capture_output=True, check=True, timeout=_GIT_S, stdin=subprocess.DEVNULL)
        return done.stdout.decode("utf-8", "replace")

    @staticmethod
    def _text(path: Path) -> str:
        try:
            return path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""


def _one(before: str, after: str, name: str) -> str:
    """One file's part; a last line without a line end is told as git tells it."""
    if before == after:
        return ""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    path = f"data/nlu/{name}"
    lines = difflib.unified_diff(old, new, f"a/{path}" if before else "/dev/null", f"b/{path}" if after else "/dev/null")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
