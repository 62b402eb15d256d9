"""Business figures for Prometheus: the floor now, and today as it is counted so far. No personal data: teams and channels, never people.

Counters of Prometheus must not fall; a late fact may correct an amount downwards. So amounts of today are gauges that begin anew at midnight.
"""

from __future__ import annotations

from collections import Counter

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from bot.client import Client
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.handoff.people import AT_DESK
from bot.handoff.records import people, presence
from bot.store.database import Tx
from bot.supervision.formulas import figures_of
from bot.supervision.reports import day_of, report, totals
from bot.supervision.tally import behind

STATES = ("ready", "aux", "wrapup", "offline")
RATIOS = (
    "scr",
    "abandoned",
    "containment",
    "hand_off_rate",
    "resolution",
    "idle_closes",
    "csi",
    "sla_kept",
    "response_in_target",
    "occupancy",
)
SECONDS = ("response_s", "first_response_s", "aht_s", "queue_s", "bot_response_s")
AMOUNTS = ("opened", "handed_off", "offered", "served", "abandoned", "handled", "closed", "tickets_opened", "tickets_closed", "ratings")


async def business(tx: Tx, client: Client) -> bytes:
    """In Prometheus' text format."""
    registry = CollectorRegistry()
    await _floor(tx, client, registry)
    share = Gauge("sapa_today_ratio", "Shares of today, 0 to 1, by figure and team", ["figure", "team"], registry=registry)
    seconds = Gauge("sapa_today_seconds", "Mean times of today by figure and team", ["figure", "team"], registry=registry)
    amount = Gauge("sapa_today_events", "How many today by what and team", ["what", "team"], registry=registry)
    target = Gauge("sapa_target", "What is to be reached, in the unit of the figure", ["figure"], registry=registry)
    for name, wanted in client.figures.targets.model_dump().items():
        target.labels(name.removesuffix("_s")).set(wanted)
    begin, end = day_of(tx.now, client)
    for by in ("all", "team"):
        for key, amounts in totals(await report(tx, client, begin, end, "day", by)).items() or {"": Counter[str]()}.items():
            figures = figures_of(amounts)
            for gauge, names in ((share, RATIOS), (seconds, SECONDS)):
                for name in names:
                    if (value := figures[name]) is not None:  # nothing to divide by: no sample, not zero
                        gauge.labels(name.removesuffix("_s"), key).set(value)
            for name in AMOUNTS:
                amount.labels(name, key).set(amounts[name])
    left, _ = await behind(tx)
    Gauge("sapa_figures_behind", "Facts of the event log that are not counted yet", registry=registry).set(left)
    return generate_latest(registry)


async def _floor(tx: Tx, client: Client, registry: CollectorRegistry) -> None:
    waiting = Gauge("sapa_queue_waiting", "Customers who wait for a person, by team", ["team"], registry=registry)
    longest = Gauge("sapa_queue_longest_seconds", "How long the longest of them has waited, by team", ["team"], registry=registry)
    agents = Gauge("sapa_agents", "People of the desk by team and state", ["team", "state"], registry=registry)
    c, p, u = conversations.c, presence.c, people.c
    for team in client.floor.teams:
        waiting.labels(team).set(0)
        longest.labels(team).set(0)
        for state in STATES:
            agents.labels(team, state).set(0)
    counted = select(c.team, func.count().label("n"), func.min(c.queued_at).label("since")).where(c.owner == Owner.QUEUE)
    for row in await tx.execute(counted.group_by(c.team)):
        waiting.labels(row.team).set(row.n)
        longest.labels(row.team).set(max(0.0, (tx.now - row.since).total_seconds()) if row.since else 0)
    at = func.coalesce(p.state, "offline")
    standing = select(u.team, at.label("state"), func.count().label("n")).select_from(people).outerjoin(presence, p.agent_id == u.id)
    for row in await tx.execute(standing.where(u.active.is_(True), u.role.in_(AT_DESK)).group_by(u.team, at)):
        agents.labels(row.team, row.state).set(row.n)
