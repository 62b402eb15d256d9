"""What forms at the desk begin with, from what was said. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.assist.words import Words
from bot.client import Client
from bot.reservations.dates import read_when
from bot.reservations.rules import match_outlets
from bot.tickets.rules import summary_of

BREAK_IN = "keluhan_akun_dibobol"
TICKET_TOPICS = ("keluhan_", "data_pribadi")
DETAIL = 2000  # characters of what was said
LEAST_WORDS = 3  # a message that says less describes no problem
_SENTENCE = re.compile(r"(?<=[.!?\n])\s+")


@dataclass(frozen=True, slots=True)
class Said:
    """What is known for filling in: the customer's messages with their topics (the oldest first), the dialogue's form and slots, entities, flags."""

    texts: Sequence[str]
    topics: Sequence[str | None] = ()
    form: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    entities: Sequence[Mapping[str, Any]] = ()
    flags: frozenset[str] = frozenset()
    topic: str | None = None  # of the conversation


def ticket(said: Said, client: Client, words: Words) -> dict[str, Any] | None:
    """The ticket's form; None where nothing was complained about."""
    topic = _ticket_topic(said, client)
    if topic is None:
        return None
    problem = said.slots.get("complaint_detail") or _problem(said, words)
    detail = str(said.slots.get("complaint_detail") or "\n".join(t for t in said.texts if len(t.split()) >= LEAST_WORDS))[:DETAIL]
    return {
        "topic": topic,
        "summary": summary_of(first_sentence(str(problem))),
        "detail": detail,
        "product": product(said, client, words),
        "priority": "urgent" if topic == BREAK_IN or "fraud" in said.flags else "high" if "urgent" in said.flags else "normal",
    }


def reservation(said: Said, client: Client, now: datetime) -> dict[str, Any] | None:
    """The reservation's form: `outlet` an id, `visit_date` and `visit_time` ISO. None where no visit was spoken of."""
    wanted = said.form == "reservation_form" or said.topic == "reservasi_outlet" or "reservasi_outlet" in said.topics
    if not wanted:
        return None
    slots = said.slots
    found: dict[str, Any] = {name: slots.get(name) for name in ("outlet", "visit_date", "visit_time", "purpose")}
    for text in reversed(said.texts):
        outlets = match_outlets(text, client.outlets) if not found["outlet"] else []
        if len(outlets) == 1:
            found["outlet"] = outlets[0].id
        outlet = client.outlet_by_id.get(found["outlet"] or "")
        when = read_when(text, now.astimezone(ZoneInfo(outlet.timezone) if outlet else client.zone))
        found["visit_date"] = found["visit_date"] or (when.day.isoformat() if when.day else None)
        found["visit_time"] = found["visit_time"] or (when.time.strftime("%H:%M") if when.time else None)
    return found


def first_sentence(text: str) -> str:
    """The first sentence that says something."""
    parts = [part for part in _SENTENCE.split(text.strip()) if part]
    return next((part for part in parts if len(part.split()) >= LEAST_WORDS), parts[0] if parts else "")


def product(said: Said, client: Client, words: Words) -> str | None:
    """The product that was named last, as tickets call it."""
    names = sorted(client.tickets.products, key=len, reverse=True)
    for entity in reversed(said.entities):
        value = str(entity.get("value") or "").lower()
        if entity.get("entity") == "produk" and value:
            found = next((name for name in names if value in name.lower() or name.lower() in value), None)
            if found:
                return found
    parts = {name: frozenset(words.formal(name).split()) for name in names}
    for text in reversed(said.texts):
        spoken = frozenset(words.formal(text).split())
        found = next((name for name in names if parts[name] <= spoken), None)
        if found:
            return found
    return None


def _ticket_topic(said: Said, client: Client) -> str | None:
    """A break-in before all else; then what the form was about, what was said last, what the conversation is about."""
    seen = [said.slots.get("complaint_topic"), *reversed(said.topics), said.topic]
    fits = [topic for topic in seen if isinstance(topic, str) and topic in client.topics and topic.startswith(TICKET_TOPICS)]
    if BREAK_IN in fits:
        return BREAK_IN
    return fits[0] if fits else "keluhan_layanan" if said.form == "complaint_form" else None


def _problem(said: Said, words: Words) -> str:
    """The first message that complains; else the first that says something."""
    telling = [text for text in said.texts if len(words.terms(text).stems) >= 2]
    for text, topic in zip(said.texts, said.topics, strict=False):
        if topic and topic.startswith(TICKET_TOPICS) and len(text.split()) >= LEAST_WORDS:
            return text
    return telling[0] if telling else (said.texts[-1] if said.texts else "")
