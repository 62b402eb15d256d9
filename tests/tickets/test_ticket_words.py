"""The words a ticket is found by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tickets.words import MOST, Asked, asked, indexed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pembayaran gagal", "pembayaran bayar gagal"),
        ("saldo blm masuk2", "saldo belum masuk"),  # slang and the written doubling are spelled out
        ("e-KTP & Rp1.500.000", "e ktp rp1 500 000"),
        ("yang dan di", ""),
        ("Café", "cafe"),
        ("", ""),
    ],
)
def test_what_is_kept(text: str, expected: str) -> None:
    assert indexed([text]).split() == expected.split()


def test_a_long_text_is_cut() -> None:
    assert len(indexed(["x" + str(n) for n in range(10_000)]).split()) <= MOST


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pembayaran gagal", Asked(("bayar",), ("gagal",), "gagal")),
        ("saldo gk ", Asked(("saldo", "tidak"))),
        ("pembaya", Asked((), ("pembaya", "baya"), "pembaya")),
        ("gagal yang", Asked(("gagal",))),
        ("  ", Asked()),
        ("***", Asked()),
    ],
)
def test_what_is_asked(query: str, expected: Asked) -> None:
    assert asked(query) == expected


@given(st.text(max_size=80))
def test_only_letters_and_digits_reach_the_database(text: str) -> None:
    looked = asked(text)
    for word in (*looked.whole, *looked.last, *([looked.begun] if looked.begun else [])):
        assert word.isascii() and word.isalnum() and word == word.lower()
    words = indexed([text])
    assert words.startswith(" ") and words.endswith(" ")
    assert all(word.isascii() and word.isalnum() for word in words.split())
