"""The whole loop with a real training: a message is misread, an example is added, a model is trained, promoted, and rolled back."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from playwright.async_api import Page, expect
from sqlalchemy import select

from bot.conversations.records import messages
from bot.desk.sessions import create_user
from bot.training import commands, evaluation, nlu_file
from tests.browser.conftest import People
from tests.browser.pages import PASSWORD
from tests.conftest import missing
from tests.support.servers import ENGINE_PYTHON, ROOT, EngineProcess
from tests.support.stack import Stack, until
from tests.training.test_swap import serving

pytestmark = [pytest.mark.browser, pytest.mark.engine]
SAID = "si kuning kinclong pengen kusimpen dikit dikit tiap bulan gmn caranya"
WANTED = "info_emas"
KEPT = 12  # examples of an intent: a small model is trained in seconds
TRAINING_MS = 400_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's data, cut short, and a client whose models need no conversation tests (theirs are for the whole data)."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "tests/nlu", tmp_path / "tests/nlu")
    for path in (tmp_path / "data/nlu").glob("*.yml"):
        file = nlu_file.read(path.read_text("utf-8"))
        left_out = {line for block in file.blocks for line in block.lines[KEPT:]}
        path.write_text("".join(line for number, line in enumerate(file.lines) if number not in left_out), "utf-8")
    shutil.copytree(ROOT / "clients/pegadaian", tmp_path / "client")
    client = yaml.safe_load((tmp_path / "client/client.yml").read_text("utf-8"))
    client["training"] = {**client["training"], "conversations": False}
    (tmp_path / "client/client.yml").write_text(yaml.safe_dump(client, allow_unicode=True), "utf-8")
    return tmp_path


@pytest.fixture
async def own_engine(project: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EngineProcess]:
    """An engine with a model of the short data."""
    if not ENGINE_PYTHON.is_file():
        missing("the engine's environment (make engine-env)")
    monkeypatch.setattr(evaluation, "FOLDS", 2)
    command = [*evaluation.engine("rasa"), "train", "--fixed-model-name", "sapa", "--out", "models"]
    await commands.run(command, cwd=project)
    process = EngineProcess(project / "engine.log", model=project / "models")
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.kill()


@pytest.fixture
async def stack(own_engine: EngineProcess, project: Path, sqlite_url: str) -> AsyncIterator[Stack]:
    places = {"SAPA_MODELS": str(project / "models"), "SAPA_DATA": str(project / "data"), "SAPA_CLIENT": str(project / "client")}
    stack = Stack(sqlite_url, own_engine.url, project / "var", ROOT / "web/dist", **places)
    await stack.start()
    yield stack
    await stack.stop()


async def at_the_models(people: People, stack: Stack, **options: object) -> Page:
    page = await people.page("/train#model", **options)
    people.allowed.append(re.compile(r"/api/train/me .*status of 401"))
    await page.get_by_label("Nama pengguna").fill("wulan")
    await page.get_by_label("Kata sandi").fill(PASSWORD)
    await page.get_by_role("button", name="Masuk").click()
    await expect(page.get_by_role("region", name="Model yang dipakai")).to_be_visible()
    return page


async def read_as(stack: Stack) -> str | None:
    """The intent that a new customer's message is taken for."""
    visitor = await stack.visitor()
    await visitor.say(SAID)
    async with stack.db.read() as tx:
        rows = select(messages.c.content).where(messages.c.conversation_id == visitor.conversation, messages.c.author == "customer")
        return str((await tx.execute(rows)).scalar_one()["insight"]["intent"])


async def teach(page: Page, url: str) -> None:
    """Say on the other tab what the message meant: the example is written."""
    me = await (await page.request.get(f"{url}/api/train/me")).json()
    listed = await (await page.request.get(f"{url}/api/train/messages")).json()
    message = next(group["id"] for group in listed["groups"] if group["text"] == SAID)
    body = {"decision": "other", "intent": WANTED}
    answer = await page.request.post(f"{url}/api/train/messages/{message}/decide", data=body, headers={"X-CSRF-Token": me["csrf"]})
    assert answer.ok, await answer.text()


async def test_a_misread_message_is_taught_trained_promoted_and_rolled_back(
    people: People, stack: Stack, own_engine: EngineProcess, project: Path
) -> None:
    async with stack.db.write() as tx:
        await create_user(tx, "wulan", "Wulan", "trainer", PASSWORD)
    misread = await read_as(stack)
    assert misread != WANTED
    page = await at_the_models(people, stack)
    await teach(page, stack.url)
    await expect(page.get_by_text("Model bawaan")).to_be_visible()
    await people.shot(page, "models-begin")

    await page.get_by_role("button", name="Latih model baru").click()
    await expect(page.get_by_text("Pelatihan berjalan")).to_be_visible()
    await expect(page.locator(".stages li[aria-current]")).to_have_text("Melatih pemahaman", timeout=60_000)
    await expect(page.get_by_role("button", name="Latih model baru")).to_be_disabled()
    await people.shot(page, "models-training")
    await expect(page.get_by_text("Pelatihan terakhir")).to_be_visible(timeout=TRAINING_MS)
    await expect(page.get_by_role("region", name="Pelatihan")).to_contain_text("Selesai")

    report = page.get_by_role("region", name="Laporan")
    await expect(report.get_by_text("Lulus", exact=True).first).to_be_visible()
    await expect(page.get_by_role("region", name="Jawaban yang berubah")).to_contain_text(SAID)
    await expect(page.get_by_role("region", name="Jawaban yang berubah")).to_contain_text("Informasi emas")
    await people.shot(page, "models-report")
    before = await serving(stack, own_engine)

    await report.get_by_role("button", name="Pakai model ini").click()
    await people.shot(page, "models-promote")
    await page.get_by_role("dialog").get_by_role("button", name="Pakai").click()
    await expect(page.get_by_role("button", name="Kembali ke model sebelumnya")).to_be_visible()

    async def another() -> bool:
        return await serving(stack, own_engine) != before

    await until(another, "the engine was not told", 30)
    assert await read_as(stack) == WANTED
    await expect(report.get_by_role("button", name="Pakai model ini")).to_be_disabled()
    await expect(report.get_by_text("Model ini sedang dipakai.")).to_be_visible()
    await people.shot(page, "models-promoted")
    phone = await at_the_phone(people, page)
    await people.shot(phone, "models-phone")

    await page.get_by_role("button", name="Kembali ke model sebelumnya").click()
    await page.get_by_role("dialog").get_by_role("button", name="Kembali", exact=True).click()
    await expect(page.get_by_role("button", name="Kembali ke model sebelumnya")).to_have_count(0)

    async def as_before() -> bool:
        return await serving(stack, own_engine) == before

    await until(as_before, "the engine was not told to go back", 30)
    assert await read_as(stack) == misread
    await people.shot(page, "models-rolled-back")


async def at_the_phone(people: People, page: Page) -> Page:
    """The same trainer at a telephone, in the dark."""
    state = await page.context.storage_state()
    options = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "storage_state": state}
    phone = await people.page("/train#model", **options)
    await phone.locator(".model").first.click()
    await expect(phone.get_by_role("region", name="Laporan")).to_be_in_viewport()
    wide = await phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, f"the page is {wide} wide"
    return phone
