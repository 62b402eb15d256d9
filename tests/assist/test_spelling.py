"""Words that nobody has written on the shelf are read as ones that stand there, and right words stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assist.ranking import Ask, Shelf
from bot.assist.shelf import of_client
from bot.assist.spelling import Speller
from bot.assist.words import Words, client_words
from bot.client import load_client
from tests.support.servers import ROOT

CLIENT = load_client(ROOT / "clients/pegadaian")
SHELF = Shelf(of_client(CLIENT), client_words())
SPELLER = Speller(
    {"perpanjang": 9, "jatuh": 5, "taksiran": 4, "taksir": 2, "jual": 3, "bunga": 3, "urus": 1},
    {"panjang", "jatuh", "taksir", "jual", "bunga", "urus"},
    {"bungo"},
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("taskiran", "taksiran"),  # letters swapped
        ("prpanjang", "perpanjang"),  # a vowel left out
        ("prpnjng", "perpanjang"),  # all of them
        ("jualin", "jual"),
        ("dijualin", "jual"),
        ("bunganya", "bunga"),
        ("ngurusin", "urus"),
        ("bungo", "bungo"),  # a word of its own
        ("bungga", "bunga"),
        ("jtuh", "jatuh"),
        ("jual2x", "jual2x"),  # no word
        ("qwerty", "qwerty"),
        ("bnga", "bunga"),
        ("a", "a"),
    ],
)
def test_unknown_words_are_read_as_near_ones(typed: str, read: str) -> None:
    assert SPELLER.read(typed, typed) == read


@given(st.text(min_size=1, max_size=30))
def test_what_is_read_is_the_word_or_one_of_the_shelf(word: str) -> None:
    read = SPELLER.read(word, word)
    assert read == word or read in {"perpanjang", "panjang", "jatuh", "taksiran", "taksir", "jual", "bunga", "urus"}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("taskiran kalung brp", "k:gadai-taksiran"),
        ("rego emas saiki piro", "k:emas-harga"),
        ("artos turahan lelang njupuke endi", "k:lelang-uang-kelebihan"),
        ("ada diskon2 ga", "k:umum-promo"),
        ("wiken buka ga", "k:outlet-sabtu"),
        ("mo dijualin aja saldo emasnya", "k:emas-jual"),
    ],
)
def test_answers_are_found_by_what_people_type(text: str, right: str) -> None:
    assert right in [each.id for each in SHELF.suggest(Ask(text))]


def test_a_word_twice_is_the_word() -> None:
    words = Words()
    assert [word.formal for word in words.read("masuk2 masuk-masuk oleh-olehnya h2 b2b")] == ["masuk", "masuk", "oleh-olehnya", "h2", "b2b"]
