"""The guide's rules: what our words tick, what is missing before an outcome, which level is reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.client import load_client
from bot.procedure.rules import level_of, missing, ticked_by, unlocked

CLIENT = load_client(Path(__file__).parents[2] / "clients/pegadaian")
GUIDE = CLIENT.procedures.guides["nonvoice"]
VERIFICATION = CLIENT.procedures.verification
PRODUCTS = [product.name for product in CLIENT.products]
ANSWER = "Bunga gadai dihitung per 15 hari sesuai golongan pinjaman yang berlaku."


@pytest.mark.parametrize(
    ("text", "topic", "done", "steps"),
    [
        ("Selamat pagi, Bapak/Ibu.", None, (), {"salam"}),
        ("SELAMAT  SORE ibu", None, (), {"salam"}),
        ("selamatkan pagimu", None, (), set()),
        ("Baik.", "info_gadai", (), {"kebutuhan"}),
        ("Baik.", "minta_agen", (), set()),  # asking for a person is no need yet
        (ANSWER, "info_gadai", (), {"kebutuhan", "solusi"}),
        (ANSWER, None, (), set()),  # nobody knows what it answers
        (ANSWER, None, ("kebutuhan",), {"solusi"}),
        (ANSWER[:-1] + "?", "info_gadai", ("kebutuhan",), set()),  # a question solves nothing
        ("Apakah ada lagi yang dapat kami bantu, Bapak/Ibu?", "info_gadai", ("kebutuhan", "solusi"), {"bantuan_lain"}),
        (ANSWER, "info_gadai", ("salam", "kebutuhan", "solusi"), set()),
    ],
)
def test_what_our_words_tick(text: str, topic: str | None, done: tuple[str, ...], steps: set[str]) -> None:
    assert ticked_by(GUIDE, text, PRODUCTS, topic, done) == steps


def test_a_product_that_is_named_is_an_offer() -> None:
    said = f"Bila berkenan, kami juga memiliki {PRODUCTS[0]} untuk Bapak/Ibu."
    assert "cross_selling" in ticked_by(GUIDE, said, PRODUCTS, "info_gadai", ("kebutuhan",))
    assert "cross_selling" not in ticked_by(GUIDE, said, PRODUCTS, None, ())


@pytest.mark.parametrize(
    ("done", "outcome", "lacking"),
    [
        ((), "solved", ["salam", "kebutuhan", "solusi", "bantuan_lain"]),
        ((), "ticket", ["salam", "verifikasi", "kebutuhan", "solusi", "bantuan_lain"]),
        (("salam", "kebutuhan", "solusi", "bantuan_lain"), "solved", []),
        ((), "no_response", []),
        ((), "out_of_topic", []),
    ],
)
def test_what_is_missing_before_an_outcome(done: tuple[str, ...], outcome: str, lacking: list[str]) -> None:
    assert [step.step for step in missing(GUIDE, done, outcome)] == lacking


@pytest.mark.parametrize(
    ("matched", "level"),
    [
        ((), 0),
        (("nama",), 0),
        (("nama", "lahir"), 1),
        (("nama", "lahir", "telepon"), 1),
        (("nik", "ibu"), 0),  # a level needs the one below it
        (("nama", "lahir", "nik", "ibu"), 2),
    ],
)
def test_the_level_of_verification(matched: tuple[str, ...], level: int) -> None:
    assert level_of(VERIFICATION, matched) == level


def test_what_a_level_opens() -> None:
    assert unlocked(VERIFICATION, 0) == set()
    assert unlocked(VERIFICATION, 1) == {"contact", "tickets", "reservations"}
    assert unlocked(VERIFICATION, 2) == {"contact", "tickets", "reservations", "history"}
