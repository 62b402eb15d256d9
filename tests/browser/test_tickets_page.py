"""The page for tickets with the real service: a ticket's way from unit to unit, lists, forms, two people at one ticket, the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People
from tests.browser.pages import DeskPage
from tests.browser.tickets_page import TicketsPage
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.engine]
OFFLINE = re.compile(r"ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed")
TIER1, CS, TI = "Layanan Nasabah (Tier 1)", "CS Digital (Tier 2)", "Divisi Teknologi Informasi"


async def made_at_the_desk(people: People, stack: Stack) -> DeskPage:
    """An agent at the desk with a ticket of the open conversation."""
    desk = await people.agent(0, team="tier1")
    visitor = await stack.visitor()
    await visitor.say("mau ngomong sama orang aja dong")
    await desk.take()
    await desk.look_at("Tiket")
    await desk.card.get_by_role("button", name="Buat tiket").click()
    form = desk.page.get_by_role("dialog", name="Tiket baru")
    await form.get_by_label("Topik").select_option("keluhan_transaksi")
    await form.get_by_label("Ringkasan").fill("Dana transfer belum masuk")
    await form.get_by_label("Rincian").fill("Transfer kemarin, saldo belum bertambah.")
    await form.get_by_role("button", name="Buat tiket").click()
    await expect(form).to_be_hidden()
    return desk


async def test_a_ticket_travels_to_a_division_and_back(people: People, stack: Stack) -> None:
    desk = await made_at_the_desk(people, stack)
    assert desk.user is not None
    link = desk.card.get_by_test_id("ticket").get_by_role("link")
    number = await link.inner_text()
    await link.click()
    rani = TicketsPage(stack, desk.page, desk.user)
    await expect(rani.ticket.get_by_role("heading", name=number)).to_be_visible()
    await rani.dispatch(CS, "Perlu pemeriksaan sistem", "Mohon cek virtual account")
    await expect(rani.unit).to_contain_text(CS)
    await expect(rani.unit).to_contain_text("belum diterima")
    await expect(rani.actions).to_have_count(0)  # it is no more hers to move

    dodi = await TicketsPage.enter(people, stack, 1, team="cs_digital")
    await dodi.box(CS)
    await dodi.open(number)
    await dodi.tab("Perjalanan")
    await expect(dodi.ticket.get_by_test_id("hop").first).to_contain_text("Mohon cek virtual account")
    await dodi.do("Terima")
    await expect(dodi.status).to_have_text("Analisis")
    await expect(rani.status).to_have_text("Analisis")  # told over the live line
    await dodi.dispatch(TI, "Perlu koreksi data transaksi", "Mutasi VA ada, saldo tidak")

    wulan = await TicketsPage.enter(people, stack, 2, role="division", team="div_ti")
    await wulan.open(number)
    await wulan.do("Terima")
    await expect(wulan.status).to_have_text("Menunggu support")
    await wulan.do("Kembalikan")
    await expect(wulan.dialog).to_contain_text(f"Kembali ke {CS}")
    await wulan.dialog.get_by_label("Alasan").select_option(label="Sudah ditindaklanjuti, mohon dikonfirmasi ke nasabah")
    await wulan.dialog.get_by_label("Catatan untuk unit asal").fill("Saldo sudah dikoreksi")
    await wulan.submit("Kembalikan")

    await expect(dodi.unit).to_contain_text(CS)
    await expect(dodi.ticket.get_by_test_id("hop").first).to_contain_text("Saldo sudah dikoreksi")
    await dodi.do("Terima")
    await dodi.do("Usulkan selesai")
    await dodi.dialog.get_by_label("Tindak lanjut (dibaca nasabah)").fill("Saldo sudah bertambah.")
    await expect(dodi.page.get_by_test_id("told")).to_contain_text(f"laporan {number} telah kami tindak lanjuti: Saldo sudah bertambah.")
    await dodi.submit("Usulkan selesai")
    await expect(dodi.status).to_have_text("Konfirmasi penyelesaian")
    await dodi.do("Konfirmasi")
    await dodi.submit("Nasabah sudah mengonfirmasi")
    await expect(dodi.status).to_have_text("Selesai")
    await dodi.tab("Riwayat")
    await expect(dodi.ticket.get_by_role("list", name="Riwayat")).to_contain_text(TI)
    await people.shot(dodi.page, "tickets-solved")


async def test_a_division_sees_its_tickets_and_nothing_of_the_desk(people: People, stack: Stack) -> None:
    rani = await TicketsPage.enter(people, stack, 0)
    hers = await rani.make("Untuk divisi")
    other = await rani.make("Bukan untuk divisi")
    await rani.box(TIER1)
    await rani.open(hers)
    await rani.dispatch(TI, "Perlu pemeriksaan sistem", "Mohon diperiksa")
    wulan = await TicketsPage.enter(people, stack, 2, role="division", team="div_ti")
    await expect(wulan.row(hers)).to_be_visible()
    await wulan.box("Semua")
    await expect(wulan.row(hers)).to_be_visible()
    await expect(wulan.row(other)).to_have_count(0)
    await expect(wulan.page.get_by_role("button", name="Tiket baru")).to_have_count(0)
    await wulan.page.goto(f"{stack.url}/desk")
    await wulan.page.get_by_role("link", name="Ke halaman tiket").click()
    await expect(wulan.rows.first).to_be_visible()


async def test_lists_are_searched_narrowed_kept_and_taken_away(people: People, stack: Stack, tmp_path: Path) -> None:
    lead = await TicketsPage.enter(people, stack, 3, role="leader", team="tier1")
    numbers = [await lead.make(f"Antrean lama {each}", priority="high" if each % 2 else "normal") for each in range(4)]
    token = await lead.make("Token listrik tidak terkirim")
    await lead.box("Semua")
    await expect(lead.rows).to_have_count(5)
    await lead.search.fill("token")
    await expect(lead.rows).to_have_count(1)
    await expect(lead.row(token)).to_be_visible()
    await lead.page.get_by_role("button", name="Hapus saringan Cari: token").click()
    await expect(lead.rows).to_have_count(5)

    await lead.page.get_by_role("button", name="Saring", exact=True).click()
    await lead.page.get_by_role("group", name="Saring daftar").get_by_label("Prioritas").select_option(label="Tinggi")
    await expect(lead.rows).to_have_count(2)
    await lead.page.get_by_role("button", name="Simpan tampilan").click()
    await lead.dialog.get_by_label("Nama tampilan").fill("Prioritas tinggi")
    await lead.dialog.get_by_label("Untuk").select_option(label="Semua")
    await lead.submit("Simpan")
    await lead.box("Semua")
    await expect(lead.rows).to_have_count(5)
    await lead.box("Prioritas tinggi")
    await expect(lead.rows).to_have_count(2)

    async with lead.page.expect_download() as started:
        await lead.page.get_by_role("link", name="Unduh CSV").click()
    path = tmp_path / "tiket.csv"
    await (await started.value).save_as(path)
    text = path.read_text("utf-8-sig")
    assert numbers[1] in text and numbers[3] in text and token not in text


async def test_many_tickets_are_changed_at_once(people: People, stack: Stack) -> None:
    rani = await TicketsPage.enter(people, stack, 0)
    for each in range(4):
        await rani.make(f"Perpanjangan gagal {each}")
    await rani.box(TIER1)
    boxes = rani.rows.get_by_role("checkbox")
    await boxes.nth(0).click()
    await boxes.nth(2).click(modifiers=["Shift"])
    bar = rani.page.get_by_role("toolbar", name="Tindakan untuk tiket terpilih")
    await expect(bar).to_contain_text("3 dipilih")
    await bar.get_by_role("button", name="Prioritas").click()
    await rani.dialog.get_by_label("Prioritas").select_option(label="Mendesak")
    await rani.submit("Ubah prioritas")
    await expect(rani.rows.filter(has_text="Mendesak")).to_have_count(3)
    await expect(bar).to_have_count(0)
    await boxes.nth(1).click()
    await bar.get_by_role("button", name="Tugaskan").click()
    await rani.dialog.get_by_label("Petugas").select_option(label="Tanpa petugas")
    await rani.submit("Tugaskan")
    await boxes.nth(3).click()
    await bar.get_by_role("button", name="Terima").click()  # it is accepted already: refused, and told
    await rani.dialog.get_by_role("button", name="Terima", exact=True).click()
    await expect(rani.dialog).to_contain_text("Tiket sudah diterima.")


async def test_a_visitor_with_the_form_and_an_end_by_berita_acara(people: People, stack: Stack) -> None:
    rani = await TicketsPage.enter(people, stack, 0)
    await rani.page.get_by_role("button", name="Tiket baru").click()
    dialog = rani.dialog
    await dialog.get_by_label("Datang langsung").check()
    await dialog.get_by_label("Topik").select_option("keluhan_layanan")
    await dialog.get_by_label("Nama nasabah").fill("Ibu Siti Aminah")
    await dialog.get_by_label("Produk").select_option("Tabungan Emas")
    await dialog.get_by_label("Kategori", exact=True).select_option(label="Cetak emas")
    await dialog.get_by_label("Sub-kategori").select_option(label="Cetakan rusak")
    await dialog.get_by_label("Ringkasan").fill("Cetakan emas rusak")
    await dialog.get_by_label("Uraian", exact=False).first.fill("Kepingan tergores saat diterima.")
    await rani.page.keyboard.press("Escape")  # by mistake: nothing is lost
    await rani.page.get_by_role("button", name="Tiket baru").click()
    await expect(dialog.get_by_label("Ringkasan")).to_have_value("Cetakan emas rusak")
    await expect(dialog.get_by_label("Sub-kategori")).to_have_value("rusak")
    form = dialog.get_by_role("group", name="Form Customer Passion")
    await form.get_by_label("Keperluan").fill("Menukar kepingan")
    await form.get_by_label("Petugas yang menemui").fill("Rani")
    await form.get_by_label("Tanggapan di tempat").fill("Diteruskan untuk diperiksa")
    await rani.submit("Buat tiket")
    await expect(rani.ticket).to_contain_text("Cetakan emas rusak")
    await expect(rani.ticket).to_contain_text("Tabungan Emas › Cetak emas › Cetakan rusak")
    await rani.tab("Form")
    await expect(rani.ticket).to_contain_text("Menukar kepingan")

    await rani.do("Selesaikan")
    await dialog.get_by_label("Dengan Berita Acara").check()
    await dialog.get_by_label("Penyelesaian (dibaca nasabah)").fill("Kepingan ditukar.")
    form = dialog.get_by_role("group", name="Berita Acara Penyelesaian")
    await expect(form.get_by_label("Nama nasabah")).to_have_value("Ibu Siti Aminah")
    await form.get_by_label("Outlet").select_option(index=1)
    await form.get_by_label("Tanggal").fill("2026-11-23")
    await form.get_by_label("Penyelesaian").fill("Kepingan baru diserahkan")
    await rani.submit("Selesaikan")
    await expect(rani.status).to_have_text("Selesai")
    await expect(rani.ticket.get_by_role("link", name="Cetak Berita Acara")).to_be_visible()
    await expect(rani.ticket).to_contain_text("Kepingan baru diserahkan")


async def test_who_comes_second_is_told_what_changed_and_loses_nothing(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile(r"/api/desk/tickets/.*409"))
    rani = await TicketsPage.enter(people, stack, 0)
    dodi = await TicketsPage.enter(people, stack, 1)
    number = await rani.make("Dua orang sekaligus")
    for each in (rani, dodi):
        await each.box(TIER1)
        await each.open(number)
        await each.ticket.get_by_role("button", name="Ubah", exact=True).click()
    await rani.page.get_by_role("textbox", name="Uraian").fill("Uraian dari Rani")
    await dodi.page.get_by_role("textbox", name="Ringkasan").fill("Ringkasan dari Dodi")
    await dodi.page.get_by_role("button", name="Simpan", exact=True).click()
    await dodi.says("disimpan")
    await rani.page.get_by_role("button", name="Simpan", exact=True).click()
    refused = rani.ticket.get_by_role("alert").filter(has_text="diubah orang lain")
    await expect(refused).to_contain_text("Dodi")
    await expect(rani.page.get_by_role("textbox", name="Uraian")).to_have_value("Uraian dari Rani")
    await rani.page.get_by_role("button", name="Simpan", exact=True).click()
    for each in (rani, dodi):
        await expect(each.ticket).to_contain_text("Ringkasan dari Dodi")
        await expect(each.ticket).to_contain_text("Uraian dari Rani")


async def test_notes_to_colleagues_and_to_the_customer_differ(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile(r"/notes .*422"))
    rani = await TicketsPage.enter(people, stack, 0)
    number = await rani.make("Catatan dua macam")
    await rani.box(TIER1)
    await rani.open(number)
    await rani.tab("Catatan")
    await rani.page.get_by_role("textbox", name="Catatan internal").fill("Nasabah sudah dua kali menelepon")
    await rani.page.get_by_role("button", name="Simpan catatan").click()
    await expect(rani.ticket.get_by_test_id("note").first).to_contain_text("internal")
    await rani.page.get_by_label("Pesan ke nasabah").check()
    await rani.page.get_by_role("textbox", name="Pesan ke nasabah").fill("Laporan Bapak kami periksa.")
    await expect(rani.page.get_by_test_id("told")).to_contain_text("Laporan Bapak kami periksa.")
    await rani.page.get_by_role("button", name="Kirim ke nasabah").click()
    await expect(rani.ticket.get_by_role("alert")).to_contain_text("tidak dapat dikirimi pesan")  # a caller without a channel
    await expect(rani.page.get_by_role("textbox", name="Pesan ke nasabah")).to_have_value("Laporan Bapak kami periksa.")
    await rani.tab("Berkas")
    await rani.page.get_by_test_id("file-input").set_input_files(
        {"name": "bukti.txt", "mimeType": "text/plain", "buffer": b"%PDF-1.4 bukti"}
    )
    await expect(rani.ticket.get_by_test_id("ticket-file").or_(rani.ticket.get_by_role("alert").locator("p"))).to_be_visible()


async def test_a_call_closes_the_ticket_or_says_when_to_call_again(people: People, stack: Stack) -> None:
    rani = await TicketsPage.enter(people, stack, 0)
    number = await rani.make("Hubungi kembali")
    await rani.box(TIER1)
    await rani.open(number)
    await rani.do("Catat panggilan")
    await rani.dialog.get_by_label("Hasil panggilan").select_option(label="Tidak diangkat")
    await rani.dialog.get_by_label("Hubungi kembali (WIB)").fill("2026-11-23T15:30")
    await rani.submit("Simpan panggilan")
    await rani.tab("Panggilan")
    await expect(rani.ticket).to_contain_text("Hubungi kembali 23 Nov, 15.30 WIB")
    await rani.box("Hubungi kembali")
    await expect(rani.row(number)).to_contain_text("hubungi 15.30")
    await rani.do("Catat panggilan")
    await rani.dialog.get_by_label("Hasil panggilan").select_option(label="Nasabah menyatakan selesai")
    await rani.submit("Simpan panggilan")
    await expect(rani.status).to_have_text("Selesai")


async def test_a_broken_line_loses_nothing(people: People, stack: Stack) -> None:
    people.allowed.append(OFFLINE)
    rani = await TicketsPage.enter(people, stack, 0)
    dodi = await TicketsPage.enter(people, stack, 1)
    number = await rani.make("Saluran putus")
    for each in (rani, dodi):
        await each.box(TIER1)
        await each.open(number)
    await rani.tab("Catatan")
    field = rani.page.get_by_role("textbox", name="Catatan internal")
    await field.fill("Belum sempat disimpan")
    await rani.page.context.set_offline(True)
    await expect(rani.page.get_by_test_id("connection-status")).to_contain_text("Menghubungkan")
    await rani.page.get_by_role("button", name="Simpan catatan").click()
    await expect(rani.ticket.get_by_role("alert")).to_contain_text("Tidak ada koneksi")
    await dodi.do("Minta data nasabah")
    await dodi.dialog.get_by_label("Data yang diminta (dibaca nasabah)").fill("Bukti transfer")
    await dodi.submit("Minta data nasabah")
    await rani.page.context.set_offline(False)
    await expect(rani.status).to_have_text("Menunggu pelanggan")
    await expect(field).to_have_value("Belum sempat disimpan")
    await rani.page.reload()
    await rani.tab("Catatan")
    await expect(field).to_have_value("Belum sempat disimpan")
    await rani.page.get_by_role("button", name="Simpan catatan").click()
    await expect(rani.ticket.get_by_test_id("note").first).to_contain_text("Belum sempat disimpan")


async def test_the_keyboard_alone(people: People, stack: Stack) -> None:
    rani = await TicketsPage.enter(people, stack, 0)
    await rani.make("Tiket lain")
    number = await rani.make("Dengan papan ketik")
    await rani.page.reload()
    await expect(rani.rows).to_have_count(2)
    press, write = rani.page.keyboard.press, rani.page.keyboard.type
    await press("/")
    await write("papan")
    await expect(rani.rows).to_have_count(1)
    await press("Tab")
    await press("j")
    await press("Enter")
    await expect(rani.ticket.get_by_role("heading", name=number)).to_be_visible()
    await press("n")
    await expect(rani.page.get_by_role("textbox", name="Catatan internal")).to_be_focused()
    await write("Sudah dicek")
    await press("Control+Enter")
    await expect(rani.ticket.get_by_test_id("note")).to_contain_text("Sudah dicek")
    await press("Escape")
    await press("t")
    await expect(rani.dialog).to_be_visible()
    await expect(rani.dialog.get_by_label("Unit tujuan")).to_be_focused()
    await write("CS Dig")
    await press("Tab")
    await write("Perlu pem")
    await press("Tab")
    await write("Mohon dicek")
    await press("Tab")
    await press("Tab")
    await press("Enter")
    await expect(rani.dialog).to_have_count(0)
    await expect(rani.unit).to_contain_text(CS)
    await press("3")
    await expect(rani.ticket.get_by_role("tab", name="Perjalanan")).to_have_attribute("aria-selected", "true")
    await press("Escape")
    await expect(rani.ticket).to_have_count(0)
    await expect(rani.row(number).get_by_role("link")).to_be_focused()
    await press("?")
    await expect(rani.page.get_by_role("dialog", name="Bantuan pintasan")).to_be_visible()


async def test_the_clocks_of_a_ticket(people: People, stack: Stack) -> None:
    rani = await TicketsPage.enter(people, stack, 0)
    number = await rani.make("Jam tiket", priority="urgent")
    await rani.box(TIER1)
    await rani.open(number)
    await expect(rani.page.get_by_test_id("clock-hop")).to_contain_text("sisa 1 jam kerja")
    await expect(rani.page.get_by_test_id("clock-overall")).to_contain_text("batas 10 hari kerja")
    await stack.pass_time(3700)
    await expect(rani.page.get_by_test_id("clock-hop")).to_contain_text("terlambat sejak 23 Nov, 11.00 WIB")
    await expect(rani.row(number)).to_contain_text("telat")
    bell = rani.page.get_by_role("button", name=re.compile("Peringatan: . baru"))
    await expect(bell).to_be_visible()
    await bell.click()
    await rani.dialog.get_by_role("button", name=f"{number} terlambat di unit").click()
    await expect(rani.dialog).to_have_count(0)
    await expect(rani.page.get_by_role("button", name="Peringatan", exact=True)).to_be_visible()  # all of them were seen
    await rani.do("Minta data nasabah")
    await rani.dialog.get_by_label("Data yang diminta (dibaca nasabah)").fill("Bukti transfer")
    await rani.submit("Minta data nasabah")
    await expect(rani.page.get_by_test_id("clock-overall")).to_contain_text("dijeda")


async def test_a_case_file_needs_four_eyes(people: People, stack: Stack) -> None:
    people.allowed.append(re.compile(r"/case .*403"))
    lead = await TicketsPage.enter(people, stack, 3, role="leader", team="cs_digital")
    dodi = await TicketsPage.enter(people, stack, 1, team="cs_digital")
    number = await dodi.make("Akun dibobol", kind="break_in", topic="keluhan_akun_dibobol")
    await dodi.box(CS)
    await dodi.open(number)
    await dodi.tab("Kasus")
    await dodi.page.get_by_label("Nilai yang dituntut (rupiah)").fill("15.000.000")
    await dodi.page.get_by_role("button", name="Buka berkas kasus").click()
    await expect(dodi.ticket).to_contain_text("Rp15.000.000")
    await lead.page.goto(f"{stack.url}/tickets#{number}")
    await lead.tab("Kasus")
    await expect(lead.page.get_by_role("tabpanel")).to_contain_text("hanya dapat dibaca anggotanya")
    await dodi.page.get_by_role("combobox", name="Petugas").select_option(label="Bu Sari")
    await dodi.page.get_by_role("button", name="Tambah").click()
    await expect(lead.page.get_by_role("tabpanel")).to_contain_text("Bukti")
    for item in ("Salinan KTP", "Kronologi tertulis bermeterai", "Mutasi transaksi yang dibantah", "Riwayat perangkat dan masuk akun"):
        await dodi.page.get_by_role("button", name=f"Ubah {item}").click()
        form = dodi.page.get_by_role("form", name=item)
        await form.get_by_label("Keadaan").select_option(label="Ada")
        await form.get_by_role("button", name="Simpan").click()
        await expect(form).to_have_count(0)
    await dodi.page.get_by_role("button", name="Tulis notulen").click()
    await dodi.page.get_by_label("Waktu rapat (WIB)").fill("2026-11-23T09:00")
    await dodi.page.get_by_label("Hadir, satu orang per baris").fill("Dodi, CS Digital\nWulan, Divisi TI")
    await dodi.page.get_by_label("Isi notulen").fill("Akses dari perangkat asing terbukti.")
    await dodi.page.get_by_role("button", name="Simpan notulen").click()
    await expect(dodi.ticket).to_contain_text("Wulan (Divisi TI)")
    await dodi.page.get_by_role("combobox", name="Keputusan").select_option(label="Diberikan ganti rugi")
    await dodi.page.get_by_label("Ganti rugi (rupiah)").fill("12.000.000")
    await dodi.page.get_by_label("Dasar keputusan").fill("Terbukti bukan nasabah.")
    await dodi.page.get_by_role("button", name="Usulkan keputusan").click()
    await expect(dodi.ticket).to_contain_text("menunggu persetujuan orang kedua")
    await expect(dodi.page.get_by_label("Setujui")).to_have_count(0)
    await lead.page.get_by_label("Setujui").check()
    await lead.page.get_by_role("button", name="Simpan persetujuan").click()
    for each in (lead, dodi):
        await expect(each.ticket).to_contain_text("disetujui Bu Sari")


async def test_an_outlet_is_asked_and_the_link_taken_back(people: People, stack: Stack) -> None:
    rani = await TicketsPage.enter(people, stack, 0)
    number = await rani.make("Antrean lama", kind="outlet", topic="keluhan_layanan")
    await rani.box(TIER1)
    await rani.open(number)
    await rani.tab("MONEV")
    form = rani.page.get_by_role("form", name="Tanya outlet")
    await form.get_by_label("Outlet", exact=False).first.select_option(index=1)
    await form.get_by_label("Pertanyaan untuk outlet").fill("Mohon kronologi antrean tanggal 20 November.")
    await form.get_by_role("button", name="Buat tautan").click()
    field = rani.page.get_by_role("textbox", name="Tautan untuk outlet")
    await expect(field).to_have_value(re.compile("/monev/"))
    await expect(rani.ticket.get_by_test_id("monev")).to_contain_text("menunggu jawaban")
    link = await field.input_value()
    outlet = await people.page(f"{stack.url}/monev/{link.rsplit('/', 1)[1]}")
    await expect(outlet.locator("body")).to_contain_text("Mohon kronologi antrean")
    await rani.page.reload()
    await rani.tab("MONEV")
    await expect(rani.ticket.get_by_test_id("monev")).to_be_visible()
    await expect(field).to_have_count(0)  # shown once
    await rani.ticket.get_by_role("button", name="Cabut").click()
    await expect(rani.ticket.get_by_test_id("monev")).to_contain_text("dicabut")
