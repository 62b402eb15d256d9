"""Flags: what an agent should notice before answering, with the words that say so. Pure but for reading the lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.assist.words import NEGATIONS, Word, Words

LISTS = Path(__file__).with_name("flags.yml")
NEAR = 2  # a negation counts up to so many words before


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that was raised. `words`: as the customer typed them."""

    id: str
    label: str
    words: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As docs/protocols.md shows it."""
        return {"id": self.id, "label": self.label, "words": list(self.words)}


@dataclass(frozen=True, slots=True)
class _List:
    label: str
    phrases: Mapping[str, Sequence[tuple[str, ...]]]  # by the first word; "" for those that begin with a pattern
    unless: Sequence[tuple[str, ...]]


class Flags:
    """Raises flags by word lists."""

    def __init__(self, words: Words, lists: Path = LISTS) -> None:
        self._words = words
        self._lists = {name: self._list(entry) for name, entry in yaml.safe_load(lists.read_text(encoding="utf-8")).items()}

    def raised(self, text: str) -> list[Flag]:
        """The flags of one message, in the order of the lists."""
        said = self._words.read(text)
        forms = [word.formal for word in said]
        found = []
        for name, each in self._lists.items():
            if any(_at(forms, start, phrase) for phrase in each.unless for start in range(len(forms))):
                continue
            words = tuple(dict.fromkeys(text[said[start].start : said[end - 1].end].strip() for start, end in _hits(each, said, forms)))
            if words:
                found.append(Flag(name, each.label, words[:5]))
        return found

    def _list(self, entry: Mapping[str, Any]) -> _List:
        phrases: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted(map(self._phrase, entry["words"]), key=len, reverse=True):
            phrases.setdefault("" if phrase[0].endswith("*") else phrase[0], []).append(phrase)
        return _List(entry["label"], phrases, [self._phrase(each) for each in entry["unless"]])

    def _phrase(self, written: Any) -> tuple[str, ...]:
        parts: list[str] = []
        for part in str(written).lower().split():
            parts += [part] if part.endswith("*") else [word.formal for word in self._words.read(part)]
        return tuple(parts)


def _hits(flags: _List, said: Sequence[Word], forms: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where a phrase stands (the longest first), and is not taken back."""
    start = 0
    while start < len(forms):
        candidates = [*flags.phrases.get(forms[start], ()), *flags.phrases.get("", ())]
        phrase = next((each for each in candidates if _at(forms, start, each)), None)
        if phrase is None:
            start += 1
            continue
        if phrase[0] in NEGATIONS or not _negated(forms, said, start):
            yield start, start + len(phrase)
        start += len(phrase)


def _negated(forms: Sequence[str], said: Sequence[Word], start: int) -> bool:
    """Whether a negation stands right before, with no new clause in between."""
    for back in range(start - 1, max(-1, start - 1 - NEAR), -1):
        if said[back + 1].start - said[back].end > 1:  # a comma or a full stop lies between
            return False
        if forms[back] in NEGATIONS:
            return True
    return False


def _at(forms: Sequence[str], start: int, phrase: Sequence[str]) -> bool:
    if start + len(phrase) > len(forms):
        return False
    return all(
        form.startswith(part[:-1]) if part.endswith("*") else form == part for form, part in zip(forms[start:], phrase, strict=False)
    )


@cache
def client_flags(words: Words | None = None) -> Flags:
    """The flags with the lists of this package."""
    from bot.assist.words import client_words

    return Flags(words or client_words())
