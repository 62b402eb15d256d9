"""The board over HTTP: for who leads, what is on the floor now and what the log has come to; and the same for Prometheus."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import insert, select

from bot.channels.messages import Inbound, Kind, Sender
from bot.conversations.inbox import accept
from bot.conversations.service import get
from bot.desk.records import users
from bot.desk.sessions import create_user
from bot.handoff.presence import set_presence
from bot.handoff.service import accept as take
from bot.handoff.service import enqueue
from bot.supervision.records import figure_cells
from bot.supervision.tally import Tally
from tests.support.fuzzing import NO_ENGINE
from tests.support.servers import ROOT
from tests.support.stack import Stack

PASSWORD = "kata kunci panjang"


class Leader:
    """A signed-in person of some role."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def log_in(self, role: str) -> Leader:
        async with self.stack.db.write() as tx:
            await create_user(tx, role, role.title(), role, PASSWORD)
        async with self.http.post(f"{self.stack.url}/api/login", json={"username": role, "password": PASSWORD}) as answer:
            assert answer.status == 200
        return self

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.http.get(self.stack.url + path) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    stack = Stack(database_url, NO_ENGINE, tmp_path / "var", ROOT / "web/dist", FIGURES="true")
    await stack.start()
    yield stack
    await stack.stop()


@pytest.fixture
async def leader(house: Stack) -> AsyncIterator[Leader]:
    one = Leader(house)
    yield await one.log_in("leader")
    await one.http.close()


async def _waiting(stack: Stack, name: str) -> str:
    item = Inbound("livechat", "web", f"{name}:1", Sender((("visitor", name),)), stack.clock.now(), Kind.TEXT, "mau bicara dengan petugas")
    async with stack.db.write() as tx:
        found = (await accept(tx, item, stack.service.client)).conversation_id
        row = await get(tx, found)
        assert row is not None
        await enqueue(tx, row, stack.service.client, reason="requested", by="bot")
    return found


async def test_the_floor_as_it_is_now(leader: Leader, house: Stack) -> None:
    async with house.db.write() as tx:
        await create_user(tx, "rani", "Rani", "agent", PASSWORD)
        rani = (await tx.execute(select(users.c.id).where(users.c.username == "rani"))).scalar_one()
        await set_presence(tx, rani, "aux", "toilet", by=rani)
    first = await _waiting(house, "v1")
    house.clock.advance(120)
    second = await _waiting(house, "v2")
    house.clock.advance(490)
    async with house.db.write() as tx:
        await take(tx, second, 1, rani, "Rani")
    await Tally(house.db, house.service.client).catch_up()
    status, now = await leader.get("/api/board/now")
    assert status == 200
    assert now["waiting"]["count"] == 1
    assert now["waiting"]["longest_s"] == 610
    assert [one["id"] for one in now["waiting"]["conversations"]] == [first]
    assert now["chats"] == [
        {"channel": "livechat", "owner": "agent", "count": 1},
        {"channel": "livechat", "owner": "queue", "count": 1},
    ]
    shown = {agent["name"]: agent for agent in now["agents"]}
    assert (shown["Rani"]["state"], shown["Rani"]["overlong"], shown["Rani"]["held"]) == ("aux", True, 1)
    assert shown["Leader"]["state"] == "offline"
    assert now["today"]["amounts"]["offered"] == 2
    assert now["today"]["figures"]["scr"] == 0
    assert now["today"]["figures"]["queue_s"] == 490
    assert now["today"]["behind"] >= 0  # what the service did meanwhile, such as telling the place in the queue
    assert now["targets"]["scr"] == 0.9
    assert [point["scr"] for point in now["curve"]] == [0]
    assert now["health"]["engine"] is False
    assert now["sla"] == {"soon": 0, "late": 0, "tickets": []}


async def test_a_report(leader: Leader, house: Stack) -> None:
    await _waiting(house, "v1")
    await Tally(house.db, house.service.client).catch_up()
    status, day = await leader.get("/api/board/figures?from=2026-11-01&to=2026-11-30&step=month&by=team")
    assert status == 200
    assert (day["from"], day["to"]) == ("2026-10-31T17:00:00.000Z", "2026-11-30T17:00:00.000Z")
    (row,) = day["rows"]
    assert (row["start"], row["key"], row["label"]) == ("2026-10-31T17:00:00.000Z", "tier1", "Layanan Nasabah (Tier 1)")
    assert row["amounts"] == {"handoffs": 1, "offered": 1}
    assert row["figures"]["scr"] == 0.0
    assert row["figures"]["aht_s"] is None
    assert day["totals"] == [{name: row[name] for name in ("key", "label", "figures", "amounts")}]
    _, today = await leader.get("/api/board/figures")
    assert [(row["start"], row["key"]) for row in today["rows"]] == [("2026-11-22T17:00:00.000Z", "")]
    _, quarter = await leader.get("/api/board/figures?from=2026-11-23T10:00:00%2B07:00&to=2026-11-23T10:15:00%2B07:00&step=quarter")
    assert [row["start"] for row in quarter["rows"]] == ["2026-11-23T03:00:00.000Z"]


@pytest.mark.parametrize(
    "query",
    ["from=x", "from=2026-11-24&to=2026-11-23", "step=week", "by=customer", "from=2026-02-30", "from=0001-01-01", "to=9999-12-31",
     "from=2026-11-23T10:00:00", "from=%00", "to=9999-12-31T23:59:59-23:00", "from=1999-01-01T00:00:00Z"],
)  # fmt: skip
async def test_odd_questions_are_refused(leader: Leader, query: str) -> None:
    status, body = await leader.get(f"/api/board/figures?{query}")
    assert (status, body["error"]["code"]) == (422, "bad_field")


async def test_too_many_rows_are_refused(leader: Leader, house: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.supervision.reports.MOST_ROWS", 2)
    async with house.db.write() as tx:
        rows = [
            {"grain": "day", "dimension": "all", "start": tx.now + timedelta(days=n), "key": "", "amounts": {"opened": 1}} for n in range(3)
        ]
        await tx.execute(insert(figure_cells), rows)
    status, body = await leader.get("/api/board/figures?from=2026-11-23&to=2026-12-23")
    assert (status, body["error"]["code"]) == (422, "too_much")


@pytest.mark.parametrize("role", ["agent", "trainer", "division"])
async def test_nobody_else_sees_it(house: Stack, role: str) -> None:
    one = Leader(house)
    try:
        await one.log_in(role)
        for path in ("/api/board/now", "/api/board/figures"):
            assert (await one.get(path))[0] == 403
        assert (await one.get("/api/board/nothing"))[1]["error"]["code"] == "not_found"
    finally:
        await one.http.close()


async def test_prometheus_is_told_the_same_without_anybody_s_name(leader: Leader, house: Stack) -> None:
    await _waiting(house, "v1")
    house.clock.advance(60)
    await Tally(house.db, house.service.client).catch_up()
    async with house.http.get(f"{house.url}/metrics") as answer:
        page = await answer.text()
    told = dict(re.findall(r"^(sapa_\S+) (\S+)$", page, re.MULTILINE))
    assert float(told['sapa_queue_waiting{team="tier1"}']) == 1
    assert float(told['sapa_queue_longest_seconds{team="tier1"}']) == 60
    assert float(told['sapa_today_events{team="tier1",what="offered"}']) == 1
    assert float(told['sapa_today_ratio{figure="scr",team=""}']) == 0
    assert float(told['sapa_target{figure="response"}']) == 300
    assert float(told['sapa_agents{state="offline",team="tier1"}']) == 1
    assert float(told["sapa_figures_behind"]) >= 0
    assert 'figure="aht"' not in page.replace('sapa_target{figure="aht"}', "")
    assert "Leader" not in page


async def test_the_loop_counts_by_itself(leader: Leader, house: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.stack import until

    await _waiting(house, "v1")

    async def counted() -> bool:
        _, now = await leader.get("/api/board/now")
        return bool(now["today"]["amounts"].get("offered") == 1 and now["today"]["behind"] == 0)

    await until(counted, "the loop has not counted", 20)
