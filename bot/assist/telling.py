"""Gathers what the summary of a conversation is told from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.assist.reading import Reader
from bot.assist.summary import Story
from bot.client import Client
from bot.conversations.records import messages
from bot.conversations.transcript import HIDDEN_KINDS
from bot.customers.records import customers
from bot.desk.card import form_of
from bot.handoff.records import handoffs
from bot.reservations.records import reservations
from bot.store.database import Tx
from bot.tickets.records import tickets

MOST = 400  # messages that are looked at
KNOWN_BY = 60  # an answer is told from its beginning, which is not filled in


async def story_of(tx: Tx, row: Row[Any], client: Client, reader: Reader) -> Story:
    """The story of a conversation as of now."""
    m = messages.c
    shown = (m.conversation_id == row.id) & m.note.is_(False) & m.kind.not_in(HIDDEN_KINDS) & m.revoked.is_(False)
    found = list(reversed((await tx.execute(select(m.author, m.text, m.content).where(shown).order_by(m.seq.desc()).limit(MOST))).all()))
    said = [each.text.strip() for each in found if each.author == "customer" and each.text.strip()]
    context = await context_of(tx, row)
    form = form_of(context, client) or {}
    guide = client.procedures.guides.get(row.procedure) or client.procedures.guides["nonvoice"]
    labels = {step.id: step.label for step in client.steps}
    done = row.steps or {}
    levels = client.procedures.verification.levels
    name = (await tx.execute(select(customers.c.name).where(customers.c.id == row.customer_id))).scalar()
    return Story(
        name=name,
        channel=row.channel,
        topic=client.topic_label(row.topic) if row.topic else None,
        said=_telling(said),
        form=form.get("label"),
        given=[(each["label"], str(each["value"])) for each in form.get("fields", ())],
        missing=form.get("missing", []),
        answered=_answered([each.text for each in found if each.author == "bot"], client),
        replies=sum(each.author == "agent" for each in found),
        made=await _made(tx, row, client),
        done=[labels[step.step] for step in guide.steps if step.step in done],
        open=[labels[step.step] for step in guide.steps if step.step not in done and step.required],
        verification=levels[min(row.verified, len(levels)) - 1].label if row.verified and levels else None,
        flags=[f"{flag.label} (“{flag.words[0]}”)" for flag in reader.flags(said)],
        files=sum(len((each.content or {}).get("media", ())) for each in found if each.author == "customer"),
    )


def _telling(said: list[str]) -> list[str]:
    """What says something: a message of two words or more where there is one."""
    longer = [text for text in said if len(text.split()) >= 2]
    return longer or said


def _answered(ours: list[str], client: Client) -> list[str]:
    """The titles of the articles that stand in what we said, in the order of the saying."""
    begins = [(article.answer.strip()[:KNOWN_BY], article.title) for article in client.articles]
    titles = [title for text in ours for begin, title in begins if begin and begin in text]
    return list(dict.fromkeys(titles))[:5]


async def _made(tx: Tx, row: Row[Any], client: Client) -> list[str]:
    t, r = tickets.c, reservations.c
    made = await tx.execute(select(t.number, t.status).where(t.conversation_id == row.id).order_by(t.created_at).limit(5))
    found = [f"tiket {each.number} ({client.tickets.statuses.get(each.status, each.status)})" for each in made]
    booked = await tx.execute(select(r.code).where(r.conversation_id == row.id, r.status == "booked").order_by(r.created_at).limit(5))
    return found + [f"reservasi {each.code}" for each in booked]


async def context_of(tx: Tx, row: Row[Any]) -> dict[str, Any]:
    """What the dialogue knew when it last handed over: a transfer among colleagues adds nothing to it."""
    newest = select(handoffs.c.context).where(handoffs.c.conversation_id == row.id).order_by(handoffs.c.episode.desc()).limit(10)
    return next((dict(context) for context in (await tx.execute(newest)).scalars() if context), {})
