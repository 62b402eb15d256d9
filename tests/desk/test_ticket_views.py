"""Saved views, bulk actions and the table for spreadsheets."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.errors import DeskError
from bot.desk.sessions import User
from bot.desk.ticket_bulk import Bulk, bulk_of
from bot.desk.work import set_work
from tests.desk.conftest import BOTH, START
from tests.support.fuzzing import fuzz, json_values, mutated, no_tracebacks
from tests.support.tickets import put_customer, put_ticket

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
VIEWS = "/api/desk/tickets/views"
FILTER = {"box": "unit", "status": "open", "sort": "new", "q": "emas"}


async def seen(person: Person) -> list[str]:
    return [view["title"] for view in (await person.get(VIEWS))["views"]]


@BOTH
async def test_a_view_of_ones_own(bench: Bench) -> None:
    rani, dimas = await bench.person("rani"), await bench.person("dimas")
    view = (await rani.post(VIEWS, {"title": "  Emas   baru ", "scope": "mine", "filter": {**FILTER, "after": "x", "else": "y"}}, 201))[
        "view"
    ]
    assert view == {"id": view["id"], "title": "Emas baru", "scope": "mine", "filter": FILTER, "editable": True}
    assert (await rani.get(VIEWS))["views"] == [view]
    assert await seen(dimas) == []
    changed = {"title": "Emas", "scope": "mine", "filter": {"late": "hop"}}
    status, answer = await rani.call("PUT", f"{VIEWS}/{view['id']}", changed)
    assert (status, answer["view"]) == (200, {**changed, "id": view["id"], "editable": True})
    for method in ("PUT", "DELETE"):
        assert await dimas.refused(f"{VIEWS}/{view['id']}", changed, method) == (404, "not_found")
    assert (await rani.call("DELETE", f"{VIEWS}/{view['id']}"))[0] == 204
    assert await seen(rani) == []
    assert await rani.refused(f"{VIEWS}/{view['id']}", changed, "PUT") == (404, "not_found")


@BOTH
async def test_views_for_a_unit_and_for_all_are_kept_by_who_leads(bench: Bench) -> None:
    rani, maya, sari = await bench.person("rani"), await bench.person("maya"), await bench.person("sari", "leader")
    async with bench.db.write() as tx:
        await set_work(tx, bench.library.client, "maya", team="helpdesk")
    made = {}
    for scope in ("unit", "all"):
        body = {"title": scope, "scope": scope, "filter": {}}
        assert await rani.refused(VIEWS, body) == (403, "forbidden")
        made[scope] = (await sari.post(VIEWS, body, 201))["view"]
    assert await seen(rani) == ["all", "unit"]
    assert await seen(maya) == ["all"]
    assert [view["editable"] for view in (await rani.get(VIEWS))["views"]] == [False, False]
    assert await rani.refused(f"{VIEWS}/{made['all']['id']}", {}, "DELETE") == (403, "forbidden")
    assert await maya.refused(f"{VIEWS}/{made['unit']['id']}", {}, "DELETE") == (404, "not_found")
    other = await bench.person("lia", "leader")
    assert (await other.call("DELETE", f"{VIEWS}/{made['all']['id']}"))[0] == 204


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": " "}, (422, "bad_field")),
        ({"title": "a" * 81}, (422, "bad_field")),
        ({"scope": "world"}, (422, "bad_field")),
        ({"filter": None}, (422, "bad_field")),
        ({"filter": {"status": "nothing"}}, (422, "bad_field")),
        ({"filter": {"status": ["open"]}}, (422, "bad_field")),
        ({"filter": {"from": "soon"}}, (422, "bad_field")),
    ],
)
async def test_a_view_that_makes_no_sense(bench: Bench, change: dict[str, Any], code: tuple[int, str]) -> None:
    rani = await bench.person("rani")
    assert await rani.refused(VIEWS, {"title": "x", "scope": "mine", "filter": {}, **change}) == code


# --- bulk


async def furnish(bench: Bench, count: int = 3, **values: Any) -> None:
    async with bench.db.write() as tx:
        budi = await put_customer(tx, "Budi Santoso", "6281234567890")
        for n in range(count):
            await put_ticket(tx, 260001 + n, START + timedelta(minutes=n), budi, contact="+6281234567890", **values)


@BOTH
async def test_each_ticket_of_many_succeeds_or_fails_alone(bench: Bench) -> None:
    await furnish(bench)
    rani = await bench.person("rani")
    listed = [{"number": "ARIA-260001", "version": 1}, {"number": "ARIA-260002", "version": 7}, {"number": "ARIA-9", "version": 1}]
    listed.append({"number": "ARIA-260003", "version": 1})
    answer = await rani.post("/api/desk/tickets/bulk", {"tickets": listed, "do": "priority", "priority": "urgent"})
    assert answer["done"] == ["ARIA-260001", "ARIA-260003"]
    assert [(each["number"], each["code"]) for each in answer["refused"]] == [("ARIA-260002", "conflict"), ("ARIA-9", "not_found")]
    assert all(each["message"] for each in answer["refused"])
    rows = (await rani.get("/api/desk/tickets?sort=old"))["tickets"]
    assert [row["priority"]["id"] for row in rows] == ["urgent", "normal", "urgent"]


@BOTH
async def test_many_are_accepted_and_sent_on(bench: Bench) -> None:
    await furnish(bench, accepted=False)
    rani = await bench.person("rani")
    listed = [{"number": f"ARIA-{260001 + n}", "version": 1} for n in range(3)]
    one = {"version": 1, "note": ""}
    await rani.post("/api/desk/tickets/ARIA-260002/accept", one)
    answer = await rani.post("/api/desk/tickets/bulk", {"tickets": listed, "do": "accept"})
    assert answer["done"] == ["ARIA-260001", "ARIA-260003"]
    assert [(each["number"], each["code"]) for each in answer["refused"]] == [("ARIA-260002", "conflict")]
    versions = {row["number"]: row["version"] for row in (await rani.get("/api/desk/tickets"))["tickets"]}
    sent = {"do": "dispatch", "to": "cs_digital", "reason": "teknis", "note": "Mohon dibantu"}
    listed = [{"number": number, "version": version} for number, version in versions.items()]
    assert sorted((await rani.post("/api/desk/tickets/bulk", {"tickets": listed, **sent}))["done"]) == sorted(versions)
    assert (await rani.get("/api/desk/tickets?unit=cs_digital&q=dibantu"))["total"] == 3  # what was noted is found at once


async def test_bulk_calls_the_single_action() -> None:
    calls: list[Any] = []

    async def do(user: User, number: str, action: str, version: int, fields: dict[str, Any]) -> dict[str, Any]:
        calls.append((number, action, version, fields))
        if number == "B":
            raise DeskError(409, "not_now", "Tiket sudah selesai.")
        return {}

    user = User("u", "rani", "Rani", "agent")
    body = {"tickets": [{"number": "A", "version": 1}, {"number": "B", "version": 2}], "do": "dispatch", "to": "div_ti", "reason": "teknis"}
    answer = await Bulk(do).do(user, bulk_of(body))
    assert answer == {"done": ["A"], "refused": [{"number": "B", "code": "not_now", "message": "Tiket sudah selesai."}]}
    assert calls[0] == ("A", "dispatch", 1, {"to": "div_ti", "reason": "teknis", "note": ""})


@pytest.mark.parametrize(
    "change",
    [
        {"do": "solve"},
        {"do": None},
        {"tickets": []},
        {"tickets": [{"number": "A", "version": 1}] * 201},
        {"tickets": ["A"]},
        {"tickets": [{"number": "A", "version": True}]},
        {"tickets": [{"number": "\x00", "version": 1}]},
        {"note": 5},
    ],
)
async def test_bulk_that_makes_no_sense(bench: Bench, change: dict[str, Any]) -> None:
    rani = await bench.person("rani")
    body = {"tickets": [{"number": "A", "version": 1}], "do": "note", "note": "x", **change}
    assert await rani.refused("/api/desk/tickets/bulk", body) == (422, "bad_field")


# --- the table


async def exported(person: Person, query: str = "") -> list[list[str]]:
    async with person.client.get(f"/api/desk/tickets.csv{query}") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "attachment" in response.headers["Content-Disposition"]
        raw = await response.read()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))


@BOTH
async def test_every_row_of_the_filter_is_exported(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.ticket_export.PAGE", 3)  # several pages
    await furnish(bench, 10)
    rani = await bench.person("rani")
    head, *rows = await exported(rani, "?sort=old")
    assert [row[0] for row in rows] == [f"ARIA-{260001 + n}" for n in range(10)]
    line = dict(zip(head, rows[0], strict=True))
    assert line["Unit"] == "Layanan Nasabah (Tier 1)"
    assert line["Dibuat"] == "2026-11-23 10:00"  # where the client is
    assert (line["Nasabah"], line["Kontak"]) == ("B*** S***", "•••890")
    _, *none = await exported(rani, "?q=nothing")
    assert none == []
    facts = await bench.facts("tickets_exported")
    assert [(fact.agent_id, fact.data) for fact in facts] == [
        (rani.user["id"], {"filter": {"sort": "old"}, "rows": 10}),
        (rani.user["id"], {"filter": {"q": True}, "rows": 0}),
    ]
    assert await rani.refused("/api/desk/tickets.csv?status=x", method="GET") == (422, "bad_field")


async def test_who_leads_exports_names(bench: Bench) -> None:
    await furnish(bench, 1)
    sari = await bench.person("sari", "leader")
    head, row = await exported(sari)
    line = dict(zip(head, row, strict=True))
    assert (line["Nasabah"], line["Kontak"]) == ("Budi Santoso", "'+6281234567890")


@pytest.mark.parametrize("text", ['=1+1|cmd "x"', "+62", "-3", "@SUM(A1)"])
async def test_no_cell_is_a_formula(bench: Bench, text: str) -> None:
    await furnish(bench, 1, summary=text)
    head, row = await exported(await bench.person("rani"))
    assert dict(zip(head, row, strict=True))["Ringkasan"] == f"'{text}"


async def test_lines_quotes_and_commas_stay_in_their_cell(bench: Bench) -> None:
    text = 'dua\nbaris, "kutip"; \r\n ﷽'
    await furnish(bench, 1, summary=text)
    head, row = await exported(await bench.person("rani"))
    assert dict(zip(head, row, strict=True))["Ringkasan"].replace("\r\n", "\n") == text.replace("\r\n", "\n")


async def test_restricted_cases_are_exported_without_their_contents(bench: Bench) -> None:
    await furnish(bench, 1, summary="Akun dikuras", kind="break_in", unit="cs_digital")
    head, row = await exported(await bench.person("rani"))
    assert dict(zip(head, row, strict=True))["Ringkasan"] == "Kasus terbatas"
    assert await exported(await bench.person("dimas"), "?q=dikuras") == [head]


@fuzz(60)
@given(
    body=st.one_of(
        json_values,
        st.just({"tickets": [{"number": "ARIA-260001", "version": 1}], "do": "note", "note": "x"}).flatmap(mutated),
        st.just({"title": "x", "scope": "mine", "filter": {"box": "mine", "q": "x"}}).flatmap(mutated),
    ),
    path=st.sampled_from(["bulk", "views"]),
)
async def test_any_body(bench: Bench, body: Any, path: str) -> None:
    if not hasattr(bench, "sari"):
        bench.sari = await bench.person("sari", "leader")  # type: ignore[attr-defined]
        await furnish(bench)
    with no_tracebacks():
        status, _ = await bench.sari.call("POST", f"/api/desk/tickets/{path}", body)  # type: ignore[attr-defined]
    assert status < 500
