"""Words that nobody has written on the shelf, read as ones that stand there: colloquial affixes, vowels left out, a letter wrong. Pure.

The shelf's own words are the measure: a word is only ever read as one by which something can be found, and a word that is right stays what it is.
"""

from __future__ import annotations

import string
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

SHORTEST_TYPO = 5  # a shorter word has too many neighbours one letter away
SHORTEST_CUT = 3  # consonants that tell a word whose vowels were left out
SHORTEST_BASE = 3
# What speech adds and the dictionary's stemmer does not know: "jualin", "dikabarin", "bunganya".
SUFFIXES = ("innya", "kannya", "annya", "nya", "kan", "in", "an", "i", "e", "ne")
# Prefix -> what the base began with: "ngurus" is urus, "ngirim" kirim, "nyetor" setor, "nebus" tebus, "minjem" pinjem, "kepencet" pencet.
PREFIXES = {"nge": ("",), "ng": ("", "k"), "ny": ("s", "c"), "n": ("t",), "m": ("p",), "di": ("",), "ke": ("",), "tak": ("",), "se": ("",)}
_VOWELS = str.maketrans("", "", "aeiou")


class Speller:
    """Reads unknown words. `frequent`: how often each word of the shelf stands there; `stems`: of the shelf; `right`: words that are no typos."""

    def __init__(self, frequent: Mapping[str, int], stems: Set[str], right: Set[str]) -> None:
        self._frequent = Counter({word: often for word, often in frequent.items() if word.isalpha()})
        self._stems = stems
        self._right = right
        self._cut: dict[str, list[str]] = defaultdict(list)
        for word in self._frequent:
            self._cut[word.translate(_VOWELS)].append(word)

    def read(self, word: str, stem: str) -> str:
        """What the word is read as: itself where the shelf knows it, or its stem, and where nothing is near."""
        if word in self._frequent or stem in self._stems or not word.isalpha():
            return word
        base = next((base for base in _bases(word) if base in self._stems or base in self._frequent), None)
        if base or word in self._right or stem in self._right:
            return base or word
        return self._best(self._whole(word)) or self._best(_one_away(word) if len(word) >= SHORTEST_TYPO else ()) or word

    def _whole(self, word: str) -> Iterator[str]:
        """The words of which this one is written with fewer vowels: "prpnjang"."""
        cut = word.translate(_VOWELS)
        if len(cut) >= SHORTEST_CUT:
            yield from (each for each in self._cut.get(cut, ()) if len(each) > len(word) and _within(word, each))

    def _best(self, words: Iterable[str]) -> str | None:
        known = [word for word in words if word in self._frequent]
        return max(known, key=lambda word: (self._frequent[word], word), default=None)


def _bases(word: str) -> Iterator[str]:
    """What could be left of a word without its affixes, the least taken off first."""
    ends = [word, *(word.removesuffix(s) for s in SUFFIXES if word.endswith(s))]
    for end in ends:
        if end != word and len(end) >= SHORTEST_BASE:
            yield end
        for prefix, begins in PREFIXES.items():
            rest = end.removeprefix(prefix)
            if rest != end and len(rest) >= SHORTEST_BASE:
                yield from (begin + rest for begin in begins)


def _within(short: str, long: str) -> bool:
    letters = iter(long)
    return short[0] == long[0] and all(letter in letters for letter in short)


def _one_away(word: str) -> Iterator[str]:
    """Spellings that begin alike, one letter dropped, swapped, changed or added."""
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in string.ascii_lowercase:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
