"""The hand-off: into the queue, to one agent, back to the bot, closed. One row an episode keeps what the bot knew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, insert, or_, select, update
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.service import OwnerChanged, change_owner, close, get, stop_waiting, wait_for_customer
from bot.conversations.timers import drop_timer, set_timer
from bot.dialogue.unit import Unit
from bot.handoff import offers, wrapup
from bot.handoff.language import language_of
from bot.handoff.people import AT_DESK, STAFFED, alive_since, load_of, loads, place_freed
from bot.handoff.presence import hold, set_presence
from bot.handoff.records import handoffs, people, presence
from bot.handoff.routing import FRONT
from bot.handoff.rules import Floor, in_hours
from bot.store.database import Tx

LISTENED = 10  # so many of the customer's latest messages tell the language
MEASURED, ENOUGH = 100, 5  # conversations of today that the handling time is taken from


@dataclass(frozen=True, slots=True)
class HandOver:
    """The effect of a turn that gives the conversation to people. `context`: slots, form, failed turns, as of now."""

    reason: str
    urgent: bool = False
    context: dict[str, Any] = field(default_factory=dict)

    async def apply(self, tx: Tx, unit: Unit) -> None:
        row = await get(tx, unit.conversation.id)
        if row is not None and row.owner == Owner.BOT:
            await enqueue(tx, row, unit.client, reason=self.reason, urgent=self.urgent, context=self.context, by="bot")


async def enqueue(
    tx: Tx,
    conversation: Row[Any],
    client: Client,
    *,
    reason: str,
    by: str,
    urgent: bool = False,
    late: bool = False,
    context: dict[str, Any] | None = None,
    team: str | None = None,
    since: datetime | None = None,
    **handed: str | None,
) -> None:
    """Put it in the queue of a team, by default the first one's: a new episode. Raises OwnerChanged.

    `since`: when the customer began to wait, where that was before. `handed`: of a transfer, `from_agent_id`, `for_agent_id` and `note`.
    """
    episode = conversation.episode + 1
    team = team or first_team(client)
    await stop_waiting(tx, conversation.id)
    await change_owner(
        tx,
        conversation,
        Owner.QUEUE,
        by=by,
        agent_id=None,
        episode=episode,
        reason=reason,
        urgent=urgent,
        late=late or conversation.late,
        queued_at=min(since or tx.now, tx.now),
        idle_since=None,
        idle_stage=0,
        team=team,
        language=await _language(tx, conversation, client),
    )
    await tx.execute(
        insert(handoffs).values(
            conversation_id=conversation.id,
            episode=episode,
            reason=reason,
            urgent=urgent,
            topic=conversation.topic,
            context=context or {},
            queued_at=tx.now,
            team=team,
            **handed,
        )
    )
    await facts.record(
        tx,
        "handoff_offered",
        conversation=conversation.id,
        customer=conversation.customer_id,
        reason=reason,
        urgent=urgent,
        episode=episode,
        team=team,
    )
    if not late:
        await set_timer(tx, "queue", conversation.id, tx.now + timedelta(seconds=client.handoff.promise_after_s))
    tx.publish("queue", id=conversation.id)


def first_team(client: Client) -> str:
    """The team conversations begin in."""
    return next(iter(client.floor.teams))


async def _language(tx: Tx, conversation: Row[Any], client: Client) -> str:
    where = (messages.c.conversation_id == conversation.id) & (messages.c.author == "customer")
    said = (await tx.execute(select(messages.c.text).where(where).order_by(messages.c.seq.desc()).limit(LISTENED))).scalars().all()
    found = language_of(said)
    return found if found in client.floor.languages else next(iter(client.floor.languages))


class Full(Exception):
    """The agent has as many conversations as may be. `held`: how many."""

    def __init__(self, held: int) -> None:
        super().__init__(held)
        self.held = held


async def make_room(tx: Tx, agent: str, conversation: str, capacity: int, client: Client) -> None:
    """Room for this conversation in the hands of an agent, whose row is held: conversations are never put aside for it, wrap-ups and other
    offers are. Raises Full."""
    load = await load_of(tx, agent)
    if load.held >= capacity:
        raise Full(load.held)
    left = capacity - load.held - 1
    if load.wrapups > left:
        await wrapup.make_place(tx, agent, load.wrapups - left, client)
    await offers.withdraw_all(tx, agent, "full", keep=max(0, left - load.wrapups), but=conversation)


async def accept(tx: Tx, conversation_id: str, episode: int, agent_id: str, agent_name: str) -> Row[Any]:
    """The agent takes it. Raises OwnerChanged when somebody was faster or the episode is over, LookupError for no such conversation."""
    row = await _locked(tx, conversation_id)
    if row.owner != Owner.QUEUE or row.episode != episode:
        raise OwnerChanged("not in the queue")
    present = await hold(tx, agent_id)
    await offers.take_back(tx, row.id, "taken", for_agent=agent_id)
    await change_owner(tx, row, Owner.AGENT, by=agent_id, agent_id=agent_id, agent_name=agent_name)
    await tx.execute(
        update(handoffs)
        .where(handoffs.c.conversation_id == row.id, handoffs.c.episode == episode)
        .values(accepted_at=tx.now, agent_id=agent_id)
    )
    await tx.execute(update(presence).where(presence.c.agent_id == agent_id).values(missed=0, free_since=tx.now))
    if present.state == "wrapup":
        await set_presence(tx, agent_id, "ready", None, by=agent_id)
    await drop_timer(tx, "queue", row.id)
    await facts.record(tx, "handoff_accepted", conversation=row.id, customer=row.customer_id, agent=agent_id, episode=episode)
    tx.publish("queue", id=row.id)
    return await _locked(tx, conversation_id)


async def give_back(tx: Tx, row: Row[Any], *, by: str, reason: str, client: Client) -> None:
    """Back to the bot, from the queue or an agent. The dialogue goes on where it was. Raises OwnerChanged."""
    await end_episode(tx, row, "returned", client)
    await change_owner(tx, row, Owner.BOT, by=by, agent_id=None, reason=None, urgent=False, queued_at=None)
    await _freed(tx, row, client)
    await facts.record(tx, "handoff_returned", conversation=row.id, customer=row.customer_id, agent=row.agent_id, reason=reason)
    await wait_for_customer(tx, row.id, Owner.BOT, client, tx.now)
    tx.publish("queue", id=row.id)


async def finish(tx: Tx, row: Row[Any], *, by: str, outcome: str, survey: bool, client: Client) -> None:
    """Close a conversation with a person, or one that waits for one. An agent's leaves time to write up. Raises OwnerChanged."""
    await end_episode(tx, row, "closed", client)
    await close(tx, row, by=by, outcome=outcome, survey=survey)
    if row.owner == Owner.AGENT:
        await wrapup.begin(tx, row, client)
    tx.publish("queue", id=row.id)


async def requeue(tx: Tx, row: Row[Any], client: Client, *, how: str, by: str, reason: str, **placing: Any) -> None:
    """Into the queue again, from an agent or from the queue: a new episode that keeps what the last one knew. Raises OwnerChanged.

    `how` the last one ended; `placing`: team, from_agent_id, for_agent_id, note.
    """
    before = await episode(tx, row.id, row.episode)
    context = before.context if before is not None else {}
    await end_episode(tx, row, how, client)
    waits = row.queued_at if row.owner == Owner.QUEUE else row.waiting_since
    await enqueue(tx, row, client, reason=reason, by=by, urgent=row.urgent, context=context, since=waits, **placing)
    await _freed(tx, row, client)


async def _freed(tx: Tx, row: Row[Any], client: Client) -> None:
    if row.owner == Owner.AGENT:
        await hold(tx, row.agent_id)
        await place_freed(tx, row.agent_id, client)


async def end_episode(tx: Tx, row: Row[Any], how: str, client: Client) -> None:
    """The hand-off under way is over: nobody is offered it any more, the queue's timer is gone."""
    where = (handoffs.c.conversation_id == row.id) & (handoffs.c.episode == row.episode) & handoffs.c.ended_at.is_(None)
    await tx.execute(update(handoffs).where(where).values(ended_at=tx.now, ended_how=how))
    if row.owner == Owner.QUEUE:
        await offers.take_back(tx, row.id, how)
        await drop_timer(tx, "queue", row.id)


async def _locked(tx: Tx, conversation_id: str) -> Row[Any]:
    row = await get(tx, conversation_id, lock=True)
    if row is None:
        raise LookupError(conversation_id)
    return row


async def episode(tx: Tx, conversation_id: str, number: int) -> Row[Any] | None:
    """The hand-off's row."""
    where = (handoffs.c.conversation_id == conversation_id) & (handoffs.c.episode == number)
    return (await tx.execute(select(handoffs).where(where))).first()


async def floor(tx: Tx, client: Client, team: str | None = None) -> Floor:
    """Who is there right now, of a team; by default of the one conversations begin in."""
    team = team or first_team(client)
    wanted = (
        select(presence.c.agent_id, presence.c.state, people.c.capacity)
        .join(people, people.c.id == presence.c.agent_id)
        .where(presence.c.state.in_(STAFFED), presence.c.seen_at >= alive_since(client, tx.now))
        .where(people.c.team == team, people.c.active.is_(True), people.c.role.in_(AT_DESK))
    )
    rows = (await tx.execute(wanted)).all()
    taken = await loads(tx, [row.agent_id for row in rows])
    places = {row.agent_id: row.capacity if row.capacity is not None else client.handoff.capacity for row in rows}
    ready = [row.agent_id for row in rows if row.state == "ready"]
    free = sum(max(0, places[agent] - taken[agent].held - taken[agent].wrapups) for agent in ready)
    c = conversations.c
    counted = select(func.count(), func.sum(case((c.urgent.is_(True), 1), else_=0))).where(c.owner == Owner.QUEUE, c.team == team)
    waiting, urgent = (int(number or 0) for number in (await tx.execute(counted)).one())
    handling = await handling_s(tx, client)
    open_now = in_hours(client.handoff, tx.now, client.zone)
    return Floor(len(rows), free, waiting, open_now, urgent, sum(places.values()), handling)


async def handling_s(tx: Tx, client: Client) -> float:
    """What a conversation takes a person: the mean of the latest closed today, or what the client expects until there are enough."""
    h = handoffs.c
    today = midnight(tx.now, client.zone)
    ended = select(h.accepted_at, h.ended_at).where(h.queued_at >= today, h.ended_how == "closed", h.accepted_at.is_not(None))
    took = [
        (row.ended_at - row.accepted_at).total_seconds() for row in await tx.execute(ended.order_by(h.queued_at.desc()).limit(MEASURED))
    ]
    return sum(took) / len(took) if len(took) >= ENOUGH else float(client.floor.routing.handling_s)


def midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """When the client's day began."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


async def position(tx: Tx, row: Row[Any]) -> int:
    """The place in the queue of its team, counted from 1, in the order of service (`routing.Waiting.order`)."""
    c = conversations.c
    urgent = case((c.urgent.is_(True), 0), else_=1)
    later = case((c.reason.in_(FRONT), 0), else_=1)
    mine = (0 if row.urgent else 1, 0 if row.reason in FRONT else 1)
    earlier = or_(
        urgent < mine[0],
        (urgent == mine[0]) & or_(later < mine[1], (later == mine[1]) & (c.queued_at < row.queued_at)),
    )
    ahead = (c.owner == Owner.QUEUE) & (c.team == row.team) & (c.id != row.id) & earlier
    return int((await tx.execute(select(func.count()).select_from(conversations).where(ahead))).scalar_one()) + 1
