"""Cross-validation: the folds are fair and repeatable, the figures are what they are called, and any pipeline can be measured."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.crossvalidate import cross_validate, folds, summary

INTENTS = ["salam"] * 50 + ["info_emas"] * 25 + ["pamit"] * 10


def test_each_example_is_read_once_and_intents_are_spread_evenly() -> None:
    split = folds(INTENTS, 5, seed=3)
    assert sorted(n for fold in split for n in fold) == list(range(len(INTENTS)))
    for fold in split:
        assert Counter(INTENTS[n] for n in fold) == {"salam": 10, "info_emas": 5, "pamit": 2}
    assert split == folds(INTENTS, 5, seed=3)
    assert split != folds(INTENTS, 5, seed=4)


def test_the_figures() -> None:
    perfect = [("salam", "salam")] * 10 + [("pamit", "pamit")] * 10
    half = [("salam", "salam")] * 10 + [("pamit", "salam")] * 10
    figures = summary([perfect, half])
    assert figures["folds"] == [1.0, pytest.approx((2 * 10 / 30 + 0) / 2, abs=1e-4)]
    assert figures["macro_f1"] == pytest.approx((1 + 1 / 3) / 2, abs=1e-4)
    assert figures["fold_spread"] == pytest.approx((2 / 3) / 2**0.5, abs=1e-4)
    assert figures["accuracy"] == 0.75
    assert figures["by_intent"]["pamit"] == {"f1": pytest.approx(2 / 3, abs=1e-4), "examples": 20}
    assert figures["confused"] == [{"wanted": "pamit", "read": "salam", "count": 10}]


def test_an_intent_of_a_handful_of_examples_does_not_move_the_figure() -> None:
    fold = [("salam", "salam")] * 10 + [("pilih", "salam")]
    figures = summary([fold, [("salam", "salam")] * 10 + [("pilih", "pilih")]])
    assert figures["not_counted"] == ["pilih"]
    assert figures["folds"][1] == 1.0


PIPELINES = {
    "ours": "- {name: engine.nlu.normaliser.IndonesianTokenizer}\n- {name: engine.nlu.classifier.LinearIntentClassifier}\n"
    "- {name: RegexEntityExtractor}\n- {name: FallbackClassifier, threshold: 0.99}",
    "stock": "- {name: WhitespaceTokenizer}\n- {name: CountVectorsFeaturizer}\n- {name: LogisticRegressionClassifier}",
}


@pytest.mark.parametrize("name", sorted(PIPELINES))
def test_a_pipeline_is_trained_on_the_others_and_reads_the_rest(name: str, tmp_path: Path) -> None:
    openings, ends = ["halo", "hai", "pagi", "permisi"], ["dadah", "sampai jumpa", "udah dulu", "cukup sekian"]
    words = ["kak", "min", "ya", "admin", "semua"]
    lines = [f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {a} {b}\n" for a in starts for b in words)
             for intent, starts in (("salam", openings), ("pamit", ends))]  # fmt: skip
    (tmp_path / "nlu.yml").write_text('version: "3.1"\nnlu:\n' + "".join(lines))
    (tmp_path / "config.yml").write_text(f"recipe: default.v1\nlanguage: id\npipeline:\n{PIPELINES[name]}\npolicies: []\n")
    figures = cross_validate(str(tmp_path / "config.yml"), str(tmp_path / "nlu.yml"), count=2, jobs=1)
    assert figures["examples"] == 40
    assert figures["accuracy"] > 0.9, figures["confused"]
