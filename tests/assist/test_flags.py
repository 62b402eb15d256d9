"""Flags are raised by what is said, in slang and regional forms, and not by what is denied."""

from __future__ import annotations

import pytest

from bot.assist.flags import Flags
from bot.assist.words import client_words

FLAGS = Flags(client_words())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("saya sangat kecewa sama pelayanannya", {"angry": ("kecewa",)}),
        ("gw kesel bgt, dr kmrn dipingpong mulu", {"angry": ("kesel", "dipingpong")}),
        ("aku wis nesu iki mas", {"angry": ("nesu",)}),
        ("GOBLOOOK kalian", {"angry": ("GOBLOOOK",)}),
        ("saya tidak marah kok, cuma tanya", {}),
        ("ga kesel sih kak", {}),
        ("pelayanannya ga becus", {"angry": ("ga becus",)}),
        ("ini mendesak, barang saya akan dilelang", {"urgent": ("mendesak", "akan dilelang")}),
        ("tlg segera diproses ya", {"urgent": ("tlg segera",)}),
        ("berapa lama prosesnya ya?", {}),
        ("akun saya dibobol orang", {"fraud": ("dibobol",)}),
        ("ada transaksi, bukan saya yang melakukan", {"fraud": ("transaksi, bukan saya",)}),
        ("td ada yg ngaku petugas minta otp", {"fraud": ("ngaku petugas", "minta otp")}),
        ("ini bukan penipuan kan?", {}),
        ("tips aman supaya tidak kena phishing?", {}),
        ("bapak saya sudah meninggal", {"vulnerable": ("meninggal",)}),
        ("ibu sy umur 78 mau nebus sendiri", {"vulnerable": ("umur 78",)}),
        ("uangnya buat operasi anak di rumah sakit", {"urgent": ("buat operasi",), "vulnerable": ("operasi", "rumah sakit")}),
        ("saya lapor ke OJK aja deh", {"leaving": ("lapor ke OJK",)}),
        ("pegadaian terdaftar ojk ga?", {}),
        ("tutup akun saya sekarang juga!", {"urgent": ("sekarang juga",), "leaving": ("tutup akun",)}),
        ("mau gadai emas 5 gram", {}),
        ("terima kasih", {}),
        ("", {}),
        ("tidak, marah saya!", {"angry": ("marah",)}),
    ],
)
def test_what_raises_a_flag(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert {flag.id: flag.words for flag in FLAGS.raised(text)} == expected


def test_a_long_message_is_read_within_bounds() -> None:
    assert FLAGS.raised("marah " * 50_000)[0].words == ("marah",)
