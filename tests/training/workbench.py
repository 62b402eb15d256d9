"""What tests of the models need: engines that only say which model they run, archives, trainers who log in, and a run without a training."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.desk.sessions import create_user
from tests.support.stack import Stack

PASSWORD = "kata kunci pelatih"
BASE = "/api/train/models"
INTENT = {"info_gadai": {"f1": 0.9, "examples": 300}}


def archive(folder: Path, name: str, model: str, trained_at: str = "2026-11-20T08:00:00") -> Path:
    """A model's file as far as the service looks into it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    said = json.dumps({"model_id": model, "trained_at": trained_at}).encode()
    with tarfile.open(path, "w:gz") as made:
        member = tarfile.TarInfo("metadata.json")
        member.size = len(said)
        made.addfile(member, io.BytesIO(said))
    return path


def report(against: str | None, **parts: Any) -> dict[str, Any]:
    """A report that passes every rule."""
    measured = {"macro_f1": 0.8, "fold_spread": 0.01, "by_intent": INTENT, "confused": [], "not_counted": []}
    score = {"macro_f1": 0.9, "confidently_wrong": 0.04}
    return {
        "against": against,
        "cross_validation": measured,
        "against_cross_validation": measured,
        "test_set": {"lines": 150, "candidate": score, "in_service": score},
        "conversations": {"ran": 60, "failed": []},
        "changed": [],
        "messages_read": 0,
        "warnings": [],
        **parts,
    }


class FakeEngine:
    """Serves what it is told to, unless it `refuses` with a reason."""

    def __init__(self, model: str, file: str) -> None:
        self.serving = {"model": model, "file": file}
        self.refuses: str | None = None
        self.told: list[dict[str, str]] = []
        self._server: TestServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return str(self._server.make_url("")).rstrip("/")

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/health", self._health)
        app.router.add_post("/model", self._model)
        self._server = TestServer(app)
        await self._server.start_server()

    async def stop(self) -> None:
        assert self._server is not None
        await self._server.close()

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response(self.serving)

    async def _model(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.told.append(body)
        if self.refuses:
            return web.json_response({"error": "cannot_load", "reason": self.refuses, "detail": "told to"}, status=422)
        self.serving = {"model": body["model"], "file": body["file"]}
        return web.json_response({**self.serving, "changed": True})


class Trainer:
    """Somebody at the trainers' page, without the page."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.csrf = ""

    @classmethod
    async def enter(cls, stack: Stack, username: str = "tia", role: str = "trainer") -> Trainer:
        async with stack.db.write() as tx:
            await create_user(tx, username, username.title(), role, PASSWORD)
        trainer = cls(stack)
        status, answer = await trainer.call("POST", "/api/login", {"username": username, "password": PASSWORD})
        assert status == 200, answer
        trainer.csrf = answer["csrf"]
        return trainer

    async def leave(self) -> None:
        await self._http.close()

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"X-CSRF-Token": self.csrf} if self.csrf else {}
        async with self._http.request(method, f"{self._stack.url}{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str = "") -> Any:
        status, answer = await self.call("GET", BASE + path)
        assert status == 200, answer
        return answer

    async def post(self, path: str, expect: int = 200, **body: Any) -> Any:
        status, answer = await self.call("POST", BASE + path, body)
        assert status == expect, answer
        return answer
