"""/api/v1 over HTTP: who may call, what is found, made once, moved; its description names every route."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.customers.records import customers
from bot.outside.openapi import description
from bot.outside.records import api_tokens
from tests.desk.conftest import BOTH
from tests.outside.conftest import TICKET, System, system

if TYPE_CHECKING:
    from bot.dialogue.unit import Library
    from tests.desk.conftest import Bench

pytestmark = pytest.mark.asyncio


async def test_a_token_is_shown_once_and_only_its_digest_is_kept(bench: Bench) -> None:
    core = await system(bench)
    shown = (await core.person.get("/api/desk/tokens"))["tokens"]
    assert [(each["id"], each["name"], each["scopes"], each["unit"], each["used_at"]) for each in shown] == [
        (core.id, "Inti", ["tickets:read", "tickets:write"], None, None)
    ]
    async with bench.db.read() as tx:
        row = (await tx.execute(select(api_tokens))).one()
    assert core.token not in str(row) and core.token not in str(shown)
    await core.good("GET", "/tickets")
    await core.good("GET", "/tickets")
    assert len(await bench.facts("api_token_used")) == 1  # not with every call
    assert (await core.person.get("/api/desk/tokens"))["tokens"][0]["used_at"]


async def test_who_may_make_tokens_and_what_they_may_be(bench: Bench) -> None:
    leader, admin = await bench.person("lita", "leader"), await bench.person("admin", "admin")
    good = {"name": "Inti", "scopes": ["tickets:read"], "days": 30}
    assert await leader.refused("/api/desk/tokens", good) == (403, "forbidden")
    assert await leader.refused("/api/desk/tokens", method="GET") == (403, "forbidden")
    for wrong in (
        {"name": " "},
        {"scopes": []},
        {"scopes": ["all"]},
        {"scopes": "tickets:read"},
        {"days": 0},
        {"days": 9999},
        {"unit": "x"},
    ):
        assert await admin.refused("/api/desk/tokens", good | wrong) == (422, "bad_field")


async def test_without_a_token_that_holds_nothing_is_told(bench: Bench) -> None:
    core = await system(bench)
    for wrong in ("", "x", "sapa_" + "a" * 43):
        assert await System(core.person, wrong).refused("GET", "/tickets") == (401, "token_required")
    bench.clock.advance(timedelta(days=31).total_seconds())
    assert await core.refused("GET", "/tickets") == (401, "token_required")
    admin = await bench.log_in("admin")
    core = await system(bench, admin=admin)
    assert (await core.call("GET", "/tickets"))[0] == 200
    assert (await admin.call("DELETE", f"/api/desk/tokens/{core.id}"))[0] == 204
    assert (await admin.call("DELETE", f"/api/desk/tokens/{core.id}"))[0] == 404
    assert await core.refused("GET", "/tickets") == (401, "token_required")


async def test_scopes_hold(bench: Bench) -> None:
    reader = await system(bench, "tickets:read")
    writer = await system(bench, "tickets:write", admin=reader.person)
    ticket = (await writer.good("POST", "/tickets", TICKET, "k-1"))["ticket"]
    assert await writer.refused("GET", "/tickets") == (403, "forbidden")
    assert await writer.refused("GET", f"/tickets/{ticket['number']}") == (403, "forbidden")
    assert (await reader.good("GET", f"/tickets/{ticket['number']}"))["ticket"] == ticket
    for path in ("/tickets", f"/tickets/{ticket['number']}/notes", f"/tickets/{ticket['number']}/actions"):
        assert await reader.refused("POST", path, {}, "k-2") == (403, "forbidden")


@BOTH
async def test_a_ticket_is_made_once_for_a_key_and_travels(bench: Bench) -> None:
    core = await system(bench)
    ticket = (await core.good("POST", "/tickets", TICKET, "k" * 200))["ticket"]
    assert (ticket["status"], ticket["unit"], ticket["accepted"]) == ("open", "tier1", False)
    assert (await core.good("POST", "/tickets", TICKET, "k" * 200))["ticket"] == ticket
    async with bench.db.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(customers))).scalar() == 1
    other = (await core.good("POST", "/tickets", TICKET, "k" * 199))["ticket"]
    assert other["number"] != ticket["number"]
    assert await core.refused("POST", "/tickets", TICKET) == (422, "bad_field")
    one = f"/tickets/{ticket['number']}"
    ticket = (await core.good("POST", f"{one}/actions", {"do": "accept", "version": 1}))["ticket"]
    assert (ticket["status"], ticket["assignee"], ticket["version"]) == ("in_progress", core.id, 2)
    assert await core.refused("POST", f"{one}/actions", {"do": "accept", "version": 1}) == (409, "conflict")
    assert await core.refused("POST", f"{one}/actions", {"do": "accept", "version": 2}) == (409, "not_now")
    assert await core.refused("POST", f"{one}/actions", {"do": "merge", "version": 2}) == (422, "bad_field")
    assert await core.refused("POST", f"{one}/actions", {"do": "dispatch", "version": 2, "to": "div_ti"}) == (422, "bad_field")
    moved = {"do": "dispatch", "version": 2, "to": "div_ti", "reason": "teknis", "note": "Mohon dicek"}
    ticket = (await core.good("POST", f"{one}/actions", moved))["ticket"]
    assert (ticket["status"], ticket["unit"], ticket["hop"]) == ("escalated", "div_ti", 2)
    note = {"text": "Diperiksa sistem inti."}
    for _ in range(2):
        await core.good("POST", f"{one}/notes", note, "n-1")
    await core.good("POST", f"/tickets/{other['number']}/notes", note, "n-1")  # another ticket: another request
    assert len([each for each in await bench.facts("ticket_noted") if each.ticket == other["number"]]) == 1
    assert await core.refused("POST", f"{one}/notes", {"text": "Halo", "audience": "customer"}, "n-2") == (422, "no_channel")
    told = (await core.good("GET", f"{one}/history"))["events"]
    assert [each["event"] for each in told if each["event"] != "ticket_told"] == [
        "ticket_opened",
        "ticket_changed",
        "ticket_noted",
        "ticket_changed",
        "ticket_noted",
    ]
    assert told[-1]["by"] == core.id
    rest = (await core.good("GET", f"{one}/history?after={told[0]['id']}&limit=1"))["events"]
    assert rest == told[1:2]
    desk = await bench.person("rani")
    shown = (await desk.get(f"/api/desk/tickets/{ticket['number']}"))["ticket"]
    assert shown["history"][0]["by"] == "Inti"


@BOTH
async def test_what_changed_is_read_page_by_page(bench: Bench) -> None:
    core = await system(bench)
    numbers = []
    for key in range(5):
        numbers.append((await core.good("POST", "/tickets", TICKET, f"k-{key}"))["ticket"]["number"])
        bench.clock.advance(0.000_4)  # many within a millisecond
    seen, after = [], ""
    while True:
        page = await core.good("GET", f"/tickets?limit=2{after}")
        seen += [each["number"] for each in page["tickets"]]
        if not page["next"]:
            break
        after = f"&after={page['next']}"
    assert seen == numbers
    bench.clock.advance(60)
    since = bench.clock.now().isoformat().replace("+00:00", "Z")
    await core.good("POST", f"/tickets/{numbers[1]}/actions", {"do": "accept", "version": 1})
    assert [each["number"] for each in (await core.good("GET", f"/tickets?updated_since={since}"))["tickets"]] == [numbers[1]]
    assert [each["number"] for each in (await core.good("GET", "/tickets?status=in_progress&unit=tier1"))["tickets"]] == [numbers[1]]
    for wrong in (
        "status=x",
        "unit=x",
        "limit=0",
        "limit=101",
        "limit=x",
        "after=!",
        "after=AAAA",
        "updated_since=2026-11-23",
        "updated_since=x",
    ):
        assert await core.refused("GET", f"/tickets?{wrong}") == (422, "bad_field"), wrong


async def test_a_units_token_moves_its_tickets_and_a_divisions_sees_no_others(bench: Bench) -> None:
    core = await system(bench)
    digital = await system(bench, unit="cs_digital", admin=core.person)
    division = await system(bench, unit="div_ti", admin=core.person)
    ticket = (await core.good("POST", "/tickets", TICKET, "k-1"))["ticket"]
    one = f"/tickets/{ticket['number']}"
    assert await digital.refused("POST", f"{one}/actions", {"do": "accept", "version": 1}) == (409, "not_now")
    assert await division.refused("GET", one) == (404, "not_found")
    assert (await division.good("GET", "/tickets"))["tickets"] == []
    assert await division.refused("POST", "/tickets", TICKET, "k-2") == (403, "forbidden")
    for step in ({"do": "accept", "version": 1}, {"do": "dispatch", "version": 2, "to": "div_ti", "reason": "teknis"}):
        await core.good("POST", f"{one}/actions", step)
    assert [each["number"] for each in (await division.good("GET", "/tickets"))["tickets"]] == [ticket["number"]]
    assert (await division.good("POST", f"{one}/actions", {"do": "accept", "version": 3}))["ticket"]["status"] == "waiting_support"


async def test_calls_are_limited_for_each_token(bench: Bench) -> None:
    core = await system(bench)
    few = await bench.another(API_CALLS_PER_TOKEN_MIN=3)
    hurried = System(bench.browser(few), core.token)
    assert [(await hurried.call("GET", "/tickets"))[0] for _ in range(4)] == [200, 200, 200, 429]
    async with hurried.person.client.get("/api/v1/tickets", headers={"Authorization": f"Bearer {core.token}"}) as answer:
        assert 1 <= int(answer.headers["Retry-After"]) <= 20
    assert await System(hurried.person, "x").refused("GET", "/tickets") == (401, "token_required")


async def test_every_route_is_described_and_the_reverse(bench: Bench, library: Library) -> None:
    described = {
        (method.upper(), path)
        for path, methods in description(library.client)["paths"].items()
        for method in methods
        if method in ("get", "post", "put", "patch", "delete")
    }
    app = bench.servers[0].app
    mounted = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/v1/") and route.method != "HEAD"
    }
    assert described == mounted and len(mounted) == 6
    anybody = bench.browser()
    assert (await anybody.get("/api/openapi.json"))["info"]["title"] == "Sapa tickets"
    assert (await anybody.call("GET", "/api/v1/nothing"))[1]["error"]["code"] == "not_found"
    assert (await anybody.call("PUT", "/api/v1/tickets"))[1]["error"]["code"] == "method_not_allowed"


async def test_of_a_restricted_ticket_only_its_unit_is_told_what_it_is_about(bench: Bench) -> None:
    holder = await system(bench, unit="cs_digital")
    other, everybody = await system(bench, unit="helpdesk", admin=holder.person), await system(bench, admin=holder.person)
    break_in = {**TICKET, "kind": "break_in", "topic": "keluhan_akun_dibobol", "detail": "Rahasia"}
    number = (await everybody.good("POST", "/tickets", break_in, key="k"))["ticket"]["number"]
    for caller, known in ((holder, True), (other, False), (everybody, True)):
        (listed,) = (await caller.good("GET", "/tickets"))["tickets"]
        one = (await caller.good("GET", f"/tickets/{number}"))["ticket"]
        events = (await caller.good("GET", f"/tickets/{number}/history"))["events"]
        assert listed == one
        assert (one["detail"], one["reporter"], bool(events)) == (("Rahasia", "Budi", True) if known else ("", None, False))
