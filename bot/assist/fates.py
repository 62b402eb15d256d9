"""What became of a suggestion: inserted, used, edited, ignored, wrong. Each is a fact, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from bot.assist.records import assists
from bot.conversations import facts
from bot.conversations.transcript import iso
from bot.store.database import Tx

FINAL = frozenset({"used", "edited", "ignored", "wrong"})
ALIKE = 0.5  # share of words from which a reply counts as an edited suggestion
LATEST = 20  # messages of a customer that one reply settles
COMPARED = 400  # words
Json = dict[str, Any]


def fate_of(offered: str, sent: str) -> str:
    """What a reply did with the suggestion it came from. Pure."""
    if offered.strip() == sent.strip():
        return "used"
    before, after = (text.lower().split()[:COMPARED] for text in (offered, sent))
    return "edited" if SequenceMatcher(None, before, after, autojunk=False).ratio() >= ALIKE else "ignored"


async def settle(
    tx: Tx, row: Row[Any], agent: str, text: str, suggestion: Mapping[str, str] | None, texts: Mapping[str, str] | None = None
) -> str | None:
    """A reply was sent: every suggestion still open in the conversation gets its fate. Returns that of the one the text came from.

    `suggestion`: {"message", "id"}, what the text came from; `texts`: how suggestions read with their places filled in, by id. The caller
    holds the conversation's row.
    """
    became: str | None = None
    newest = (
        select(assists).where(assists.c.conversation_id == row.id).order_by(assists.c.at.desc(), assists.c.message_id.desc()).limit(LATEST)
    )
    for each in (await tx.execute(newest)).all():
        fates: Json = dict(each.fates or {})
        for rank, offered in enumerate(suggestions_of(each), 1):
            if (fates.get(offered["id"]) or {}).get("fate") in FINAL:
                continue
            named = suggestion is not None and (suggestion.get("message"), suggestion.get("id")) == (each.message_id, offered["id"])
            fate = fate_of((texts or {}).get(offered["id"], offered["text"]), text) if named else "ignored"
            became = fate if named else became
            fates[offered["id"]] = await _noted(tx, each, offered, rank, fate, agent)
        if fates != (each.fates or {}):
            await tx.execute(update(assists).where(assists.c.message_id == each.message_id).values(fates=fates))
    return became


async def decide(tx: Tx, each: Row[Any], suggestion: str, fate: str, agent: str) -> dict[str, str] | None:
    """An agent put a suggestion into the reply, or called it wrong. Said twice it changes nothing. None: it was never offered."""
    fates: Json = dict(each.fates or {})
    found = next(((rank, one) for rank, one in enumerate(suggestions_of(each), 1) if one["id"] == suggestion), None)
    if found is None:
        return None
    before = (fates.get(suggestion) or {}).get("fate")
    if before != fate and not (fate == "inserted" and before in FINAL):
        fates[suggestion] = await _noted(tx, each, found[1], found[0], fate, agent)
        await tx.execute(update(assists).where(assists.c.message_id == each.message_id).values(fates=fates))
    return {one: entry["fate"] for one, entry in fates.items()}


def suggestions_of(each: Row[Any]) -> Sequence[Json]:
    """What was offered for a message, the best first."""
    return (each.offered or {}).get("suggestions") or []


def suggestion_of(body: Mapping[str, Any]) -> dict[str, str] | None:
    """What a reply says it came from; None for none, and for what names none."""
    given = body.get("suggestion")
    if not isinstance(given, Mapping):
        return None
    message, one = given.get("message"), given.get("id")
    if not (isinstance(message, str) and isinstance(one, str) and message.isascii() and message.isalnum() and len(message) <= 26):
        return None
    return {"message": message, "id": one}


async def _noted(tx: Tx, each: Row[Any], offered: Json, rank: int, fate: str, agent: str) -> Json:
    topic = ((each.offered or {}).get("topic") or {}).get("id")
    await facts.record(
        tx,
        "suggestion_fate",
        conversation=each.conversation_id,
        agent=agent,
        message=each.message_id,
        suggestion=offered["id"],
        type=offered["kind"],
        topic=topic,
        fate=fate,
        rank=rank,
    )
    return {"fate": fate, "at": iso(tx.now), "by": agent}
