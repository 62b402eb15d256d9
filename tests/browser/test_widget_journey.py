"""A customer on somebody else's site, by the keyboard alone: from the first question to the end (the acceptance list of the widget)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People
from tests.browser.host_page import HostPage
from tests.browser.pages import ChatPage, tab_to
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.engine]


async def open_widget(people: People, host_page: HostPage, stack: Stack, **options: object) -> ChatPage:
    """Load the host page and open the widget with Tab and Enter."""
    page = await people.page(host_page.url, **options)
    launcher = page.get_by_role("button", name="Buka obrolan")
    await expect(launcher).to_be_visible()
    await tab_to(page, launcher)
    await page.keyboard.press("Enter")
    chat = ChatPage(stack, page, page.frame_locator("sapa-widget iframe"))
    await expect(chat.field).to_be_focused()
    return chat


async def test_the_widget_stands_on_a_hostile_page(people: People, host_page: HostPage, stack: Stack) -> None:
    chat = await open_widget(people, host_page, stack)
    page = chat.page
    panel = page.get_by_role("dialog", name="Obrolan Pegadaian")
    box = await panel.bounding_box()
    assert box is not None
    assert box["width"] > 350 and box["height"] > 500
    await expect(chat.log).to_contain_text("Ada yang bisa kami bantu hari ini?")
    await people.shot(page, "widget-hostile")
    await page.keyboard.press("Escape")
    launcher = page.get_by_role("button", name="Buka obrolan")
    await expect(launcher).to_be_focused()
    await expect(launcher).to_have_attribute("aria-expanded", "false")
    await expect(panel).to_be_hidden()
    assert await page.context.cookies() == []


async def test_the_whole_journey_by_keyboard(people: People, host_page: HostPage, stack: Stack) -> None:
    chat = await open_widget(people, host_page, stack)

    await chat.type("halo min, brp sih bunga gadai di pegadaian", "Selamat pagi", "sewa modal")
    await chat.type("klo hri sabtu buka ga kak", "Sabtu")
    await chat.type("ada lelang online gk min", "lelang")
    await expect(chat.own).to_have_count(3)
    await expect(chat.own.last.get_by_test_id("delivery")).to_contain_text(re.compile("Terkirim|Dibaca"))

    await chat.type("aplikasi tring ga bisa dibuka dari kemarin, udah install ulang tetep mental", "UU No. 27 Tahun 2022")
    await chat.press("Setuju", "nama lengkap")
    await expect(chat.choice("Setuju")).to_be_disabled()
    await expect(chat.choice("Setuju")).to_have_attribute("aria-pressed", "true")
    await chat.type("budi santoso", "nomor telepon")
    await chat.type("0812 3456 7890", "ringkasan", "Budi Santoso")
    await chat.press("Ya", "ARIA-260001")

    await chat.type("mau booking kunjungan ke outlet tebet besok jam 10", "keperluan")
    await chat.press("Gadai barang")
    if "nama lengkap" in await chat.heard():
        await chat.type("budi santoso")
    await chat.hears("CPS Tebet", "24 November 2026 pukul 10.00 WIB")
    await chat.press("Ya", "RSV-", "berhasil")

    await chat.type("saya mau tarik persetujuan data pribadi saya", "yakin")
    await chat.press("Ya, tarik", "ditarik")

    await chat.silent(59)
    assert "terhubung" not in await chat.heard()
    await chat.silent(1, "Apakah saat ini Bapak/Ibu masih terhubung dengan kami?")

    desk = await people.agent()
    await chat.type("mau ngomong sama orang aja dong", "sambungkan dengan petugas")
    await expect(chat.state).to_contain_text("Menunggu petugas")
    await desk.accept()
    await expect(chat.state).to_contain_text("dilayani oleh Rani")
    await desk.reply("Selamat pagi, dengan Rani, ada yang bisa saya bantu?")
    await chat.hears("dengan Rani")
    await expect(chat.log.locator('[data-author="agent"]').last).to_contain_text("Rani")

    end = chat.root.get_by_role("button", name="Akhiri percakapan")
    await tab_to(chat.page, end, ("Shift+Tab",))
    await chat.page.keyboard.press("Enter")
    sure = chat.root.get_by_role("button", name="Ya, akhiri")
    await tab_to(chat.page, sure)
    await chat.page.keyboard.press("Enter")
    await chat.hears("masih terhubung")
    await chat.silent(60, "Terima kasih telah menghubungi Pegadaian", "menilai layanan")
    await expect(chat.root.get_by_test_id("chat-closed")).to_be_visible()
