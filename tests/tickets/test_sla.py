"""Clocks in the database: reminders, breaches and escalations at their second, once, whatever happens to processes."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.conversations import facts as log
from bot.conversations.records import timers
from bot.conversations.timers import Due
from bot.operations.tickets import check
from bot.tickets.records import ticket_alerts, tickets
from bot.tickets.sla import SlaTimer, clocks_of, refresh
from tests.support.stack import Stack
from tests.tickets.conftest import LIBRARY, OPEN, Book, Floor, at, said

TO_IT = {"unit": "div_ti", "hop": 2, "status": "escalated", "accepted": False}


async def test_a_new_ticket_knows_when_it_is_due(floor: Floor) -> None:
    await floor.open()
    row = await floor.row()
    assert (row.due_at, row.hop_due_at, row.breached_at, row.hop_breached_at) == (at("37 10:00"), at("23 14:00"), None, None)
    assert await floor.timer() == "11-23 13:00:00"


async def test_each_is_told_at_its_second(floor: Floor) -> None:
    await floor.open()
    await floor.until("23 13:00:00")
    assert await floor.alerts() == ["11-23 13:00:00 reminder hop 1h of 11-23 14:00:00"]
    await floor.until("23 13:59:59")
    assert (await floor.row()).hop_breached_at is None
    await floor.until("40 12:00")
    assert await floor.alerts() == [
        "11-23 13:00:00 reminder hop 1h of 11-23 14:00:00",
        "11-23 14:00:00 breach hop of 11-23 14:00:00",
        "11-24 14:00:00 escalation hop 1d of 11-23 14:00:00",
        "12-03 10:00:00 reminder overall 2d of 12-07 10:00:00",
        "12-04 15:00:00 reminder overall 4h of 12-07 10:00:00",
        "12-07 10:00:00 breach overall of 12-07 10:00:00",
    ]
    row = await floor.row()
    assert (row.breached_at, row.hop_breached_at) == (at("37 10:00"), at("23 14:00"))
    assert await floor.timer() is None
    told = await floor.facts("ticket_alerted")
    assert [fact.data for fact in told][1:3] == [
        {"ticket": "T-1", "what": "breach", "scope": "hop", "hop": 1, "mark": "", "due_at": "2026-11-23T07:00:00.000Z"},
        {"ticket": "T-1", "what": "escalation", "scope": "hop", "hop": 1, "mark": "1d", "due_at": "2026-11-23T07:00:00.000Z"},
    ]
    assert [fact.ticket for fact in told] == ["T-1"] * 6


async def test_to_whom_is_what_the_client_s_data_say(floor: Floor) -> None:
    await floor.open()
    await floor.until("25 10:00")
    async with floor.db.read() as tx:
        found = (await tx.execute(select(ticket_alerts.c.audience).order_by(ticket_alerts.c.at))).scalars().all()
    assert found == [["assignee", "unit"], ["assignee", "unit", "leaders"], "cs_digital"]


async def test_what_was_slept_through_is_told_once_with_the_second_it_was_due(floor: Floor) -> None:
    await floor.open()
    floor.clock.set(at("25 09:30"))
    await floor.fire()
    assert await floor.alerts() == [
        "11-25 09:30:00 reminder hop 1h of 11-23 14:00:00",
        "11-25 09:30:00 breach hop of 11-23 14:00:00",
        "11-25 09:30:00 escalation hop 1d of 11-23 14:00:00",
    ]
    assert (await floor.row()).hop_breached_at == at("23 14:00")
    assert await floor.timer() == "12-03 10:00:00"


async def test_a_breach_nobody_was_there_for_is_told_although_the_ticket_has_gone_on(floor: Floor) -> None:
    await floor.open()
    floor.clock.set(at("23 15:00"))
    await floor.change("dispatch", **TO_IT)
    await floor.fire()
    assert await floor.alerts() == ["11-23 15:00:00 breach hop of 11-23 14:00:00"]
    row = await floor.row()
    assert (row.hop_breached_at, row.hop_due_at) == (None, at("26 15:00"))  # of the present hop


async def test_waiting_moves_it_and_its_timer(floor: Floor) -> None:
    await floor.open()
    await floor.until("23 12:00")
    await floor.change("wait", status="waiting_customer")
    row = await floor.row()
    assert (row.due_at, row.hop_due_at, await floor.timer()) == (None, None, None)
    await floor.until("25 12:00")
    assert await floor.alerts() == []
    await floor.change("resume", status="in_progress", accepted=True)
    assert (await floor.row()).hop_due_at == at("25 14:00")
    assert await floor.timer() == "11-25 13:00:00"


async def test_each_second_a_limit_is_due_at_has_one_reminder(floor: Floor) -> None:
    await floor.open()
    await floor.until("23 13:30")
    await floor.change("assign", assignee="somebody")
    await floor.until("23 13:40")
    await floor.change("wait", status="waiting_customer")
    await floor.until("24 10:00")
    await floor.change("resume", status="in_progress")
    await floor.until("24 10:19:59")
    await floor.change("work", status="in_progress")
    await floor.fire()
    assert await floor.alerts() == [
        "11-23 13:00:00 reminder hop 1h of 11-23 14:00:00",
        "11-24 10:00:00 reminder hop 1h of 11-24 10:20:00",
    ]


async def test_a_breach_is_told_once_however_the_limit_changes(floor: Floor) -> None:
    await floor.open(priority="urgent")
    await floor.until("23 12:00")
    await floor.change("fields", priority="normal")
    await floor.until("23 16:00")
    assert [one.split()[2:4] for one in await floor.alerts()] == [["breach", "hop"], ["reminder", "hop"]]
    assert (await floor.row()).hop_breached_at == at("23 11:00")


async def test_what_is_closed_has_no_timer_and_what_is_opened_again_has(floor: Floor) -> None:
    await floor.open()
    await floor.until("23 12:00")
    await floor.change("solve", status="solved")
    assert await floor.timer() is None
    await floor.until("30 10:00")
    await floor.change("reopen", status="in_progress", hop=2)
    row = await floor.row()
    assert (row.hop_due_at, row.due_at) == (at("30 14:00"), at("41 17:00"))  # six of eight hours and nine days were left
    assert await floor.timer() == "11-30 13:00:00"
    assert await floor.alerts() == []


async def test_a_change_that_is_undone_leaves_the_clocks_alone(floor: Floor) -> None:
    await floor.open()
    with pytest.raises(RuntimeError):
        async with floor.db.write() as tx:
            await refresh(tx, LIBRARY, "T-1", pending=("wait", {**OPEN, "status": "waiting_customer"}))
            raise RuntimeError
    assert (await floor.timer(), (await floor.row()).hop_due_at) == ("11-23 13:00:00", at("23 14:00"))


async def test_two_changes_of_one_transaction_both_count(floor: Floor) -> None:
    await floor.open()
    floor.clock.set(at("23 11:00"))
    async with floor.db.write() as tx:
        for what, state in (("dispatch", {**OPEN, **TO_IT}), ("accept", {**OPEN, **TO_IT, "accepted": True, "status": "waiting_support"})):
            await log.record(tx, "ticket_changed", ticket="T-1", what=what, state=state)
            pending = await refresh(tx, LIBRARY, "T-1")
    async with floor.db.read() as tx:
        stored = await clocks_of(tx, LIBRARY, "T-1")
    assert pending is not None and stored is not None
    assert [clock.to_json() for clock in pending] == [clock.to_json() for clock in stored]
    assert (stored.hop.accepted_at, stored.hop.due_at) == (at("23 11:00"), at("26 11:00"))


async def test_a_timer_that_was_moved_or_has_no_ticket_does_nothing(floor: Floor) -> None:
    await floor.open()
    stale = Due("sla", "T-1", at("23 13:00"), at("23 13:01"))
    await SlaTimer(floor.db, LIBRARY).fire(stale)
    await SlaTimer(floor.db, LIBRARY).fire(Due("sla", "nothing", at("23 13:00"), at("23 13:01")))
    assert (await floor.alerts(), await floor.timer()) == ([], "11-23 13:00:00")


async def test_who_listens_hears_of_it(floor: Floor) -> None:
    heard: list[tuple[str, dict[str, object]]] = []
    floor.db.subscribe(lambda topic, data: heard.append((topic, data)))
    await floor.open()
    await floor.until("23 14:00")
    async with floor.db.read() as tx:
        ids = (await tx.execute(select(ticket_alerts.c.id).order_by(ticket_alerts.c.at))).scalars().all()
    assert [data["id"] for topic, data in heard if topic == "alert"] == ids
    assert [data for topic, data in heard if topic == "ticket"] == [{"number": "T-1"}] * 2


@pytest.mark.engine
async def test_a_running_service_tells_it_by_itself(stack: Stack) -> None:
    book = Book(stack.db)
    await book.open()
    await stack.pass_time(3 * 3600 - 1)
    assert await book.alerts() == []
    await stack.pass_time(1)
    assert await book.alerts() == ["11-23 13:00:00 reminder hop 1h of 11-23 14:00:00"]
    await stack.pass_time(3600)
    assert (await book.row()).hop_breached_at == at("23 14:00")


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_services_tell_each_thing_once(database_url: str) -> None:
    """Thirty tickets that are worked on by both services while their timers fire."""
    floor, chance = Floor(database_url, at("23 10:00"), services=2), random.Random(7)
    numbers = [f"T-{n:02}" for n in range(30)]
    try:
        for number in numbers:
            await floor.open(number)
        for moment in ("23 13:00", "23 14:00", "24 14:00"):
            floor.clock.set(at(moment))
            busy = chance.sample(numbers, 10)
            await asyncio.gather(floor.fire(), *(floor.change("assign", number, assignee="somebody") for number in busy))
            await floor.fire()
        for number in numbers:
            assert [" ".join(one.split()[2:4]) for one in await floor.alerts(number)] == ["reminder hop", "breach hop", "escalation hop"]
        told = Counter((fact.ticket, fact.data["what"]) for fact in await floor.facts("ticket_alerted"))
        assert set(told.values()) == {1}
        assert len(told) == 90
        assert await check(floor.db, LIBRARY) == 0
    finally:
        await floor.close()


# sapa tickets check


@pytest.mark.parametrize("seed", range(4))
async def test_what_rows_keep_is_what_the_log_says_after_any_life(floor: Floor, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Each row is written bit by bit, at changes and at timers that sometimes sleep; the log is read as a whole."""
    chance = random.Random(seed)
    await floor.open("T-0")
    for step in range(60):
        if chance.random() < 0.3:
            await floor.open(f"T-{step + 1}", kind=chance.choice(["complaint", "outlet_problem"]))
        number = chance.choice(sorted(floor.states))
        state = floor.states[number]
        sent = {"hop": state["hop"] + 1, "unit": chance.choice(["tier1", "cs_digital", "kanwil_makassar"]), "accepted": False}
        status = chance.choice(["in_progress", "waiting_customer", "confirming", "solved", "no_response", "analysis"])
        more = chance.choice([sent, {"accepted": True}, {"priority": chance.choice(["urgent", "normal"])}, {"topic": "data_pribadi"}, {}])
        await floor.change("changed", number, **{"status": status, **more})
        later = floor.clock.now() + timedelta(seconds=chance.choice([0, 1, 600, 7200, 90_000, 400_000]))
        if chance.random() < 0.5:
            floor.clock.set(later)  # nobody was there
        await floor.until(f"{(later - at('1 00:00')).days + 1} {later.astimezone(at('1 00:00').tzinfo):%H:%M:%S}")
        assert await check(floor.db, LIBRARY) == 0, capsys.readouterr().out


async def test_what_differs_is_named_and_mended(floor: Floor, capsys: pytest.CaptureFixture[str]) -> None:
    for number in ("T-1", "T-2", "T-3"):
        await floor.open(number)
    assert await check(floor.db, LIBRARY) == 0
    assert capsys.readouterr().out == "3 tickets, 0 differing\n"
    async with floor.db.write() as tx:
        await tx.execute(update(tickets).where(tickets.c.number == "T-2").values(due_at=at("30 10:00"), breached_at=at("23 09:00")))
        await tx.execute(delete(timers).where(timers.c.subject == "T-3"))
    assert await check(floor.db, LIBRARY) == 1
    assert capsys.readouterr().out.splitlines() == [
        "T-2: due_at is 2026-11-30 03:00:00, by the log 2026-12-07 03:00:00; breached_at is 2026-11-23 02:00:00, by the log none",
        "T-3: timer is none, by the log 2026-11-23 06:00:00",
        "3 tickets, 2 differing",
    ]
    assert await check(floor.db, LIBRARY, mend=True) == 0
    assert await check(floor.db, LIBRARY) == 0
    assert said((await floor.row("T-2")).due_at) == "12-07 10:00:00"
