"""A linear model over n-grams: fitted with scikit-learn, computed for one message without it.

For one short text, sparse matrices cost a hundred times their arithmetic. `LinearScorer` computes the same numbers from dictionaries and the few
coefficient rows that a text touches; engine/tests/test_ngrams.py compares them.
"""

from __future__ import annotations

from collections import Counter
from math import log
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

Grams = Dict[str, List[str]]  # view -> the n-grams of one message


class Block:
    """One view's n-grams: column of each, its weight (inverse document frequency), and where its columns begin."""

    def __init__(self, view: str, columns: Dict[str, int], idf: List[float], offset: int) -> None:
        self.view, self.columns, self.idf, self.offset = view, columns, idf, offset


class LinearScorer:
    """How strongly a message speaks for each class: above 0 for, below 0 against."""

    def __init__(self, blocks: Sequence[Block], rows: np.ndarray, intercept: np.ndarray, classes: Sequence[str]) -> None:
        self.blocks, self._rows, self._intercept = list(blocks), rows, intercept
        self.classes: List[str] = [str(name) for name in classes]

    def scores(self, grams: Grams) -> Optional[np.ndarray]:
        """One number for each class, in the order of `classes`; None for a message of which nothing is known."""
        rows: List[int] = []
        weights: List[float] = []
        for block in self.blocks:
            columns, idf = block.columns, block.idf
            found = [(columns[gram], count) for gram, count in Counter(grams[block.view]).items() if gram in columns]
            values = [(1.0 + log(count)) * idf[column] for column, count in found]
            norm = sum(value * value for value in values) ** 0.5
            rows += [block.offset + column for column, _ in found]
            weights += [value / norm for value in values]
        if not rows:
            return None
        return np.dot(np.asarray(weights, dtype=self._rows.dtype), self._rows[rows]) + self._intercept

    def stored(self) -> Dict[str, Any]:
        """As plain values, for `restored`."""
        blocks = [(b.view, b.columns, b.idf, b.offset) for b in self.blocks]
        return {"blocks": blocks, "rows": self._rows, "intercept": self._intercept, "classes": self.classes}


def restored(stored: Dict[str, Any]) -> LinearScorer:
    """The scorer that `stored` came from."""
    return LinearScorer([Block(*b) for b in stored["blocks"]], stored["rows"], stored["intercept"], stored["classes"])


def fit(messages: Sequence[Grams], labels: Sequence[str], views: Dict[str, int], C: float) -> LinearScorer:
    """One hyperplane a class (linear support vectors, classes weighted evenly) over TF-IDF of `views` (view -> least number of messages)."""
    vectorisers = {view: _vectoriser(view, least) for view, least in views.items()}
    features = hstack([v.fit_transform(messages) for v in vectorisers.values()]).tocsr()
    model = LinearSVC(C=C, class_weight="balanced", random_state=0).fit(features, labels)
    coefficients, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row stands for both
        coefficients, intercept = np.vstack([-coefficients, coefficients]), np.append(-intercept, intercept)
    blocks, offset = [], 0
    for view, vectoriser in vectorisers.items():
        columns = {gram: int(column) for gram, column in vectoriser.vocabulary_.items()}
        blocks.append(Block(view, columns, vectoriser.idf_.tolist(), offset))
        offset += len(columns)
    return LinearScorer(blocks, np.ascontiguousarray(coefficients.T, dtype=np.float32), intercept.astype(np.float32), model.classes_)


def features_of(scorer: LinearScorer, messages: Sequence[Grams]) -> csr_matrix:
    """The matrix scikit-learn would give for `messages`: what `LinearScorer.scores` is compared with."""
    parts = []
    for block in scorer.blocks:
        vectoriser = _vectoriser(block.view, 1)
        vectoriser.vocabulary_, vectoriser.idf_ = block.columns, np.array(block.idf)
        parts.append(vectoriser.transform(messages))
    return hstack(parts).tocsr()


def _vectoriser(view: str, least: int) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=lambda grams: grams[view], sublinear_tf=True, min_df=least)


def likelihoods(scores: np.ndarray, sharpness: float) -> Tuple[np.ndarray, float]:
    """Scores as shares that add up to 1, and the greatest of them."""
    shares = np.exp(sharpness * (scores - scores.max()))
    shares /= shares.sum()
    return shares, float(shares.max())
