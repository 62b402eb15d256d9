"""Two agents, a second tier and a leader at their desks: offers, presence, transfers, a line that breaks."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from bot.handoff.records import presence
from tests.browser.conftest import People
from tests.browser.pages import DeskPage
from tests.support.stack import Stack, Visitor, until

pytestmark = [pytest.mark.browser, pytest.mark.engine]
OFFLINE = re.compile(r"ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed")


async def two_agents(people: People, stack: Stack) -> tuple[DeskPage, DeskPage]:
    """Rani, who has waited longer, and Dodi."""
    rani = await people.agent(0)
    await stack.advance(1)
    return rani, await people.agent(1)


async def waiting(stack: Stack, text: str = "mau ngomong sama orang aja dong") -> Visitor:
    """A customer who waits for a person."""
    visitor = await stack.visitor()
    await visitor.say(text)
    return visitor


async def state(stack: Stack, desk: DeskPage) -> str:
    assert desk.user is not None
    async with stack.db.read() as tx:
        return str((await tx.execute(select(presence.c.state).where(presence.c.agent_id == desk.user.id))).scalar())


async def test_a_declined_offer_goes_to_the_next(people: People, stack: Stack) -> None:
    rani, dodi = await two_agents(people, stack)
    await waiting(stack)
    await expect(rani.offer).to_contain_text("Nasabah meminta petugas")
    await expect(rani.offer).to_contain_text("detik lagi")
    await dodi.box("Antrean")
    await expect(dodi.items.first).to_contain_text("→ Rani")
    await expect(dodi.offer).to_have_count(0)
    await rani.offer.get_by_role("button", name="Tolak").click()
    await people.shot(rani.page, "desk-offer-decline")
    await rani.offer.get_by_role("button", name="Sedang menyelesaikan percakapan lain").click()
    await expect(rani.offer).to_have_count(0)
    await expect(dodi.offer).to_be_visible()
    await dodi.page.keyboard.press("Alt+a")
    await expect(dodi.reply_field).to_be_visible()
    await expect(dodi.offer).to_have_count(0)
    ended = [(fact.data["how"], fact.data["reason"]) for fact in await stack.facts("offer_ended")]
    assert ended == [("declined", "penuh"), ("accepted", None)]


async def test_an_offer_does_not_disturb_who_writes(people: People, stack: Stack) -> None:
    rani = await people.agent()
    await waiting(stack)
    await rani.offer.get_by_role("button", name="Terima").click()
    await rani.reply_field.press_sequentially("Mohon menunggu")
    await waiting(stack)
    await expect(rani.offer).to_be_visible()
    await expect(rani.reply_field).to_be_focused()
    await expect(rani.reply_field).to_have_value("Mohon menunggu")
    await stack.advance(26)  # unanswered, it goes back to the queue
    await expect(rani.page.get_by_role("tab", name="Antrean 1")).to_be_visible()
    assert [fact.data["how"] for fact in await stack.facts("offer_ended")][:2] == ["accepted", "missed"]


async def test_aux_while_offered(people: People, stack: Stack) -> None:
    rani, dodi = await two_agents(people, stack)
    await waiting(stack)
    await expect(rani.offer).to_be_visible()
    await rani.presence("aux:ibadah")
    await expect(rani.offer).to_have_count(0)
    await expect(dodi.offer).to_be_visible()
    await dodi.offer.get_by_role("button", name="Terima").click()
    await expect(dodi.reply_field).to_be_visible()


async def test_to_the_second_tier_and_back(people: People, stack: Stack) -> None:
    rani = await people.agent(0)
    wulan = await people.agent(2, team="helpdesk")
    await waiting(stack)
    await rani.offer.get_by_role("button", name="Terima").click()
    await rani.transfer("Tim", "Helpdesk (Tier 2)", "Perlu pemeriksaan teknis", "Aplikasi Tring galat sejak kemarin.")
    await expect(wulan.offer).to_contain_text("Aplikasi Tring galat sejak kemarin.")
    await expect(wulan.offer).to_contain_text("dari Rani")
    await wulan.offer.get_by_role("button", name="Terima").click()
    handed = wulan.page.get_by_test_id("handed-over")
    await expect(handed).to_contain_text("Dialihkan dari Rani: Perlu pemeriksaan teknis")
    await expect(handed).to_contain_text("Aplikasi Tring galat sejak kemarin.")
    await people.shot(wulan.page, "desk-handed-over")
    await wulan.transfer("Rekan", "Rani", "Selesai ditangani Tier 2", "Sudah diperbaiki, mohon kabari nasabah.")
    await expect(rani.offer).to_contain_text("Sudah diperbaiki, mohon kabari nasabah.")
    await rani.offer.get_by_role("button", name="Terima").click()
    await expect(rani.page.get_by_test_id("handed-over")).to_contain_text("Dialihkan dari Wulan: Selesai ditangani Tier 2")


async def test_a_leader_moves_a_chat_and_sets_a_state(people: People, stack: Stack) -> None:
    rani = await people.agent(0)
    await waiting(stack)
    await rani.offer.get_by_role("button", name="Terima").click()
    await expect(rani.reply_field).to_be_visible()
    dodi = await people.agent(1)
    lead = await people.agent(3, ready=False, role="leader")
    await lead.box("Semua")
    await lead.items.first.click()
    await expect(rani.page.get_by_test_id("viewers")).to_contain_text("Bu Sari juga melihat percakapan ini")
    await lead.page.get_by_role("button", name="Rekan di meja").click()
    table = lead.page.get_by_role("dialog", name="Rekan di meja")
    await expect(table.get_by_test_id("person").filter(has_text="Rani")).to_contain_text("1/4")
    await table.get_by_label("Status Rani").select_option("aux:rapat")
    await expect(rani.page.get_by_test_id("presence")).to_have_value("aux:rapat")
    await table.get_by_role("button", name="Alihkan ke sini: Dodi").click()
    dialog = lead.page.get_by_role("dialog", name="Alihkan percakapan")
    await expect(dialog.get_by_role("radio", name="Dodi")).to_be_checked()
    await dialog.get_by_label("Alasan").select_option("akhir_tugas")
    await dialog.get_by_role("button", name="Alihkan", exact=True).click()
    await expect(dodi.offer).to_be_visible()
    await dodi.offer.get_by_role("button", name="Terima").click()
    await expect(dodi.reply_field).to_be_visible()
    await rani.box("Saya")
    await expect(rani.items).to_have_count(0)


async def test_a_line_that_breaks_for_a_moment(people: People, stack: Stack) -> None:
    people.allowed.append(OFFLINE)
    rani = await people.agent()
    visitor = await waiting(stack)
    await rani.offer.get_by_role("button", name="Terima").click()
    await rani.reply("Selamat pagi, dengan Rani.")
    await expect(rani.says("agent").last.get_by_test_id("delivery")).not_to_contain_text("Mengirim")
    await rani.page.context.set_offline(True)
    await expect(rani.page.get_by_test_id("connection-status")).to_contain_text("Menghubungkan kembali")
    await visitor.send_text("satu")
    await visitor.send_text("dua")
    await visitor.taken()
    await rani.reply("Mohon menunggu, kami periksa.")
    await stack.advance(30)
    assert await state(stack, rani) == "ready", "within the grace"
    await rani.page.context.set_offline(False)
    for text in ("satu", "dua"):
        await expect(rani.thread.get_by_text(text, exact=True)).to_have_count(1)
    await expect(rani.says("agent")).to_have_count(2)
    await until(lambda: sum("kami periksa" in each["text"] for each in visitor.from_us()) == 1, "the reply did not arrive once")
    await stack.advance(60)
    assert await state(stack, rani) == "ready"
    await expect(rani.reply_field).to_be_visible()


async def test_a_line_that_stays_away(people: People, stack: Stack) -> None:
    people.allowed.append(OFFLINE)
    rani, dodi = await two_agents(people, stack)
    visitor = await waiting(stack)
    await rani.offer.get_by_role("button", name="Terima").click()
    await expect(rani.reply_field).to_be_visible()
    await visitor.send_text("halo, masih di sana?")
    await visitor.taken()
    await rani.page.context.set_offline(True)
    await expect(rani.page.get_by_test_id("connection-status")).to_contain_text("Menghubungkan kembali")

    async def given_up() -> bool:
        await stack.advance(5)
        return await state(stack, rani) == "offline"

    await until(given_up, "Rani still counts as there")
    await expect(dodi.offer).to_contain_text("Sambungan petugas terputus")
    await dodi.offer.get_by_role("button", name="Terima").click()
    await expect(dodi.says("customer").last).to_contain_text("halo, masih di sana?")
    await rani.page.context.set_offline(False)
    await expect(rani.page.get_by_test_id("presence")).to_have_value("offline")
    await expect(rani.page.get_by_role("alert").filter(has_text="status Anda menjadi Offline")).to_be_visible()
    await expect(rani.page.get_by_test_id("reply-hindered")).to_contain_text("Sedang ditangani oleh Dodi")
