"""Child processes: started in groups of their own, watched through /proc, ended by the group we made and no other."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
SERVICE_PYTHON = str(ROOT / ".venv/bin/python")
ENGINE_PYTHON = str(ROOT / "engine/.venv/bin/python")
STOCK_RASA = str(ROOT / "engine/.venv/bin/rasa")
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


class DidNotStart(Exception):
    """A process ended or did not get ready in time; the message holds the end of its log."""


class Process:
    """One command and whatever it starts."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log_folder: Path) -> None:
        self.name = name
        self.log = log_folder / f"{name}.log"
        self.started = time.monotonic()
        inherited = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")}
        with self.log.open("ab") as out:
            self._child = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**inherited, **QUIET, **environment},
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    async def ready(self, url: str, within_s: float = 180) -> float:
        """Wait until `url` answers 200; seconds since the start. Raises DidNotStart."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
            while time.monotonic() - self.started < within_s:
                if self._child.poll() is not None:
                    break
                try:
                    async with session.get(url) as answer:
                        if answer.status == 200:
                            return time.monotonic() - self.started
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(0.1)
        raise DidNotStart(f"{self.name} did not answer on {url}; the end of {self.log}:\n{self.tail()}")

    def tail(self, lines: int = 25) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def errors(self) -> int:
        """Tracebacks in its log."""
        return self.log.read_text(errors="replace").count("Traceback (most recent call last)")

    def cpu_s(self) -> float:
        """User and system seconds of the whole group so far."""
        return sum(sum(int(x) for x in _stat(pid)[11:13]) for pid in self._group()) / _TICKS

    def rss_mb(self) -> float:
        """Resident memory of the whole group."""
        return sum(int(_stat(pid)[21]) for pid in self._group()) * _PAGE_MB

    def stop(self) -> None:
        """End it politely, then not."""
        if self._child.poll() is not None and not self._group():
            return
        for number, wait in ((signal.SIGTERM, 12), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                pass
            try:
                self._child.wait(wait)
                if not self._group():
                    return
            except subprocess.TimeoutExpired:
                continue

    def _group(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                stat = _stat(int(entry.name))
                if stat and int(stat[2]) == self.pid and stat[0] != "Z":
                    found.append(int(entry.name))
        return found


def free_port() -> int:
    """A loopback port that nobody holds just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stat(pid: int) -> list[str]:
    """/proc/PID/stat from the state (field 3) on; empty if the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
