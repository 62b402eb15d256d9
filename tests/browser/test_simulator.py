"""The pretend WhatsApp phone in a real browser: the whole journey by tapping, pictures, a customer without a number, a slow Meta."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import People
from tests.browser.pages import SimulatorPage
from tests.support.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.engine]


async def test_the_whole_journey_on_whatsapp(people: People, stack: Stack) -> None:
    phone = await people.simulator()
    await phone.say("halo min, brp sih bunga gadai di pegadaian", "Selamat pagi", "sewa modal")
    await phone.say("klo hri sabtu buka ga kak", "Sabtu")
    await phone.say("ada lelang online gk min", "lelang")

    await phone.say("saldo saya kepotong 500rb tapi cicilan emas masih belum lunas di aplikasi", "UU No. 27 Tahun 2022")
    await phone.tap("Setuju", "nama lengkap")
    await phone.say("nama saya Budi Santoso", "ringkasan", "+62812")
    await phone.tap("Ya", "ARIA-260001")

    await phone.say("reservasi", "kota atau outlet")
    await phone.say("jakarta selatan", "Outlet mana")
    await people.shot(phone.page, "simulator-list")
    await _choose(phone, "CPS Tebet", "Tanggal berapa")
    await phone.say("besok jam 10", "keperluan")
    await _choose(phone, "Gadai barang")
    if "nama lengkap" in await phone.heard():
        await phone.say("budi santoso")
    await phone.hears("24 November 2026 pukul 10.00 WIB")
    await phone.tap("Ya", "RSV-", "berhasil")

    await phone.say("saya mau tarik persetujuan data pribadi saya", "yakin")
    await phone.tap("Ya, tarik", "ditarik")
    await phone.silent(59)
    assert "terhubung" not in await phone.heard()
    await phone.silent(1, "Apakah saat ini Bapak/Ibu masih terhubung dengan kami?")

    desk = await people.agent()
    await phone.say("mau ngomong sama orang aja dong", "sambungkan dengan petugas")
    await desk.accept()
    await desk.reply("Selamat pagi, dengan Rani, ada yang bisa saya bantu?")
    await phone.hears("dengan Rani")
    await phone.attach("Gambar")
    picture = desk.says("customer").last.locator("img")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async e => { await e.decode(); return e.naturalWidth > 0 }")
    await expect(phone.own.last.locator("img")).to_be_visible()
    await expect(phone.own.last.get_by_test_id("ticks")).to_have_attribute("data-status", "read")
    for ticks in await phone.own.get_by_test_id("ticks").all():
        await expect(ticks).to_have_attribute("data-status", "read")
    await expect(desk.says("agent").last.get_by_test_id("delivery")).to_have_text("Dibaca")
    await expect(phone.own.last.get_by_test_id("ticks")).to_be_in_viewport(ratio=1)  # the picture has not pushed it down
    await people.shot(phone.page, "simulator")
    await people.shot(desk.page, "desk-whatsapp")

    await desk.follow_guide()
    await desk.close()
    await phone.hears("Terima kasih telah menghubungi Pegadaian", "menilai layanan")
    await _choose(phone, "5 - Sangat Puas", "Terima kasih atas penilaian")


async def test_a_customer_without_a_phone_number(people: People, stack: Stack) -> None:
    phone = await people.simulator()
    assert "tanpa nomor" in await phone.choose(2)
    await phone.say("halo min", "Selamat pagi")
    await expect(phone.own.last.get_by_test_id("ticks")).to_have_attribute("data-status", "read")
    await phone.say("aplikasi tring ga bisa dibuka dari kemarin, udah install ulang tetep mental")
    await phone.tap("Setuju", "nama lengkap")
    await phone.say("agus salim", "nomor telepon")
    await phone.say("0812 3456 7890", "ringkasan")
    await phone.tap("Ya", "ARIA-260001")
    await phone.choose(0)
    await expect(phone.ours).to_have_count(0)


async def test_too_fast_for_meta_is_sent_again_later(people: People, stack: Stack) -> None:
    phone = await people.simulator()
    await phone.say("halo min", "Selamat pagi")
    await phone.page.get_by_label("Kode gagal saat Sapa mengirim").select_option("131056")
    await expect(phone.page.get_by_label("Berapa kali gagal")).to_have_value("1")
    before = await phone.ours.count()
    await phone.field.fill("brp sih bunga gadai")
    await phone.field.press("Enter")
    await expect(phone.own).to_have_count(2)
    await until(lambda: stack.graph.faults.fail_times == 0, "the answer was never refused")
    assert await phone.ours.count() == before
    phone.before = before
    await stack.advance(45)
    await phone.hears("sewa modal")
    await expect(phone.ours).to_have_count(before + 1)


async def test_the_simulator_on_a_small_phone(people: People, stack: Stack) -> None:
    phone = await people.simulator(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, device_scale_factor=2)
    await phone.say("halo min", "Selamat pagi")
    await people.shot(phone.page, "phone-simulator-chat")
    await _no_sideways_scroll(phone.page)


async def _choose(phone: SimulatorPage, title: str, *hears: str) -> None:
    """Tap a button, or open the list and tap its row, as the message offers it."""
    last = phone.ours.last
    if await last.get_by_role("button", name=title, exact=True).count():
        return await phone.tap(title, *hears)
    label = await last.locator(".sim-buttons > button").inner_text()
    return await phone.pick(label.strip(), title, *hears)


async def _no_sideways_scroll(page: Page) -> None:
    wide = await page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1], wide
