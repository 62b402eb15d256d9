"""The gate: what stops a model, what does not, and the sentence that says so."""

from __future__ import annotations

from typing import Any

import pytest

from bot.client import Training
from bot.training.gate import chance, passed, verdicts

LIMITS = Training(macro_f1_may_fall=0.01, intent_f1_may_fall=0.10, wrong_may_rise=0.02, conversations=True)


def measured(macro: float = 0.80, spread: float = 0.005, **intents: tuple[float, int]) -> dict[str, Any]:
    by_intent = {name: {"f1": f1, "examples": count} for name, (f1, count) in (intents or {"info_gadai": (0.9, 300)}).items()}
    return {"macro_f1": macro, "fold_spread": spread, "by_intent": by_intent, "not_counted": ["pilih"]}


def report(**parts: Any) -> dict[str, Any]:
    scores = {"lines": 150, "candidate": {"confidently_wrong": 0.04}, "in_service": {"confidently_wrong": 0.04}}
    return {
        "cross_validation": measured(),
        "against_cross_validation": measured(),
        "test_set": scores,
        "conversations": {"ran": 60, "failed": []},
        **parts,
    }


def stopped_by(found: dict[str, Any] | None, limits: Training = LIMITS) -> dict[str, str]:
    return {v.rule: v.sentence for v in verdicts(found, limits) if v.passed is False}


def wrong(now: float, before: float | None) -> dict[str, Any]:
    return {
        "lines": 150,
        "candidate": {"confidently_wrong": now},
        "in_service": None if before is None else {"confidently_wrong": before},
    }


def test_an_equal_model_passes_every_rule() -> None:
    found = verdicts(report(), LIMITS)
    assert [v.passed for v in found] == [True] * 4
    assert passed(found)


@pytest.mark.parametrize(
    ("changed", "rule", "sentence"),
    [
        ({"cross_validation": measured(0.78)}, "macro_f1", "Turun dari 80,0% menjadi 78,0%. Batas penurunan 1,0%."),
        (
            {"cross_validation": measured(0.80, info_gadai=(0.7, 300))},
            "intent_f1",
            "Turun terlalu jauh: info_gadai (90,0% → 70,0%).",
        ),
        (
            {"test_set": wrong(0.0667, 0.04)},
            "confidently_wrong",
            "Naik dari 4,0% menjadi 6,7% dari 150 kalimat. Batas kenaikan 2,0%.",
        ),
        (
            {"conversations": {"ran": 60, "failed": [{"name": f"Percakapan {n}"} for n in range(5)]}},
            "conversations",
            "5 dari 60 percakapan gagal: Percakapan 0, Percakapan 1, Percakapan 2, dan 2 lainnya.",
        ),
        ({"conversations": None}, "conversations", "Uji percakapan belum dapat dijalankan."),
        ({"conversations": {"ran": 0, "failed": []}}, "conversations", "Tidak ada percakapan yang diuji."),
        ({"test_set": None}, "confidently_wrong", "Data uji belum dibaca."),
    ],
)
def test_one_rule_stops_it_and_says_why(changed: dict[str, Any], rule: str, sentence: str) -> None:
    assert stopped_by(report(**changed)) == {rule: sentence}


def test_what_was_never_reported_on_is_stopped() -> None:
    assert stopped_by(None) == {"report": "Model ini belum dinilai."}
    assert set(stopped_by({})) == {"macro_f1", "intent_f1", "confidently_wrong", "conversations"}


@pytest.mark.parametrize(
    "changed",
    [
        {"cross_validation": measured(0.79, 0.005)},  # within the limit
        {"cross_validation": measured(0.77, 0.04)},  # the folds of this one scatter as much
        {"cross_validation": measured(0.77), "against_cross_validation": measured(0.80, 0.03)},
        {"cross_validation": measured(0.90)},
        {"test_set": wrong(0.06, 0.04)},
        {"test_set": wrong(0.0, 0.04)},
    ],
)
def test_what_chance_or_the_limit_allows_does_not_stop_it(changed: dict[str, Any]) -> None:
    assert stopped_by(report(**changed)) == {}


def test_an_intent_of_few_examples_may_swing_more() -> None:
    assert chance(0.9, 300) < 0.10 < chance(0.8, 25)
    before = measured(batal=(0.8, 25), info_gadai=(0.8, 400))
    assert stopped_by(report(against_cross_validation=before, cross_validation=measured(batal=(0.66, 25), info_gadai=(0.79, 400)))) == {}
    fallen = measured(batal=(0.79, 25), info_gadai=(0.66, 400))
    assert set(stopped_by(report(against_cross_validation=before, cross_validation=fallen))) == {"intent_f1"}


def test_intents_that_are_new_gone_or_a_throw_of_the_dice_stop_nobody() -> None:
    before = measured(lama=(0.9, 300), pilih=(1.0, 200), info_gadai=(0.9, 300))
    now = measured(baru=(0.1, 20), pilih=(0.2, 200), info_gadai=(0.9, 300))
    assert stopped_by(report(against_cross_validation=before, cross_validation=now)) == {}


def test_without_something_to_compare_with_nothing_is_claimed() -> None:
    found = verdicts(report(against_cross_validation=None, test_set=wrong(0.04, None)), LIMITS)
    assert {v.rule: v.passed for v in found} == {"macro_f1": None, "intent_f1": None, "confidently_wrong": None, "conversations": True}
    assert passed(found)


def test_a_client_may_do_without_conversations() -> None:
    assert stopped_by(report(conversations=None), LIMITS.model_copy(update={"conversations": False})) == {}
