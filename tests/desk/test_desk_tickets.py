"""Tickets made and changed at the desk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.desk.conftest import BOTH

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
NEW = {"topic": "keluhan_layanan", "summary": "Antrean lama", "detail": "Di outlet Kebayoran", "product": None, "priority": "normal"}


async def served(bench: Bench) -> tuple[Person, str]:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    return rani, conversation


def path(conversation: str) -> str:
    return f"/api/desk/conversations/{conversation}/ticket"


async def test_a_ticket_is_made(bench: Bench) -> None:
    rani, conversation = await served(bench)
    ticket = (await rani.post(path(conversation), NEW, expect=201))["ticket"]
    assert ticket["number"] == "ARIA-260001"
    assert ticket["version"] == 1
    assert ticket["conversation"] == conversation
    assert ticket["topic"] == {"id": "keluhan_layanan", "label": "Keluhan layanan"}
    assert ticket["status"] == {"id": "open", "label": "Baru"}
    assert ticket["created_at"] == "2026-11-23T03:00:00.000Z"
    assert ticket["promised_at"] > "2026-12-04"
    assert (ticket["unit"]["id"], ticket["accepted"], ticket["assignee"]["id"]) == ("tier1", True, rani.user["id"])
    (shown,) = (await rani.get(f"/api/desk/conversations/{conversation}"))["card"]["tickets"]
    assert shown == {name: ticket[name] for name in shown}
    (fact,) = await bench.facts("ticket_opened")
    assert fact.agent_id == rani.user["id"]


@BOTH
async def test_a_repeated_request_makes_one_ticket(bench: Bench) -> None:
    rani, conversation = await served(bench)
    body = {**NEW, "client_id": "t1"}
    answers = await asyncio.gather(*(rani.post(path(conversation), body, expect=201) for _ in range(3)))
    assert len({answer["ticket"]["number"] for answer in answers}) == 1
    assert len(await bench.facts("ticket_opened")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"topic": "nothing"}, "bad_field"),
        ({"topic": None}, "bad_field"),
        ({"summary": "  "}, "bad_field"),
        ({"summary": "a" * 201}, "too_long"),
        ({"detail": "a" * 9000}, "too_long"),
        ({"product": "Mobil"}, "bad_field"),
        ({"priority": "asap"}, "bad_field"),
        ({"summary": 5}, "bad_field"),
    ],
)
async def test_tickets_that_are_refused(bench: Bench, change: Any, code: str) -> None:
    rani, conversation = await served(bench)
    assert await rani.refused(path(conversation), {**NEW, **change}) == (422, code)


async def test_who_may_make_a_ticket(bench: Bench) -> None:
    rani, conversation = await served(bench)
    dewi, lead = await bench.person("dewi"), await bench.person("lina", "leader")
    assert await dewi.refused(path(conversation), NEW) == (409, "not_yours")
    assert await dewi.refused(path("NOSUCH"), NEW) == (404, "not_found")
    await lead.post(path(conversation), NEW, expect=201)
    await rani.close(conversation, "ticket")
    await rani.post(path(conversation), NEW, expect=201)  # wrap-up after closing


async def test_secrets_do_not_reach_a_ticket(bench: Bench) -> None:
    rani, conversation = await served(bench)
    ticket = (await rani.post(path(conversation), {**NEW, "detail": "nasabah bilang PIN saya 123456"}, expect=201))["ticket"]
    assert "123456" not in ticket["detail"]


@BOTH
async def test_a_ticket_changes_under_its_version(bench: Bench) -> None:
    rani, conversation = await served(bench)
    dewi = await bench.person("dewi", server=await bench.another())
    number = (await rani.post(path(conversation), NEW, expect=201))["ticket"]["number"]
    one = f"/api/desk/tickets/{number}"
    calls = [
        rani.call("PATCH", one, {"version": 1, "status": "in_progress", "note": "Sedang dicek"}),
        dewi.call("PATCH", one, {"version": 1, "priority": "high"}),
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(status for status, _ in answers) == [200, 409]
    lost = next(body for status, body in answers if status == 409)
    assert lost["error"]["code"] == "conflict"
    assert "diubah" in lost["error"]["message"]
    won = next(body["ticket"] for status, body in answers if status == 200)
    assert won["version"] == 2
    assert lost["ticket"]["version"] == 2
    status, body = await rani.call("PATCH", one, {"version": 2, "status": "solved", "note": "Selesai"})
    assert status == 200
    assert body["ticket"]["notes"][-1]["author"] == "Rani"
    assert await rani.refused(one, {"version": 3, "status": "waiting_customer"}, "PATCH") == (409, "not_now")  # solved: only back to work
    assert await rani.refused(one, {"version": 3, "status": "escalated"}, "PATCH") == (422, "bad_field")  # nobody sets that
    assert (await rani.call("PATCH", one, {"version": 3, "status": "in_progress"}))[1]["ticket"]["status"]["id"] == "in_progress"


async def test_changes_that_are_refused(bench: Bench) -> None:
    rani, conversation = await served(bench)
    number = (await rani.post(path(conversation), NEW, expect=201))["ticket"]["number"]
    one = f"/api/desk/tickets/{number}"
    assert await rani.refused(one, {"status": "solved"}, "PATCH") == (422, "bad_field")  # no version
    assert await rani.refused(one, {"version": 1}, "PATCH") == (422, "empty")
    assert await rani.refused(one, {"version": 1, "note": " "}, "PATCH") == (422, "empty")
    assert await rani.refused(one, {"version": 1, "status": "gone"}, "PATCH") == (422, "bad_field")
    assert await rani.refused(one, {"version": 1, "summary": ""}, "PATCH") == (422, "bad_field")
    assert await rani.refused("/api/desk/tickets/ARIA-9", {"version": 1, "note": "x"}, "PATCH") == (404, "not_found")
