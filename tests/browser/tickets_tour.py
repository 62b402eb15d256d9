"""A walk over everything the page for tickets shows: units with work in every state, and the way to each part and dialog."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from tests.browser.conftest import People
from tests.browser.tickets_page import TicketsPage
from tests.support.stack import Stack

PARTS = ("Uraian", "Catatan", "Perjalanan", "Riwayat", "Berkas", "Panggilan", "Tautan")
DIALOGS = (
    "Teruskan",
    "Kembalikan",
    "Tugaskan",
    "Minta data nasabah",
    "Usulkan selesai",
    "Selesaikan",
    "Catat panggilan",
    "Gabungkan",
    "Pisahkan",
)
COMPLAINTS = (
    (
        "Dana transfer belum masuk ke Tabungan Emas",
        "high",
        {"product": "Tabungan Emas", "category": "top_up", "sub_category": "belum_masuk"},
    ),
    ("Token listrik tidak terkirim, saldo terpotong", "normal", {"product": "MPO", "category": "pembayaran"}),
    ("Perpanjangan gadai gagal di aplikasi, jatuh tempo hari ini", "urgent", {"product": "Gadai KCA", "category": "perpanjangan"}),
    ("Cetakan emas belum diterima setelah tiga bulan", "low", {"product": "Tabungan Emas", "category": "cetak"}),
    ("Antrean lebih dari dua jam di outlet", "normal", {"kind": "outlet", "topic": "keluhan_layanan"}),
    ("Akun diakses orang lain, saldo berkurang", "urgent", {"kind": "break_in", "topic": "keluhan_akun_dibobol"}),
)


async def furnish(people: People, stack: Stack, **options: Any) -> tuple[TicketsPage, dict[str, str]]:
    """A leader of CS Digital before tickets of several units, and their numbers by summary."""
    rani = await TicketsPage.enter(people, stack, 0, **options)
    lead = await TicketsPage.enter(people, stack, 3, role="leader", team="cs_digital", **options)
    numbers = {summary: await rani.make(summary, priority=priority, **about) for summary, priority, about in COMPLAINTS}
    first, second, *_ = numbers.values()

    async def act(number: str, path: str, **body: Any) -> None:
        shown = await (await lead.page.request.get(f"{stack.url}/api/desk/tickets/{number}")).json()
        await lead.post(f"/api/desk/tickets/{number}/{path}", {"version": shown["ticket"]["version"], **body})

    await act(first, "dispatch", to="cs_digital", reason="teknis", note="Mohon dicek mutasi virtual account")
    await act(first, "accept")
    await act(first, "notes", client_id="catatan-satu", text="Mutasi ada di core, saldo belum.", audience="internal")
    await act(first, "link", other=second)
    await act(first, "calls", client_id="panggilan-satu", outcome="no_answer", note="Dua kali tidak diangkat")
    await act(second, "dispatch", to="div_ti", reason="teknis", note="")
    await stack.pass_time(2 * 3600)
    await rani.page.close()
    return lead, numbers


async def walk(lead: TicketsPage, numbers: dict[str, str]) -> AsyncIterator[str]:
    """Each thing that can be seen, while it is on the screen."""
    page, press = lead.page, lead.page.keyboard.press
    first, fifth, sixth = (list(numbers.values())[at] for at in (0, 4, 5))
    await page.goto(lead.stack.url + "/tickets")
    await lead.box("Semua")
    await lead.row(first).wait_for()
    yield "daftar"
    await page.get_by_role("button", name="Saring", exact=True).click()
    await lead.rows.get_by_role("checkbox").first.click()
    yield "saring-dan-pilih"
    await page.get_by_role("toolbar").get_by_role("button", name="Teruskan").click()
    yield "dialog-banyak"
    await press("Escape")
    await page.get_by_role("button", name="Batal pilih").click()
    await page.get_by_role("button", name="Saring", exact=True).click()
    await lead.open(first)
    for part in PARTS:
        await lead.tab(part)
        yield f"bagian-{part.lower()}"
    await lead.tab("Catatan")
    await page.get_by_label("Pesan ke nasabah").check()
    await page.get_by_role("textbox", name="Pesan ke nasabah").fill("Laporan Bapak sedang kami periksa.")
    yield "catatan-ke-nasabah"
    await page.get_by_label("Catatan internal").check()
    await page.get_by_role("textbox", name="Catatan internal").fill("")
    await lead.tab("Uraian")
    await lead.ticket.get_by_role("button", name="Ubah", exact=True).click()
    yield "ubah-uraian"
    await lead.ticket.get_by_role("button", name="Batal").click()
    for action in DIALOGS:
        await lead.do(action)
        await lead.dialog.wait_for()
        if action == "Selesaikan":
            await lead.dialog.get_by_label("Dengan Berita Acara").check()
        yield f"dialog-{action.lower().replace(' ', '-')}"
        await press("Escape")
    await page.goto(f"{lead.stack.url}/tickets#{fifth}")
    await lead.tab("MONEV")
    yield "monev"
    await page.goto(f"{lead.stack.url}/tickets#{sixth}")
    await lead.tab("Kasus")
    opening = page.get_by_role("button", name="Buka berkas kasus")
    if await opening.is_visible():
        yield "kasus-baru"
        await page.get_by_label("Nilai yang dituntut (rupiah)").fill("15.000.000")
        await opening.click()
    await page.get_by_test_id("evidence").first.wait_for()
    yield "kasus"
    await page.get_by_role("button", name="Tiket baru").click()
    await lead.dialog.get_by_label("Datang langsung").check()
    yield "tiket-baru"
    await press("Escape")
    for button in ("Peringatan", "Bantuan pintasan"):
        opener = page.get_by_role("button", name=button)
        if await opener.is_visible():
            await opener.click()
            await lead.dialog.wait_for()
            yield f"dialog-{button.lower().split()[0]}"
            await press("Escape")
