"""What counts as an answer to the survey."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.messages import Inbound, Kind, Sender
from bot.conversations.survey import score_of


def item(text: str = "", choice: str | None = None, kind: Kind = Kind.TEXT) -> Inbound:
    return Inbound("livechat", "web", "m1", Sender((("visitor", "v"),)), datetime(2026, 11, 18, tzinfo=UTC), kind, text, choice)


@pytest.mark.parametrize(("text", "score"), [("1", 1), ("5", 5), (" 4 ", 4), ("3.", 3), ("2!", 2), ("5\n", 5)])
def test_a_bare_number_answers(text: str, score: int) -> None:
    assert score_of(item(text)) == score


@pytest.mark.parametrize("text", ["", "0", "6", "55", "5 bintang", "nilai 5", "jam 5", "4,5", "-1", "٥", "lima", "5 gram", "csi:5"])
def test_anything_else_does_not(text: str) -> None:
    assert score_of(item(text)) is None


@pytest.mark.parametrize(
    ("choice", "score"),
    [("csi:1", 1), ("csi:5", 5), ("csi:0", None), ("csi:6", None), ("csi:55", None), ("/pilih", None), ("x csi:5", None)],
)
def test_a_tap_answers_only_if_it_is_one_of_ours(choice: str, score: int | None) -> None:
    assert score_of(item("5 - Sangat Puas", choice, Kind.CHOICE)) == score
    assert score_of(item("5", choice, Kind.CHOICE)) == score


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TEXT])
def test_a_caption_is_no_answer(kind: Kind) -> None:
    assert score_of(item("5", kind=kind)) is None


@given(st.text(max_size=20), st.one_of(st.none(), st.text(max_size=20)), st.sampled_from(list(Kind)))
def test_reading_never_raises(text: str, choice: str | None, kind: Kind) -> None:
    assert score_of(item(text, choice, kind)) in (None, 1, 2, 3, 4, 5)
