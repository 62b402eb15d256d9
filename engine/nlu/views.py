"""The ways a message is looked at, each as n-grams: what the classifier weighs.

A few thousand examples hold few of the words that customers will use. So a message is looked at as letters (typos), as letters of the
stems (affixes), as concepts (words that mean much the same: concepts.txt), and as pairs of stems near each other (what stands apart in a long
message). docs/understanding.md has what each of them brings.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, Iterable, List

from engine.nlu.lexicon import read_concepts
from engine.nlu.morphology import Speller, Stemmer

ROOT_COUNT, FREQUENT = 3, 8  # how often a word stands in the data before it counts as a root, before a typo may stand for it
CHARS, WINDOW = (2, 5), 4
# The least number of examples that an n-gram must stand in to be weighed.
VIEWS: Dict[str, int] = {"stem letters": 3, "letters": 3, "concepts": 2, "pairs": 3}


class Views:
    """Turns normalised words into n-grams, with the words of the training data behind it."""

    def __init__(self, counts: Dict[str, int], concepts: Dict[str, str]) -> None:
        self.counts, self.concepts = dict(counts), dict(concepts)
        weighed = Counter(self.counts)
        weighed.update(dict.fromkeys(self.concepts, ROOT_COUNT))
        self._stemmer = Stemmer(word for word, count in weighed.items() if count >= ROOT_COUNT)
        self._speller = Speller(weighed, {word: count for word, count in weighed.items() if count >= FREQUENT})

    @classmethod
    def of(cls, texts: Iterable[List[str]]) -> "Views":
        """From the words of all examples."""
        return cls(Counter(word for words in texts for word in words), read_concepts())

    def look(self, words: List[str]) -> Dict[str, List[str]]:
        """The n-grams of each view."""
        words = [self._speller.correct(word) for word in words]
        stems = [self._stemmer.stem(word) for word in words]
        meant = [self._concept(word, stem) for word, stem in zip(words, stems)]
        return {
            "stem letters": char_ngrams(stems, *CHARS),
            "letters": char_ngrams(words, *CHARS),
            "concepts": word_ngrams(meant, 1, 2),
            "pairs": stems + near_pairs(stems, WINDOW),
        }

    def _concept(self, word: str, stem: str) -> str:
        concept = self.concepts.get(word) or self.concepts.get(stem)
        return f"<{concept}>" if concept else stem

    def stored(self) -> Dict[str, Any]:
        """As plain values; `Views(**stored)` is the same again."""
        return {"counts": self.counts, "concepts": self.concepts}


def word_ngrams(words: List[str], shortest: int, longest: int) -> List[str]:
    """Runs of `shortest` to `longest` words."""
    return [" ".join(words[i : i + size]) for size in range(shortest, longest + 1) for i in range(len(words) - size + 1)]


def char_ngrams(words: List[str], shortest: int, longest: int) -> List[str]:
    """Runs of letters within words, each word with a space on both sides; a word shorter than a run counts once whole."""
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


def near_pairs(words: List[str], window: int) -> List[str]:
    """Each two words that stand less than `window` apart, in either order."""
    pairs: List[str] = []
    for i, first in enumerate(words):
        for second in words[i + 1 : i + window]:
            pairs.append(f"{first}~{second}" if first <= second else f"{second}~{first}")
    return pairs
