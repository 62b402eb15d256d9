"""Boards of tickets: every filter, every sort, pages, counts, options, who sees what, MONEV by outlet."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from bot.desk.work import set_work
from bot.tickets.case_records import case_members, cases, monev
from bot.tickets.records import tickets
from tests.desk.conftest import BOTH, START
from tests.support.fuzzing import fuzz, nasty_texts, no_tracebacks
from tests.support.tickets import put_customer, put_ticket

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
ODD = ["open=2", "to=0001-01-01", "to=9999-12-31", "assignee=%27", "after=W10", f"q={'a' * 201}"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def furnish(bench: Bench, mine: str) -> None:
    """Tickets that each filter tells apart; the last digit tells what they are."""
    async with bench.db.write() as tx:
        budi = await put_customer(tx, "Budi Santoso", "6281234567890")
        siti = await put_customer(tx, "Siti")
        at = START - DAY
        outlet = bench.library.client.outlets[0].id
        await put_ticket(tx, 260001, at, budi, assignee_id=mine, due_at=START + 3 * HOUR, product="Tabungan Emas", category="top_up")
        await put_ticket(
            tx, 260002, at + HOUR, siti, unit="div_ti", been=("tier1", "cs_digital"), status="escalated", due_at=START + 2 * DAY
        )
        await put_ticket(tx, 260003, at + 2 * HOUR, siti, unit="cs_digital", accepted=True, priority="urgent", hop_breached_at=START - HOUR)
        late = {"breached_at": START - HOUR, "due_at": START - HOUR, "hop_due_at": START + HOUR}
        await put_ticket(tx, 260004, at + 3 * HOUR, budi, outlet_id=outlet, kind="outlet", topic="keluhan_transaksi", **late)
        await put_ticket(tx, 260005, at + 4 * HOUR, budi, call_back_at=START + 5 * HOUR, created_by=mine)
        await put_ticket(tx, 260006, at + 5 * HOUR, siti, call_back_at=START + 2 * DAY, assignee_id="OTHER")
        await put_ticket(tx, 260007, at - 10 * DAY, siti, status="solved", closed_at=at, assignee_id=mine, updated_at=START)
        secret = {"kind": "break_in", "unit": "cs_digital", "summary": "Akun dikuras", "reporter": "Rahasia"}
        await put_ticket(tx, 260008, at + 7 * HOUR, budi, **secret)


async def numbers(person: Person, query: str) -> list[int]:
    """The last digits, in order."""
    found = await person.get(f"/api/desk/tickets?{query}")
    assert found["total"] == len(found["tickets"])
    assert found["next"] is None and found["more"] is False
    return [int(row["number"][-1]) for row in found["tickets"]]


FILTERS: dict[str, list[int]] = {
    "box=mine": [1, 5],
    "box=unit": [1, 4, 5, 6],
    "box=all": [1, 2, 3, 4, 5, 6, 7, 8],
    "": [1, 2, 3, 4, 5, 6, 7, 8],
    "box=calls": [5],
    "unit=div_ti": [2],
    "status=escalated": [2],
    "kind=outlet": [4],
    "topic=keluhan_transaksi": [4],
    "product=Tabungan%20Emas": [1],
    "category=top_up": [1],
    "priority=urgent": [3],
    "assignee=OTHER": [6],
    "assignee=me": [1, 7],
    "assignee=none": [2, 3, 4, 5, 8],
    "assignee=me&open=1": [1],
    "late=hop": [3],
    "late=overall": [4],
    "late=soon": [1, 4],
    "open=1": [1, 2, 3, 4, 5, 6, 8],
    "open=0": [7],
    "box=mine&open=0": [],
    "from=2026-11-22": [1, 2, 3, 4, 5, 6, 8],
    "to=2026-11-21": [7],
    "from=2026-11-12&to=2026-11-12": [7],
    "unit=cs_digital&kind=break_in": [8],
}


@BOTH
async def test_every_filter(bench: Bench) -> None:
    rani = await bench.person("rani")
    await furnish(bench, rani.user["id"])
    outlet = bench.library.client.outlets[0].id
    for query, expected in {**FILTERS, f"outlet={outlet}": [4]}.items():
        assert sorted(await numbers(rani, query)) == expected, query


@BOTH
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("due", [4, 1, 2, 8, 6, 5, 3, 7]),  # what has no due time comes last, the newest first
        ("new", [8, 6, 5, 4, 3, 2, 1, 7]),
        ("old", [7, 1, 2, 3, 4, 5, 6, 8]),
        ("updated", [7, 8, 6, 5, 4, 3, 2, 1]),
        ("call", [5, 6, 8, 4, 3, 2, 1, 7]),
    ],
)
async def test_every_sort_and_its_pages(bench: Bench, sort: str, expected: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    rani = await bench.person("rani")
    await furnish(bench, rani.user["id"])
    assert await numbers(rani, f"sort={sort}") == expected
    for size in (1, 3):
        monkeypatch.setattr("bot.tickets.listing.page.__defaults__", (None, size, True))
        assert [int(row["number"][-1]) for row in await all_pages(rani, f"sort={sort}")] == expected


async def all_pages(person: Person, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        answer = await person.get(f"/api/desk/tickets?{query}&after={after}")
        found += answer["tickets"]
        if answer["next"] is None:
            return found
        after = answer["next"]


@BOTH
@pytest.mark.parametrize("sort", ["due", "new", "old", "updated"])
async def test_pages_while_tickets_change(bench: Bench, sort: str) -> None:
    """What does not change meanwhile is shown once: nothing twice, nothing left out."""
    rani = await bench.person("rani")
    still = set()
    async with bench.db.write() as tx:
        budi = await put_customer(tx, "Budi")
        for n in range(130):
            due = START + timedelta(minutes=n % 7) if n % 3 else None  # many of one value, and none
            name = await put_ticket(tx, 260000 + n, START - timedelta(minutes=n % 11), budi, due_at=due)
            still |= {name} if n % 5 else set()
    found: list[str] = []
    after, added = "", 0
    while after is not None:
        answer = await rani.get(f"/api/desk/tickets?sort={sort}&after={after}")
        found += [row["number"] for row in answer["tickets"]]
        after = answer["next"]
        async with bench.db.write() as tx:
            changing = tickets.c.number.in_([f"ARIA-{260000 + n}" for n in range(added, 130, 5)])
            await tx.execute(update(tickets).where(changing).values(due_at=START + DAY, updated_at=START + DAY))
            await put_ticket(tx, 270000 + added, START, budi)
            added += 5
    assert len(found) == len(set(found)) or sort in ("due", "updated")  # there, what changed may move along
    assert [number for number in found if number in still] == list(dict.fromkeys(number for number in found if number in still))
    assert still <= set(found)


async def test_the_total_is_counted_to_a_thousand(bench: Bench) -> None:
    rani = await bench.person("rani")
    async with bench.db.write() as tx:
        budi = await put_customer(tx, "Budi")
        for n in range(1001):
            await put_ticket(tx, 260000 + n, START, budi, closed_at=START if n else None)
    found = await rani.get("/api/desk/tickets?sort=new")
    assert (len(found["tickets"]), found["total"], found["more"]) == (50, 1000, True)
    found = await rani.get("/api/desk/tickets?open=0")
    assert (found["total"], found["more"]) == (1000, False)


@BOTH
async def test_a_row_as_promised(bench: Bench) -> None:
    rani = await bench.person("rani")
    await furnish(bench, rani.user["id"])
    (row,) = (await rani.get("/api/desk/tickets?category=top_up"))["tickets"]
    assert row == {
        "number": "ARIA-260001",
        "kind": {"id": "complaint", "label": "Keluhan"},
        "topic": {"id": "keluhan_layanan", "label": "Keluhan layanan"},
        "product": "Tabungan Emas",
        "category": {"id": "top_up", "label": "Pembelian / top up"},
        "sub_category": None,
        "summary": "Keluhan 260001",
        "priority": {"id": "normal", "label": "Normal"},
        "status": {"id": "open", "label": "Baru"},
        "unit": {"id": "tier1", "label": "Layanan Nasabah (Tier 1)"},
        "accepted": False,
        "assignee": {"id": rani.user["id"], "name": "Rani"},
        "customer": {"id": row["customer"]["id"], "name": "Budi Santoso"},
        "channel": "whatsapp",
        "outlet": None,
        "created_at": "2026-11-22T03:00:00.000Z",
        "updated_at": "2026-11-22T03:00:00.000Z",
        "due_at": "2026-11-23T06:00:00.000Z",
        "hop_due_at": None,
        "breached_at": None,
        "hop_breached_at": None,
        "paused": False,
        "call_back_at": None,
        "calls": 0,
        "closed_at": None,
        "restricted": False,
        "version": 1,
    }


@BOTH
async def test_counts(bench: Bench) -> None:
    rani = await bench.person("rani")
    await furnish(bench, rani.user["id"])
    assert await rani.get("/api/desk/tickets/counts") == {
        "mine": 2,
        "calls": 1,
        "units": {
            "tier1": {"open": 4, "waiting": 4, "late": 1},
            "div_ti": {"open": 1, "waiting": 1, "late": 0},
            "cs_digital": {"open": 2, "waiting": 1, "late": 1},
        },
        "late": 2,
    }


async def test_options(bench: Bench) -> None:
    rani = await bench.person("rani")
    options = await rani.get("/api/desk/tickets/options")
    assert {"id": "div_ti", "label": "Divisi Teknologi Informasi", "tier": 3} in options["units"]
    assert options["people"] == [{"id": rani.user["id"], "name": "Rani", "unit": "tier1"}]
    assert options["forms"]["outlet_call"]["fields"][4]["choices"] == ["Satu petugas", "Satu outlet", "Beberapa outlet"]
    assert {"id": "ktp", "label": "Salinan KTP", "required": True} in options["evidence"]
    saving = next(each for each in options["catalogue"] if each["product"] == "Tabungan Emas")
    assert {"id": "belum_masuk", "label": "Saldo belum masuk"} in saving["categories"][1]["subs"]
    kind = next(each for each in options["kinds"] if each["id"] == "break_in")
    assert (kind["topic"], kind["form"], kind["restricted"]) == ("keluhan_akun_dibobol", None, True)
    for name in ("statuses", "priorities", "topics", "dispatch_reasons", "return_reasons", "reopen_reasons", "call_outcomes"):
        assert options[name][0].keys() == {"id", "label"}
    assert options["outlets"] and options["decisions"]


async def division(bench: Bench, unit: str = "div_ti") -> Person:
    await bench.add("yanti", "division")
    async with bench.db.write() as tx:
        await set_work(tx, bench.library.client, "yanti", team=unit)
    return await bench.log_in("yanti")


@BOTH
async def test_a_division_sees_what_is_or_was_with_it(bench: Bench) -> None:
    rani = await bench.person("rani")
    await furnish(bench, rani.user["id"])
    async with bench.db.write() as tx:
        siti = await put_customer(tx, "Siti")
        await put_ticket(tx, 260009, START, siti, been=("tier1", "div_ti"), unit="tier1", assignee_id=rani.user["id"])
    yanti = await division(bench)
    assert await numbers(yanti, "sort=old") == [2, 9]
    assert await numbers(yanti, "box=unit") == [2]
    assert await numbers(yanti, "q=keluhan&sort=old") == [2, 9]
    assert await numbers(yanti, "q=ARIA-260001") == []
    assert await yanti.get("/api/desk/tickets/counts") == {
        "mine": 0,
        "calls": 0,
        "units": {"div_ti": {"open": 1, "waiting": 1, "late": 0}},
        "late": 0,
    }
    assert (await yanti.get("/api/me"))["team"] == {"id": "div_ti", "label": "Divisi Teknologi Informasi"}


async def test_a_division_has_nothing_else_of_the_desk(bench: Bench) -> None:
    conversation = await bench.queued()
    yanti = await division(bench)
    assert yanti.user["role"] == "division"
    routes = {
        (r.method, r.resource.canonical)
        for r in bench.servers[0].app.router.routes()
        if r.resource is not None and r.method != "HEAD" and r.resource.canonical.startswith("/api/desk/")
    }
    others = [(method, path) for method, path in routes if not path.startswith(("/api/desk/tickets", "/api/desk/monev"))]
    assert len(others) > 30
    for method, path in others:
        path = path.replace("{id}", conversation).replace("{number}", "ARIA-1")
        body = {"version": 1, "episode": 1, "client_id": "c", "state": "ready", "text": "x", "kind": "phone"}
        status, answer = await yanti.call(method, path, body if method != "GET" else None)
        assert (status, answer["error"]["code"]) == (403, "forbidden"), (method, path, answer)


async def test_trainers_have_nothing_of_tickets(bench: Bench) -> None:
    tono = await bench.person("tono", "trainer")
    for path in ("tickets", "tickets/counts", "tickets/options", "tickets.csv", "tickets/views", "monev"):
        assert await tono.refused(f"/api/desk/{path}?box=nonsense", method="GET") == (403, "forbidden")


@BOTH
async def test_restricted_cases_are_listed_but_not_read(bench: Bench) -> None:
    rani = await bench.person("rani")
    await furnish(bench, rani.user["id"])

    async def seen(person: Person) -> str:
        (row,) = (await person.get("/api/desk/tickets?kind=break_in"))["tickets"]
        assert row["restricted"] is True
        return str(row["summary"])

    async def found(person: Person) -> bool:
        by_content = [await numbers(person, f"q={word}") == [8] for word in ("dikuras", "rahasia", "akun+dikuras")]
        assert len(set(by_content)) == 1
        assert await numbers(person, "q=ARIA-260008") == [8]
        return by_content[0]

    assert (await seen(rani), await found(rani)) == ("Kasus terbatas", False)
    sari = await bench.person("sari", "leader")
    assert (await seen(sari), await found(sari)) == ("Akun dikuras", True)
    bagus = await bench.person("bagus")
    async with bench.db.write() as tx:
        await set_work(tx, bench.library.client, "bagus", team="cs_digital")
    assert (await seen(bagus), await found(bagus)) == ("Akun dikuras", True)
    async with bench.db.write() as tx:
        await tx.execute(insert(cases).values(ticket="ARIA-260008", opened_by="x", opened_at=START))
        await tx.execute(insert(case_members).values(ticket="ARIA-260008", user_id=rani.user["id"], added_by="x", added_at=START))
    assert (await seen(rani), await found(rani)) == ("Akun dikuras", True)
    async with bench.db.write() as tx:
        await tx.execute(update(case_members).values(removed_at=START))
    assert (await seen(rani), await found(rani)) == ("Kasus terbatas", False)


@BOTH
async def test_what_outlets_were_asked(bench: Bench) -> None:
    rani = await bench.person("rani")
    await furnish(bench, rani.user["id"])
    one, two = (outlet.id for outlet in bench.library.client.outlets[:2])
    async with bench.db.write() as tx:
        for n, (outlet, answered) in enumerate([(one, None), (one, START), (two, None)]):
            at = START + timedelta(minutes=n)
            row = {"id": f"M{n}", "ticket": "ARIA-260004", "outlet_id": outlet, "token_sha256": str(n), "question": f"Bagaimana {n}?"}
            await tx.execute(insert(monev).values(**row, sent_by="x", sent_at=at, due_at=at + DAY, answered_at=answered, position="Kepala"))

    async def asked(query: str = "") -> list[str]:
        return [each["id"] for each in (await rani.get(f"/api/desk/monev{query}"))["requests"]]

    assert await asked() == ["M2", "M1", "M0"]
    assert await asked(f"?outlet={one}") == ["M1", "M0"]
    assert await asked(f"?outlet={one}&answered=0") == ["M0"]
    assert await asked("?answered=1") == ["M1"]
    assert await rani.refused("/api/desk/monev?answered=2", method="GET") == (422, "bad_field")
    (request,) = (await rani.get("/api/desk/monev?answered=1"))["requests"]
    assert request["ticket"] == "ARIA-260004"
    assert request["outlet"] == {"id": one, "label": bench.library.client.outlets[0].name}
    assert "token_sha256" not in request


@pytest.mark.parametrize(
    "query",
    [f"{name}=x" for name in "box unit status kind topic product category priority outlet late sort open after from to".split()] + ODD,
)
async def test_what_makes_no_sense_is_refused(bench: Bench, query: str) -> None:
    rani = await bench.person("rani")
    assert await rani.refused(f"/api/desk/tickets?{query}", method="GET") == (422, "bad_field")


async def test_the_place_of_one_sort_is_none_of_another(bench: Bench) -> None:
    rani = await bench.person("rani")
    async with bench.db.write() as tx:
        budi = await put_customer(tx, "Budi")
        for n in range(51):
            await put_ticket(tx, 260000 + n, START, budi)
    after = (await rani.get("/api/desk/tickets?sort=new"))["next"]
    assert after
    assert await rani.refused(f"/api/desk/tickets?sort=old&after={after}", method="GET") == (422, "bad_field")


NAMES = "box unit status kind topic product category priority assignee outlet late open q from to sort after answered".split()
VALUES = 'mine unit all calls tier1 open due new old updated call soon hop me none 1 0 2026-11-23 ARIA-260001 081234567890 emas* "a gadai%20'.split()


@BOTH
@fuzz(60)
@given(
    query=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES) | nasty_texts, max_size=5),
    path=st.sampled_from(["tickets", "tickets.csv", "monev"]),
)
async def test_any_query(bench: Bench, query: dict[str, str], path: str) -> None:
    if not hasattr(bench, "rani"):
        bench.rani = await bench.person("rani")  # type: ignore[attr-defined]
        await furnish(bench, bench.rani.user["id"])  # type: ignore[attr-defined]
    given = {name: value.encode("utf-8", "replace").decode()[:300] for name, value in query.items()}
    with no_tracebacks():
        async with bench.rani.client.get(f"/api/desk/{path}", params=given) as answer:  # type: ignore[attr-defined]
            assert answer.status in (200, 422), (given, await answer.text())
