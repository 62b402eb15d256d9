"""Personal data is hidden in every way people write it, and what carries meaning stays."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.training.masking import MADE_UP, masked, plain


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no hp ku 081234567890 kak", "no hp ku [TELEPON] kak"),
        ("wa: 62 812 3456 7890", "wa: [TELEPON]"),
        ("hub +62-812-3456-7890 ya", "hub [TELEPON] ya"),
        ("0812.3456.7890", "[TELEPON]"),
        ("telp rumah (021) 7890123", "telp rumah [TELEPON]"),
        ("nope gw 8123456789", "nope gw [TELEPON]"),
        ("nik 3201234506900001", "nik [NIK]"),
        ("nik saya: 3201 2345 0690 0001 mohon dicek", "nik saya: [NIK] mohon dicek"),
        ("no ktp 3201234506900001", "no ktp [NIK]"),
        ("3275014503880009 itu ktp saya", "[NIK] itu ktp saya"),
        ("sbg 1104121060001234 jatuh tempo kpn", "sbg [KONTRAK] jatuh tempo kpn"),
        ("no kontrak: 11041-21-06-000123-4", "no kontrak: [KONTRAK]"),
        ("rek bca 1234567890 a/n budi", "rek bca [REKENING] a/n [NAMA]"),
        ("norek saya 0812345678901", "norek saya [REKENING]"),
        ("kartu atm 4097 6612 3456 7890 ketelan", "kartu atm [KARTU] ketelan"),
        ("kode nasabah 8812345678", "kode nasabah [NOMOR]"),
        ("email budi.s+1@gmail.com ya", "email [EMAIL] ya"),
        ("kirim ke budi @ gmail.com", "kirim ke [EMAIL]"),
        ("nama saya budi santoso mau tanya", "nama saya [NAMA] mau tanya"),
        ("Nama: Siti Nur Halimah", "Nama: [NAMA]"),
        ("nama lengkap saya Zaskia Mecca", "nama lengkap saya [NAMA]"),
        ("namaku tukiyem", "namaku [NAMA]"),
        ("a.n. Tukiyem bukan atas nama saya", "a.n. [NAMA] bukan atas nama saya"),
        ("gadai a/n budi", "gadai a/n [NAMA]"),
        ("atas nama ibu Tukinah di cabang Depok", "atas nama ibu [NAMA] di cabang Depok"),
        ("saya Hendrawan dari Bekasi", "saya [NAMA] dari Bekasi"),
        ("saya budi mau gadai", "saya [NAMA] mau gadai"),
        ("Selamat pagi Pak Kasman, mau tanya", "Selamat pagi Pak [NAMA], mau tanya"),
        ("Bpk. Suroso", "Bpk. [NAMA]"),
        ("makasih bu. Hasil taksirannya mana", "makasih bu. Hasil taksirannya mana"),
        ("makasih mbak rina", "makasih mbak [NAMA]"),
        ("nama ibu kandung saya painem", "nama ibu kandung saya [NAMA]"),
        ("pin saya 123456", "pin saya •••"),
        ("otp nya 8812 ini", "otp nya ••• ini"),
        ("password: rahasia99x", "password: •••"),
        ("ttl jakarta 12-03-1990", "ttl jakarta [TANGGAL LAHIR]"),
        ("lahir 12 maret 1990", "lahir [TANGGAL LAHIR]"),
        ("alamat saya jl mawar no 5 rt 3", "alamat saya [ALAMAT]"),
        ("jl. Melati No. 12 RT 03 RW 05, Depok", "[ALAMAT], Depok"),
        ("nol delapan satu dua tiga empat lima enam tujuh", "[NOMOR]"),
        ("lihat [Tring](produk) dong", "lihat (Tring)(produk) dong"),
    ],
)
def test_personal_data_is_hidden(said: str, shown: str) -> None:
    assert masked(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "tiket ARIA-260012 gimana",
        "status ariana 260012",
        "kode RSV-A1B2C",
        "mau pinjam 5.000.000 bisa?",
        "pinjam Rp 15000000",
        "transfer 1500000 belum masuk",
        "saldo 12500000",
        "10 juta",
        "1500000 rupiah",
        "besok jam 10.30 atau 08.00-15.00",
        "tanggal 12-11-2026 jatuh tempo",
        "emas 5 gram 2 keping",
        "call center 1500 569",
        "nama saya masih nunggak di slik padahal lunas",
        "nama saya salah ketik di sistem",
        "tolong cancel antrian atas nama saya hari ini, anak sakit",
        "ada pinjaman atas nama saya padahal ga pernah pinjam",
        "bisa daftarin orang tua haji atas nama saya?",
        "saya mau gadai motor",
        "Saya mau tanya",
        "pak mau tanya bunga",
        "SAYA MAU KOMPLAIN PAK",
        "ibu rumah tangga bisa pinjam?",
        "kak bisa gadai laptop",
        "aplikasi tring error terus",
        "Gadai Emas di Pegadaian Depok",
        "jalan keluarnya gimana",
    ],
)
def test_what_carries_meaning_stays(said: str) -> None:
    assert masked(said) == said


def test_the_customers_own_name_is_hidden_wherever_it_stands() -> None:
    assert masked("ini Kasmin, kasmin yang kemarin", ["Kasmin Prakoso"]) == "ini [NAMA], [NAMA] yang kemarin"
    assert masked("gadai emas", ["Toko Emas Gadai"]) == "gadai emas"


def test_examples_hold_made_up_values_and_no_brackets() -> None:
    said = masked("nama saya budi [tes](x), wa 081234567890,\nnik 3201234506900001")
    assert plain(said) == "nama saya Fulan (tes)(x), wa 081200000000, nik 1234567890123456"


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *MADE_UP,
                "nama",
                "saya",
                "budi",
                "Kasmin",
                "a/n",
                "pak",
                "0812",
                "3456789",
                "rek",
                "nik",
                ":",
                ",",
                ".",
                "[",
                "](x)",
                "•••",
                "pin",
                "mau",
                "jl",
                "no 5",
                "@x.id",
                "12-03-1990",
                "lahir",
                "satu",
                "dua",
                "İ",
                "😀",
            ]
        ),
        max_size=14,
    ).map(" ".join)
)
@example("lahir 12-03-1990 [NAMA] 12-03-1990")
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = masked(text, ["Kasmin"])
    assert masked(once, ["Kasmin"]) == once
    assert "[" not in plain(once) and "]" not in plain(once)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_masked(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


def test_a_long_text_of_beginnings_is_masked_twice_alike() -> None:
    """A pattern that tries every way to split such a text would not come back at all."""
    for piece in ("rek an ", "12345678 ", "jl ", "nama ", "a.n. ", "satu ", "tanggal lahir ", "x@", "0812 "):
        once = masked(piece * (4096 // len(piece)))
        assert masked(once) == once


def test_in_what_we_write_a_capital_begins_a_sentence() -> None:
    said = "Selamat pagi, Bapak/Ibu Kasmin. Saya Sapa. Nilai sama dengan nama nasabah. Hubungi 081234567890.\nNama: Siti Aminah"
    assert masked(said, ["Kasmin"], ours=True) == (
        "Selamat pagi, Bapak/Ibu [NAMA]. Saya Sapa. Nilai sama dengan nama nasabah. Hubungi [TELEPON].\nNama: [NAMA]"
    )
