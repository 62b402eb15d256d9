"""Real servers for tests, started from the machine's own binaries and ended by their process ids."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[2]
ENGINE_PYTHON = ROOT / "engine/.venv/bin/python"
MODEL = ROOT / "models/sapa.tar.gz"
TOKEN = "test-engine-token"
SECRET = "test-app-secret"
NUMBER = "100000000000001"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lasting_port() -> int:
    """A port that is free now and stays so while nobody listens there: below those the system hands out by itself, also for connections.

    For what is ended and started again at one address.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def postgres_binary(name: str) -> str | None:
    """initdb or pg_ctl, on PATH or where Debian keeps them."""
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return versions[-1] if versions else None


class PostgresServer:
    """A throw-away PostgreSQL in `folder`. It refuses to run as root, so root lends it a user."""

    def __init__(self, folder: Path, options: str = "") -> None:
        initdb, pg_ctl = postgres_binary("initdb"), postgres_binary("pg_ctl")
        assert initdb and pg_ctl
        self.port = lasting_port()
        self.data = folder / "data"
        self._pg_ctl = pg_ctl
        self._log = folder / "log"
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._options = (
            f"-p {self.port} -c fsync=off -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=200"
        )
        self._options += f" {options}"
        folder.mkdir(parents=True, exist_ok=True)
        if self._as_user:
            shutil.chown(folder, "postgres", "postgres")
            for parent in folder.parents:
                if parent.stat().st_uid == 0 and parent != Path("/tmp") and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run([initdb, "-A", "trust", "-U", "postgres", "--no-sync", "-D", str(self.data)])

    @property
    def url(self) -> str:
        return self.url_at(self.port)

    @staticmethod
    def url_at(port: int) -> str:
        """The address at another port, such as that of a proxy between."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{port}"

    def start(self) -> None:
        self._control("-o", self._options, "-l", str(self._log), "-w", "start")

    def restart(self) -> None:
        """As after a crash: every connection is gone, what was committed is recovered."""
        self._control("-m", "immediate", "-o", self._options, "-l", str(self._log), "-w", "restart")

    def running(self) -> bool:
        return subprocess.run([*self._as_user, self._pg_ctl, "-D", str(self.data), "status"], capture_output=True, cwd="/").returncode == 0

    def stop(self) -> None:
        subprocess.run([*self._as_user, self._pg_ctl, "-D", str(self.data), "-m", "immediate", "stop"], capture_output=True, cwd="/")

    def _control(self, *arguments: str) -> None:
        self._run([self._pg_ctl, "-D", str(self.data), *arguments])

    def _run(self, command: list[str]) -> None:
        subprocess.run([*self._as_user, *command], check=True, capture_output=True, cwd="/")


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """A throw-away PostgreSQL; yields `postgresql+asyncpg://postgres@127.0.0.1:PORT`."""
    server = PostgresServer(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


class EngineProcess:
    """An engine of its own process. `kill` is SIGKILL; `start` brings it back on the same port. `model`: a file, or a folder of them."""

    def __init__(self, log: Path, port: int | None = None, model: Path = MODEL) -> None:
        self.port = port or lasting_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._model = model
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "ENGINE_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
        command = [str(ENGINE_PYTHON), "-m", "engine", "--model", str(self._model), "--port", str(self.port)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)

    def wait_ready(self, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process is not None
            if self.process.poll() is not None:
                raise RuntimeError(f"the engine ended:\n{self._log.read_text()[-2000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError("the engine did not become ready")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class ServiceProcess:
    """A service (`bot serve`) of its own process, on one port through all its lives."""

    def __init__(self, database_url: str, engine_url: str, graph_url: str, var: Path, **settings: str) -> None:
        self.port = lasting_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lives = 0
        self.log = var / f"service-{self.port}.log"
        self.environment = {
            **os.environ,
            "SAPA_ENV": "test",
            "SAPA_VAR": str(var),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "SECRET_KEY": "test-secret-key-" + "x" * 32,
            "ENGINE_URL": engine_url,
            "ENGINE_TOKEN": TOKEN,
            "WHATSAPP_APP_SECRET": SECRET,
            "WHATSAPP_VERIFY_TOKEN": "verify",
            "WHATSAPP_ACCESS_TOKEN": "access",
            "WHATSAPP_PHONE_NUMBER_ID": NUMBER,
            "WHATSAPP_API_URL": graph_url,
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start it; returns at once."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "bot", "serve"], env=self.environment, stdout=log, stderr=log, cwd=ROOT)
        self.lives += 1

    async def start(self, seconds: float = 60) -> None:
        """Start it and wait until it answers."""
        self.launch()
        end = time.monotonic() + seconds
        while not await self.answers("/healthz"):
            if not self.running() or time.monotonic() > end:
                raise RuntimeError(f"the service did not start:\n{self.log.read_text()[-3000:]}")
            await asyncio.sleep(0.02)

    async def answers(self, path: str, within_s: float = 2) -> bool:
        """Whether `path` gets a 200."""
        try:
            timeout = aiohttp.ClientTimeout(total=within_s)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{self.url}{path}") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """SIGTERM ends it politely, SIGSTOP holds it, SIGCONT lets it go on."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
