"""Case files of break-ins, questions to outlets, papers: over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.dialogue.unit import Library
from bot.tickets.monev import LASTS
from tests.desk.conftest import BOTH
from tests.desk.test_ticket_flow import do, made, of_unit

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
MINUTES = {
    "client_id": "m1",
    "held_at": "2026-11-23T02:00:00Z",
    "attendees": [{"name": "Andi", "unit": "Divisi Hukum"}],
    "text": "Disepakati.",
}


async def case(bench: Bench) -> tuple[Person, Person, str]:
    """Bagus of CS Digital opened the case; Sari, who leads there, is in it."""
    _, ticket = await made(bench, topic="keluhan_akun_dibobol")
    assert (ticket["kind"]["id"], ticket["unit"]["id"], ticket["restricted"]) == ("break_in", "cs_digital", True)
    bagus, sari = await of_unit(bench, "bagus", "cs_digital"), await of_unit(bench, "sari", "cs_digital", "leader")
    await do(bagus, ticket, "accept")
    one = f"/api/desk/tickets/{ticket['number']}/case"
    await bagus.post(one, {"claimed": 5_000_000}, expect=201)
    await bagus.post(f"{one}/members", {"user": sari.user["id"]})
    return bagus, sari, one


async def complete(bagus: Person, one: str) -> Any:
    for item in ("ktp", "kronologi", "mutasi", "perangkat"):
        await bagus.post(f"{one}/evidence", {"item": item, "state": "there", "note": "Diterima"})
    return (await bagus.post(f"{one}/minutes", MINUTES))["case"]


@BOTH
async def test_two_people_decide_and_only_then_it_can_be_solved(bench: Bench) -> None:
    bagus, sari, one = await case(bench)
    number = one.split("/")[-2]
    decision = {"decision": "compensate", "amount": 4_000_000, "grounds": "Bukti lengkap."}
    assert await bagus.refused(f"{one}/decision", decision) == (409, "not_now")  # evidence and minutes are missing
    shown = await complete(bagus, one)
    assert (shown["missing"], "decision" in shown["allowed"]) == ([], True)
    assert (await bagus.post(f"{one}/minutes", MINUTES))["case"]["minutes"] == shown["minutes"]  # once per id
    assert await bagus.refused(f"{one}/decision", {**decision, "amount": 6_000_000}) == (422, "bad_field")
    assert await bagus.refused(f"{one}/decision", {**decision, "amount": None}) == (422, "bad_field")
    await bagus.post(f"{one}/decision", decision)
    assert await bagus.refused(f"{one}/approve", {"approve": True}) == (409, "not_now")  # not one's own
    ticket = (await bagus.get(f"/api/desk/tickets/{number}"))["ticket"]
    solve = {"version": ticket["version"], "how": "system", "resolution": "Diganti."}
    assert await bagus.refused(f"/api/desk/tickets/{number}/solve", solve) == (409, "not_now")
    approved = (await sari.post(f"{one}/approve", {"approve": True}))["case"]
    assert (approved["decision"]["id"], approved["amount"], approved["approved_by"], approved["proposed_by"]) == (
        "compensate",
        4_000_000,
        "Sari",
        "Bagus",
    )
    assert await sari.refused(f"{one}/evidence", {"item": "ktp", "state": "missing"}) == (409, "not_now")
    assert (await bagus.post(f"/api/desk/tickets/{number}/solve", solve))["ticket"]["status"]["id"] == "solved"
    assert [fact.data["what"] for fact in await bench.facts("case_changed")][-2:] == ["proposed", "approved"]


async def test_new_evidence_takes_a_proposal_back(bench: Bench) -> None:
    bagus, sari, one = await case(bench)
    await complete(bagus, one)
    await bagus.post(f"{one}/decision", {"decision": "reject", "amount": None, "grounds": "Nasabah memberi OTP."})
    shown = (await sari.post(f"{one}/evidence", {"item": "percakapan", "state": "there"}))["case"]
    assert (shown["decision"], shown["proposed_by"]) == (None, None)
    assert await sari.refused(f"{one}/approve", {"approve": True}) == (409, "not_now")


async def test_only_who_is_in_it_reads_it(bench: Bench) -> None:
    bagus, sari, one = await case(bench)
    rani, lina = await bench.log_in("rani"), await of_unit(bench, "lina", "tier1", "leader")
    for person in (rani, lina):
        assert await person.refused(one, method="GET") == (403, "forbidden")
        assert await person.refused(f"{one}/members", {"user": person.user["id"]}) == (403, "forbidden")
    await bagus.post(f"{one}/members", {"user": sari.user["id"], "remove": True})
    assert await sari.refused(one, method="GET") == (403, "forbidden")
    assert await bagus.refused(f"{one}/members", {"user": bagus.user["id"], "remove": True}) == (409, "not_now")


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("evidence", {"item": "gossip", "state": "there"}),
        ("evidence", {"item": "ktp", "state": "maybe"}),
        ("evidence", {"item": "ktp", "state": "there", "media": "NOFILE"}),
        ("minutes", {**MINUTES, "attendees": []}),
        ("minutes", {**MINUTES, "attendees": ["Andi"]}),
        ("minutes", {**MINUTES, "held_at": "kemarin"}),
        ("minutes", {**MINUTES, "held_at": "2027-01-01T00:00:00Z"}),
        ("minutes", {**MINUTES, "text": " "}),
        ("minutes", {**MINUTES, "client_id": ""}),
        ("members", {"user": "NOBODY"}),
        ("decision", {"decision": "maybe", "amount": 1, "grounds": "x"}),
        ("decision", {"decision": "compensate", "amount": -1, "grounds": "x"}),
        ("decision", {"decision": "compensate", "amount": "1000", "grounds": "x"}),
        ("approve", {"approve": "yes"}),
    ],
)
async def test_what_makes_no_sense_is_refused(bench: Bench, part: str, body: Any) -> None:
    bagus, _, one = await case(bench)
    before = (await bagus.get(one))["case"]
    assert await bagus.refused(f"{one}/{part}", body) == (422, "bad_field")
    assert (await bagus.get(one))["case"] == before


async def test_a_case_belongs_to_a_break_in_and_is_opened_once(bench: Bench) -> None:
    bagus, _, one = await case(bench)
    assert await bagus.refused(one, {"claimed": 1}) == (409, "not_now")
    rani = await bench.log_in("rani")
    conversation = await bench.queued(phone=2)
    await rani.accept(conversation)
    other = {"topic": "keluhan_layanan", "summary": "Lain"}
    number = (await rani.post(f"/api/desk/conversations/{conversation}/ticket", other, expect=201))["ticket"]["number"]
    assert await rani.refused(f"/api/desk/tickets/{number}/case", {}) == (422, "bad_field")
    assert await rani.refused(f"/api/desk/tickets/{number}/case", method="GET") == (404, "not_found")


async def test_the_papers(bench: Bench, library: Library) -> None:
    bagus, _sari, one = await case(bench)
    await complete(bagus, one)
    async with bagus.client.get(f"{one}.pdf") as response:
        assert (response.status, response.content_type) == (200, "application/pdf")
        assert (await response.read()).startswith(b"%PDF-")
    assert (await bench.facts("case_changed"))[-1].data["what"] == "printed"
    rani = await bench.log_in("rani")
    assert (await rani.call("GET", f"{one}.pdf"))[0] == 403
    conversation = await bench.queued(phone=2)
    await rani.accept(conversation)
    ticket = (await rani.post(f"/api/desk/conversations/{conversation}/ticket", {"topic": "keluhan_layanan", "summary": "L"}, expect=201))[
        "ticket"
    ]
    paper = f"/api/desk/tickets/{ticket['number']}/berita-acara.pdf"
    assert await rani.refused(paper, method="GET") == (409, "conflict")
    form = {
        "outlet": library.client.outlets[0].id,
        "tanggal": "2026-11-23",
        "petugas": "A",
        "nasabah": "B",
        "masalah": "C",
        "penyelesaian": "D",
    }
    await do(rani, ticket, "solve", how="berita_acara", resolution="Selesai", form=form)
    async with rani.client.get(paper) as response:
        assert response.status == 200
        assert (await response.read()).startswith(b"%PDF-")


# --- MONEV


async def asked(bench: Bench, library: Library) -> tuple[Person, str, str]:
    """Rani has asked an outlet; (she, the ticket's number, the link's path)."""
    rani, ticket = await made(bench, detail="Nasabah Budi 081234567890 marah")
    body = {"outlet": library.client.outlets[0].id, "question": "Mohon dijelaskan antrean hari Senin."}
    answer = await rani.post(f"/api/desk/tickets/{ticket['number']}/monev", body, expect=201)
    return rani, ticket["number"], re.sub(r"^https?://[^/]+", "", answer["link"])


ANSWER = {"name": "Sinta", "position": "Pimpinan outlet", "chronology": "Listrik padam.", "follow_up": "Genset <b>disiapkan</b>."}


@BOTH
async def test_the_outlet_answers_once_behind_its_link(bench: Bench, library: Library) -> None:
    rani, number, link = await asked(bench, library)
    outlet = bench.browser()
    async with outlet.client.get(link) as response:
        page = await response.text()
        assert (response.status, response.headers["Referrer-Policy"], response.headers["Cache-Control"]) == (200, "no-referrer", "no-store")
    assert "Mohon dijelaskan antrean hari Senin." in page
    assert number in page
    assert "Budi" not in page and "0812" not in page and "Nasabah 1" not in page  # nothing of the customer
    async with outlet.client.post(link, data={**ANSWER, "chronology": " "}) as response:
        assert response.status == 422
        assert "Sinta" in await response.text()  # what was typed is kept
    for answer in (ANSWER, {**ANSWER, "follow_up": "Lain"}):
        async with outlet.client.post(link, data=answer) as response:
            page = await response.text()
            assert response.status == 200
    assert "Genset &lt;b&gt;disiapkan&lt;/b&gt;." in page
    assert "Lain" not in page
    (shown,) = (await rani.get(f"/api/desk/tickets/{number}"))["ticket"]["monev"]
    assert (shown["answered_by"], shown["follow_up"]) == ("Sinta", ANSWER["follow_up"])
    assert len(await bench.facts("monev_answered")) == 1


async def test_links_that_are_not_good(bench: Bench, library: Library) -> None:
    rani, number, link = await asked(bench, library)
    body = {"outlet": library.client.outlets[0].id, "question": "Lagi"}
    assert await rani.refused(f"/api/desk/tickets/{number}/monev", body) == (409, "conflict")
    outlet = bench.browser()
    async with outlet.client.get("/monev/" + "x" * 43) as response:
        assert response.status == 404
        assert "Tautan tidak berlaku" in await response.text()
    (shown,) = (await rani.get(f"/api/desk/tickets/{number}"))["ticket"]["monev"]
    assert (await rani.call("DELETE", f"/api/desk/tickets/{number}/monev/{shown['id']}"))[0] == 204
    async with outlet.client.post(link, data=ANSWER) as response:
        assert response.status == 404
    answer = await rani.post(f"/api/desk/tickets/{number}/monev", body, expect=201)
    bench.clock.advance(LASTS.total_seconds() + timedelta(minutes=1).total_seconds())
    async with outlet.client.get(re.sub(r"^https?://[^/]+", "", answer["link"])) as response:
        assert response.status == 404
    assert await bench.facts("monev_answered") == []


async def test_of_a_restricted_ticket_others_see_only_where_it_is(bench: Bench) -> None:
    _, _, one = await case(bench)
    number = one.split("/")[-2]
    maya = await of_unit(bench, "maya", "helpdesk")
    seen = (await maya.get(f"/api/desk/tickets/{number}"))["ticket"]
    assert (seen["summary"], seen["detail"], seen["notes"], seen["history"]) == ("Kasus terbatas", "", [], [])
    assert (seen["unit"]["id"], seen["allowed"]) == ("cs_digital", [])
    rani = await bench.log_in("rani")  # she made it
    assert (await rani.get(f"/api/desk/tickets/{number}"))["ticket"]["summary"] != "Kasus terbatas"
