"""The guide of a conversation as pure rules: what our words tick, what is missing before an outcome, which level of verification is reached.

Source: SOP Customer Handling 3; 8.1, 8.4, 8.5. The client's guides are in clients/…/procedure.yml.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from bot.client_desk import Guide, GuideStep, Verification

ANSWER_CHARS = 40  # shorter than this is a "baik" or a "mohon ditunggu", no answer
NO_NEED = frozenset({"minta_agen", "tidak_jelas", "salam", "terima_kasih", "pamit", "setuju", "tolak", "di_luar_topik"})
_NO_WORD = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """Words only, in small letters, one space between and around them."""
    return f" {_NO_WORD.sub(' ', text.lower()).strip()} "


def ticked_by(guide: Guide, text: str, products: Iterable[str], topic: str | None, done: Collection[str]) -> set[str]:
    """The steps that a message of ours is evidence of. `products`: names of what the client offers; `done`: what is ticked already."""
    words = plain(text)
    known = topic is not None and topic not in NO_NEED
    named = any(plain(product) in words for product in products)
    found: set[str] = set()
    for step in guide.steps:
        if any(plain(phrase) in words for phrase in step.said) or (step.known and known) or (step.offered and named and known):
            found.add(step.step)
    for step in guide.steps:
        need_known = known or any(other.known and other.step in done for other in guide.steps)
        asks_only = text.rstrip().endswith("?") or any(other.said and other.step in found for other in guide.steps)
        if step.solved and need_known and len(text.strip()) >= ANSWER_CHARS and not asks_only:
            found.add(step.step)
    return found - set(done)


def missing(guide: Guide, done: Collection[str], outcome: str) -> list[GuideStep]:
    """The steps that must be done before the conversation may end so, in the guide's order."""
    return [step for step in guide.steps if outcome in step.required and step.step not in done]


def level_of(verification: Verification, matched: Collection[str]) -> int:
    """The highest level whose own and all lower levels' fields were confirmed; 0 for none."""
    reached = 0
    for number, level in enumerate(verification.levels, 1):
        if sum(field in matched for field in level.of) < level.count:
            break
        reached = number
    return reached


def unlocked(verification: Verification, reached: int) -> set[str]:
    """The sections of the card that this level opens."""
    return {section for level in verification.levels[:reached] for section in level.unlocks}


def lockable(verification: Verification) -> set[str]:
    """The sections that some level opens; whatever no level names is open to everybody."""
    return {section for level in verification.levels for section in level.unlocks}
