"""The scorer computes what scikit-learn computes."""

from __future__ import annotations

import random
from typing import List

import numpy as np
import pytest

from engine.nlu.ngrams import LinearScorer, features_of, fit, likelihoods, restored
from engine.nlu.views import VIEWS, Views, char_ngrams, near_pairs, word_ngrams

WORDS = "gadai emas bunga berapa min kak saya mau tebus cicil a ya di 24 outlet buka hari apa lelang angka ! ?".split()


def texts(dice: random.Random, count: int) -> List[List[str]]:
    return [dice.choices(WORDS, k=dice.randint(1, 12)) for _ in range(count)]


def fitted(classes: int) -> "tuple[Views, LinearScorer]":
    examples = texts(random.Random(classes), 120)
    views = Views.of(examples)
    return views, fit([views.look(words) for words in examples], [f"topic{n % classes}" for n in range(len(examples))], VIEWS, 0.5)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_same_scores(classes: int) -> None:
    views, scorer = fitted(classes)
    stored = scorer.stored()
    again = restored(stored)
    for words in [*texts(random.Random(7), 200), ["sama", "sekali", "lain"], ["emas"] * 3, ["a"]]:
        grams = views.look(words)
        features = features_of(scorer, [grams])
        ours = scorer.scores(grams)
        if features.nnz == 0:
            assert ours is None
        else:
            assert ours is not None
            np.testing.assert_allclose(ours, (features @ stored["rows"] + stored["intercept"])[0], rtol=1e-4, atol=1e-5)
            assert (again.scores(grams) == ours).all()
    assert scorer.classes == [f"topic{n}" for n in range(classes)]


def test_what_was_learnt_is_known() -> None:
    examples = [["gadai", "emas"], ["lelang", "kapan"], ["buka", "jam", "berapa"]] * 4
    views = Views.of(examples)
    scorer = fit([views.look(words) for words in examples], ["gadai", "lelang", "jam"] * 4, VIEWS, 0.5)
    for words, intent in [("gadai emas", "gadai"), ("emas digadaikan", "gadai"), ("dilelang kapan", "lelang"), ("bukanya jam", "jam")]:
        scores = scorer.scores(views.look(words.split()))
        assert scores is not None and scorer.classes[int(scores.argmax())] == intent


def test_nothing_known_is_no_answer() -> None:
    views, scorer = fitted(5)
    assert scorer.scores(views.look([])) is None
    assert scorer.scores(views.look(["ξψω"])) is None


def test_shares_add_up() -> None:
    shares, top = likelihoods(np.array([0.5, -1.0, -1.2]), 1.7)
    assert shares.sum() == pytest.approx(1.0)
    assert top == shares[0] > shares[1] > shares[2]


def test_grams() -> None:
    assert word_ngrams(["a", "b", "c"], 1, 2) == ["a", "b", "c", "a b", "b c"]
    assert char_ngrams(["emas"], 5, 6) == [" emas", "emas ", " emas "]
    assert char_ngrams(["di"], 2, 5) == [" d", "di", "i ", " di", "di ", " di "]
    assert near_pairs(["b", "a", "c"], 3) == ["a~b", "b~c", "a~c"]
