"""The models' tab in a browser: what a report shows, what stops a promotion, and how a run that failed is told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import insert

from bot.desk.sessions import create_user
from bot.ids import new_id
from bot.training.models_records import models, promotions, runs
from tests.browser.conftest import People
from tests.browser.pages import PASSWORD
from tests.support.servers import ROOT
from tests.support.stack import Stack
from tests.training.workbench import FakeEngine, archive, report

pytestmark = pytest.mark.browser
FAULT = "data/nlu/info_lelang.yml baris 12: spasi di awal baris tidak lurus dengan baris di atasnya."


def measured(macro: float, **intents: float) -> dict[str, Any]:
    by_intent = {name: {"f1": f1, "examples": 250} for name, f1 in intents.items()}
    return {"macro_f1": macro, "fold_spread": 0.008, "by_intent": by_intent, "confused": [], "not_counted": []}


def answer(intent: str | None, label: str, confidence: float) -> dict[str, Any]:
    return {"answer": intent, "topic": intent or "tidak_jelas", "label": label, "confidence": confidence}


def mixed_report() -> dict[str, Any]:
    """Better here, worse there, and one conversation that fails."""
    failure = {"step": 3, "did": "besok jam 10 pagi", "expected": "Reservasi", "heard": "Mohon maaf, kami belum memahami maksud Bapak/Ibu."}
    failed = {"file": "05-reservation.yml", "channel": "whatsapp", "name": "Nasabah memesan kunjungan", "passed": False, "failure": failure}
    changed = [
        {
            "text": "nama saya [NAMA], emas saya blm dikirim, wa [TELEPON]",
            "before": answer("info_emas", "Informasi emas", 0.52),
            "after": answer("keluhan_transaksi", "Keluhan transaksi", 0.91),
        },
        {"text": "yg kmrn gmn", "before": answer(None, "Tidak dipahami", 0.22), "after": answer("cek_status", "Status laporan", 0.64)},
    ]
    return report(
        "first",
        cross_validation=measured(0.795, info_emas=0.86, info_gadai=0.91, keluhan_transaksi=0.88, info_lelang=0.97, salam=0.90),
        against_cross_validation=measured(0.790, info_emas=0.84, info_gadai=0.93, keluhan_transaksi=0.79, info_lelang=0.97, salam=0.90),
        conversations={"ran": 153, "failed": [failed]},
        changed=changed,
        messages_read=412,
        warnings=["Intent 'pujian' terbaca sebagai 'keluhan_layanan' pada 13 dari 76 contoh."],
    )


@pytest.fixture
async def stack(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    """A model in service, one that must not be promoted, and a training that failed."""
    archive(tmp_path / "models", "sapa-first.tar.gz", "first")
    archive(tmp_path / "models", "sapa-second.tar.gz", "second")
    engine = FakeEngine("first", "sapa-first.tar.gz")
    await engine.start()
    stack = Stack(sqlite_url, engine.url, tmp_path / "var", ROOT / "web/dist", SAPA_MODELS=str(tmp_path / "models"))
    await stack.start()
    async with stack.db.write() as tx:
        await create_user(tx, "wulan", "Wulan", "trainer", PASSWORD)
        made = {"origin": "trained", "made_at": tx.now, "by_name": "Wulan", "data_revision": "514dfa7cdc+0c2f91aa3e", "examples": 5958}
        for name, found in (("first", report(None)), ("second", mixed_report())):
            await tx.execute(insert(models).values(id=name, file=f"sapa-{name}.tar.gz", report=found, reported_at=tx.now, **made))
        await tx.execute(insert(promotions).values(number=1, model_id="first", how="promoted", at=tx.now, by_name="Wulan"))
        ran = {"id": new_id(), "kind": "train", "state": "failed", "stage": "check", "faults": [FAULT], "by_name": "Wulan"}
        await tx.execute(insert(runs).values(**ran, started_at=tx.now, ended_at=tx.now))
    yield stack
    await stack.stop()
    await engine.stop()


async def enter(people: People, **options: Any) -> Page:
    page = await people.page("/train#model", **options)
    people.allowed.append(re.compile(r"/api/train/me .*status of 401"))
    await page.get_by_label("Nama pengguna").fill("wulan")
    await page.get_by_label("Kata sandi").fill(PASSWORD)
    await page.get_by_role("button", name="Masuk").click()
    await page.get_by_role("button", name="sapa-second").click()
    await expect(page.get_by_role("region", name="Laporan")).to_be_visible()
    return page


async def test_a_report_shows_what_is_better_and_worse_and_why_it_is_stopped(people: People) -> None:
    page = await enter(people)
    promote = page.get_by_role("button", name="Pakai model ini")
    await expect(promote).to_be_disabled()
    await expect(promote).to_have_accessible_description("Belum boleh dipakai: Uji percakapan.")
    await expect(page.get_by_text("1 dari 153 percakapan gagal: Nasabah memesan kunjungan.")).to_be_visible()
    await expect(page.get_by_role("region", name="Percakapan yang gagal")).to_contain_text("besok jam 10 pagi")
    await expect(page.get_by_role("heading", name="Jawaban yang berubah: 2 dari 412 pesan nyata")).to_be_visible()
    intents = page.get_by_role("region", name="Nilai setiap intent")
    await expect(intents.locator("tbody tr")).to_have_count(3)
    await expect(intents.get_by_role("row", name=re.compile("info_gadai")).locator(".worse")).to_have_text("−2,0")
    await expect(intents.get_by_role("row", name=re.compile("keluhan_transaksi")).locator(".better")).to_have_text("+9,0")
    await intents.get_by_role("button", name="Semua intent (5)").click()
    await expect(intents.locator("tbody tr")).to_have_count(5)
    await expect(page.get_by_role("region", name="Pelatihan")).to_contain_text(FAULT)
    await people.shot(page, "models-stopped")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1366, "dark")])
async def test_the_page_fits_and_can_be_read(people: People, width: int, scheme: str) -> None:
    page = await enter(people, viewport={"width": width, "height": 740}, color_scheme=scheme)
    await expect(page.get_by_role("region", name="Laporan")).to_be_in_viewport(ratio=0.3)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert await page.evaluate("document.querySelector('.part').scrollWidth <= document.querySelector('.part').clientWidth")
    await people.shot(page, f"models-{width}-{scheme}")
    if width == 360:
        await page.get_by_role("region", name="Jawaban yang berubah").scroll_into_view_if_needed()
        await page.evaluate("document.querySelector('.changed').scrollIntoView()")
        assert await page.evaluate("document.documentElement.scrollTop") == 0, "the bar at the top stays"
        await people.shot(page, f"models-{width}-{scheme}-changed")
