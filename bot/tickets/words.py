"""The words a ticket is found by: Indonesian, slang spelled out, stemmed. Pure.

A ticket keeps each word both as written (spelled out) and as its stem; who searches gives stems, and of the last word also its beginning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.assist.words import STOP, client_words

MOST = 800  # different words of one ticket
PIECE = 60  # words read at once
MOST_ASKED = 8  # words of a search
_LONGEST = 40
_PART = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: every one of `whole`, and a word that is `last` or begins with `begun`. Plain letters and digits only."""

    whole: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    begun: str = ""


def indexed(texts: Iterable[str | None]) -> str:
    """The words of a ticket's texts, as `ticket_words.words` keeps them: each once, a blank at each end."""
    found: dict[str, None] = {}
    for text in texts:
        for piece in _batched((text or "").split(), PIECE):
            for forms in _forms(" ".join(piece)):
                found.update(dict.fromkeys(form for form in forms if form not in STOP))
            if len(found) >= MOST:
                break
    return f" {' '.join(list(found)[:MOST])} "


def asked(query: str) -> Asked:
    """What a query looks for; words that say nothing are left out, and of nothing else nothing is found."""
    forms = _forms(query)[: MOST_ASKED * 3]
    if not forms:
        return Asked()
    last, complete = forms[-1], forms[:-1]
    whole = dict.fromkeys(forms_of[-1] for forms_of in complete if not set(forms_of) & STOP)
    ends_open = not query[-1:].isspace()
    if not ends_open or (whole and set(last) & STOP):
        kept = () if set(last) & STOP else (last[-1],)
        return Asked((*list(whole)[:MOST_ASKED], *kept))
    return Asked(tuple(whole)[:MOST_ASKED], tuple(dict.fromkeys(last)), last[0])


def _forms(text: str) -> list[tuple[str, ...]]:
    """Of each word, the forms it is found by: as written, then its stem."""
    words = client_words()
    found: list[tuple[str, ...]] = []
    for word in words.read(text):
        for part in _plain(word.formal):  # of e-ktp each
            stem = "".join(_plain(words.stem(part)))[:_LONGEST]
            found.append((part, stem) if stem not in (part, "") else (part,))
    return found


def _plain(word: str) -> list[str]:
    folded = "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
    return [part[:_LONGEST] for part in _PART.findall(folded)]


def _batched(words: list[str], size: int) -> Iterable[list[str]]:
    return (words[start : start + size] for start in range(0, min(len(words), MOST * 2), size))
