"""Promoting, rolling back and telling engines, over HTTP, with engines that only say what they serve."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.training.archives import IN_SERVICE
from bot.training.models_records import models
from tests.support.stack import Stack, until
from tests.training.workbench import BASE, FakeEngine, Trainer, archive, report

Make = Callable[..., Awaitable[tuple[Stack, Trainer]]]


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[list[FakeEngine]]:
    """Two engines that run the model they were started with."""
    archive(tmp_path / "models", "sapa.tar.gz", "first")
    made = [FakeEngine("first", "sapa.tar.gz") for _ in range(2)]
    for engine in made:
        await engine.start()
    yield made
    for engine in made:
        await engine.stop()


@pytest.fixture
async def make(engines: list[FakeEngine], tmp_path: Path) -> AsyncIterator[Make]:
    started: list[Any] = []

    async def start(url: str, username: str = "tia") -> tuple[Stack, Trainer]:
        stack = Stack(url, ",".join(e.url for e in engines), tmp_path / "var", tmp_path, SAPA_MODELS=str(tmp_path / "models"))
        await stack.start()
        trainer = await Trainer.enter(stack, username)
        started.extend((trainer, stack))
        return stack, trainer

    yield start
    for one in started:
        await (one.leave() if isinstance(one, Trainer) else one.stop())


async def offer(stack: Stack, folder: Path, model: str, found: dict[str, Any] | None) -> str:
    """A trained model in the list."""
    name = f"sapa-{model}.tar.gz"
    archive(folder / "models", name, model)
    async with stack.db.write() as tx:
        await tx.execute(insert(models).values(id=model, file=name, origin="trained", made_at=tx.now, report=found, reported_at=tx.now))
    return name


async def serve(engines: list[FakeEngine], model: str) -> None:
    await until(lambda: all(engine.serving["model"] == model for engine in engines), f"not every engine serves {model}")


async def test_a_model_is_promoted_served_and_rolled_back(make: Make, engines: list[FakeEngine], tmp_path: Path, database_url: str) -> None:
    stack, trainer = await make(database_url)
    name = await offer(stack, tmp_path, "second", report("first"))
    seen = await trainer.get()
    assert (seen["in_service"], seen["previous"], seen["engines"]) == ("first", None, [])
    await trainer.post("/second/promote", over="first")
    await serve(engines, "second")
    assert [e.told for e in engines] == [[{"file": name, "model": "second"}]] * 2
    assert (tmp_path / "models" / IN_SERVICE).read_text().strip() == name

    async def shown() -> bool:
        return [e["ready"] for e in (await trainer.get())["engines"]] == [True, True]

    await until(shown, "the engines are not shown as ready")
    seen = await trainer.get()
    assert (seen["in_service"], seen["previous"], seen["since_by"]) == ("second", "first", "Tia")
    assert {m["id"]: m["state"] for m in seen["models"]} == {"second": "in_service", "first": "served"}
    assert [h["how"] for h in seen["history"]] == ["promoted", "found"]
    await trainer.post("/rollback", to="first")
    await serve(engines, "first")
    kept = engines[0].serving["file"]
    assert kept != "sapa.tar.gz" and (tmp_path / "models" / kept).is_file(), "a later training must not replace what we go back to"
    assert [f.data["model"] for f in await stack.facts("model_promoted")] == ["second"]
    assert [f.data["before"] for f in await stack.facts("model_rolled_back")] == ["second"]


async def test_an_engine_that_comes_back_with_another_model_is_told(
    make: Make, engines: list[FakeEngine], tmp_path: Path, sqlite_url: str
) -> None:
    stack, trainer = await make(sqlite_url)
    await offer(stack, tmp_path, "second", report("first"))
    await trainer.post("/second/promote", over="first")
    await serve(engines, "second")
    engines[1].serving = {"model": "first", "file": "sapa.tar.gz"}

    def served() -> bool:
        stack.clock.advance(1)  # again and again: the watch may only now be going to rest
        return engines[1].serving["model"] == "second"

    await until(served, "it was not told")
    assert len(engines[0].told) == 1


async def test_an_engine_that_cannot_load_keeps_serving_and_is_shown(
    make: Make, engines: list[FakeEngine], tmp_path: Path, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    stack, trainer = await make(sqlite_url)
    await offer(stack, tmp_path, "second", report("first"))
    engines[1].refuses = "missing"
    await trainer.post("/second/promote", over="first")

    async def shown() -> bool:
        return sorted(e["fault"] or "" for e in (await trainer.get())["engines"]) == ["", "Berkas model tidak ada di mesin ini."]

    await until(shown, "the fault is not shown")
    for _ in range(4):
        stack.clock.advance(6)
        await trainer.get()
    assert engines[1].serving["model"] == "first"
    assert len(engines[1].told) == 1, "it is not asked over and over"
    assert sum("does not serve" in record.message for record in caplog.records) == 1


async def test_without_a_promotion_engines_are_left_alone(make: Make, engines: list[FakeEngine], sqlite_url: str) -> None:
    stack, _ = await make(sqlite_url)
    engines[1].serving["model"] = "another"
    for _ in range(3):
        stack.clock.advance(6)
        await stack.quiet()
    assert [e.told for e in engines] == [[], []]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "belum dinilai"),
        (report("first", conversations={"ran": 60, "failed": [{"name": "Reservasi"}]}), "1 dari 60 percakapan gagal: Reservasi."),
        (report("an older one"), "sudah berganti sejak penilaian ini"),
    ],
)
async def test_nobody_promotes_past_the_gate(
    make: Make, engines: list[FakeEngine], tmp_path: Path, sqlite_url: str, found: dict[str, Any] | None, told: str
) -> None:
    stack, trainer = await make(sqlite_url)
    await offer(stack, tmp_path, "second", found)
    answer = await trainer.post("/second/promote", expect=422, over="first")
    assert answer["error"]["code"] == "gate_closed"
    assert told in answer["error"]["message"]
    assert (await trainer.get())["in_service"] == "first"
    assert not (await trainer.get())["models"][0]["passed"]
    assert not (await trainer.get("/second"))["gate"]["passed"]


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    make: Make, engines: list[FakeEngine], tmp_path: Path, database_url: str
) -> None:
    stack, trainer = await make(database_url)
    for model in ("second", "third"):
        await offer(stack, tmp_path, model, report("first"))
    await trainer.post("/second/promote", over="first")
    assert (await trainer.post("/third/promote", expect=409, over="first"))["in_service"] == "second"
    assert (await trainer.post("/third/promote", expect=422, over="second"))["error"]["code"] == "gate_closed"
    assert (await trainer.post("/rollback", expect=409, to="third"))["previous"] == "first"
    await trainer.post("/rollback", to="first")
    await trainer.post("/rollback", expect=409, to="first")
    await trainer.post("/second/promote", over="first")


async def test_a_file_that_is_gone_is_not_promoted(make: Make, tmp_path: Path, sqlite_url: str) -> None:
    stack, trainer = await make(sqlite_url)
    name = await offer(stack, tmp_path, "second", report("first"))
    (tmp_path / "models" / name).unlink()
    assert (await trainer.post("/second/promote", expect=422, over="first"))["error"]["code"] == "file_missing"


async def test_only_trainers_leaders_and_admins_may(make: Make, tmp_path: Path, sqlite_url: str) -> None:
    stack, _ = await make(sqlite_url)
    await offer(stack, tmp_path, "second", report("first"))
    agent, leader = await Trainer.enter(stack, "ani", "agent"), await Trainer.enter(stack, "lia", "leader")
    stranger = Trainer(stack)
    paths = [
        ("GET", ""),
        ("GET", "/second"),
        ("POST", "/second/promote"),
        ("POST", "/rollback"),
        ("POST", "/runs"),
        ("POST", "/runs/x/cancel"),
    ]
    try:
        for method, path in paths:
            assert (await agent.call(method, BASE + path, {}))[0] == 403, path
            assert (await stranger.call(method, BASE + path, {}))[0] == 401, path
        csrf, leader.csrf = leader.csrf, "wrong"
        assert (await leader.call("POST", f"{BASE}/second/promote", {"over": "first"}))[0] == 403
        leader.csrf = csrf
        await leader.post("/second/promote", over="first")
    finally:
        for person in (agent, leader, stranger):
            await person.leave()


async def test_nonsense_is_refused(make: Make, sqlite_url: str) -> None:
    _, trainer = await make(sqlite_url)
    assert (await trainer.call("GET", f"{BASE}/nothing"))[0] == 404
    await trainer.post("/nothing/promote", expect=404, over="first")
    await trainer.post("/runs/nothing/cancel", expect=404)
    for body in ({}, {"kind": "x"}, {"kind": "report"}, {"kind": "train", "model": "m"}, {"kind": 7}):
        await trainer.post("/runs", expect=422, **body)
    await trainer.post("/rollback", expect=409)
