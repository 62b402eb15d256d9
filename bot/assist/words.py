"""Words as the assist compares them: lower case, slang spelled out, stems, and concepts (words that mean much the same). Pure but for reading the lists.

The lists are the engine's (engine/nlu), read as data: trainers keep one of each, and what a trainer adds serves both. Behind them comes a list of
the assist's own (spellings.txt), of words that the engine reads well enough by their neighbours but by which an answer is not found.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from bot.assist.spelling import Speller

log = logging.getLogger(__name__)
LISTS = Path(__file__).parents[2] / "engine/nlu"
OWN = Path(__file__).with_name("spellings.txt")
MOST_WORDS = 120  # of one message: what it wants stands in its beginning
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*", re.UNICODE)
_STRETCH = re.compile(r"([^\W\d])\1{2,}")
_TWICE = re.compile(r"(?<=[^\W\d]{3})2$|^([^\W\d]{3,})-\1$")  # "masuk2", "masuk-masuk"
# Words that say nothing about what is wanted.
STOP = frozenset(
    """yang dan di ke dari untuk dengan ada apa apakah bagaimana cara saya aku kakak min admin mau ingin bisa kah itu ini nya dong ya iya sih kok kalau jika
    tolong mohon info informasi tanya bertanya nanya pegadaian sudah mas mbak bapak ibu pak bu abang gan sis bro kan deh nih tuh loh lah pun oh eh
    lagi juga saja aja banget sangat nya kami kita anda dia mereka sama jadi terus lalu karena kenapa mengapa bang halo selamat pagi siang sore malam
    assalamualaikum permisi maaf dulu tadi tapi atau oleh pada dalam adalah ialah seperti gitu begitu punya coba kira kayak buat biar supaya agar
    masih baru sekarang kemarin hari ini mana dimana akan harus perlu orang hanya the is a an to of my i do in for and can you please how what it""".split()
)
NEGATIONS = frozenset(["tidak", "bukan", "belum", "jangan", "tanpa", "kurang"])


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed, where, and spelled out."""

    typed: str
    start: int
    end: int
    formal: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text is compared by. `stems` in order, without the words that say nothing; `concepts` in order."""

    stems: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """Reads text by a list of spellings and a list of concepts."""

    spellings: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, str] = field(default_factory=dict)

    def read(self, text: str) -> list[Word]:
        """The words of a text, slang spelled out; a slang word may stand for two."""
        found: list[Word] = []
        for match in _WORD.finditer(text):
            typed = match[0]
            word = typed.lower().replace("’", "'")
            if word not in self.spellings:
                word = _TWICE.sub(r"\1", _STRETCH.sub(r"\1", word))
            found += [Word(typed, match.start(), match.end(), part) for part in self.spellings.get(word, word).split()]
            if len(found) >= MOST_WORDS:
                break
        return found

    def formal(self, text: str) -> str:
        """The text spelled out, one blank between words."""
        return " ".join(word.formal for word in self.read(text))

    def terms(self, text: str, speller: Speller | None = None) -> Terms:
        """Stems and concepts that carry meaning. With a speller, what nobody has written is read as what is near."""
        stems, concepts = [], []
        for word in self.read(text):
            formal, stem = word.formal, _stem(word.formal)
            if formal in STOP or stem in STOP:
                continue
            if speller is not None and (near := speller.read(formal, stem)) != formal:
                formal, stem = near, _stem(near)
                if formal in STOP or stem in STOP:
                    continue
            stems.append(stem)
            concept = self.concepts.get(word.typed.lower()) or self.concepts.get(formal) or self.concepts.get(stem)
            if concept:
                concepts.append(concept)
        return Terms(tuple(stems), tuple(concepts))

    def stem(self, formal: str) -> str:
        """The stem of a word that is spelled out."""
        return _stem(formal)

    def speller(self, texts: Iterable[str]) -> Speller:
        """Reads unknown words as those of the texts."""
        frequent = Counter(word.formal for text in texts for word in self.read(text))
        right = _dictionary() | STOP | self.spellings.keys() | set(self.spellings.values()) | self.concepts.keys()
        return Speller(frequent, frozenset(map(_stem, frequent)), right)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_stemmer().stem(word))


@cache
def _stemmer() -> StemmerFactory:
    return StemmerFactory().create_stemmer()


@cache
def _dictionary() -> frozenset[str]:
    """The base words of the language."""
    return frozenset(StemmerFactory().get_words())


@cache
def client_words(folder: Path = LISTS) -> Words:
    """The words with the lists of a folder. Where there is none, words are compared as typed."""
    return Words({**_read(OWN), **_read(folder / "slang.txt")}, _read(folder / "concepts.txt"))


def _read(path: Path) -> dict[str, str]:
    """Word -> head of the first line that holds it."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        log.warning("%s is missing: the assist compares words as they are typed", path)
        return {}
    found: dict[str, str] = {}
    for line in lines:
        head, separator, rest = line.split("#", 1)[0].partition(":")
        if separator:
            for word in rest.split():
                found.setdefault(word, head.strip())
    return found
