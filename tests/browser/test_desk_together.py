"""What agents leave for each other and for themselves: drafts, canned replies, notes that ask, who the customer is."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People
from tests.browser.pages import PASSWORD, DeskPage
from tests.browser.test_desk_case import served
from tests.support.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.engine]


async def test_a_draft_waits_also_in_another_browser(people: People, stack: Stack) -> None:
    desk, _ = await served(people, stack)
    async with desk.page.expect_response(lambda answer: answer.url.endswith("/draft")):
        await desk.reply_field.press_sequentially("Baik, kami periksa")
    await desk.page.reload()
    await desk.items.first.click()
    await expect(desk.reply_field).to_have_value("Baik, kami periksa")
    elsewhere = DeskPage(stack, await people.page("/desk"), desk.user)
    assert desk.user is not None
    await elsewhere.login(desk.user.username, PASSWORD)
    await elsewhere.items.first.click()
    await expect(elsewhere.reply_field).to_have_value("Baik, kami periksa")
    await elsewhere.reply_field.press("Enter")
    await expect(elsewhere.says("agent")).to_have_count(1)


async def test_another_window_was_faster(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile(r"/reply .*409"))
    desk, visitor = await served(people, stack)
    elsewhere = DeskPage(stack, await people.page("/desk"), desk.user)
    assert desk.user is not None
    await elsewhere.login(desk.user.username, PASSWORD)
    await elsewhere.items.first.click()
    await expect(elsewhere.reply_field).to_be_visible()
    await desk.page.route("**/reply", lambda route: _after(elsewhere, visitor, route))
    await desk.reply("Saya jawab lagi.")
    objection = desk.page.get_by_test_id("objection")
    await expect(objection).to_contain_text("Sudah saya jawab.")
    await desk.page.unroute("**/reply")
    await objection.get_by_role("button", name="Kirim juga").click()
    await expect(desk.says("agent")).to_have_count(2)
    await expect(objection).to_be_hidden()


async def _after(first: DeskPage, visitor, route) -> None:  # type: ignore[no-untyped-def]
    """Let the other one be faster."""
    await first.reply("Sudah saya jawab.")
    await until(lambda: any("Sudah saya jawab" in each["text"] for each in visitor.from_us()), "not sent")
    await route.continue_()


async def test_canned_replies_are_kept_and_called(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile(r"/api/desk/replies .*409"))
    desk, visitor = await served(people, stack)
    await desk.page.get_by_role("button", name="Balasan siap pakai").click()
    dialog = desk.page.get_by_role("dialog", name="Balasan siap pakai")
    await expect(dialog.get_by_test_id("canned-reply").first).to_be_visible()
    await people.shot(desk.page, "desk-replies")
    await dialog.get_by_role("button", name="Balasan baru").click()
    await dialog.get_by_label("Pintasan").fill("salam")
    await dialog.get_by_label("Judul").fill("Jam buka cabang")
    await dialog.get_by_label("Teks").fill("Cabang kami buka pukul 08.00, {sapaan}. Salam, {petugas}.")
    await dialog.get_by_role("button", name="Simpan balasan").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Pintasan ini sudah dipakai")
    await dialog.get_by_label("Pintasan").fill("jambuka")
    await people.shot(desk.page, "desk-reply-form")
    await dialog.get_by_role("button", name="Simpan balasan").click()
    mine = dialog.get_by_test_id("canned-reply").filter(has_text="/jambuka")
    await expect(mine).to_contain_text("Saya")
    await dialog.get_by_role("button", name="Selesai").click()
    await desk.reply_field.press_sequentially("/jam")
    await people.shot(desk.page, "desk-canned")
    await expect(desk.page.get_by_role("option", name="/jambuka")).to_be_visible()
    await desk.reply_field.press("Enter")
    await expect(desk.reply_field).to_have_value("Cabang kami buka pukul 08.00, Bapak/Ibu. Salam, Rani.")
    await desk.reply_field.press("Enter")
    await until(lambda: any("pukul 08.00" in each["text"] for each in visitor.from_us()), "not sent")
    await desk.page.get_by_role("button", name="Balasan siap pakai").click()
    await mine.get_by_role("button", name="Ubah /jambuka").click()
    await dialog.get_by_label("Judul").fill("Jam buka")
    await dialog.get_by_role("button", name="Simpan balasan").click()
    await expect(mine).to_contain_text("Jam buka")
    await mine.get_by_role("button", name="Hapus /jambuka").click()
    await mine.get_by_role("button", name="Ya, hapus").click()
    await expect(mine).to_have_count(0)


async def test_a_colleague_is_asked_and_answers(people: People, stack: Stack) -> None:
    rani, _ = await served(people, stack)
    dodi = await people.agent(1)
    await rani.page.get_by_role("tablist", name="Jenis tulisan").get_by_role("tab", name="Catatan").click()
    note = rani.page.get_by_role("textbox", name="Catatan", exact=True)
    await note.press_sequentially("@Do")
    await expect(rani.page.get_by_role("option", name="@Dodi")).to_be_visible()
    await note.press("Enter")
    await expect(note).to_have_value("@Dodi ")
    await note.press_sequentially("pernah menangani nasabah ini?")
    await rani.page.get_by_role("button", name="Simpan catatan").click()
    await dodi.page.get_by_role("button", name="Sebutan: 1 belum dijawab").click()
    dialog = dodi.page.get_by_role("dialog", name="Sebutan")
    await expect(dialog).to_contain_text("pernah menangani nasabah ini?")
    await people.shot(dodi.page, "desk-mentions")
    await dialog.get_by_role("button", name="Buka dan jawab").click()
    await dodi.page.get_by_role("textbox", name="Catatan", exact=True).fill("Belum pernah.")
    await dodi.page.get_by_role("button", name="Simpan catatan").click()
    await expect(rani.thread.get_by_test_id("note").last).to_contain_text("Belum pernah.")
    await expect(dodi.page.get_by_role("button", name="Sebutan", exact=True)).to_be_visible()


async def test_verification_unlocks_the_history(people: People, stack: Stack) -> None:
    desk, _ = await served(people, stack)
    await desk.look_at("Riwayat")
    await expect(desk.card).to_contain_text("terkunci")
    await people.shot(desk.page, "desk-locked")
    await desk.card.get_by_role("button", name="Verifikasi dahulu").click()
    for field in ("Nama lengkap sesuai KTP", "Tanggal lahir", "NIK (dicocokkan, tidak dicatat)", "Nama ibu kandung"):
        await desk.check(field, True)
    await expect(desk.steps.get_by_role("button", name="Verifikasi data (selesai)")).to_be_visible()
    await desk.look_at("Riwayat")
    await expect(desk.card.locator(".journey").first).to_be_visible()
    await desk.check("NIK (dicocokkan, tidak dicatat)", False)
    await desk.look_at("Riwayat")
    await expect(desk.card).to_contain_text("terkunci")


async def test_two_customers_are_one(people: People, stack: Stack) -> None:
    desk = await people.agent()
    phone = stack.phone(0)
    await phone.say("mau ngomong sama orang aja dong")
    await desk.take()
    await desk.page.get_by_role("button", name="Catat kontak manual").click()
    dialog = desk.page.get_by_role("dialog", name="Catat kontak manual")
    await dialog.get_by_label("Nama nasabah").fill("Budi dari telepon")
    await dialog.get_by_label("Nomor telepon").fill(f"+{phone.customer.wa_id}")
    await dialog.get_by_role("button", name="Mulai mencatat").click()
    await expect(desk.page.get_by_role("textbox", name="Nasabah berkata")).to_be_visible()
    await desk.look_at("Nasabah")
    merge = desk.card.get_by_test_id("merge")
    await expect(merge).to_contain_text("Nomor telepon sama")
    await people.shot(desk.page, "desk-merge")
    await merge.get_by_role("button", name="Gabungkan").click()
    await expect(merge).to_contain_text("Digabungkan")
    await merge.get_by_role("button", name="Batalkan penggabungan").click()
    await expect(merge).to_contain_text("Penggabungan dibatalkan")
