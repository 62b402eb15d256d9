"""What the desk is shown: summaries, cards, messages, as docs/protocols.md says. Each in a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.engine import Row

from bot.channels.delivery import reachable, window_closes_at
from bot.client import Client, Step
from bot.consent.service import latest
from bot.conversations.idle import IdleState, idle_due
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.service import idle_times
from bot.conversations.transcript import HIDDEN_KINDS, iso, present, read
from bot.customers.records import customers, identities
from bot.customers.service import handle_of
from bot.desk.access import LEADS
from bot.desk.card import form_of, slots_of
from bot.desk.floor_views import OnFloor, floor_of, person, written_up_by
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.ticket_views import TicketViews
from bot.dialogue.unit import Library
from bot.handoff.routing import FRONT
from bot.handoff.service import episode
from bot.procedure.rules import lockable, unlocked
from bot.reservations.records import reservations
from bot.reservations.service import present as present_reservation
from bot.store.database import Tx
from bot.tickets import service as tickets

LISTED = 200
EARLIER = 10
BOXES = ("queue", "mine", "all")
_OUTCOMES = {"abandoned": "Nasabah meninggalkan antrean"}  # outcomes that no agent chooses
Json = dict[str, Any]


class Views:
    """Builds what is shown. `sign_media` turns a media URL into one that may be fetched."""

    def __init__(self, library: Library, sign_media: Callable[[str], str]) -> None:
        self._client: Client = library.client
        self._sign = sign_media
        self.tickets = TicketViews(library, sign_media)

    async def box(self, tx: Tx, box: str, agent_id: str) -> list[Json]:
        """The summaries of a box: queue in the order of service, mine the longest waiting first, all the newest first."""
        c = conversations.c
        listed = select(conversations)
        if box == "queue":
            front = case((c.reason.in_(FRONT), 0), else_=1)
            listed = listed.where(c.owner == Owner.QUEUE).order_by(c.urgent.desc(), front, c.queued_at, c.id)
        elif box == "mine":
            never = case((c.waiting_since.is_(None), 1), else_=0)
            mine = (c.owner == Owner.AGENT) & (c.agent_id == agent_id)
            listed = listed.where(or_(mine, c.id.in_(written_up_by(agent_id)))).order_by(never, c.waiting_since, c.last_at.desc())
        else:
            listed = listed.where(c.owner != Owner.CLOSED).order_by(c.last_at.desc(), c.id.desc())
        return await self.summaries(tx, (await tx.execute(listed.limit(LISTED))).all())

    async def counts(self, tx: Tx, agent_id: str) -> Json:
        """How many are in each box; what one still writes up is one's own."""
        c = conversations.c
        mine = (c.owner == Owner.AGENT) & (c.agent_id == agent_id)
        columns = (func.count(), func.sum(case((c.owner == Owner.QUEUE, 1), else_=0)), func.sum(case((mine, 1), else_=0)))
        writing = select(func.count()).select_from(written_up_by(agent_id).subquery()).scalar_subquery()
        found = (await tx.execute(select(*columns, writing).where(c.owner != Owner.CLOSED))).one()
        everything, queue, own, written = (int(count or 0) for count in found)
        return {"all": everything, "queue": queue, "mine": own + written}

    async def by_ids(self, tx: Tx, ids: Sequence[str]) -> list[Json]:
        """Summaries of the conversations that exist."""
        if not ids:
            return []
        return await self.summaries(tx, (await tx.execute(select(conversations).where(conversations.c.id.in_(ids)))).all())

    async def summary(self, tx: Tx, conversation: str) -> Json:
        """The summary of one conversation, as it is now in the transaction."""
        return (await self.by_ids(tx, [conversation]))[0]

    async def summaries(self, tx: Tx, rows: Sequence[Row[Any]]) -> list[Json]:
        """Rows as shown: four queries, however many."""
        if not rows:
            return []
        people = {row.customer_id for row in rows}
        names = {row.id: row.name for row in await tx.execute(select(customers.c.id, customers.c.name).where(customers.c.id.in_(people)))}
        known: dict[str, dict[str, str]] = {}
        wanted = select(identities.c.customer_id, identities.c.kind, identities.c.value).where(identities.c.customer_id.in_(people))
        for row in await tx.execute(wanted.order_by(identities.c.id)):
            known.setdefault(row.customer_id, {})[row.kind] = row.value
        floor = await floor_of(tx, [row.id for row in rows])
        agents: dict[str, str] = {}
        if named := {row.agent_id for row in rows if row.agent_id} | {agent for each in floor.values() for agent in each.agents}:
            agents = {row.id: row.name for row in await tx.execute(select(users.c.id, users.c.name).where(users.c.id.in_(named)))}
        return [self._summary(row, names.get(row.customer_id), known.get(row.customer_id, {}), agents, floor[row.id]) for row in rows]

    def team(self, team: str) -> Json:
        """A team as shown."""
        named = self._client.floor.teams.get(team) or self._client.ticketing.units.get(team)
        return {"id": team, "label": named.label if named else team}

    def _summary(self, row: Row[Any], name: str | None, known: dict[str, str], agents: dict[str, str], floor: OnFloor) -> Json:
        client = self._client
        return {
            "id": row.id,
            "channel": row.channel,
            "customer": {"id": row.customer_id, "name": name, "handle": handle_of(known)},
            "owner": row.owner,
            "agent": person(row.agent_id, agents),
            "episode": row.episode,
            "reason": self._reason(row.reason),
            "topic": self._topic(row.topic),
            "urgent": row.urgent,
            "queued_at": iso(row.queued_at),
            "opened_at": iso(row.opened_at),
            "closed_at": iso(row.closed_at),
            "last_at": iso(row.last_at),
            "last_text": row.last_text,
            "last_author": row.last_author,
            "waiting_since": iso(row.waiting_since),
            "unread": row.unread,
            "idle_due_at": iso(idle_due(IdleState(row.owner, row.idle_since, row.idle_stage), idle_times(client))),
            "window_closes_at": iso(window_closes_at(row)),
            "late": row.late,
            "manual": not reachable(row),
            "team": self.team(row.team),
            "language": row.language,
            **floor.shown(row.owner == Owner.QUEUE, agents),
        }

    def _reason(self, reason: str | None) -> Json | None:
        return {"id": reason, "label": self._client.handoff.reasons.get(reason, reason)} if reason else None

    def _topic(self, topic: str | None) -> Json | None:
        return {"id": topic, "label": self._client.topic_label(topic)} if topic else None

    def _outcome(self, outcome: str | None) -> Json | None:
        if not outcome:
            return None
        return {"id": outcome, "label": self._client.handoff.outcomes.get(outcome) or _OUTCOMES.get(outcome, outcome)}

    async def transcript(self, tx: Tx, conversation: str, after: int = 0) -> list[Json]:
        """The messages after `after`, notes included, media signed."""
        return self._signed(await read(tx, conversation, after))

    async def messages(self, tx: Tx, conversation: str, seqs: Sequence[int]) -> list[Json]:
        """Certain messages of a conversation, in order."""
        where = (messages.c.conversation_id == conversation) & messages.c.seq.in_(seqs) & messages.c.kind.not_in(HIDDEN_KINDS)
        rows = (await tx.execute(select(messages).where(where).order_by(messages.c.seq))).all()
        return self._signed(await present(tx, conversation, rows))

    def _signed(self, shown: list[Json]) -> list[Json]:
        for message in shown:
            for file in message.get("media", ()):
                file["url"] = self._sign(file["url"])
        return shown

    async def card(self, tx: Tx, row: Row[Any], user: User) -> Json:
        """What an agent should know without reading everything; of the customer's past only what verification has opened."""
        client = self._client
        rules = client.procedures.verification
        opened = lockable(rules) if user.role in LEADS else unlocked(rules, row.verified)
        shown_tickets, locked_tickets = _part(await tickets.of_customer(tx, row.customer_id), row.id, "tickets" in opened)
        shown_reservations, locked_reservations = _part(await self._reservations(tx, row.customer_id), row.id, "reservations" in opened)
        earlier = await self._earlier(tx, row)
        handed = await episode(tx, row.id, row.episode) if row.episode else None
        context: Json = (handed.context or {}) if handed is not None else {}
        consent = await latest(tx, row.customer_id, client.consent.purpose)
        return {
            "reason": self._reason(handed.reason if handed is not None else row.reason),
            "topic": self._topic(row.topic or (handed.topic if handed is not None else None)),
            "confidence": context.get("confidence", row.confidence),
            "failed_turns": context.get("failed_turns", row.failed_turns),
            "form": form_of(context, client),
            "slots": slots_of(context, client),
            "consent": {
                "state": consent.decision if consent is not None else "none",
                "at": iso(consent.at) if consent is not None else None,
                "version": consent.text_version if consent is not None else None,
                "channel": consent.channel if consent is not None else None,
            },
            "steps": [_step(step, row.steps or {}) for step in client.steps],
            "tickets": await self.tickets.card(tx, shown_tickets),
            "reservations": [present_reservation(each, client) for each in shown_reservations],
            "earlier": earlier if "history" in opened else [],
            "locked": {
                "contact": "contact" not in opened,
                "tickets": locked_tickets,
                "reservations": locked_reservations,
                "history": 0 if "history" in opened else len(earlier),
            },
            "insights": await self._insights(tx, row.id),
        }

    async def _reservations(self, tx: Tx, customer: str) -> Sequence[Row[Any]]:
        newest = select(reservations).where(reservations.c.customer_id == customer).order_by(reservations.c.starts_at.desc())
        return (await tx.execute(newest.limit(EARLIER))).all()

    async def _earlier(self, tx: Tx, row: Row[Any]) -> list[Json]:
        others = (conversations.c.customer_id == row.customer_id) & (conversations.c.id != row.id)
        newest = select(conversations).where(others).order_by(conversations.c.opened_at.desc(), conversations.c.id.desc()).limit(EARLIER)
        return [
            {
                "id": each.id,
                "opened_at": iso(each.opened_at),
                "closed_at": iso(each.closed_at),
                "topic": self._topic(each.topic),
                "channel": each.channel,
                "outcome": self._outcome(each.outcome),
            }
            for each in await tx.execute(newest)
        ]

    async def _insights(self, tx: Tx, conversation: str) -> Json:
        where = (messages.c.conversation_id == conversation) & (messages.c.author == "customer")
        rows = await tx.execute(select(messages.c.id, messages.c.content).where(where).order_by(messages.c.seq.desc()).limit(500))
        shown = {}
        for row in rows:
            content = row.content or {}
            insight = content.get("insight")
            if isinstance(insight, dict):
                wrong = {"wrong": True} if content.get("marked_wrong") else {}
                shown[row.id] = {"topic": insight.get("topic"), "confidence": insight.get("confidence"), **wrong}
        return shown


def _part(rows: Sequence[Row[Any]], conversation: str, opened: bool) -> tuple[list[Row[Any]], int]:
    """What may be shown, and how many are locked; what was made in this conversation always may."""
    shown = [row for row in rows if opened or row.conversation_id == conversation]
    return shown, len(rows) - len(shown)


def presence_json(row: Row[Any] | None, client: Client) -> Json:
    """A presence as shown; never seen is offline."""
    if row is None:
        return {"state": "offline", "reason": None, "since": None, "limit_at": None}
    minutes = client.floor.presence.aux_limit_minutes.get(row.reason or "") if row.state == "aux" else None
    limit = row.since + timedelta(minutes=minutes) if minutes else None
    return {"state": row.state, "reason": row.reason, "since": iso(row.since), "limit_at": iso(limit)}


def _step(step: Step, done: Json) -> Json:
    return {"id": step.id, "label": step.label, "done": step.id in done, "at": _utc((done.get(step.id) or {}).get("at"))}


def _utc(at: Any) -> str | None:
    try:
        return iso(datetime.fromisoformat(at)) if isinstance(at, str) else None
    except ValueError:
        return None
