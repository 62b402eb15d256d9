"""What people type becomes what the classifier has seen. Runs in the engine's environment only."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.nlu.lexicon import CONCEPTS, SLANG, read_concepts, read_lexicon
from engine.nlu.normaliser import LIMIT, normalise

WORDS = read_lexicon()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Halo kak", ["halo"]),
        ("gak bisa login", ["tidak", "bisa", "login"]),
        ("GABISA LOGIN!!!", ["tidak", "bisa", "login", "!", "!", "!"]),
        ("tolooong doong", None),
        ("wkwkwk", ["haha"]),
        ("wkwkwkwkwk", ["haha"]),
        ("hahaha", ["haha"]),
        ("hati2", ["hati"]),
        ("klo mau gadai gmn?", ["kalau", "mau", "gadai", "bagaimana", "?"]),
        ("cek https://x.id/a?b=1 ya", None),
        ("@pegadaian halo", None),
        ("jum’at", ["jum'at"]),
        ("ｇａｄａｉ", ["gadai"]),
        ("", []),
        ("   \n ", []),
        ("🙏", ["🙏"]),
        ("a" * 50, ["a"]),
    ],
)
def test_normalise(text: str, expected: list[str] | None) -> None:
    found = normalise(text, WORDS)
    if expected is not None:
        assert [w for w in found if w != "kak" and w != "kakak"] == expected
    assert all(word == word.lower() and " " not in word and word for word in found)


def test_links_and_handles_become_classes() -> None:
    assert "tautan" in normalise("cek https://x.id/a?b=1", WORDS)
    assert "tautan" in normalise("www.pegadaian.co.id", WORDS)
    assert "akun" in normalise("@pegadaian halo", WORDS)


def test_numbers_and_amounts_become_classes() -> None:
    """The docstring's promise: two amounts look alike to the classifier."""
    assert normalise("transfer 150000", {}) == normalise("transfer 275000", {})


def test_a_lexicon_means_one_thing_and_chains_end() -> None:
    for slang, formal in WORDS.items():
        assert slang == slang.lower()
        assert normalise(formal, WORDS) == formal.split(), (slang, formal)


def test_the_shipped_lexicon_is_read() -> None:
    assert SLANG.is_file() and CONCEPTS.is_file()
    assert read_concepts()["duit"] == "uang"
    assert WORDS["gak"] == "tidak"
    assert WORDS["gabisa"] == "tidak bisa"


@pytest.mark.parametrize(
    ("text", "line"),
    [("tidak gak", "line 1"), ("tidak:\n", "line 1"), ("# x\n\ntidak: gak\nbukan: gak", "line 4")],
)
def test_a_broken_lexicon_is_named_with_its_line(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "slang.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as error:
        read_lexicon(path)
    assert line in str(error.value)


def test_a_lexicon_with_comments(tmp_path: Path) -> None:
    path = tmp_path / "slang.txt"
    path.write_text("# kata\ntidak: gak ga  # ya\n\ntidak: ga\n", encoding="utf-8")
    assert read_lexicon(path) == {"gak": "tidak", "ga": "tidak"}


def test_a_huge_text_is_cut_before_it_is_read() -> None:
    found = normalise("gak " * 100_000, WORDS)
    assert len(found) == LIMIT // 4
    assert normalise("a-" * 100_000 + "wk" * 100_000, WORDS)
