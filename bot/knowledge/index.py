"""Finding the article that answers a question: BM25 over normalised, stemmed Indonesian, the topic given by the classifier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import bm25s
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from bot.client import Article

_STOP = frozenset(
    [
        "yang",
        "dan",
        "di",
        "ke",
        "dari",
        "untuk",
        "dengan",
        "ada",
        "apa",
        "apakah",
        "bagaimana",
        "gimana",
        "gmn",
        "cara",
        "saya",
        "sy",
        "aku",
        "kak",
        "min",
        "mau",
        "ingin",
        "bisa",
        "kah",
        "itu",
        "ini",
        "nya",
        "dong",
        "ya",
        "sih",
        "kok",
        "kalau",
        "klo",
        "kalo",
        "jika",
        "tolong",
        "mohon",
        "info",
        "tanya",
        "nanya",
        "pegadaian",
        "gadai",
        "gak",
        "tidak",
        "ga",
        "udah",
        "sudah",
        "mas",
        "mbak",
        "bapak",
        "ibu",
    ]
)
_stemmer = StemmerFactory().create_stemmer()


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_stemmer.stem(word))


def terms(text: str, keep: frozenset[str] = frozenset()) -> list[str]:
    """The stems that carry meaning, in order."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return [_stem(word) for word in words if word not in _STOP or word in keep]


@dataclass(frozen=True, slots=True)
class Found:
    """An article and how well it fits (BM25 score, no upper bound)."""

    article: Article
    score: float


class Knowledge:
    """The articles, indexed by topic: every way of asking is a document of its own, so a short question meets a short one."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._by_topic: dict[str, list[Article]] = {}
        for article in articles:
            self._by_topic.setdefault(article.topic, []).append(article)
        self._index = {topic: _TopicIndex(found) for topic, found in self._by_topic.items()}

    def answer(self, topic: str, question: str, least: float = 0.8) -> Found | None:
        """The best article of a topic, or its default where nothing fits better than `least`; None for a topic without articles."""
        ranked = self.rank(topic, question, 1)
        if ranked and ranked[0].score >= least:
            return ranked[0]
        default = next((a for a in self._by_topic.get(topic, ()) if a.default), None)
        return Found(default, 0.0) if default else None

    def rank(self, topic: str, question: str, most: int = 3) -> list[Found]:
        """The topic's articles that share a term with the question, best first."""
        index = self._index.get(topic)
        return index.rank(question)[:most] if index else []


class _TopicIndex:
    BODY = 0.25  # what an answer says counts less than how people ask for it

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = articles
        asked = [(number, line) for number, a in enumerate(articles) for line in (a.title, *a.asked_as)]
        self._owner = [number for number, _ in asked]
        self._asked = _bm25([terms(line) for _, line in asked])
        self._bodies = _bm25([terms(a.answer) for a in articles])

    def rank(self, question: str) -> list[Found]:
        """Every article that shares a term, best first; on a tie the one written first."""
        wanted = terms(question)
        if not wanted:
            return []
        best = [0.0] * len(self._articles)
        for owner, score in zip(self._owner, self._asked.get_scores(wanted), strict=True):
            best[owner] = max(best[owner], float(score))
        scores = [asked + self.BODY * float(body) for asked, body in zip(best, self._bodies.get_scores(wanted), strict=True)]
        found = [Found(article, score) for article, score in zip(self._articles, scores, strict=True) if score > 0]
        return sorted(found, key=lambda f: -f.score)


def _bm25(documents: list[list[str]]) -> bm25s.BM25:
    index = bm25s.BM25()
    index.index([document or ["-"] for document in documents], show_progress=False)
    return index
