"""Words to stems and typos to words, by the words that are there."""

from __future__ import annotations

import pytest

from engine.nlu.lexicon import read_concepts
from engine.nlu.morphology import Speller, Stemmer
from engine.nlu.views import Views

ROOTS = "bayar tulis pinjam potong ganti cek cicil tunggu sapu kirim beli lunas hilang kembali panjang perpanjang hubung".split()


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("pembayarannya", "bayar"),
        ("dibayarkan", "bayar"),
        ("menulis", "tulis"),
        ("meminjam", "pinjam"),
        ("pinjaman", "pinjam"),
        ("kepotong", "potong"),
        ("terpotong", "potong"),
        ("mengganti", "ganti"),
        ("digantiin", "ganti"),
        ("nunggu", "tunggu"),
        ("nyicil", "cicil"),
        ("menyapu", "sapu"),
        ("ngirim", "kirim"),
        ("dikembalikan", "kembali"),
        ("menghilang", "hilang"),
        ("bayar", "bayar"),
        ("emasnya", "emasnya"),  # "emas" is not there: nothing is taken off
        ("cek", "cek"),
        ("2x", "2x"),
        ("", ""),
    ],
)
def test_stems(word: str, stem: str) -> None:
    assert Stemmer(ROOTS).stem(word) == stem


@pytest.mark.parametrize(
    ("word", "corrected"),
    [
        ("aplikais", "aplikasi"),  # swapped
        ("aplikai", "aplikasi"),  # dropped
        ("aplikasii", "aplikasi"),  # added
        ("aplikaso", "aplikasi"),  # changed
        ("saldo", "saldo"),  # known
        ("zaldo", "zaldo"),  # another first letter
        ("saldi", "saldi"),  # too short to say
        ("12345", "12345"),
        ("mempertanggungjawabkan", "mempertanggungjawabkan"),
    ],
)
def test_spelling(word: str, corrected: str) -> None:
    assert Speller({"saldo", "aplikasi"}, {"saldo": 20, "aplikasi": 50}).correct(word) == corrected


def test_concepts_stand_beside_the_words() -> None:
    views = Views({}, read_concepts())
    assert "<uang>" in views.look(["duitnya"])["concepts"]
    assert views.look(["duit"])["concepts"] == views.look(["fulus"])["concepts"]
    assert views.look(["duit"])["letters"] != views.look(["fulus"])["letters"]


def test_stored_views_are_the_same_again() -> None:
    views = Views.of([["saldo", "saya", "dipotong"]] * 9)
    assert Views(**views.stored()).look(["saldp", "kepotong"]) == views.look(["saldp", "kepotong"])
