"""A walk over everything the desk shows: a floor with work on it, and the way to each page, tab, dialog and menu."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import expect

from tests.browser.conftest import People
from tests.browser.pages import DeskPage
from tests.support.stack import Stack

TABS = {"prosedur": "Prosedur", "nasabah": "Nasabah", "tiket": "Tiket", "riwayat": "Riwayat", "catatan": "Catatan"}
CALL = "Selamat siang, saya mau tanya syarat gadai emas. Apakah bisa diwakilkan?"


async def furnish(people: People, stack: Stack, **options: Any) -> tuple[DeskPage, DeskPage]:
    """Rani with a chat, a WhatsApp and a call in hand and an urgent one offered to her; her leader. Both at desks of the given size."""
    rani = await people.agent(0, **options)
    lead = await people.agent(3, ready=False, role="leader", **options)
    for number, team in ((1, None), (2, "helpdesk")):
        await DeskPage.hire(stack, number, team=team)
    budi = stack.phone(0)
    await budi.say("aplikasi tring ga bisa dibuka dari kemarin, udah install ulang tetep mental")
    await budi.tap("Setuju")
    await budi.say("budi santoso")
    await budi.say("mau ngomong sama orang aja dong")
    await rani.take()
    await rani.reply("Selamat pagi, Bapak Budi. Dengan Rani dari Pegadaian. Mohon menunggu sebentar, kami periksa dahulu.")
    await budi.say("tolong dong kak, saya kecewa sekali, dana saya belum masuk padahal sudah transfer kemarin sore")
    await _ticket(rani)
    await rani.note("Nasabah sudah menghubungi dua kali minggu ini. @Dodi pernah menangani?")
    await rani.page.get_by_role("tab", name="Balas").click()
    await _call(rani)
    siti = await stack.visitor()
    await siti.say("mau ngomong sama orang aja dong")
    await rani.take()
    await siti.send_text("cara perpanjang gadai lewat aplikasi gimana ya kak, jatuh tempo saya minggu depan")
    await stack.quiet()
    return rani, lead


async def _ticket(desk: DeskPage) -> None:
    await _aside(desk, "Tiket")
    await desk.card.get_by_role("button", name="Buat tiket").click()
    form = desk.page.get_by_role("dialog", name="Tiket baru")
    await form.get_by_label("Topik").select_option("keluhan_transaksi")
    await form.get_by_label("Ringkasan").fill("Dana transfer belum masuk")
    await form.get_by_label("Rincian").fill("Transfer kemarin pukul 16.40 dari rekening sendiri; saldo Tabungan Emas belum bertambah.")
    await form.get_by_role("button", name="Buat tiket").click()
    await expect(form).to_be_hidden()
    await _thread(desk)


async def _call(desk: DeskPage) -> None:
    await _list(desk)
    await desk.page.get_by_role("button", name="Catat kontak manual").click()
    dialog = desk.page.get_by_role("dialog", name="Catat kontak manual")
    await dialog.get_by_label("Nama nasabah").fill("Dewi Lestari")
    await dialog.get_by_label("Nomor telepon").fill("0813 5550 1234")
    await dialog.get_by_role("button", name="Mulai mencatat").click()
    said = desk.page.get_by_role("textbox", name="Nasabah berkata")
    await said.fill(CALL)
    await said.press("Enter")
    await expect(desk.says("customer").last).to_contain_text("gadai emas")


def narrow(desk: DeskPage) -> bool:
    """One pane at a time."""
    return (desk.page.viewport_size or {"width": 0})["width"] < 700


async def _list(desk: DeskPage) -> None:
    for name in ("Kembali ke percakapan", "Kembali ke daftar"):
        button = desk.page.get_by_role("button", name=name)
        if await button.is_visible():
            await button.click()


async def _thread(desk: DeskPage) -> None:
    button = desk.page.get_by_role("button", name="Kembali ke percakapan")
    if await button.is_visible():
        await button.click()


async def _aside(desk: DeskPage, tab: str) -> None:
    if narrow(desk) and not await desk.card.is_visible():
        await desk.page.get_by_role("button", name="Lihat kartu nasabah").click()
    await desk.look_at(tab)


async def _open(desk: DeskPage, box: str, who: str) -> None:
    await _list(desk)
    await desk.box(box)
    await desk.items.filter(has_text=who).first.click()
    await expect(desk.thread).to_be_visible()


async def walk(desk: DeskPage, lead: DeskPage) -> AsyncIterator[tuple[str, DeskPage]]:
    """Each thing that can be seen, while it is on the screen."""
    page = desk.page
    await page.reload()
    await expect(desk.items.first).to_be_visible()
    yield "daftar", desk
    await _open(desk, "Saya", "Budi Santoso")
    await expect(desk.assist.locator(".suggestion, .suggestion-none").first).to_be_visible()
    yield "percakapan-whatsapp", desk
    for name, tab in TABS.items():
        await _aside(desk, tab)
        yield f"panel-{name}", desk
    await _thread(desk)
    await desk.steps.get_by_role("button", name="Tawaran bantuan lain").click()
    yield "langkah-terbuka", desk
    await page.keyboard.press("Escape")
    await desk.reply_field.fill("/")
    await expect(page.get_by_role("listbox", name="Balasan siap pakai")).to_be_visible()
    yield "balasan-siap-pakai", desk
    await desk.reply_field.fill("")
    await page.get_by_role("button", name="Emoji").click()
    yield "emoji", desk
    await page.keyboard.press("Escape")
    await desk.reply("Mohon kirimkan PIN Bapak agar kami periksa.")
    await expect(page.get_by_test_id("objection")).to_be_visible()
    yield "keberatan", desk
    await page.get_by_test_id("objection").get_by_role("button").first.click()
    await desk.reply_field.fill("")
    await page.get_by_role("tablist", name="Jenis tulisan").get_by_role("tab", name="Catatan").click()
    await page.get_by_role("textbox", name="Catatan", exact=True).fill("@")
    yield "catatan-sebut", desk
    await page.get_by_role("textbox", name="Catatan", exact=True).fill("")
    await page.get_by_role("tab", name="Balas").click()
    for button, title in (("Alihkan", "Alihkan percakapan"), ("Kembalikan ke bot", "Kembalikan ke bot"), ("Tutup", "Tutup percakapan")):
        await page.get_by_role("button", name=button, exact=True).click()
        dialog = page.get_by_role("dialog", name=title)
        if button == "Alihkan":
            await dialog.get_by_label("Rekan", exact=True).check()
        yield f"dialog-{title.split()[0].lower()}", desk
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
    await _aside(desk, "Tiket")
    await desk.card.get_by_role("button", name="Buat tiket").click()
    yield "dialog-tiket", desk
    await page.keyboard.press("Escape")
    await _open(desk, "Saya", "Dewi Lestari")
    yield "kontak-telepon", desk
    await _open(desk, "Saya", "Pengunjung web")
    yield "percakapan-web", desk
    await _list(desk)
    await page.get_by_role("button", name="Catat kontak manual").click()
    yield "dialog-kontak", desk
    await page.keyboard.press("Escape")
    for button in ("Rekan di meja", "Balasan siap pakai", "Pemberitahuan", "Bantuan pintasan"):
        opener = page.get_by_role("button", name=button, exact=True)
        if not await opener.is_visible():
            continue
        await opener.click()
        await expect(page.get_by_role("dialog", name=button)).to_be_visible()
        if button == "Balasan siap pakai":
            await expect(page.get_by_test_id("canned-reply").first).to_be_visible()
        yield f"dialog-{button.lower().replace(' ', '-')}", desk
        if button == "Balasan siap pakai":
            await page.get_by_role("button", name="Balasan baru").click()
            yield "dialog-balasan-baru", desk
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("button", name="Sebutan").click()
    yield "dialog-sebutan", desk
    await page.keyboard.press("Escape")
    await _open(lead, "Semua", "Budi Santoso")
    yield "ketua-tim-percakapan", lead
    if not narrow(lead):
        await lead.page.get_by_role("button", name="Rekan di meja").click()
        await expect(lead.page.get_by_test_id("person").first).to_be_visible()
        yield "ketua-tim-rekan", lead
        await lead.page.keyboard.press("Escape")


async def offered(stack: Stack, desk: DeskPage) -> None:
    """One more waits, offered to this agent; it stays on the screen for twenty seconds."""
    visitor = await stack.visitor()
    await visitor.say("tolong akun saya dibobol orang, saldo hilang semua!!")
    await expect(desk.offer).to_be_visible()
