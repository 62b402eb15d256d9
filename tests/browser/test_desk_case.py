"""One case at the desk: suggestions, the guide up to its end, a contact by hand, files, templates, what may not leave."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People
from tests.browser.pages import DeskPage
from tests.support.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.engine]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


async def served(people: People, stack: Stack, text: str = "mau ngomong sama orang aja dong", **options: Any) -> tuple[DeskPage, Any]:
    """An agent with a live chat in hand."""
    desk = await people.agent(**options)
    visitor = await stack.visitor()
    await visitor.say(text)
    await desk.take()
    return desk, visitor


async def test_a_suggestion_is_inserted_edited_and_sent(people: People, stack: Stack) -> None:
    desk, visitor = await served(people, stack)
    await visitor.send_text("berapa bunga gadai emas sekarang?")
    await expect(desk.assist.locator(".assist-chips")).to_contain_text("gadai")  # what is offered is of this message
    await desk.reply_field.focus()
    await desk.page.keyboard.press("Alt+1")
    await expect(desk.reply_field).not_to_have_value("")
    await desk.reply_field.press("End")
    await desk.page.keyboard.type(" Silakan kabari kami, Bapak/Ibu.")
    await desk.page.keyboard.press("Enter")
    await until(lambda: any("Silakan kabari kami" in each["text"] for each in visitor.from_us()), "the reply did not arrive")

    async def edited() -> bool:
        return "edited" in [fact.data.get("fate") for fact in await stack.facts("suggestion_fate")]

    await until(edited, f"no fate: {[fact.data for fact in await stack.facts('suggestion_fate')]}")


async def test_a_wrong_suggestion_goes_away(people: People, stack: Stack) -> None:
    desk, visitor = await served(people, stack)
    await visitor.send_text("berapa bunga gadai emas sekarang?")
    await expect(desk.assist.locator(".assist-chips")).to_contain_text("gadai")
    cards = desk.assist.locator(".suggestion")
    count = await cards.count()
    await desk.assist.get_by_role("button", name="Tandai saran 1 keliru").click()
    await expect(cards).to_have_count(count - 1)


async def test_the_end_is_refused_until_the_guide_was_followed(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile(r"/close .*422"))
    desk, _ = await served(people, stack)
    second = await stack.visitor()
    await second.say("mau ngomong sama orang aja dong")
    await desk.take()
    await desk.box("Saya")
    await desk.items.first.click()
    first_name = await desk.items.first.get_attribute("data-id")
    await desk.page.get_by_role("button", name="Tutup", exact=True).click()
    dialog = desk.page.get_by_role("dialog", name="Tutup percakapan")
    await dialog.get_by_role("button", name="Tutup percakapan").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Langkah yang belum dilakukan: Identifikasi kebutuhan")
    await expect(dialog.get_by_test_id("missing-steps")).to_contain_text("ada lagi yang dapat kami bantu")
    await people.shot(desk.page, "desk-close-refused")
    await dialog.get_by_role("button", name="Batal").click()
    await desk.page.keyboard.press("Alt+Shift+Digit1")
    await expect(desk.reply_field).to_have_value(re.compile("Selamat pagi.*Dengan Rani dari Pegadaian"))
    await desk.reply_field.press("Enter")
    await desk.look_at("Prosedur")
    await desk.card.get_by_label("Topik menurut petugas").select_option("info_gadai")
    await desk.follow_guide()
    await desk.close(outcome="Selesai")
    await expect(desk.page.get_by_test_id("writing-up")).to_contain_text("Lengkapi catatan")
    await expect(desk.page.get_by_test_id("wrapup-countdown")).to_be_visible()
    await desk.note("Nasabah paham.")
    await desk.page.get_by_role("tab", name="Balas").click()
    await people.shot(desk.page, "desk-writing-up")
    await desk.page.get_by_role("button", name="Percakapan berikutnya").click()
    await expect(desk.reply_field).to_be_visible()
    assert await desk.page.locator('[data-testid="conversation-item"][aria-current="true"]').get_attribute("data-id") != first_name
    await expect(desk.items).to_have_count(1)


async def test_a_contact_by_hand_up_to_its_end(people: People, stack: Stack) -> None:
    desk = await people.agent()
    await desk.page.get_by_role("button", name="Catat kontak manual").click()
    dialog = desk.page.get_by_role("dialog", name="Catat kontak manual")
    await dialog.get_by_label("Telepon nasabah").check()
    await dialog.get_by_label("Nama nasabah").fill("Budi Santoso")
    await dialog.get_by_label("Nomor telepon").fill("0812 0000 0099")
    await people.shot(desk.page, "desk-contact")
    await dialog.get_by_role("button", name="Mulai mencatat").click()
    said = desk.page.get_by_role("textbox", name="Nasabah berkata")
    await said.fill("Saya mau tanya syarat gadai emas.")
    await said.press("Enter")
    await expect(desk.says("customer")).to_contain_text("syarat gadai emas")
    await desk.page.get_by_role("tab", name="Petugas berkata").click()
    answered = desk.page.get_by_role("textbox", name="Petugas berkata")
    await answered.fill("Cukup membawa KTP dan barang jaminannya, Bapak.")
    await answered.press("Enter")
    await expect(desk.says("agent")).to_contain_text("Cukup membawa KTP")
    await desk.card.get_by_label("Topik menurut petugas").select_option("info_gadai")
    await people.shot(desk.page, "desk-contact-said")
    await desk.follow_guide()
    await desk.close(closing=None, outcome="Selesai")
    await expect(desk.page.get_by_test_id("writing-up")).to_be_visible()
    await desk.page.get_by_test_id("writing-up").get_by_role("button", name="Selesai menulis").click()
    await expect(desk.page.get_by_text("Pilih percakapan dari daftar.")).to_be_visible()


async def test_after_24_hours_a_template(people: People, stack: Stack) -> None:
    desk = await people.agent()
    phone = stack.phone(0)
    await phone.say("mau ngomong sama orang aja dong", age_s=24 * 3600 - 120)
    await desk.take()
    await expect(desk.page.get_by_test_id("window-countdown")).to_contain_text("Jendela WA")
    await stack.advance(125)
    await desk.page.reload()
    await desk.items.first.click()
    form = desk.page.get_by_test_id("templates")
    await expect(form.get_by_label("Nama nasabah")).to_have_value(phone.customer.name)
    await people.shot(desk.page, "desk-template")
    await form.get_by_role("button", name="Kirim templat").click()
    await expect(desk.says("agent").last).to_contain_text("ingin melanjutkan percakapan")
    await stack.quiet()
    assert phone.from_us()[-1]["text"] == f"[templat sapa_lanjutan_percakapan] · pagi · {phone.customer.name}"


async def test_a_file_to_whatsapp(people: People, stack: Stack) -> None:
    desk = await people.agent()
    phone = stack.phone(0)
    await phone.say("mau ngomong sama orang aja dong")
    await desk.take()
    await desk.page.get_by_test_id("desk-file-input").set_input_files({"name": "bukti.png", "mimeType": "image/png", "buffer": PNG})
    await expect(desk.page.get_by_role("list", name="Lampiran")).to_contain_text("bukti.png")
    await desk.reply("Berikut buktinya, Bapak.")
    await expect(desk.says("agent").last).to_contain_text("Berikut buktinya")

    async def arrived() -> bool:
        await stack.quiet()
        return bool(phone.from_us()[-1].get("media"))

    await until(arrived, "no file on the phone")


async def test_what_may_not_leave(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile(r"/reply .*422"))
    other = stack.phone(1)
    await other.say("halo")
    desk, visitor = await served(people, stack)
    objection = desk.page.get_by_test_id("objection")
    await desk.reply(f"Silakan hubungi +{other.customer.wa_id} ya.")
    await expect(objection).to_contain_text("Memuat data nasabah lain")
    await expect(objection).to_contain_text(str(other.customer.wa_id)[-6:])
    await people.shot(desk.page, "desk-foreign-data")
    await expect(desk.reply_field).to_have_value(re.compile("Silakan hubungi"))
    await objection.get_by_role("button", name="Mengerti").click()
    await desk.reply("Mohon kirimkan PIN Bapak.")
    await expect(objection).to_contain_text("Meminta data rahasia")
    await desk.reply("Mohon menunggu sebentar, Bapak.")
    await expect(desk.says("agent")).to_have_count(1)
    assert not any("hubungi" in each["text"] for each in visitor.from_us())
