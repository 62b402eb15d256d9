"""An example as Rasa writes it: `aplikasi [Tring](produk) error`. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.training.masking import made_up

LONGEST = 1000  # the engine reads no more of a message
_MARK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_INVISIBLE = re.compile("[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """The characters from `start` to `end` (code points) name a thing of this kind."""

    start: int
    end: int
    entity: str


def written(text: str, marks: Sequence[Mark] = ()) -> str:
    """The example's line, fit to stand in a YAML block: one line, nothing that YAML or Rasa would take for more than text.

    Raises ValueError for marks that overlap or lie outside, and for a text of which nothing is left or that is too long.
    """
    parts, at = [], 0
    for mark in sorted(marks, key=lambda m: m.start):
        if not at <= mark.start < mark.end <= len(text) or not text[mark.start : mark.end].strip():
            raise ValueError("Tanda pada contoh tidak sesuai. Mohon tandai ulang.")
        inner = text[mark.start : mark.end]
        lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        parts += [_clean(text[at : mark.start] + lead), f"[{_clean(inner).strip()}]({mark.entity})", trail]
        at = mark.end
    line = " ".join("".join([*parts, _clean(text[at:])]).split()).lstrip("/- ")
    if not re.search(r"\w|[^\x00-\x7f]", bare(line)):
        raise ValueError("Contoh tidak boleh kosong.")
    if len(line) > LONGEST:
        raise ValueError(f"Contoh terlalu panjang (paling banyak {LONGEST} huruf).")
    return line


def bare(example: str) -> str:
    """The example without its marks."""
    return _MARK.sub(r"\1", example)


def same(example: str) -> str:
    """What two examples have in common that teach the same: letters without case, marks, spaces at the ends or closing punctuation."""
    return " ".join(bare(example).casefold().split()).rstrip(" ?!.,")


def _clean(text: str) -> str:
    """No control characters, no line breaks of any kind, no backslash (Rasa reads \\u escapes in files of ASCII only)."""
    text = _INVISIBLE.sub("", made_up(text)).replace("\\", "/")
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp", "Co", "Cn") else c for c in text)
