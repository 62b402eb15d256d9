"""The review queue: what customers wrote and nobody has decided yet, masked, grouped, most useful first."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations.records import conversations, messages
from bot.conversations.transcript import iso
from bot.customers.records import customers
from bot.desk.errors import bad_field
from bot.handoff.records import handoffs
from bot.store.database import Database, Tx
from bot.training.grouping import grouped
from bot.training.masking import masked
from bot.training.records import reviews
from bot.training.usefulness import REASONS, Guess, Usefulness, usefulness

MOST = 5000  # messages looked at; of more the newest
PAGE = 40
ALSO = 1000  # messages that one decision covers; a larger group comes again
LISTED = 30  # of a group's other messages
DAYS = 30
KEPT = 20_000  # masked texts held in memory
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list. Days are the client's own, both included."""

    since: date | None = None
    until: date | None = None
    topic: str = ""
    channel: str = ""
    reason: str = ""
    search: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of the queue."""

    row: Row[Any]
    guess: Guess
    worth: Usefulness


class Queue:
    """Lists what is to be decided."""

    def __init__(self, db: Database, client: Client) -> None:
        self._db = db
        self._client = client
        self._masked: dict[tuple[str, str, int], str] = {}
        self._told: dict[str, list[str]] = {}  # conversation -> names given to a form
        self._groups: tuple[tuple[str, ...], list[int]] = ((), [])

    async def page(self, wanted: Wanted) -> Json:
        """One page of groups; `next` continues after it. Raises DeskError for a filter that makes no sense."""
        start, end = self._span(wanted)
        async with self._db.read() as tx:
            if len(self._masked) >= KEPT:
                self._masked, self._told = {}, {}
            rows = await self._candidates(tx, start, end, wanted.channel)
            handed = await _handed_over(tx, start)
        return await asyncio.to_thread(self._sorted, rows, handed, wanted)

    def text(self, row: Row[Any]) -> str:
        """The message as trainers may see it."""
        told = self._told.get(row.conversation_id, ())
        key = (row.id, row.text, len(told))
        shown = self._masked.get(key)
        if shown is None:
            shown = self._masked[key] = masked(row.text, [*names_of(row), *told])
        return shown

    def guess_json(self, guess: Guess) -> Json:
        """A guess in words."""
        return {
            "intent": guess.intent,
            "label": intent_label(self._client, guess.intent),
            "confidence": round(guess.confidence, 4),
            "fallback": guess.fallback,
            "second": {"intent": guess.second, "label": intent_label(self._client, guess.second)} if guess.second else None,
        }

    # --- inside

    def _span(self, wanted: Wanted) -> tuple[datetime, datetime | None]:
        if wanted.reason and wanted.reason not in REASONS:
            raise bad_field("Alasan tidak dikenal.")
        if wanted.topic and wanted.topic not in self._client.topics:
            raise bad_field("Topik tidak dikenal.")
        if wanted.since and wanted.until and wanted.since > wanted.until:
            raise bad_field("Tanggal awal harus sebelum tanggal akhir.")
        zone = self._client.zone
        since = datetime.combine(wanted.since, time(), zone) if wanted.since else self._db.clock.now() - timedelta(days=DAYS)
        return since, datetime.combine(wanted.until + timedelta(days=1), time(), zone) if wanted.until else None

    async def _candidates(self, tx: Tx, start: datetime, end: datetime | None, channel: str) -> list[Row[Any]]:
        m = messages.c
        where = [m.author == "customer", m.kind == "text", m.created_at >= start, m.revoked.is_(False), reviews.c.message_id.is_(None)]
        where += [m.created_at < end] if end else []
        where += [m.channel == channel] if channel else []
        columns = (m.id, m.conversation_id, m.seq, m.text, m.content, m.name, m.revoked, m.channel, m.created_at)
        listed = (
            select(*columns, customers.c.name.label("customer_name"), conversations.c.owner)
            .join(conversations, conversations.c.id == m.conversation_id)
            .join(customers, customers.c.id == conversations.c.customer_id)
            .outerjoin(reviews, reviews.c.message_id == m.id)
            .where(*where)
            .order_by(m.created_at.desc(), m.id.desc())
            .limit(MOST)
        )
        rows = (await tx.execute(listed)).all()
        for row in rows:
            if gives_name(row) and row.text not in self._told.setdefault(row.conversation_id, []):
                self._told[row.conversation_id].append(row.text)
        return [row for row in rows if reviewable(row)]

    def _sorted(self, rows: Sequence[Row[Any]], handed: dict[tuple[str, int], str], wanted: Wanted) -> Json:
        entries = [self._entry(row, handed) for row in rows]
        entries = [entry for entry in entries if self._fits(entry, wanted)]
        entries.sort(key=lambda e: e.row.id, reverse=True)
        entries.sort(key=lambda e: -e.worth.score)
        groups: dict[int, list[Entry]] = {}
        for entry, first in zip(entries, self._grouped(entries), strict=True):
            groups.setdefault(first, []).append(entry)
        scored = [(round(group[0].worth.score + 6 * math.log2(len(group)), 3), group) for group in groups.values()]
        scored.sort(key=lambda each: each[1][0].row.id, reverse=True)
        scored.sort(key=lambda each: -each[0])
        rest = scored
        if wanted.after:
            score, last = _cursor(wanted.after)
            rest = [each for each in scored if each[0] < score or (each[0] == score and each[1][0].row.id < last)]
        shown = rest[:PAGE]
        more = f"{shown[-1][0]}:{shown[-1][1][0].row.id}" if len(rest) > PAGE else None
        return {
            "groups": [self._group(score, group) for score, group in shown],
            "next": more,
            "total": {"groups": len(scored), "messages": len(entries)},
            "cut": len(rows) >= MOST,
        }

    def _grouped(self, entries: Sequence[Entry]) -> list[int]:
        ids = tuple(entry.row.id for entry in entries)
        if self._groups[0] != ids:
            self._groups = (ids, grouped([self.text(entry.row) for entry in entries]))
        return self._groups[1]

    def _entry(self, row: Row[Any], handed: dict[tuple[str, int], str]) -> Entry:
        guess = Guess.of(row.content["insight"])
        reason = handed.get((row.conversation_id, row.seq))
        marked, suggested = (bool(row.content.get(name)) for name in ("marked_wrong", "suggested_wrong"))
        return Entry(row, guess, usefulness(guess, handed_over=reason, marked_wrong=marked, suggested_wrong=suggested))

    def _fits(self, entry: Entry, wanted: Wanted) -> bool:
        if wanted.reason and wanted.reason not in entry.worth.reasons:
            return False
        if wanted.topic and self._client.topic_of(entry.guess.intent) != wanted.topic:
            return False
        return all(word in self.text(entry.row).lower() for word in wanted.search.lower().split())

    def _group(self, score: float, group: Sequence[Entry]) -> Json:
        first, others = group[0], group[1:]
        return {
            "id": first.row.id,
            "text": self.text(first.row),
            "at": iso(first.row.created_at),
            "channel": first.row.channel,
            "guess": self.guess_json(first.guess),
            "reasons": [{"id": reason, "label": REASONS[reason]} for reason in first.worth.reasons],
            "score": score,
            "also": [entry.row.id for entry in others[:ALSO]],
            "others": [{"id": entry.row.id, "text": self.text(entry.row), "at": iso(entry.row.created_at)} for entry in others[:LISTED]],
        }


def reviewable(row: Row[Any]) -> bool:
    """Whether a message's understanding can be judged at all: written, not tapped, read by the model, and no answer to a form."""
    content = row.content or {}
    insight = content.get("insight")
    if row.revoked:
        return False
    return bool(
        isinstance(insight, dict) and insight.get("intent") and not content.get("choice") and not insight.get("form") and row.text.strip()
    )


def names_of(row: Row[Any]) -> list[str]:
    """What the customer is called."""
    return [name for name in (row.customer_name, row.name) if name]


def gives_name(row: Row[Any]) -> bool:
    """Whether a customer's message is the answer to a form's question for the name."""
    insight = (row.content or {}).get("insight")
    return isinstance(insight, dict) and "reporter" in (insight.get("answers") or ())


def intent_label(client: Client, intent: str | None) -> str:
    """An intent as trainers read it: the topic, and for one that only belongs to a topic its own name as well."""
    if not intent:
        return "Belum diketahui"
    if intent in client.topics:
        return client.topics[intent]
    words = intent.replace("_", " ")
    return f"{client.topic_label(client.intents[intent])}: {words}" if intent in client.intents else words.capitalize()


async def _handed_over(tx: Tx, start: datetime) -> dict[tuple[str, int], str]:
    """(conversation, seq) of each customer's message right before a hand-off, and why it was handed over."""
    m, h = messages.c, handoffs.c
    asked = (
        select(h.conversation_id, h.reason, h.queued_at, m.seq, m.created_at)
        .join(messages, m.conversation_id == h.conversation_id)
        .where(h.queued_at >= start, m.author == "customer", m.created_at <= h.queued_at)
        .order_by(h.conversation_id, h.episode, m.seq)
    )
    last: dict[tuple[str, datetime], tuple[int, str]] = {}
    for row in await tx.execute(asked):
        last[(row.conversation_id, row.queued_at)] = (row.seq, row.reason)
    return {(conversation, seq): reason for (conversation, _), (seq, reason) in last.items()}


def _cursor(after: str) -> tuple[float, str]:
    score, _, last = after.partition(":")
    try:
        return float(score), last
    except ValueError:
        raise bad_field("Halaman tidak dikenal.") from None
