"""What the assist may offer: the client's articles and replies, the replies written at the desk, the questions of the forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.assist.ranking import Suggestion
from bot.client import Article, Client
from bot.client_desk import CannedReply

# Asked as the dialogue asks them. The slots of each form in their order.
QUESTIONS = {
    "complaint_form": ("consent_given", "complaint_detail", "reporter", "contact"),
    "reservation_form": ("consent_given", "outlet", "visit_date", "visit_time", "purpose", "reporter"),
}
_TITLES = {
    "consent_given": "Tanyakan persetujuan data",
    "complaint_detail": "Tanyakan uraian kendala",
    "reporter": "Tanyakan nama",
    "contact": "Tanyakan nomor telepon",
    "outlet": "Tanyakan outlet",
    "visit_date": "Tanyakan tanggal kunjungan",
    "visit_time": "Tanyakan jam kunjungan",
    "purpose": "Tanyakan keperluan kunjungan",
}
_TEXTS = {
    "complaint_detail": "Mohon ceritakan kendala Bapak/Ibu: apa yang terjadi, kapan, dan produk atau transaksi apa.",
    "reporter": "Mohon tuliskan nama lengkap Bapak/Ibu.",
    "contact": "Mohon tuliskan nomor telepon yang dapat kami hubungi, Bapak/Ibu.",
    "visit_date": "Tanggal berapa Bapak/Ibu ingin berkunjung?",
    "visit_time": "Pukul berapa Bapak/Ibu ingin berkunjung?",
}


def of_article(article: Article) -> Suggestion:
    """An article as it may be offered."""
    return Suggestion(
        f"k:{article.id}",
        "knowledge",
        article.title,
        article.answer.strip(),
        (article.topic,),
        tuple(article.asked_as),
        article.source,
        article.last_confirmed,
        article.default,
    )


def of_reply(reply: CannedReply) -> Suggestion:
    """A reply of the client's, its places not yet filled in."""
    return Suggestion(
        f"r:{reply.shortcut}",
        "canned",
        reply.title,
        reply.text,
        tuple(reply.topics),
        tuple(reply.asked_as),
        reply.source,
        reply.last_confirmed,
        language=reply.language,
    )


def of_client(client: Client) -> list[Suggestion]:
    """Everything of the client's."""
    return [*map(of_article, client.articles), *map(of_reply, client.replies)]


def next_question(form: str | None, slots: Mapping[str, Any], client: Client) -> Suggestion | None:
    """The first question of the form that has no answer yet; None where there is no form, or nothing left to ask."""
    wanted = QUESTIONS.get(form or "", ())
    slot = next((name for name in wanted if slots.get(name) is None), None)
    if slot is None:
        return None
    return Suggestion(f"q:{slot}", "question", _TITLES[slot], _text(slot, client))


def _text(slot: str, client: Client) -> str:
    if slot == "consent_given":
        return client.consent.text.strip()
    if slot == "outlet":
        cities = sorted({outlet.city for outlet in client.outlets})
        return f"Di kota atau outlet mana Bapak/Ibu ingin berkunjung? Reservasi tersedia di: {', '.join(cities)}."
    if slot == "purpose":
        return f"Apa keperluan kunjungan Bapak/Ibu? Pilihannya: {', '.join(client.reservations.purposes)}."
    return _TEXTS[slot]


def topics_of(insight: Mapping[str, Any] | None, client: Client) -> dict[str, float]:
    """How likely each topic is, from the engine's ranking of intents; the intents of one topic add up."""
    shares: dict[str, float] = {}
    for ranked in _ranking(insight or {}):
        name, share = ranked.get("name"), ranked.get("confidence")
        if isinstance(name, str) and isinstance(share, int | float) and name != "nlu_fallback":
            topic = client.topic_of(name)
            shares[topic] = shares.get(topic, 0.0) + float(share)
    return shares


def _ranking(insight: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    ranking = insight.get("ranking")
    if isinstance(ranking, list) and ranking:
        return [each for each in ranking if isinstance(each, Mapping)]
    return [{"name": insight.get("intent"), "confidence": insight.get("confidence")}]
