"""Messages that say the same in almost the same letters, so that one decision does for all of them. Pure.

Texts are compared by their runs of three letters (Jaccard). Only texts that share one of their rarest runs are compared at all: two sets
with a similarity of ALIKE or more always do.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

ALIKE = 0.7
_NUMBER = re.compile(r"\d+")
_STRETCH = re.compile(r"(.)\1{2,}")
_OTHER = re.compile(r"[!-/:-@\[-`{-~…“”’]+")  # punctuation; emoji say something
# "sudah masuk" and "belum masuk" look alike and say the contrary.
_TURNS = frozenset("tidak tdk ga gak gk nggak ngga engga enggak belum blm belom bukan jangan batal tanpa".split())


def grouped(texts: Sequence[str]) -> list[int]:
    """For each text the index of its group's first text. The order matters: the first of a group is what the others are compared with."""
    plain = [_normal(text) for text in texts]
    grams = [_grams(text) for text in plain]
    frequency = Counter(gram for each in grams for gram in each)
    leaders: defaultdict[str, list[int]] = defaultdict(list)
    first: dict[str, int] = {}
    result = []
    for number, each in enumerate(grams):
        known = first.get(plain[number])
        if known is None:
            rarest = sorted(each, key=lambda gram: (frequency[gram], gram))[: len(each) - math.ceil(ALIKE * len(each)) + 1]
            known = first[plain[number]] = _closest(number, each, rarest, grams, plain, leaders)
            if known == number:
                for gram in rarest:
                    leaders[gram].append(number)
        result.append(known)
    return result


def _closest(
    number: int,
    each: frozenset[str],
    rarest: Sequence[str],
    grams: Sequence[frozenset[str]],
    plain: Sequence[str],
    leaders: dict[str, list[int]],
) -> int:
    best, closest = ALIKE, number
    for other in _candidates(rarest, leaders):
        small, large = sorted((len(each), len(grams[other])))
        if small < best * large:
            continue
        shared = len(each & grams[other])
        likeness = shared / (small + large - shared)
        if likeness >= best and (likeness > best or other < closest) and _turns(plain[number]) == _turns(plain[other]):
            best, closest = likeness, other
    return closest


def _candidates(rarest: Sequence[str], leaders: dict[str, list[int]]) -> set[int]:
    return {leader for gram in rarest for leader in leaders.get(gram, ())}


def _normal(text: str) -> str:
    text = _NUMBER.sub("0", _OTHER.sub(" ", text.lower()))
    return " ".join(_STRETCH.sub(r"\1", text).split())


def _grams(text: str) -> frozenset[str]:
    padded = f" {text} "
    return frozenset(padded[at : at + 3] for at in range(max(1, len(padded) - 2)))


def _turns(text: str) -> bool:
    return not _TURNS.isdisjoint(text.split())
