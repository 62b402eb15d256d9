"""What teaches most comes first, with the reasons told."""

from __future__ import annotations

from typing import Any

import pytest

from bot.training.usefulness import REASONS, Guess, usefulness

SURE = {
    "intent": "info_gadai",
    "confidence": 0.97,
    "ranking": [{"name": "info_gadai", "confidence": 0.97}, {"name": "salam", "confidence": 0.01}],
}
FELL_BACK = {
    "intent": "nlu_fallback",
    "confidence": 0.3,
    "ranking": [
        {"name": "nlu_fallback", "confidence": 0.3},
        {"name": "info_emas", "confidence": 0.22},
        {"name": "salam", "confidence": 0.2},
    ],
}


@pytest.mark.parametrize(
    ("insight", "guess"),
    [
        (SURE, Guess("info_gadai", 0.97, False, 0.96, None)),
        (FELL_BACK, Guess("info_emas", 0.22, True, 0.02, None)),
        ({"intent": "salam", "confidence": 0.5}, Guess("salam", 0.5, False, None, None)),
        ({"intent": "nlu_fallback", "confidence": 0.3}, Guess(None, 0.3, True, None, None)),
        ({"intent": "salam", "confidence": None, "second": "pamit"}, Guess("salam", 0.0, False, None, "pamit")),
        ({}, Guess(None, 0.0, False, None, None)),
    ],
)
def test_a_guess_is_read_from_what_the_message_keeps(insight: dict[str, Any], guess: Guess) -> None:
    assert Guess.of(insight) == guess


@pytest.mark.parametrize(
    ("insight", "more", "reasons"),
    [
        (SURE, {}, ()),
        (FELL_BACK, {}, ("fallback", "small_margin")),
        ({**SURE, "confidence": 0.4}, {}, ("low_confidence",)),
        ({**SURE, "second": "info_emas"}, {}, ("second_opinion",)),
        ({**SURE, "second": "info_gadai"}, {}, ()),
        (SURE, {"handed_over": "requested"}, ("handed_over",)),
        ({**SURE, "intent": "minta_agen"}, {"handed_over": "requested"}, ()),
        (FELL_BACK, {"handed_over": "fallback", "marked_wrong": True}, ("marked_wrong", "fallback", "handed_over", "small_margin")),
    ],
)
def test_reasons(insight: dict[str, Any], more: dict[str, Any], reasons: tuple[str, ...]) -> None:
    found = usefulness(Guess.of(insight), **more)
    assert found.reasons == reasons
    assert set(reasons) <= set(REASONS)


def test_what_teaches_more_comes_first() -> None:
    order = [
        usefulness(Guess.of(FELL_BACK), handed_over="fallback", marked_wrong=True),
        usefulness(Guess.of(SURE), marked_wrong=True),
        usefulness(Guess.of(FELL_BACK)),
        usefulness(Guess.of({**SURE, "second": "salam"})),
        usefulness(Guess.of({**SURE, "confidence": 0.3})),
        usefulness(Guess.of(SURE), handed_over="requested"),
        usefulness(Guess.of({**SURE, "confidence": 0.6})),
        usefulness(Guess.of({**SURE, "confidence": 0.8})),
        usefulness(Guess.of(SURE)),
    ]
    assert [each.score for each in order] == sorted((each.score for each in order), reverse=True)
    assert len({each.score for each in order}) == len(order)


def test_a_suggestion_that_was_called_wrong_brings_its_message_up() -> None:
    guess = Guess("info_gadai", 0.95, False, 0.9, None)
    marked = usefulness(guess, suggested_wrong=True)
    assert marked.reasons == ("suggested_wrong",)
    assert usefulness(guess).score < marked.score < usefulness(guess, marked_wrong=True).score
