"""Word lists that people write by hand: `formal: other other …`, one a line; `#` begins a comment."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Iterator, List, Tuple

SLANG = Path(__file__).with_name("slang.txt")
CONCEPTS = Path(__file__).with_name("concepts.txt")


def read_lines(path: Path) -> Iterator[Tuple[int, str, List[str]]]:
    """Number of the line, head and words of each line that says something. Raises ValueError naming the line that is wrong."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        head, separator, words = line.partition(":")
        if not separator or not head.strip() or not words.strip():
            raise ValueError(f"{path.name}, line {number}: expected 'formal: other …'")
        yield number, head.strip(), words.split()


def read_lexicon(path: Path = SLANG) -> Dict[str, str]:
    """What people type -> the formal form. Each slang word may mean one thing only; ValueError names the line where it is said again."""
    lexicon: Dict[str, str] = {}
    for number, formal, slang in read_lines(path):
        for word in slang:
            if lexicon.setdefault(word, formal) != formal:
                raise ValueError(f"{path.name}, line {number}: '{word}' already means '{lexicon[word]}'")
    return lexicon


def read_concepts(path: Path = CONCEPTS) -> Dict[str, str]:
    """Word -> the concept it belongs to: the first one that names it."""
    concepts: Dict[str, str] = {}
    for _, concept, words in read_lines(path):
        for word in (concept, *words):
            concepts.setdefault(word, concept)
    return concepts
