"""Stock Rasa: `rasa run --enable-api` with its SQL tracker store, and `rasa run actions` in the service's environment."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import aiohttp

from bench.measure import NoAnswer
from bench.processes import ROOT, SERVICE_PYTHON, STOCK_RASA, Process, free_port
from bot.ids import new_id

TIMEOUT_S = 20
# What `pip install rasa==3.6.21` brings: the engine's own lock holds jsonschema at 3.2.0, which no documentation of Rasa says.
DOCUMENTED = ROOT / "var/bench/stock-site"


class StockDialogue:
    """One sender of Rasa's REST channel."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.sender = f"bench-{new_id()}"

    async def say(self, text: str) -> tuple[float, str]:
        """POST the message; Rasa answers when the turn is over. Raises NoAnswer."""
        start = time.perf_counter()
        try:
            async with self._session.post(self._url, json={"sender": self.sender, "message": text}) as answer:
                said = await answer.json(content_type=None)
                seconds = time.perf_counter() - start
                if answer.status != 200:
                    raise NoAnswer(f"HTTP {answer.status}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        texts = "\n\n".join(part.get("text") or "" for part in said)
        if not texts.strip():
            raise NoAnswer("an empty list")
        return seconds, texts

    async def close(self) -> None:
        """Nothing to close: the connection is shared."""


class Stock:
    """The two processes of stock Rasa."""

    name = "stock"

    def __init__(self, model: Path, folder: Path, client_folder: Path, actions_database: str, jsonschema: str) -> None:
        self._tracker_db = folder / "stock-tracker.db"
        port, actions_port = free_port(), free_port()
        self._url = f"http://127.0.0.1:{port}"
        self._actions_url = f"http://127.0.0.1:{actions_port}"
        self.actions = Process(
            "stock-actions",
            [SERVICE_PYTHON, "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions_port)],
            {
                "ACTIONS_DATABASE_URL": actions_database,
                "SAPA_CLIENT": str(client_folder),
                "SANIC_HOST": "127.0.0.1",
            },
            folder,
        )
        command = [STOCK_RASA, "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "--model", str(model)]
        self.rasa = Process(
            "stock-rasa",
            [*command, "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"],
            {
                "PYTHONPATH": str(DOCUMENTED) if jsonschema == "documented" else "",
                "RASA_TRACKER_DB": str(self._tracker_db),
                "ACTION_ENDPOINT_URL": f"{self._actions_url}/webhook",
            },
            folder,
        )
        self.processes = [self.rasa, self.actions]
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> float:
        """Wait for both; the seconds until they were ready."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), connector=aiohttp.TCPConnector(limit=0))
        seconds = await self.actions.ready(f"{self._actions_url}/health")
        return max(seconds, await self.rasa.ready(f"{self._url}/status"))

    async def dialogue(self) -> StockDialogue:
        """A new sender."""
        assert self._session is not None
        return StockDialogue(self._session, f"{self._url}/webhooks/rest/webhook")

    def engine_cpu_s(self) -> float:
        """CPU of the Rasa process."""
        return self.rasa.cpu_s()

    def beside_cpu_s(self) -> float:
        """CPU of the action server."""
        return self.actions.cpu_s()

    def events_of(self, dialogue: StockDialogue) -> int:
        """Events of a sender in the tracker store."""
        with sqlite3.connect(f"file:{self._tracker_db}?mode=ro", uri=True, timeout=10) as db:
            return int(db.execute("SELECT count(*) FROM events WHERE sender_id = ?", (dialogue.sender,)).fetchone()[0])

    async def stop(self) -> None:
        """End both."""
        if self._session:
            await self._session.close()
        for process in self.processes:
            process.stop()
