"""The trainers' page in a real browser: what a customer wrote is corrected by key and stands in the diff of the examples."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select, update

from bot.conversations.records import messages
from bot.desk.sessions import create_user
from tests.browser.conftest import People
from tests.browser.pages import PASSWORD
from tests.support.servers import ROOT
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.engine]
SAID = "batu zirkon kecubung bs digadein gk min di depok"


@pytest.fixture
def data(stack: Stack, tmp_path: Path) -> Path:
    """A copy of the training data, where the stack looks for it."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copy(ROOT / "domain.yml", tmp_path)
    assert stack.settings.data_folder == tmp_path / "data"
    return tmp_path / "data"


async def trainer(people: People, stack: Stack, name: str = "wulan", role: str = "trainer", **options: Any) -> Page:
    async with stack.db.write() as tx:
        await create_user(tx, name, name.title(), role, PASSWORD)
    page = await people.page("/train", **options)
    people.allowed.append(re.compile(r"/api/train/me .*status of 401"))
    await page.get_by_label("Nama pengguna").fill(name)
    await page.get_by_label("Kata sandi").fill(PASSWORD)
    await page.get_by_role("button", name="Masuk").click()
    return page


async def write(stack: Stack, *texts: str) -> None:
    """Customers write, each on the live chat."""
    for text in texts:
        visitor = await stack.visitor()
        await visitor.say(text)


async def unsure(stack: Stack) -> None:
    """Whatever the model made of it: as if it had been unsure."""
    async with stack.db.write() as tx:
        for row in await tx.execute(select(messages.c.id, messages.c.content).where(messages.c.author == "customer")):
            insight = {
                "intent": "info_emas",
                "confidence": 0.41,
                "topic": {"id": "info_emas", "label": "Informasi emas"},
                "second": "info_gadai",
            }
            await tx.execute(update(messages).where(messages.c.id == row.id).values(content={**row.content, "insight": insight}))


async def test_a_misread_message_is_corrected_by_key_and_stands_in_the_diff(people: People, stack: Stack, data: Path) -> None:
    await write(stack, SAID, "saldo emas saya 081234567890 belum masuk", "saldo emas saya 081298765432 belum masukk")
    await unsure(stack)
    page = await trainer(people, stack)
    items = page.get_by_test_id("review-item")
    await expect(items).to_have_count(2)
    await expect(items.first).to_contain_text("+1 serupa")
    await expect(items.first).to_contain_text("[TELEPON]")
    await expect(page.get_by_test_id("message")).to_contain_text("[TELEPON]")
    await people.shot(page, "train-queue")

    await page.keyboard.press("j")
    await expect(page.get_by_test_id("message")).to_have_text(SAID)
    await page.keyboard.press("m")
    for _ in range(9):
        await page.keyboard.press("ArrowRight")
    await expect(page.locator(".word.selected")).to_have_text("depok")
    await people.shot(page, "train-marking")
    await page.keyboard.press("2")  # the second kind of mark: a town
    await expect(page.get_by_role("list", name="Tanda")).to_contain_text("depok = Kota")
    await page.keyboard.press("Escape")
    await page.get_by_test_id("message").click()
    await page.keyboard.press("2")
    await page.get_by_role("combobox", name="Cari topik").fill("gadai")
    await people.shot(page, "train-intents")
    await page.keyboard.press("Enter")
    await expect(items).to_have_count(1)
    line = SAID.replace("depok", "[depok](kota)")
    await expect(page.get_by_test_id("diff")).to_contain_text(f"+      - {line}")
    await people.shot(page, "train-diff")
    assert f"      - {line}\n" in (data / "nlu/info_gadai.yml").read_text()
    assert SAID not in (ROOT / "data/nlu/info_gadai.yml").read_text()

    await page.keyboard.press("5")
    await expect(page.get_by_text("Semua pesan sudah diputuskan")).to_be_visible()
    await page.keyboard.press("u")
    await expect(items).to_have_count(1)
    await page.keyboard.press("u")
    await expect(items).to_have_count(2)
    await expect(page.get_by_text("Belum ada perubahan pada data latih.")).to_be_visible()
    assert (data / "nlu/info_gadai.yml").read_text() == (ROOT / "data/nlu/info_gadai.yml").read_text()


async def test_an_edited_example_a_new_intent_and_a_double(people: People, stack: Stack, data: Path) -> None:
    await write(stack, "pajak emas kyk gmn sih", "kupon undian mlm ini")
    await unsure(stack)
    page = await trainer(people, stack)
    people.allowed += [re.compile(r"/decide .*status of (409|422)")]
    items = page.get_by_test_id("review-item")
    await expect(items).to_have_count(2)
    first = await page.get_by_test_id("message").inner_text()
    await page.keyboard.press("e")
    await page.get_by_role("textbox", name="Kalimat contoh").fill("gadai emas")
    await page.keyboard.press("Enter")
    await page.keyboard.press("1")
    await expect(page.get_by_role("alert")).to_contain_text("sudah ada di data/nlu/info_gadai.yml")
    await expect(items).to_have_count(2)
    await expect(page.get_by_test_id("message")).to_have_text(first)
    await page.get_by_role("button", name="kembalikan").click()
    await page.keyboard.press("3")
    await page.get_by_label("Nama intent").fill("info_pajak")
    await page.get_by_label("Keterangan").fill("Pajak")
    await page.keyboard.press("Enter")
    await expect(items).to_have_count(1)
    await expect(page.get_by_text("Belum dapat dilatih:")).to_be_visible()
    await expect(page.get_by_label("Isi perubahan")).to_contain_text("Intent 'info_pajak': tambahkan '- info_pajak' di domain.yml")
    await people.shot(page, "train-new-intent")
    assert first in (data / "nlu/info_pajak.yml").read_text()


async def test_on_a_phone_in_the_dark_everything_fits(people: People, stack: Stack, data: Path) -> None:
    await write(stack, SAID, "halo min mau nanya panjang bangeeeet soal " + "perpanjangan " * 12 + "123.456.789.000.000.000.000.000.000")
    await unsure(stack)
    page = await trainer(people, stack, viewport={"width": 360, "height": 740}, color_scheme="dark", has_touch=True, is_mobile=True)
    await expect(page.get_by_test_id("review-item")).to_have_count(2)
    await people.shot(page, "train-phone-list")
    await page.get_by_test_id("review-item").last.click()
    await expect(page.get_by_role("button", name="Benar")).to_be_visible()
    await people.shot(page, "train-phone-detail")
    assert not await page.evaluate(WIDE)
    await page.get_by_role("button", name="Topik lain").tap()
    await people.shot(page, "train-phone-intents")
    await page.get_by_role("option", name="Informasi gadai").tap()
    await expect(page.get_by_test_id("review-item")).to_have_count(1)
    await page.get_by_role("button", name="Perubahan").tap()
    await expect(page.get_by_test_id("diff")).to_be_visible()
    await people.shot(page, "train-phone-diff")
    assert not await page.evaluate(WIDE)


async def test_a_closed_conversation_becomes_a_test_with_one_click(people: People, stack: Stack, data: Path) -> None:
    folder = data.parent / "tests/dialogue/conversations"
    folder.mkdir(parents=True)
    await write(stack, SAID)
    for _ in range(3):
        await stack.advance(60)
        await stack.quiet()
    page = await trainer(people, stack)
    for told in ("ditulis", "sudah ada"):
        await page.get_by_role("button", name="Jadikan uji percakapan").click()
        await expect(page.get_by_text(f"Uji percakapan {told}")).to_be_visible()
    await people.shot(page, "train-test-made")
    assert len(list(folder.iterdir())) == 1


async def test_a_message_marked_at_the_desk_is_the_trainers_first(people: People, stack: Stack, data: Path) -> None:
    desk = await people.agent()
    visitor = await stack.visitor()
    await visitor.say("gadai emas syaratnya apa")
    await visitor.say("petugas")
    await desk.accept()
    await desk.page.get_by_role("button", name="salah?").first.click()
    await expect(desk.page.get_by_role("button", name="ditandai salah")).to_be_visible()
    await people.shot(desk.page, "desk-misread")
    page = await trainer(people, stack)
    await expect(page.get_by_test_id("review-item").first).to_contain_text("Ditandai salah oleh petugas")


async def test_an_agent_is_told_that_this_is_not_theirs(people: People, stack: Stack, data: Path) -> None:
    people.allowed.append(re.compile(r"/api/train/me .*status of 403"))
    page = await trainer(people, stack, "rani", "agent")
    await expect(page.get_by_text("Halaman ini untuk pelatih")).to_be_visible()
    await page.get_by_role("button", name="Masuk sebagai pengguna lain").click()
    await expect(page.get_by_label("Nama pengguna")).to_be_visible()


async def test_text_and_controls_have_contrast(people: People, stack: Stack, data: Path) -> None:
    await write(stack, SAID, "saldo emas saya 081234567890 belum masuk", "saldo emas saya 081298765432 belum masukk")
    await unsure(stack)
    for scheme in ("light", "dark"):
        page = await trainer(people, stack, f"wulan-{scheme}", color_scheme=scheme)
        await expect(page.get_by_test_id("review-item")).to_have_count(2 if scheme == "light" else 1)
        if scheme == "light":
            await page.get_by_role("button", name="Di luar topik").click()
            await expect(page.get_by_test_id("diff")).to_be_visible()
        await people.shot(page, f"train-{scheme}")
        faint = json.loads(await page.evaluate(CONTRAST))
        assert faint == [], faint


WIDE = """() => document.documentElement.scrollWidth > innerWidth
  || [...document.querySelectorAll('.review-detail, .review-list, .review-diff .scroll, .topbar')].some((e) => e.offsetParent && e.scrollWidth > e.clientWidth)"""
CONTRAST = """() => {
  const rgb = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0.99) return c; }
    return [255, 255, 255];
  };
  const faint = [];
  for (const e of document.querySelectorAll('#app *')) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility() || e.closest(':disabled, .visually-hidden')) continue;
    const style = getComputedStyle(e), a = lum(rgb(style.color)), b = lum(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${e.className} ${e.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return JSON.stringify(faint);
}"""
