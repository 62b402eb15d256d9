"""Alerts of tickets at the desk: who hears them and who finds them later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot.desk.records import users
from bot.ids import new_id
from bot.tickets.records import ticket_alerts, tickets
from tests.desk.conftest import BOTH

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
ALERTS = "/api/desk/tickets/alerts"
ALL = ["assignee", "unit", "leaders"]


async def somebody(bench: Bench, name: str, team: str = "tier1", role: str = "agent") -> Person:
    person = await bench.person(name, role)
    async with bench.db.write() as tx:
        await tx.execute(update(users).where(users.c.id == person.user["id"]).values(team=team))
    return person


async def a_ticket(bench: Bench, unit: str, assignee: Person | None = None, number: str = "ARIA-1") -> None:
    conversation = await bench.row(await bench.writes())
    async with bench.db.write() as tx:
        about = {"cause": number, "customer_id": conversation.customer_id, "channel": "phone", "topic": "keluhan_transaksi", "detail": ""}
        more = {"summary": "Saldo belum masuk", "priority": "normal", "status": "open", "created_by": "bot", "version": 1}
        holder = assignee.user["id"] if assignee else None
        await tx.insert(tickets, number=number, unit=unit, assignee_id=holder, created_at=tx.now, promised_at=tx.now, **about, **more)


async def tell(bench: Bench, audience: Any, what: str = "breach", number: str = "ARIA-1") -> dict[str, Any]:
    async with bench.db.write() as tx:
        alert = {"ticket": number, "what": what, "scope": "hop", "due_at": tx.now}
        await tx.insert(ticket_alerts, id=(key := new_id()), hop=1, mark="", at=tx.now, audience=audience, **alert)
        tx.publish("alert", id=key)
    return {**alert, "due_at": "2026-11-23T03:00:00.000Z", "summary": "Saldo belum masuk"}


async def alerts_of(person: Person) -> list[dict[str, Any]]:
    return list((await person.get(ALERTS))["alerts"])


@BOTH
@pytest.mark.parametrize(
    ("audience", "meant"),
    [
        (["assignee"], {"rani"}),
        (["unit"], {"budi"}),
        (["leaders"], {"lina", "maya", "root"}),
        (ALL, {"rani", "budi", "lina", "maya", "root"}),
        ("cs_digital", {"maya"}),  # those who lead this unit, not who belongs to it
    ],
)
async def test_who_is_meant_hears_and_finds_it(bench: Bench, audience: Any, meant: set[str]) -> None:
    people = {
        "rani": await somebody(bench, "rani", "tier1"),
        "budi": await somebody(bench, "budi", "helpdesk"),
        "citra": await somebody(bench, "citra", "cs_digital"),
        "lina": await somebody(bench, "lina", "tier1", "leader"),
        "maya": await somebody(bench, "maya", "cs_digital", "leader"),
        "root": await somebody(bench, "root", "tier1", "admin"),
    }
    lines = {name: await person.live() for name, person in people.items()}
    await a_ticket(bench, "helpdesk", people["rani"])
    alert = await tell(bench, audience)
    heard = {name: [frame["alert"] for frame in await line.sync() if frame["type"] == "alert"] for name, line in lines.items()}
    assert heard == {name: [alert] if name in meant else [] for name in people}
    assert {name: await alerts_of(person) for name, person in people.items()} == heard


async def test_who_has_no_desk_is_refused(bench: Bench) -> None:
    trainer = await bench.person("tina", "trainer")
    assert await trainer.refused(ALERTS, method="GET") == (403, "forbidden")
    assert await bench.browser().refused(ALERTS, method="GET") == (401, "login_required")


async def test_the_newest_come_first_for_a_day(bench: Bench) -> None:
    rani = await somebody(bench, "rani", "helpdesk")
    await a_ticket(bench, "helpdesk")
    await tell(bench, ALL, "reminder")
    bench.clock.advance(3600)
    await tell(bench, ALL, "breach")
    assert [alert["what"] for alert in await alerts_of(rani)] == ["breach", "reminder"]
    bench.clock.advance(timedelta(hours=23).total_seconds())
    rani = await bench.log_in("rani")  # a session lasts twelve hours
    assert [alert["what"] for alert in await alerts_of(rani)] == ["breach"]


async def test_who_holds_the_ticket_now_finds_what_was_told_before(bench: Bench) -> None:
    rani, budi = await somebody(bench, "rani", "tier1"), await somebody(bench, "budi", "helpdesk")
    await a_ticket(bench, "tier1")
    await tell(bench, ["assignee", "unit"])
    assert [len(await alerts_of(person)) for person in (rani, budi)] == [1, 0]
    async with bench.db.write() as tx:
        await tx.execute(update(tickets).values(unit="helpdesk"))
    assert [len(await alerts_of(person)) for person in (rani, budi)] == [0, 1]


@pytest.mark.postgres
@pytest.mark.parametrize("db_url", ["postgres"], indirect=True)
async def test_a_desk_at_another_process_hears_it(bench: Bench) -> None:
    other = await bench.another()
    await somebody(bench, "rani", "helpdesk")
    rani = await bench.log_in("rani", other)
    line = await rani.live()
    await a_ticket(bench, "helpdesk")
    alert = await tell(bench, ["unit"])
    assert (await line.next("alert"))["alert"] == alert
