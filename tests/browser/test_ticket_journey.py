"""One complaint from its first message to its rating: WhatsApp, bot, Tier 1, Tier 2, a division, the customer told, CSI; five working days and a holiday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from bot.conversations.records import surveys
from bot.tickets.records import tickets
from tests.browser.conftest import People
from tests.browser.pages import DeskPage, SimulatorPage
from tests.browser.tickets_page import TicketsPage
from tests.conftest import StackFactory
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.engine]
TIER1, CS, TI = "Layanan Nasabah (Tier 1)", "CS Digital (Tier 2)", "Divisi Teknologi Informasi"
MONDAY = datetime(2026, 12, 21, 3, 0, tzinfo=UTC)  # 10.00 WIB; 24 December is cuti bersama, 25 December a holiday


@pytest.fixture
async def stack(start_stack: StackFactory, sqlite_url: str) -> Stack:
    return await start_stack(sqlite_url, MONDAY)


async def until_day(stack: Stack, day: int, hour: int) -> None:
    """Let time pass, from timer to timer, up to an hour in Jakarta."""
    wanted = datetime(2026, 12, day, hour - 7, 0, tzinfo=UTC)
    await stack.pass_time((wanted - stack.clock.now()).total_seconds())


async def test_from_a_complaint_to_its_rating(people: People, stack: Stack) -> None:
    # Monday: the bot takes the complaint; nothing more is said, so the conversation ends by the idle rule.
    phone: SimulatorPage = await people.simulator()
    await phone.say("saldo saya kepotong 500rb tapi cicilan emas masih belum lunas di aplikasi", "UU No. 27 Tahun 2022")
    await phone.tap("Setuju", "nama lengkap")
    await phone.say("nama saya Budi Santoso", "ringkasan", "+62812")
    await phone.tap("Ya", "ARIA-260001")
    number = "ARIA-260001"
    await stack.pass_time(300)

    users = {
        "rani": await DeskPage.hire(stack, 0, team="tier1"),
        "dodi": await DeskPage.hire(stack, 1, team="cs_digital"),
        "wulan": await DeskPage.hire(stack, 2, role="division", team="div_ti"),
    }
    rani = await TicketsPage.come(people, stack, users["rani"])
    await rani.box(TIER1)
    await rani.open(number)
    await rani.do("Terima")
    await expect(rani.status).to_have_text("Sedang ditangani")
    await rani.dispatch(CS, "Perlu pemeriksaan sistem", "Pembayaran terpotong, cicilan belum lunas.")
    await rani.go_home()
    await phone.hears(f"laporan {number} sedang kami tangani", f"laporan {number} telah kami teruskan")

    # Tuesday: Tier 2 accepts and sends it on.
    await until_day(stack, 22, 9)
    dodi = await TicketsPage.come(people, stack, users["dodi"])
    await dodi.box(CS)
    await dodi.open(number)
    await dodi.do("Terima")
    await expect(dodi.status).to_have_text("Analisis")
    await dodi.dispatch(TI, "Perlu koreksi data transaksi", "Mutasi ada, angsuran tidak tercatat.")
    await dodi.go_home()

    # Wednesday: the division accepts. Thursday and Friday nobody works, and no clock runs.
    await until_day(stack, 23, 15)
    wulan = await TicketsPage.come(people, stack, users["wulan"])
    await wulan.open(number)
    await wulan.do("Terima")
    await expect(wulan.status).to_have_text("Menunggu support")
    await wulan.go_home()
    before = await left(stack, number)
    await until_day(stack, 23, 17)
    evening = await left(stack, number)
    await until_day(stack, 28, 8)
    assert before > evening == await left(stack, number)  # the holidays and the weekend cost nothing

    # Monday: back with what was found.
    await until_day(stack, 28, 11)
    wulan = await TicketsPage.come(people, stack, users["wulan"])
    await wulan.open(number)
    await wulan.do("Kembalikan")
    await wulan.dialog.get_by_label("Alasan").select_option(label="Sudah ditindaklanjuti, mohon dikonfirmasi ke nasabah")
    await wulan.dialog.get_by_label("Catatan untuk unit asal").fill("Angsuran sudah dicatat.")
    await wulan.submit("Kembalikan")
    await wulan.go_home()

    # Tuesday, the sixth working day: Tier 2 solves it. The 24 hours are long over: a template first.
    await until_day(stack, 29, 10)
    dodi = await TicketsPage.come(people, stack, users["dodi"])
    await dodi.box(CS)
    await dodi.open(number)
    await expect(dodi.ticket).to_contain_text("Keluhan")
    await people.shot(dodi.page, "journey-ticket")
    await dodi.do("Terima")
    await phone._mark()
    await dodi.do("Selesaikan")
    await dodi.dialog.get_by_label("Penyelesaian").fill("Angsuran sudah tercatat lunas.")
    await dodi.submit("Selesaikan")
    await expect(dodi.status).to_have_text("Selesai")
    await dodi.tab("Perjalanan")
    await expect(dodi.ticket.get_by_test_id("hop")).to_have_count(4)
    await people.shot(dodi.page, "journey-hops")
    await phone.hears("sapa_kabar_tiket", number)

    # The customer answers, reads it, has nothing more to ask, and rates.
    await phone.say("iya kabar apa ya min", f"laporan {number} telah selesai. Angsuran sudah tercatat lunas.")
    await phone.silent(60, "masih terhubung")
    await phone.silent(60, "masih terhubung")
    await phone.silent(60, "menilai layanan")
    await people.shot(phone.page, "journey-phone")
    await phone.pick("Beri nilai", "5 - Sangat Puas", "Terima kasih atas penilaian")
    async with stack.db.read() as tx:
        assert list((await tx.execute(select(surveys.c.score))).scalars()) == [5]
        row = (await tx.execute(select(tickets).where(tickets.c.number == number))).one()
    assert (row.status, row.breached_at, row.closed_at) == ("solved", None, datetime(2026, 12, 29, 3, 0, tzinfo=UTC))
    assert row.promised_at - MONDAY > timedelta(days=14)
    told = [(fact.data["notice"], fact.data["how"]) for fact in await stack.facts("ticket_told") if fact.data["ticket"] == number]
    assert told[0] == ("in_progress", "message") and told[-1] == ("solved", "template")


async def left(stack: Stack, number: str) -> int:
    """Working seconds left of the whole's limit."""
    from bot.tickets.sla import clocks_of

    async with stack.db.read() as tx:
        clocks = await clocks_of(tx, stack.service.library, number)
    assert clocks is not None
    return clocks.overall.left_s
