"""The engine's client: which engine, one turn, one parse. Any failure is `EngineUnavailable`: the turn may be repeated from the same state."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any

import aiohttp

from bot import telemetry

SHUN_S = 15.0  # an engine that hung is asked last for so long
READY_S = 1.0  # so long an engine may take to say that it is there
LOAD_S = 120.0  # so long one may take to load another model; it answers meanwhile


class EngineUnavailable(Exception):
    """No answer, a bad answer, or an action failed: nothing happened, try again."""


class StateNeeded(Exception):
    """The engine does not hold this dialogue at this version: send its state."""


class ModelRefused(Exception):
    """The engine could not load the model and keeps the one it has. `reason`: as engine/models.py names it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Engines:
    """One or more engines behind `ENGINE_URL` (comma separated); a conversation always goes to the same one while their number stays."""

    def __init__(self, urls: str, token: str, timeout_s: float) -> None:
        self.urls = [url.strip().rstrip("/") for url in urls.split(",") if url.strip()]
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None
        self._hung: dict[str, float] = {}  # url → when

    async def open(self) -> None:
        """Open the connection pool."""
        self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers, connector=aiohttp.TCPConnector(limit=64))

    async def close(self) -> None:
        """Close it."""
        if self._session:
            await self._session.close()

    async def turn(self, body: dict[str, Any]) -> dict[str, Any]:
        """Run a turn. Raises StateNeeded, EngineUnavailable."""
        return await self._ask(body["conversation_id"], "/turn", body)

    async def parse(self, conversation: str, text: str) -> dict[str, Any]:
        """What the model makes of a text: {"intent", "confidence", "ranking", "entities"}. Raises EngineUnavailable."""
        return await self._ask(conversation, "/parse", {"text": text.lstrip("/ ")})

    async def ready(self) -> bool:
        """Whether every engine answers, within a second."""
        return all(await asyncio.gather(*(self.serving(url) for url in self.urls)))

    async def serving(self, url: str) -> dict[str, Any] | None:
        """The model that an engine serves: {"model", "file"}; None when it does not answer within a second."""
        try:
            async with self._open_session().get(f"{url}/health", timeout=aiohttp.ClientTimeout(total=READY_S)) as answer:
                found = await answer.json() if answer.status == 200 else None
                return found if isinstance(found, dict) else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None

    async def serve(self, url: str, file: str, model: str) -> None:
        """Have an engine serve the model from its next turn on. Raises ModelRefused, EngineUnavailable."""
        try:
            body, timeout = {"file": file, "model": model}, aiohttp.ClientTimeout(total=LOAD_S)
            async with self._open_session().post(f"{url}/model", json=body, timeout=timeout) as answer:
                said = await answer.json()
                if answer.status == 422:
                    raise ModelRefused(str(said.get("reason")), str(said.get("detail")))
                if answer.status != 200:
                    raise EngineUnavailable(f"HTTP {answer.status}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error

    async def _ask(self, conversation: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Its own engine first; one that cannot be reached at all is passed over for the next, which holds nothing and asks for the state.

        One that hung is passed over from the next try on, for a while: it may stand still, and would cost every try its time-out.
        """
        number = int.from_bytes(hashlib.blake2b(conversation.encode(), digest_size=4).digest(), "big") % len(self.urls)
        for url in sorted(self.urls[number:] + self.urls[:number], key=self._hangs):
            try:
                return await self._post(url, path, body)
            except aiohttp.ClientConnectorError:
                continue
        raise EngineUnavailable("no engine can be reached")

    def _hangs(self, url: str) -> bool:
        return time.monotonic() - self._hung.get(url, -SHUN_S) < SHUN_S

    @telemetry.measured(telemetry.ENGINE, lambda _: "answered", state_needed=StateNeeded, unreachable=aiohttp.ClientConnectorError)
    async def _post(self, url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            async with self._open_session().post(url + path, json=body) as answer:
                if answer.status == 409:
                    raise StateNeeded
                if answer.status != 200:
                    raise EngineUnavailable(f"HTTP {answer.status}: {(await answer.text())[:200]}")
                result: dict[str, Any] = await answer.json()
                return result
        except aiohttp.ClientConnectorError:
            raise
        except TimeoutError as error:
            self._hung[url] = time.monotonic()
            raise EngineUnavailable("the engine hangs") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("Engines.open() was not awaited")
        return self._session
