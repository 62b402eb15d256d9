"""Changing the model: what is refused leaves the model in service alone, turns under way end as they began, and the old one is freed."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import os
import shutil
import tarfile
import weakref
from pathlib import Path
from typing import Any, Callable, Dict, Optional

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from engine.actions import ServiceActions
from engine.models import IN_SERVICE, beginning_with, load
from engine.server import create_app
from engine.tests.test_turns import MODEL, TOKEN, Service, body

pytestmark = pytest.mark.skipif(not MODEL.is_file(), reason="no model (make train)")


def another(folder: Path, name: str, **said: Any) -> Path:
    """A copy of the model whose metadata says something else."""
    path = folder / name
    with tarfile.open(MODEL, "r:gz") as old, tarfile.open(path, "w:gz", compresslevel=1) as new:
        for member in old:
            content = old.extractfile(member) if member.isfile() else None
            if member.name == "metadata.json" and content is not None:
                changed = json.dumps({**json.loads(content.read()), **said}).encode()
                member.size, content = len(changed), io.BytesIO(changed)
            new.addfile(member, content)
    return path


class Gate(Service):
    """An action endpoint that answers only when it is told to, while it is shut."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.reached = asyncio.Event(), asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        self.reached.set()
        await self.open.wait()
        return await super().handle(request)


Scenario = Callable[[TestClient, Gate, str], Any]


def run(folder: Path, scenario: Scenario, began_with: Optional[Path] = None) -> None:
    async def main() -> None:
        service = Gate()
        app = web.Application()
        app.router.add_post("/actions", service.handle)
        actions = ServiceActions("secret")
        engine = create_app(load(began_with or MODEL, actions), actions, "secret", folder)
        async with TestServer(app) as server, TestClient(TestServer(engine)) as client:
            await scenario(client, service, str(server.make_url("/actions")))

    asyncio.run(main())


async def serving(client: TestClient) -> str:
    return str((await (await client.get("/health")).json())["model"])


async def change(client: TestClient, name: Any, model: Any = None) -> Dict[str, Any]:
    answer = await client.post("/model", json={"file": name, "model": model}, headers=TOKEN)
    return {"status": answer.status, **await answer.json()}


def test_what_cannot_be_served_is_refused_with_its_reason(tmp_path: Path) -> None:
    another(tmp_path, "old.tar.gz", rasa_open_source_version="3.5.0")
    another(tmp_path, "good.tar.gz", model_id="good")
    whole = (tmp_path / "good.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "end.tar.gz").write_bytes(whole[:-20])
    (tmp_path / "text.tar.gz").write_text("not a model")
    (tmp_path / "empty.tar.gz").write_bytes(b"")
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as archive:
        archive.add(__file__, "readme")
    broken = another(tmp_path, "broken.tar.gz", model_id="broken", predict_schema={"nodes": {}}, core_target="nothing")
    (tmp_path.parent / "outside.tar.gz").write_bytes(whole)
    wanted = {
        "old.tar.gz": "wrong_version",
        "cut.tar.gz": "unreadable",
        "end.tar.gz": "unreadable",
        "text.tar.gz": "unreadable",
        "empty.tar.gz": "unreadable",
        "other.tar.gz": "unreadable",
        broken.name: "fails",
        "away.tar.gz": "missing",
        "../outside.tar.gz": "bad_name",
        str(tmp_path.parent / "outside.tar.gz"): "bad_name",
        ".tar.gz": "bad_name",
        "": "bad_name",
        "good": "bad_name",
        "a\x00.tar.gz": "bad_name",
    }

    async def scenario(client: TestClient, service: Gate, callback: str) -> None:
        before = await serving(client)
        for name, reason in wanted.items():
            answer = await change(client, name)
            assert (answer["status"], answer.get("reason")) == (422, reason), (name, answer)
            assert answer["detail"]
        assert (await change(client, "good.tar.gz", "another"))["reason"] == "other_model"
        for name in (None, 7, ["good.tar.gz"]):
            assert (await change(client, name))["status"] == 400
        assert (await client.post("/model", json={"file": "good.tar.gz"})).status == 401
        assert await serving(client) == before
        assert (await client.post("/parse", json={"text": "halo"}, headers=TOKEN)).status == 200

    run(tmp_path, scenario)


def test_a_turn_ends_with_the_model_it_began_with_and_the_dialogue_goes_on_with_the_next(tmp_path: Path) -> None:
    another(tmp_path, "next.tar.gz", model_id="next")

    async def scenario(client: TestClient, service: Gate, callback: str) -> None:
        before = await serving(client)
        first = asyncio.ensure_future(client.post("/turn", json=body(callback, "halo min"), headers=TOKEN))
        await service.reached.wait()
        assert (await change(client, "next.tar.gz", "next"))["changed"]
        service.open.set()
        told = await (await first).json()
        assert (told["model"], told["version"]) == (before, 1)
        assert await serving(client) == "next"
        request = body(callback, "bunga gadai berapa ya", version=1, turn="t2", after="t1")
        assert (await client.post("/turn", json=request, headers=TOKEN)).status == 409, "the old model's dialogue is of no use"
        answer = await client.post("/turn", json={**request, "state": told["new_events"]}, headers=TOKEN)
        assert answer.status == 200
        assert (await answer.json())["model"] == "next"
        assert not (await change(client, "next.tar.gz", "next"))["changed"], "asked twice, it changes once"

    run(tmp_path, scenario)


def test_the_old_model_is_freed_after_its_last_turn(tmp_path: Path) -> None:
    another(tmp_path, "next.tar.gz", model_id="next")
    gone = []

    async def scenario(client: TestClient, service: Gate, callback: str) -> None:
        from engine.server import ENGINE

        engine = client.app[ENGINE]
        held = weakref.ref(engine.model.processor)
        first = asyncio.ensure_future(client.post("/turn", json=body(callback, "halo min"), headers=TOKEN))
        await service.reached.wait()
        await change(client, "next.tar.gz", "next")
        assert held() is not None, "its turn is still under way"
        service.open.set()
        await first
        await client.get("/health")  # one round of the loop later
        gone.append(held() is None)

    gc.disable()
    try:
        run(tmp_path, scenario)
    finally:
        gc.enable()
    assert gone == [True]


def test_an_engine_begins_with_the_model_in_service_and_otherwise_with_the_newest(tmp_path: Path) -> None:
    for age, name in enumerate(("newest", "promoted", "oldest")):
        shutil.copy(MODEL, tmp_path / f"{name}.tar.gz")
        os.utime(tmp_path / f"{name}.tar.gz", (1000 - age, 1000 - age))
    names = ["newest.tar.gz", "promoted.tar.gz", "oldest.tar.gz"]
    assert [path.name for path in beginning_with(tmp_path)] == names
    (tmp_path / IN_SERVICE).write_text("promoted.tar.gz\n")
    assert [path.name for path in beginning_with(tmp_path)] == ["promoted.tar.gz", "newest.tar.gz", "oldest.tar.gz"]
    for nonsense in ("../promoted.tar.gz", "away.tar.gz", "", "\udcff"):
        (tmp_path / IN_SERVICE).write_bytes(nonsense.encode("utf-8", "surrogateescape"))
        assert [path.name for path in beginning_with(tmp_path)] == names
    assert beginning_with(tmp_path / "oldest.tar.gz") == [tmp_path / "oldest.tar.gz"]
    assert beginning_with(tmp_path / "nowhere") == []
