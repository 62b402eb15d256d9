"""The model is changed under running conversations, with a real engine: none is lost, none answered twice, each dialogue goes on."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import tarfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import insert, select

from bot.channels.livechat import limits
from bot.conversations.records import messages
from bot.training.archives import name_in_service, read
from bot.training.models_records import models
from tests.conftest import missing
from tests.support.servers import ENGINE_PYTHON, MODEL, ROOT, EngineProcess
from tests.support.stack import Stack, Visitor, until
from tests.training.workbench import Trainer, report

pytestmark = pytest.mark.engine


def twin(source: Path, target: Path, model: str) -> None:
    """The same model under another id."""
    with tarfile.open(source, "r:gz") as old, tarfile.open(target, "w:gz", compresslevel=1) as new:
        for member in old:
            content = old.extractfile(member) if member.isfile() else None
            if member.name == "metadata.json" and content is not None:
                changed = json.dumps({**json.loads(content.read()), "model_id": model}).encode()
                member.size, content = len(changed), io.BytesIO(changed)
            new.addfile(member, content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not ENGINE_PYTHON.is_file() or not MODEL.is_file():
        missing("the engine's environment and a model (make engine-env train)")
    path = tmp_path_factory.mktemp("models")
    shutil.copy(MODEL, path / "sapa.tar.gz")
    return path


@pytest.fixture(scope="module")
def own_engine(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine whose model tests may change."""
    process = EngineProcess(tmp_path_factory.mktemp("engine") / "engine.log", model=folder)
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.kill()


@pytest.fixture
async def stack(
    own_engine: EngineProcess, folder: Path, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stack]:
    monkeypatch.setattr(limits, "BURST", 10_000)  # these customers write faster than people do
    stack = Stack(sqlite_url, own_engine.url, tmp_path / "var", ROOT / "web/dist", SAPA_MODELS=str(folder))
    await stack.start()
    yield stack
    await stack.stop()


async def serving(stack: Stack, engine: EngineProcess) -> str:
    async with stack.http.get(f"{engine.url}/health") as answer:
        return str((await answer.json())["model"])


async def offer(stack: Stack, folder: Path, model: str, against: str) -> None:
    twin(folder / "sapa.tar.gz", folder / f"sapa-{model}.tar.gz", model)
    async with stack.db.write() as tx:
        values = {"id": model, "file": f"sapa-{model}.tar.gz", "origin": "trained", "made_at": tx.now, "report": report(against)}
        await tx.execute(insert(models).values(**values))


async def write_and_wait(visitor: Visitor, text: str, number: int) -> None:
    """Write, and wait until this very message is answered: our own quiet, while others go on talking."""
    before = len(visitor.from_us())
    await visitor.send({"type": "message", "client_id": f"swap-{id(visitor):x}-{number:04}", "text": text, "payload": None, "media": []})
    await until(lambda: len(visitor.from_us()) > before, f"'{text}' was not answered", 30)


async def twenty_more(said: Counter[int]) -> None:
    """Until so many messages more are answered."""
    wanted = said.total() + 20
    await until(lambda: said.total() >= wanted, "nobody is answered any more", 30)


async def test_conversations_go_on_through_changes_of_the_model(stack: Stack, own_engine: EngineProcess, folder: Path) -> None:
    first = read(folder / "sapa.tar.gz").id
    trainer = await Trainer.enter(stack)
    talkers = [await stack.visitor() for _ in range(4)]
    form = await stack.visitor()
    await form.say("uang saya kepotong tapi transaksi gagal")
    await form.tap("Setuju")
    stop, said = asyncio.Event(), Counter[int]()
    questions = ("brp bunga gadai emas", "jam buka hari sabtu", "syarat gadai motor apa", "jadwal lelang bulan ini", "cara nabung emas")

    async def talk(number: int) -> None:
        while not stop.is_set():
            await write_and_wait(talkers[number], questions[(number + said[number]) % len(questions)], said[number])
            said[number] += 1

    talking = [asyncio.create_task(talk(number)) for number in range(len(talkers))]
    try:
        over = first
        for model in ("second", "third"):
            await offer(stack, folder, model, over)
            await trainer.post(f"/{model}/promote", over=over)
            await twenty_more(said)

            async def changed(wanted: str = model) -> bool:
                return await serving(stack, own_engine) == wanted

            await until(changed, f"{model} is not served", 30)
            over = model
        await trainer.post("/rollback", to="second")
        await twenty_more(said)
    finally:
        stop.set()
        await asyncio.gather(*talking)
        await trainer.leave()
    await stack.quiet()
    async with stack.db.read() as tx:
        rows = (await tx.execute(select(messages).where(messages.c.conversation_id != form.conversation).order_by(messages.c.seq))).all()
    for talker, count in zip(talkers, (said[n] for n in range(len(talkers))), strict=True):
        own = [row for row in rows if row.conversation_id == talker.conversation]
        asked = [row for row in own if row.author == "customer"]
        assert len(asked) == count
        assert all(row.todo is None and row.skipped is None for row in asked), "a message was lost"
    answered = Counter((f.conversation_id, f.data.get("message")) for f in await stack.facts("bot_answered"))
    assert set(answered.values()) == {1}, "a message was answered twice"
    assert len([key for key in answered if key[0] != form.conversation]) == said.total()
    # The form that was open all the while goes on where it stood.
    await form.say("transfer 500 ribu ke tabungan emas kemarin sore gagal tapi saldo kepotong")
    await form.say("Budi Santoso")
    assert (await stack.conversation(form.conversation or "")).owner == "bot"
    heard = await form.say("081234567890")
    assert "benar" in heard.lower() or "sudah sesuai" in heard.lower() or form.choices(), heard


async def test_an_engine_that_restarts_begins_with_the_model_in_service(own_engine: EngineProcess, folder: Path) -> None:
    """The pointer beside the models, written at the promotion: not for a moment the newest file."""
    twin(folder / "sapa.tar.gz", folder / "sapa-chosen.tar.gz", "chosen")
    name_in_service(folder, "sapa-chosen.tar.gz")
    twin(folder / "sapa.tar.gz", folder / "sapa-newest.tar.gz", "newest")
    own_engine.kill()
    own_engine.start()
    await asyncio.to_thread(own_engine.wait_ready)
    async with aiohttp.ClientSession() as http, http.get(f"{own_engine.url}/health") as answer:
        assert (await answer.json())["model"] == "chosen"
