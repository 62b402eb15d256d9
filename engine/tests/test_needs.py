"""Several needs in one message."""

from __future__ import annotations

from typing import List, Tuple

import pytest

from engine.nlu.needs import needs, parts

READ = {
    "emas": "info_emas",
    "buka": "info_outlet",
    "gagal": "keluhan_transaksi",
    "error": "keluhan_aplikasi",
    "tiket": "cek_status",
    "halo": "salam",
}


def read(words: List[str]) -> Tuple[str, float]:
    """One word tells the intent."""
    return next(((READ[w], 0.9) for w in words if w in READ), ("tidak_jelas", 0.4))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("harga emas berapa ? sabtu buka jam berapa ?", ["info_emas", "info_outlet"]),
        ("harga emas berapa sama sabtu buka jam berapa", ["info_emas", "info_outlet"]),
        ("aplikasi error dari tadi . transfer gagal dari pagi .", []),  # one complaint
        ("aplikasi error dari tadi . sabtu buka jam berapa ?", ["keluhan_aplikasi", "info_outlet"]),
        ("aplikasi error dari tadi . padahal emas sudah turun .", []),  # tells, and asks nothing
        ("tiket saya sampai mana . harga emas berapa ya", ["cek_status", "info_emas"]),
        ("halo selamat pagi kak . harga emas berapa ya", []),  # a greeting is no need
        ("harga emas berapa ? emas antam apa ada ?", []),  # twice the same
        ("harga emas dan perak", []),  # too short to be a need of its own
        ("", []),
    ],
)
def test_needs(text: str, wanted: List[str]) -> None:
    assert [need["name"] for need in needs(text.split(), "", read)] == wanted


def test_parts_keep_every_word() -> None:
    words = "kak mau tanya harga emas ? dan perak . terus sabtu buka jam berapa ya".split()
    assert [w for part in parts(words) for w in part if w not in ("dan", "terus")] == [w for w in words if w not in ("dan", "terus")]


def test_a_question_within_a_complaint_must_be_clear() -> None:
    words = "aplikasi error dari tadi . sabtu buka jam berapa ?".split()
    assert len(needs(words, "info_outlet", lambda part: (read(part)[0], 0.8))) == 2
    assert needs(words, "keluhan_aplikasi", lambda part: (read(part)[0], 0.8)) == []
    assert len(needs(words, "keluhan_aplikasi", lambda part: (read(part)[0], 0.95))) == 2
