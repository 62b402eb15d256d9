"""Which three answers to put before the agent: BM25 over how people ask, with the topic, the conversation so far and the form under way. Pure.

Every way of asking is a document of its own, so that a short question meets a short one; the answer as a whole is another, for messages that say
much. Stems and concepts are compared side by side. What is found is weighed with how likely its topic is; a message that hardly says anything is
read together with the ones before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import bm25s
import numpy as np
from numpy.typing import NDArray

from bot.assist.words import Terms, Words

MOST = 3
LEAST = 2.6  # below this a suggestion would be a guess
CONCEPT = 0.45  # a concept in common counts less than a word
WHOLE_ANSWER = 0.5  # all ways of asking and the text together: a long message meets several of them, yet one that fits says more
TOPIC = 3.6  # a topic that is certain
GOING_ON = 1.1  # the conversation's own topic
EARLIER = (1.0, 0.75, 0.55, 0.35, 0.2, 0.1)  # what was said before counts by how few words the message has
OURS = 0.4  # what we said last says less about what is wanted than what the customer said
DEFAULT = 0.5  # the article that introduces its topic
CANNED = 0.82  # an article answers; a canned reply mostly asks or soothes
WHOLE = 0.8  # the share of a way of asking that the message holds
COURTESY = frozenset({"salam", "terima_kasih", "pamit", "setuju", "tolak"})
COMPLAINT = "keluhan_"
UNSAID = frozenset({"tidak_jelas", "nlu_fallback"})
UNCLEAR = 0.4  # what says nothing clear is met with a canned reply for that, if one fits, by this share of a topic's weight
# What the customer does who answers our question for data.
GIVEN = "ini data saya"
_ASKED = re.compile(r"\b(?:mohon|tolong|boleh|silakan|bisa)\b[^.?!]*\b(?:sebut|tulis|kirim|konfirmasi|info|lampir|isi|foto)", re.IGNORECASE)
_ENGLISH = frozenset(
    """the is are was were have has had did does do can could would should my your you i im it this that what when where which how why not with from for and please
    want need help branch nearest much many thank thanks anyone there speak english get got yesterday today""".split()
)
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer that may be offered. `id`: k:article, r:reply or q:slot."""

    id: str
    kind: str  # knowledge | canned | question
    title: str
    text: str
    topics: tuple[str, ...] = ()
    asked_as: tuple[str, ...] = ()
    source: str | None = None
    last_confirmed: date | None = None
    default: bool = False
    language: str = "id"
    holder: str = ""  # the team it belongs to; "" for everybody


@dataclass(frozen=True, slots=True)
class Ask:
    """A customer's message and what is known around it. `before`: what the customer said earlier, the newest last."""

    text: str
    before: Sequence[str] = ()
    topics: Mapping[str, float] = field(default_factory=dict)  # as the engine ranks them; empty when it does not answer
    topic: str | None = None  # of the conversation
    question: Suggestion | None = None  # the next one of the form under way
    team: str = ""  # who answers: the replies of other teams are not theirs
    ours: str = ""  # what we said last, before the message


class Shelf:
    """What may be offered, indexed once."""

    def __init__(self, answers: Sequence[Suggestion], words: Words) -> None:
        self._answers = list(answers)
        self._words = words
        self._speller = words.speller(line for a in answers for line in (a.title, *a.asked_as))
        asked = [(number, words.terms(line)) for number, a in enumerate(answers) for line in (a.title, *a.asked_as)]
        self._owner = np.array([number for number, _ in asked], dtype=np.int64)
        self._length = np.array([max(1, len(set(terms.stems))) for _, terms in asked], dtype=np.float32)
        self._lines = [frozenset(terms.stems) for _, terms in asked]
        self._stems = _bm25([terms.stems for _, terms in asked])
        self._concepts = _bm25([terms.concepts for _, terms in asked])
        self._whole = _bm25([_all_stems((a.title, *a.asked_as, a.text), words) for a in answers])

    def fit(self, terms: Terms, concept: float = CONCEPT) -> Scores:
        """How well each answer fits what is said, without its topic. `concept`: what a concept in common counts."""
        best = np.zeros(len(self._answers), dtype=np.float32)
        if not terms.stems:
            return best
        lines = _scores(self._stems, terms.stems) + concept * _scores(self._concepts, terms.concepts)
        said = frozenset(terms.stems)
        whole = np.array([len(line & said) for line in self._lines], dtype=np.float32) / self._length
        np.maximum.at(best, self._owner, lines * (1 + WHOLE * whole * whole) / (1 + WHOLE))
        return best + WHOLE_ANSWER * _scores(self._whole, terms.stems)

    def suggest(self, ask: Ask) -> list[Suggestion]:
        """At most three, the best first; on a tie the one written first. None where nothing fits well enough."""
        if not self._answers:
            return [ask.question] if ask.question else []
        now = self._words.terms(ask.text, self._speller)
        courtesy = _courtesy(ask, now)
        language = language_of(ask.text)
        scores = self.fit(now, 1.0 if language != "id" else CONCEPT)
        if courtesy is None:
            scores = scores + self._around(ask, now)
        topics = _likely(ask, len(set(now.stems)))
        total = [
            self._total(each, float(score), topics, courtesy, language, ask.team) for each, score in zip(self._answers, scores, strict=True)
        ]
        order = sorted((n for n in range(len(total)) if total[n] >= LEAST), key=lambda n: (-total[n], n))
        order = order[:MOST] if courtesy is not None else _with_words_say(order, scores, total)
        found = [self._answers[n] for n in order]
        return _with_question(found, ask, now)

    def _around(self, ask: Ask, now: Terms) -> Scores:
        """What stands around the message: what was said before counts the more the less it says, and so does what we asked for."""
        weight = EARLIER[min(len(set(now.stems)), len(EARLIER) - 1)]
        scores = np.zeros(len(self._answers), dtype=np.float32)
        for text in list(ask.before)[:-4:-1]:
            scores = scores + weight * self.fit(self._words.terms(text, self._speller))
            weight *= 0.5
        if ask.ours:  # "ga masuk2" answers "masukkan kode OTP"
            scores = scores + OURS * EARLIER[min(len(set(now.stems)), len(EARLIER) - 1)] * self.fit(
                self._words.terms(ask.ours, self._speller)
            )
        clear = any(share >= 0.5 for topic, share in ask.topics.items() if topic not in UNSAID)
        if _ASKED.search(ask.ours) and not clear and "?" not in ask.text:
            scores = scores + self.fit(self._words.terms(GIVEN))
        return scores

    @staticmethod
    def _total(each: Suggestion, score: float, topics: Mapping[str, float], courtesy: str | None, language: str, team: str) -> float:
        if each.holder not in ("", team) or (each.language != "id" and each.language != language):
            return 0.0
        canned = each.kind == "canned"
        foreign = TOPIC if canned and each.language == language != "id" else 0.0  # whoever writes English is answered in English
        if courtesy is not None:  # thanks and greetings are answered with manners, not with an article
            return score + TOPIC + foreign if canned and courtesy in each.topics else 0.0
        prior = max((topics.get(topic, 0.0) for topic in each.topics if canned or topic not in UNSAID), default=0.0)
        if not score and not foreign and not (each.default and prior > 1.0):
            return 0.0
        total = score + prior + foreign + (DEFAULT if each.default else 0.0)
        return total * (CANNED if canned else 1.0)


def _with_words_say(order: Sequence[int], scores: Scores, total: Sequence[float]) -> list[int]:
    """The three best; the last place goes to what the words alone say, where the topic has kept it out: the engine may be wrong."""
    chosen = list(order[:MOST])
    spoken = max(order, key=lambda n: (float(scores[n]), -n), default=None)
    if spoken is not None and spoken not in chosen and scores[spoken] >= LEAST and total[spoken] > 0:
        chosen[-1] = spoken
    return chosen


def language_of(text: str) -> str:
    """English, or Indonesian: two English words that join others, a fifth of all at least."""
    words = re.findall(r"[a-z']+", text.lower())[:60]
    english = sum(word in _ENGLISH for word in words)
    return "en" if english >= 2 and english >= len(words) / 5 else "id"


def _courtesy(ask: Ask, now: Terms) -> str | None:
    """The manners that the whole message consists of, if it does."""
    if not ask.topics:
        return None
    best = max(ask.topics, key=lambda topic: ask.topics[topic])
    sure = best in COURTESY and ask.topics[best] >= 0.5
    return best if sure and len(now.stems) <= 6 else None


def _likely(ask: Ask, words: int) -> dict[str, float]:
    """What each topic adds: as the engine ranks it, and the conversation's own, the more the less the message says."""
    added = {topic: TOPIC * share * (UNCLEAR if topic in UNSAID else 1.0) for topic, share in ask.topics.items()}
    if ask.topic and ask.topic not in UNSAID:
        unsaid = 1.0 - sum(share for topic, share in ask.topics.items() if topic not in UNSAID)
        added[ask.topic] = added.get(ask.topic, 0.0) + GOING_ON + max(0.0, unsaid) * TOPIC * EARLIER[min(words, len(EARLIER) - 1)] / 2
    return added


def _with_question(found: list[Suggestion], ask: Ask, now: Terms) -> list[Suggestion]:
    """The form's next question goes first where the message asks for nothing else, last otherwise."""
    if ask.question is None:
        return found
    asks = any(topic.startswith("info_") and share >= 0.55 for topic, share in ask.topics.items()) or "?" in ask.text
    if asks and now.stems:
        return [*found[: MOST - 1], ask.question]
    return [ask.question, *found[: MOST - 1]]


def _all_stems(lines: Iterable[str], words: Words) -> list[str]:
    return [stem for line in lines for stem in words.terms(line).stems]


def _bm25(documents: Sequence[Sequence[str]]) -> bm25s.BM25:
    index = bm25s.BM25()
    if not documents:
        return index
    index.index([list(document) or ["-"] for document in documents], show_progress=False)
    return index


def _scores(index: bm25s.BM25, wanted: Sequence[str]) -> Scores:
    terms = list(dict.fromkeys(wanted))
    if not terms:
        return np.zeros(1, dtype=np.float32)
    scores: Scores = index.get_scores(terms)
    return scores
