"""The scorer computes what scikit-learn computes."""

from __future__ import annotations

import random
from typing import List, Tuple

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from engine.nlu.ngrams import LinearScorer

WORDS = "gadai emas bunga berapa min kak saya mau tebus cicil a ya di 24 outlet buka hari apa lelang angka ! ?".split()


def texts(dice: random.Random, count: int) -> List[str]:
    return [" ".join(dice.choices(WORDS, k=dice.randint(1, 12))) for _ in range(count)]


def fitted(classes: int, words: Tuple[int, int], chars: Tuple[int, int]) -> Tuple[TfidfVectorizer, TfidfVectorizer, LogisticRegression]:
    dice = random.Random(classes)
    examples = texts(dice, 120)
    by_word = TfidfVectorizer(ngram_range=words, tokenizer=str.split, token_pattern=None, lowercase=False, sublinear_tf=True)
    by_char = TfidfVectorizer(analyzer="char_wb", ngram_range=chars, lowercase=False, sublinear_tf=True, min_df=2)
    features = hstack([by_word.fit_transform(examples), by_char.fit_transform(examples)]).tocsr()
    model = LogisticRegression(C=20.0, max_iter=400).fit(features, [f"topic{n % classes}" for n in range(len(examples))])
    return by_word, by_char, model


@pytest.mark.parametrize(
    ("classes", "words", "chars"), [(5, (1, 2), (2, 5)), (3, (1, 1), (3, 3)), (4, (2, 3), (1, 4)), (2, (1, 2), (2, 5))]
)
def test_the_same_probabilities(classes: int, words: Tuple[int, int], chars: Tuple[int, int]) -> None:
    by_word, by_char, model = fitted(classes, words, chars)
    scorer = LinearScorer(by_word, by_char, model)
    for text in [*texts(random.Random(7), 200), "sama sekali lain", "emas emas emas", "a"]:
        features = hstack([by_word.transform([text]), by_char.transform([text])]).tocsr()
        ours = scorer.probabilities(text)
        if features.nnz == 0:
            assert ours is None
        else:
            assert ours is not None
            np.testing.assert_allclose(ours, model.predict_proba(features)[0], rtol=1e-9, atol=1e-12)
    assert scorer.classes == [str(c) for c in model.classes_]


def test_nothing_known_is_no_answer() -> None:
    scorer = LinearScorer(*fitted(5, (1, 2), (2, 5)))
    assert scorer.probabilities("") is None
    assert scorer.probabilities("ξψω") is None
