"""One message of a customer with a person: everything the assist says about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.assist import prefill
from bot.assist.flags import Flag, Flags
from bot.assist.ranking import Ask, Shelf, Suggestion
from bot.assist.shelf import next_question, topics_of
from bot.assist.words import Words
from bot.client import Client

CLEAR = 0.5  # from here on an earlier message says what the conversation is about
ABOUT = ("info_", "keluhan_", "reservasi", "cek_", "data_")  # topics that are about something
LABELS = {
    "produk": "Produk",
    "kota": "Kota",
    "nomor_tiket": "Nomor tiket",
    "nominal": "Jumlah",
    "nomor_kontrak": "Nomor kontrak",
    "telepon": "Nomor telepon",
    "kode_reservasi": "Kode reservasi",
}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A customer's message: what was said and what the engine made of it, if it was asked."""

    text: str
    insight: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A conversation up to the message to answer, which is the last of `spoken`."""

    spoken: Sequence[Spoken]
    now: datetime
    topic: str | None = None
    team: str = ""
    form: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    ours: str = ""  # what we said last before the message


class Reader:
    """Reads situations with a client's data."""

    def __init__(self, client: Client, words: Words, flags: Flags) -> None:
        self._client = client
        self._words = words
        self._flags = flags

    def read(self, message: str, situation: Situation, shelf: Shelf) -> Json:
        """The assist of a message, as docs/protocols.md shows it, but for `took_ms` and `duplicates`."""
        last = situation.spoken[-1]
        insight = last.insight or {}
        entities = [e for e in insight.get("entities") or () if isinstance(e, Mapping) and e.get("entity") in LABELS]
        flags = self._flags.raised(last.text)
        return {
            "message": message,
            "topic": self._topic(insight),
            "entities": [{"entity": e["entity"], "label": LABELS[e["entity"]], "value": e.get("value")} for e in entities],
            "suggestions": [_shown(each) for each in shelf.suggest(self._ask(situation))],
            "prefill": self._prefill(situation, entities),
            "flags": [flag.to_json() for flag in flags],
        }

    def flags(self, texts: Sequence[str]) -> list[Flag]:
        """The flags of a whole conversation, each with its first words."""
        found: dict[str, Flag] = {}
        for text in texts:
            for flag in self._flags.raised(text):
                found.setdefault(flag.id, flag)
        return list(found.values())

    def _topic(self, insight: Mapping[str, Any]) -> Json | None:
        intent = insight.get("intent")
        if not isinstance(intent, str):
            return None
        topic = self._client.topic_of(intent)
        return {"id": topic, "label": self._client.topic_label(topic), "confidence": insight.get("confidence")}

    def _ask(self, situation: Situation) -> Ask:
        *before, last = situation.spoken
        topics = topics_of(last.insight, self._client) if last.insight else {}
        question = next_question(situation.form, situation.slots, self._client)
        topic = self._going_on(before) or situation.topic
        return Ask(last.text, [each.text for each in before], topics, topic, question, situation.team, situation.ours)

    def _going_on(self, before: Sequence[Spoken]) -> str | None:
        """What the conversation was about before this message: the last clear topic of the three messages before."""
        for each in list(before)[:-4:-1]:
            topic = self._clear(each)
            if topic:
                return topic
        return None

    def _clear(self, spoken: Spoken) -> str | None:
        insight = spoken.insight or {}
        topic = self._client.topic_of(insight.get("intent")) if insight else ""
        return topic if topic.startswith(ABOUT) and (insight.get("confidence") or 0) >= CLEAR else None

    def _prefill(self, situation: Situation, entities: Sequence[Mapping[str, Any]]) -> Json:
        texts = [each.text for each in situation.spoken]
        flags = frozenset(flag.id for flag in self.flags(texts))
        topics = [self._clear(each) for each in situation.spoken]
        said = prefill.Said(texts, topics, situation.form, situation.slots, entities, flags, situation.topic)
        return {
            "ticket": prefill.ticket(said, self._client, self._words),
            "reservation": prefill.reservation(said, self._client, situation.now),
        }


def _shown(each: Suggestion) -> Json:
    return {
        "id": each.id,
        "kind": each.kind,
        "title": each.title,
        "text": each.text,
        "source": each.source,
        "last_confirmed": each.last_confirmed.isoformat() if each.last_confirmed else None,
    }
