"""Near-duplicates find each other, contraries do not, and among thousands of messages few pairs are compared."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.training import grouping
from bot.training.grouping import ALIKE, _candidates, _grams, _normal, _turns, grouped
from bot.training.marks import bare
from bot.training.nlu_file import read
from tests.support.servers import ROOT


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("saldo saya belum masuk", "Saldo saya belum masukk!!", True),
        ("transfer 150000 belum masuk", "transfer 2000000 belum masuk ya", True),
        ("halooooo", "halo", True),
        ("jam buka hari sabtu", "jam buka hari sabtu?", True),
        ("saldo sudah masuk kak", "saldo belum masuk kak", False),
        ("ga bisa login", "bisa login", False),
        ("gadai emas", "gadai motor", False),
        ("ya", "ga", False),
        ("", "?", True),
        ("👍", "👎", False),
    ],
)
def test_pairs(one: str, other: str, together: bool) -> None:
    assert (grouped([one, other]) == [0, 0]) is together


def test_a_group_is_named_by_its_first() -> None:
    texts = ["harga emas hari ini", "saldo belum masuk", "harga emas hari ini ya", "saldo belum masukk", "lelang"]
    assert grouped(texts) == [0, 1, 0, 1, 4]


@given(st.lists(st.text(alphabet="abcd 1", max_size=14), max_size=25))
def test_no_pair_is_missed(texts: list[str]) -> None:
    """The index only saves comparing: who has a leader that is alike enough is in a group."""
    groups = grouped(texts)
    leaders: list[int] = []
    for number, text in enumerate(texts):
        mine = _grams(_normal(text))
        alike = [n for n in leaders if len(mine & _grams(_normal(texts[n]))) >= ALIKE * len(mine | _grams(_normal(texts[n])))]
        alike = [n for n in alike if _turns(_normal(texts[n])) == _turns(_normal(text))]
        if alike:
            assert groups[number] in alike
        else:
            assert groups[number] == number
            leaders.append(number)


def test_among_five_thousand_messages_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    files = [read(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "data/nlu").glob("*.yml"))]
    said = [bare(example) for file in files for block in file.blocks for example in block.examples]
    texts = [text + chance.choice(["", " ya", " kak", "??"]) for text in chance.choices(said, k=5000)]
    looked: list[int] = []

    def counted(rarest: Sequence[str], leaders: dict[str, list[int]]) -> set[int]:
        found = _candidates(rarest, leaders)
        looked.append(len(found))
        return found

    monkeypatch.setattr(grouping, "_candidates", counted)
    groups = grouped(texts)
    assert 1500 < len(set(groups)) < 4500
    assert sum(looked) < 0.1 * len(texts) * len(set(groups)) / 2  # of all the pairs of a text and a leader before it
