"""Word and character n-grams of one text, weighted by TF-IDF and scored by a linear model, without a matrix library in between.

scikit-learn fits the vectorisers and the model; for one short text its sparse matrices cost a hundred times their arithmetic (and copy all
coefficients for each product). `LinearScorer` computes the same numbers from dictionaries and the few coefficient rows that a text touches.
engine/tests/test_ngrams.py compares them.
"""

from __future__ import annotations

from collections import Counter
from math import log
from typing import Callable, Dict, List, Optional, Tuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def word_ngrams(words: List[str], shortest: int, longest: int) -> List[str]:
    """As TfidfVectorizer(analyzer="word", tokenizer=str.split) counts them."""
    grams = list(words) if shortest == 1 else []
    for size in range(max(2, shortest), min(longest, len(words)) + 1):
        grams += [" ".join(words[i : i + size]) for i in range(len(words) - size + 1)]
    return grams


def char_ngrams(words: List[str], shortest: int, longest: int) -> List[str]:
    """As TfidfVectorizer(analyzer="char_wb") counts them: within words, each with a space on both sides; a short word counts once whole."""
    grams: List[str] = []
    for word in words:
        padded = f" {word} "
        length = len(padded)
        for size in range(shortest, longest + 1):
            if size >= length:
                grams.append(padded)
                break
            grams += [padded[i : i + size] for i in range(length - size + 1)]
    return grams


class LinearScorer:
    """Probabilities of the classes for a text, as predict_proba of the fitted parts gives them (to rounding)."""

    def __init__(self, words: TfidfVectorizer, chars: TfidfVectorizer, model: LogisticRegression) -> None:
        self._blocks: List[Tuple[Callable[..., List[str]], Tuple[int, int], Dict[str, int], List[float], int]] = [
            (word_ngrams, tuple(words.ngram_range), dict(words.vocabulary_), words.idf_.tolist(), 0),
            (char_ngrams, tuple(chars.ngram_range), dict(chars.vocabulary_), chars.idf_.tolist(), len(words.vocabulary_)),
        ]
        coefficients, intercept = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # one row stands for both
            coefficients, intercept = np.vstack([np.zeros_like(coefficients), coefficients]), np.append([0.0], intercept)
        self._rows = np.ascontiguousarray(coefficients.T)
        self._intercept = intercept
        self.classes: List[str] = [str(name) for name in model.classes_]

    def probabilities(self, text: str) -> Optional[np.ndarray]:
        """One probability for each class, in the order of `classes`; None for a text of which nothing is known."""
        parts = text.split()
        rows: List[int] = []
        weights: List[float] = []
        for grams_of, sizes, vocabulary, idf, offset in self._blocks:
            found = [(vocabulary[gram], count) for gram, count in Counter(grams_of(parts, *sizes)).items() if gram in vocabulary]
            values = [(1.0 + log(count)) * idf[index] for index, count in found]
            norm = sum(value * value for value in values) ** 0.5
            rows += [offset + index for index, _ in found]
            weights += [value / norm for value in values]
        if not rows:
            return None
        scores = np.dot(weights, self._rows[rows]) + self._intercept
        scores = np.exp(scores - scores.max())
        return scores / scores.sum()
