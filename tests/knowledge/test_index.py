"""Finding articles: people's own words find the article that was written for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client import Article, load_client
from bot.knowledge.index import Knowledge, terms

CLIENT = load_client("clients/pegadaian")
KNOWLEDGE = Knowledge(CLIENT.articles)
TOPICS = sorted({article.topic for article in CLIENT.articles})


def article(number: int, title: str, *, default: bool = False, answer: str = "Jawaban.", asked: list[str] | None = None) -> Article:
    return Article(
        id=f"a{number}", topic="t", title=title, asked_as=asked or [], answer=answer, source="s", confidence="A", default=default
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_nine_in_ten_questions_find_their_article_among_three(topic: str) -> None:
    asked = [(a, question) for a in CLIENT.articles if a.topic == topic for question in a.asked_as]
    missed = [
        (a.id, question)
        for a, question in asked
        # A question without a word of meaning ("info gadai") is answered by the topic's default article.
        if a.id not in [f.article.id for f in KNOWLEDGE.rank(topic, question)]
        and not ((found := KNOWLEDGE.answer(topic, question)) and found.article.id == a.id)
    ]
    assert len(missed) <= 0.1 * len(asked), missed


def test_nine_in_ten_questions_find_their_article_first() -> None:
    asked = [(a, question) for a in CLIENT.articles for question in a.asked_as]
    first = sum((r := KNOWLEDGE.rank(a.topic, question)) != [] and r[0].article.id == a.id for a, question in asked)
    assert first >= 0.9 * len(asked), f"{first} of {len(asked)}"


@pytest.mark.parametrize("question", ["", "   ", "xyzzy qwerty", "yang dan di", "!!!", "٣٤", "🙏🙏", "gadai"])
def test_what_says_nothing_gets_the_topic_s_default(question: str) -> None:
    assert KNOWLEDGE.rank("info_gadai", question) == []
    found = KNOWLEDGE.answer("info_gadai", question)
    assert found is not None
    assert found.article.default
    assert found.score == 0.0


def test_a_topic_without_articles_has_no_answer() -> None:
    assert KNOWLEDGE.answer("salam", "halo") is None
    assert KNOWLEDGE.rank("nirgends", "emas") == []
    assert Knowledge([]).answer("info_gadai", "emas") is None


def test_articles_without_a_word_are_no_fault() -> None:
    wordless = Knowledge([article(1, "yang", answer="dan", default=True)])
    assert wordless.rank("t", "emas") == []
    assert wordless.answer("t", "emas") is not None


def test_known_words_count_beside_unknown_ones() -> None:
    small = Knowledge([article(1, "Gadai emas", default=True), article(2, "Gadai motor"), article(3, "Lelang barang")])
    assert small.rank("t", "xyzzy motornya qwerty")[0].article.id == "a2"


@given(st.text(max_size=200), st.sampled_from(TOPICS))
def test_any_question_is_answered(question: str, topic: str) -> None:
    assert KNOWLEDGE.answer(topic, question) is not None
    ranked = KNOWLEDGE.rank(topic, question)
    assert [found.score for found in ranked] == sorted((found.score for found in ranked), reverse=True)
    assert len(ranked) <= 3


def test_terms_are_stems_without_fillers() -> None:
    assert terms("Bagaimana cara menggadaikan emas?") == ["gadai", "emas"]
    assert terms("apa") == []
    assert terms("apa", frozenset({"apa"})) == ["apa"]
