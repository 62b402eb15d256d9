"""The agents' desk in a real browser, with customers who write from another one."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Route, expect
from sqlalchemy import select

from bot.conversations.records import surveys
from tests.browser.conftest import People
from tests.browser.pages import PASSWORD, ChatPage, DeskPage
from tests.support.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.engine]


async def waiting_customer(people: People, **options: object) -> ChatPage:
    """A customer in the queue."""
    chat = await people.chat(**options)
    await chat.say("mau ngomong sama orang aja dong", "petugas")
    await expect(chat.state).to_contain_text("Menunggu petugas")
    return chat


async def test_login_and_logout(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile("/api/login .*401"))
    user = await DeskPage.hire(stack, 0)
    page = await people.page("/desk")
    desk = DeskPage(stack, page, user)
    await people.shot(page, "desk-login")
    await page.get_by_label("Nama pengguna").fill(user.username)
    await page.get_by_label("Kata sandi").fill("salah")
    await page.get_by_role("button", name="Masuk").click()
    await expect(page.get_by_role("alert").filter(has_text=re.compile("salah|tidak sesuai|tidak cocok"))).to_be_visible()
    await people.shot(page, "desk-login-wrong")
    await desk.login(user.username, PASSWORD)
    await expect(page.get_by_text("Rani", exact=True)).to_be_visible()
    await expect(page.get_by_test_id("presence")).to_have_value("offline")
    await page.reload()
    await expect(page.get_by_test_id("presence")).to_be_visible()
    await desk.presence("ready")
    await desk.presence("aux:istirahat")
    await expect(page.get_by_test_id("presence")).to_have_value("aux:istirahat")
    await page.reload()
    await expect(page.get_by_test_id("presence")).to_have_value("aux:istirahat")
    await page.get_by_role("button", name="Keluar", exact=True).click()
    await expect(page.get_by_role("button", name="Masuk")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="Masuk")).to_be_visible()


async def test_in_aux_nobody_is_promised(people: People, stack: Stack) -> None:
    desk = await people.agent()
    await desk.presence("aux:istirahat")
    chat = await people.chat()
    await chat.say("mau ngomong sama orang aja dong", "belum ada petugas")


async def test_two_agents_want_the_same(people: People, stack: Stack) -> None:
    rani, dodi = await people.agent(0), await people.agent(1)
    await waiting_customer(people)
    for desk in (rani, dodi):  # both desks show it without a reload
        await expect(desk.items).to_have_count(1)
        await expect(desk.items.first).to_contain_text("menunggu")
        await desk.items.first.click()
        await expect(desk.says("customer").last).to_contain_text("ngomong sama orang")
    await stack.advance(65)
    await people.shot(rani.page, "desk-queue")
    # Rani is faster, and Dodi taps before his desk has heard of it.
    people.allowed.append(re.compile(r"/accept .*409"))
    await dodi.page.route("**/accept", lambda route: _after(rani, route))
    await dodi.page.get_by_role("button", name="Terima", exact=True).click()
    await expect(dodi.page.get_by_role("alert").filter(has_text="Sedang ditangani oleh Rani")).to_be_visible()
    await expect(rani.reply_field).to_be_visible()
    await expect(dodi.reply_field).to_be_hidden()
    await people.shot(dodi.page, "desk-taken")
    await dodi.box("Antrean")
    await expect(dodi.items).to_have_count(0)
    await rani.box("Saya")
    await expect(rani.items).to_have_count(1)


async def _after(first: DeskPage, route: Route) -> None:
    """Let the other one be faster."""
    await first.page.get_by_role("button", name="Terima", exact=True).click()
    await expect(first.reply_field).to_be_visible()
    await route.continue_()


async def test_the_card_says_what_the_bot_knew(people: People, stack: Stack) -> None:
    desk = await people.agent()
    chat = await people.chat()
    await chat.say("aplikasi tring ga bisa dibuka dari kemarin, udah install ulang tetep mental", "setuju")
    await chat.tap("Setuju", "nama lengkap")
    await chat.say("budi santoso", "nomor telepon")
    await chat.say("mau ngomong sama orang aja dong", "petugas")
    await desk.accept()
    await expect(desk.section("Alasan")).to_contain_text("Nasabah meminta petugas")
    await expect(desk.section("Alasan")).to_contain_text("aplikasi", ignore_case=True)
    form = desk.section("Formulir setengah jadi")
    await expect(form).to_contain_text("Budi Santoso")
    await expect(form).to_contain_text("Belum diisi")
    await expect(desk.section("Langkah SOP")).to_contain_text("Salam pembuka (selesai)")
    await desk.look_at("Nasabah")
    await expect(desk.section("Persetujuan data")).to_contain_text("Disetujui")
    await expect(desk.says("customer")).to_have_count(4)
    await expect(desk.says("bot").first).to_contain_text("Selamat pagi")
    await people.shot(desk.page, "desk-card")


async def test_a_conversation_at_the_desk(people: People, stack: Stack) -> None:
    desk = await people.agent()
    chat = await waiting_customer(people)
    await desk.accept()
    await expect(chat.state).to_contain_text("dilayani oleh Rani")
    await desk.reply("Selamat pagi, ada yang bisa kami bantu?")
    await chat.hears("ada yang bisa kami bantu?")
    await expect(desk.says("agent").last.get_by_test_id("delivery")).to_have_text("Dibaca")
    await desk.note("Nasabah terdengar kesal")
    await expect(desk.thread.get_by_test_id("note")).to_contain_text("terdengar kesal")

    await chat.field.press_sequentially("sewa modal saya kok naik")
    await expect(desk.thread.get_by_test_id("typing")).to_be_visible()
    await chat.field.press("Enter")
    await expect(desk.says("customer").last).to_contain_text("sewa modal saya kok naik")
    await expect(desk.thread.get_by_test_id("typing")).to_be_hidden()
    await desk.page.get_by_role("tab", name="Balas").click()
    await desk.reply_field.press_sequentially("Mohon")
    await expect(chat.root.get_by_test_id("typing")).to_be_visible()
    await people.shot(chat.page, "chat-with-agent")
    await desk.reply_field.press("Enter")
    await chat.hears("Mohon")
    await expect(chat.log).not_to_contain_text("terdengar kesal")

    await desk.look_at("Tiket")
    await desk.card.get_by_role("button", name="Buat tiket").click()
    form = desk.page.get_by_role("dialog", name="Tiket baru")
    await people.shot(desk.page, "desk-ticket")
    await expect(form.get_by_label("Topik")).to_have_value("")  # nothing is chosen for the agent
    await form.get_by_label("Topik").select_option("keluhan_transaksi")
    await form.get_by_label("Ringkasan").fill("Sewa modal naik")
    await form.get_by_label("Rincian").fill("Nasabah menanyakan kenaikan sewa modal.")
    await form.get_by_label("Prioritas").select_option("high")
    await form.get_by_role("button", name="Buat tiket").click()
    await expect(form).to_be_hidden()
    ticket = desk.card.get_by_test_id("ticket")
    await expect(ticket).to_contain_text("ARIA-260001")
    await expect(ticket).to_contain_text("Tinggi")
    await ticket.get_by_role("button", name="Ubah tiket ARIA-260001").click()
    await ticket.get_by_label("Status").select_option("in_progress")
    await ticket.get_by_label("Catatan tiket").fill("Sudah ditanyakan ke unit.")
    await ticket.get_by_role("button", name="Simpan tiket").click()
    await expect(ticket).to_contain_text("Sedang ditangani")
    await ticket.get_by_text("Rincian").click()
    await expect(ticket).to_contain_text("Sudah ditanyakan ke unit.")
    await people.shot(desk.page, "desk-conversation")

    await desk.follow_guide()
    await desk.close(outcome="Dibuatkan tiket")
    await chat.hears("Terima kasih telah menghubungi Pegadaian", "menilai layanan")
    await expect(chat.state).to_contain_text("berakhir")
    await chat.tap("4 - Puas", "Terima kasih atas penilaian")

    async def answered() -> bool:
        async with stack.db.read() as tx:
            return (await tx.execute(select(surveys.c.score))).scalar() == 4

    await until(answered, "the survey's answer was not stored")
    await people.shot(chat.page, "chat-survey")


async def test_back_to_the_bot(people: People, stack: Stack) -> None:
    desk = await people.agent()
    chat = await waiting_customer(people)
    await desk.accept()
    await desk.page.get_by_role("button", name="Kembalikan ke bot").click()
    dialog = desk.page.get_by_role("dialog", name="Kembalikan ke bot")
    await dialog.get_by_label("Keperluan selesai").check()
    await people.shot(desk.page, "desk-return")
    await dialog.get_by_role("button", name="Kembalikan", exact=True).click()
    await expect(dialog).to_be_hidden()
    await expect(desk.page.get_by_text("Percakapan dikembalikan ke bot.")).to_be_visible()
    await expect(chat.state).to_contain_text("Asisten virtual")
    await chat.say("brp sih bunga gadai", "sewa modal")


async def test_the_keyboard_is_enough(people: People, stack: Stack) -> None:
    desk = await people.agent()
    chat = await waiting_customer(people)
    await expect(desk.items).to_have_count(1)
    keys = desk.page.keyboard
    await desk.page.locator("body").click(position={"x": 700, "y": 700})
    await keys.press("?")
    await expect(desk.page.get_by_role("dialog", name="Bantuan pintasan")).to_be_visible()
    await people.shot(desk.page, "desk-help")
    await keys.press("Escape")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    await keys.press("j")
    await expect(desk.says("customer").first).to_be_visible()
    await keys.press("a")
    await expect(desk.reply_field).to_be_visible()
    await keys.press("r")
    await expect(desk.reply_field).to_be_focused()
    await keys.type("jakarta hari ini")  # the letters are text here, not shortcuts
    await keys.press("Enter")
    await chat.hears("jakarta hari ini")
    await keys.press("Escape")
    await keys.press("n")
    await expect(desk.page.get_by_role("textbox", name="Catatan", exact=True)).to_be_focused()
    await keys.press("Escape")
    await keys.press("/")
    await expect(desk.page.get_by_role("searchbox", name="Cari percakapan")).to_be_focused()
    await keys.press("Escape")
    await keys.press("h")
    await expect(desk.page.get_by_role("dialog", name="Kembalikan ke bot")).to_be_visible()
    await keys.press("Escape")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    await keys.press("e")
    await expect(desk.page.get_by_role("dialog", name="Tutup percakapan")).to_be_visible()
    await keys.press("Escape")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)


async def test_the_desk_after_a_gap_in_the_network(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile(r"ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed"))
    desk = await people.agent()
    chat = await waiting_customer(people)
    await desk.accept()
    await desk.page.context.set_offline(True)
    await expect(desk.page.get_by_test_id("connection-status")).to_contain_text("Menghubungkan kembali")
    await chat.field.fill("masih di sana?")
    await chat.field.press("Enter")
    await desk.reply("Sebentar ya")
    await expect(desk.says("agent").last.get_by_test_id("delivery")).to_contain_text("Menunggu koneksi")
    await desk.page.context.set_offline(False)
    await expect(desk.says("customer").last).to_contain_text("masih di sana?")
    await expect(chat.ours.last).to_contain_text("Sebentar ya")
    await expect(chat.ours.filter(has_text="Sebentar ya")).to_have_count(1)
    await expect(desk.says("agent")).to_have_count(1)


async def test_the_desk_on_a_small_phone(people: People, stack: Stack) -> None:
    desk = await people.agent(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, device_scale_factor=2)
    await waiting_customer(people)
    await expect(desk.items).to_have_count(1)
    await people.shot(desk.page, "phone-desk-list")
    await expect(desk.page.get_by_role("button", name="Keluar", exact=True)).to_be_in_viewport(ratio=1)
    await desk.accept()
    await people.shot(desk.page, "phone-desk-thread")
    await desk.page.get_by_role("button", name="Lihat kartu nasabah").click()
    await expect(desk.card).to_be_visible()
    await people.shot(desk.page, "phone-desk-card")
    wide = await desk.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1], wide
