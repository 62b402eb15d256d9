"""Indonesian words to their stems, and rare spellings to frequent ones, by the words of the training data.

Affixes are taken off only where what remains is a word that stands in the data (or in the list of concepts) often enough: "pembayarannya"
is "bayar" because "bayar" is there; "beli" stays although it could be "bel" with "-i". No dictionary from outside is needed.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, Set, Tuple

# A prefix, and what the stem may have begun with before the prefix swallowed it ("menulis" is "tulis").
PREFIXES: Tuple[Tuple[str, Tuple[str, ...]], ...] = (
    ("meng", ("", "k")),
    ("meny", ("s",)),
    ("mem", ("", "p")),
    ("men", ("", "t")),
    ("me", ("",)),
    ("peng", ("", "k")),
    ("peny", ("s",)),
    ("pem", ("", "p")),
    ("pen", ("", "t")),
    ("pe", ("",)),
    ("ber", ("",)),
    ("ter", ("",)),
    ("per", ("",)),
    ("di", ("",)),
    ("ke", ("",)),
    ("se", ("",)),
    ("ku", ("",)),
    ("nge", ("",)),  # everyday speech: "ngecek", "ngirim", "nyicil", "nunggu", "minjem"
    ("ng", ("", "k")),
    ("ny", ("s", "c")),
    ("n", ("t",)),
    ("m", ("p",)),
)
SUFFIXES = ("nya", "kannya", "annya", "innya", "ku", "mu", "lah", "kah", "kan", "an", "in", "i", "nye", "ny", "yo", "e")
SECOND_PREFIXES = ("per", "ber", "ter", "ke")
SHORTEST_STEM, SHORTEST_WORD = 4, 5
SHORTEST_TYPO = 7  # one letter of a shorter word may make it another: "aminah" is a name, "amanah" a product
LETTERS = "abcdefghijklmnopqrstuvwxyz"
REMEMBERED = 20_000


class Stemmer:
    """Words to stems. `roots`: the words an affix may be taken off from."""

    def __init__(self, roots: Iterable[str]) -> None:
        self.roots: Set[str] = set(roots)
        self._known: Dict[str, str] = {}

    def stem(self, word: str) -> str:
        """The shortest root within the word, or the word itself."""
        found = self._known.get(word)
        if found is None:
            found = word
            if len(word) >= SHORTEST_WORD and word.isalpha():
                stems = [c for c in _stripped(word) if len(c) >= SHORTEST_STEM and c in self.roots]
                found = min(stems, key=len) if stems else word
            if len(self._known) < REMEMBERED:
                self._known[word] = found
        return found


class Speller:
    """Rare spellings to frequent ones. `known`: every word of the data; `frequent`: word -> how often, for those a typo may stand for."""

    def __init__(self, known: Iterable[str], frequent: Dict[str, int]) -> None:
        self.known, self.frequent = set(known), dict(frequent)
        self._corrected: Dict[str, str] = {}

    def correct(self, word: str) -> str:
        """The most frequent word one letter away that begins alike, for a word that nobody has written before; else the word."""
        if word in self.known or len(word) < SHORTEST_TYPO or not word.isalpha():
            return word
        found = self._corrected.get(word)
        if found is None:
            near = [c for c in _one_away(word) if c in self.frequent and c[0] == word[0]]
            found = max(near, key=lambda c: (self.frequent[c], c)) if near else word
            if len(self._corrected) < REMEMBERED:
                self._corrected[word] = found
        return found


def _stripped(word: str) -> List[str]:
    """Everything that could be the stem of `word`, in the order in which it is tried."""
    bases = [word] + [word[: -len(s)] for s in SUFFIXES if word.endswith(s) and len(word) - len(s) >= 3]
    stems = bases[1:]
    for base in bases:
        for prefix, begins in PREFIXES:
            if base.startswith(prefix) and len(base) - len(prefix) >= 2:
                stems += [begin + base[len(prefix) :] for begin in begins]
    twice = [stem[len(p) :] for stem in stems for p in SECOND_PREFIXES if stem.startswith(p)]
    return stems + twice


def _one_away(word: str) -> Set[str]:
    """Every spelling one letter dropped, added, changed or swapped away."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    dropped = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    changed = {a + c + b[1:] for a, b in cuts if b for c in LETTERS}
    added = {a + c + b for a, b in cuts for c in LETTERS}
    return dropped | swapped | changed | added
