"""The guide over HTTP: ticked by evidence and by hand, verification, and a close that the server refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.procedure.records import verifications
from tests.desk.conftest import BOTH
from tests.desk.test_desk_tickets import NEW

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
BOX = "/api/desk/conversations"


async def served(bench: Bench, channel: str = "livechat") -> tuple[Person, str]:
    rani = await bench.person("rani")
    conversation = await bench.queued(channel=channel)
    await rani.accept(conversation)
    return rani, conversation


async def steps(person: Person, conversation: str) -> dict[str, Any]:
    return {step["id"]: step for step in (await person.get(f"{BOX}/{conversation}"))["procedure"]["steps"]}


@BOTH
async def test_closing_is_refused_until_the_guide_was_followed(bench: Bench) -> None:
    rani, conversation = await served(bench)
    close = f"{BOX}/{conversation}/close"
    status, body = await rani.call("POST", close, {"outcome": "solved", "closing": True})
    assert (status, body["error"]["code"]) == (422, "steps_missing")
    assert [step["id"] for step in body["missing"]] == ["salam", "kebutuhan", "solusi", "bantuan_lain"]
    assert body["missing"][0]["hint"] == "Selamat pagi, Bapak/Ibu Nasabah 1. Dengan Rani dari Pegadaian, ada yang dapat kami bantu?"
    assert (await bench.row(conversation)).last_seq == 1  # no farewell was sent
    await rani.reply(conversation, "Selamat pagi, Bapak/Ibu. Dengan Rani dari Pegadaian.", "c-1")
    await rani.post(f"{BOX}/{conversation}/topic", {"topic": "info_gadai"})
    await rani.reply(conversation, "Untuk gadai emas, cukup membawa KTP dan barangnya ke outlet terdekat.", "c-2")
    await rani.reply(conversation, "Apakah ada lagi yang dapat kami bantu?", "c-3")
    done = await steps(rani, conversation)
    assert {name for name, step in done.items() if step["done"]} == {"salam", "kebutuhan", "solusi", "bantuan_lain"}
    assert done["salam"]["by"] == {"id": rani.user["id"], "name": "Rani"}
    assert (done["salam"]["how"], bool(done["salam"]["evidence"])) == ("evidence", True)
    closed = (await rani.post(close, {"outcome": "solved", "closing": True, "topic": "info_gadai", "sub_topic": "syarat"}))["conversation"]
    assert (closed["owner"], closed["topic"]["id"]) == ("closed", "info_gadai")
    assert (await bench.row(conversation)).sub_topic == "syarat"


async def test_an_answer_given_before_the_topic_was_named_counts(bench: Bench) -> None:
    rani, conversation = await served(bench)
    await rani.reply(conversation, "Selamat pagi, dengan Rani.", "c-1")
    answer = (await rani.reply(conversation, "Untuk gadai emas, cukup membawa KTP dan barangnya ke outlet terdekat.", "c-2"))["message"]
    await rani.reply(conversation, "Apakah ada lagi yang dapat kami bantu?", "c-3")
    assert not (await steps(rani, conversation))["solusi"]["done"]
    await rani.post(f"{BOX}/{conversation}/close", {"outcome": "solved", "topic": "info_gadai"})
    solved = (await steps(rani, conversation))["solusi"]
    assert (solved["done"], solved["evidence"], solved["how"]) == (True, answer["id"], "evidence")


async def test_other_outcomes_need_no_guide(bench: Bench) -> None:
    rani, conversation = await served(bench)
    assert await rani.refused(f"{BOX}/{conversation}/close", {"outcome": "solved", "override": "sudah"}) == (
        422,
        "steps_missing",
    )  # no leader
    await rani.post(f"{BOX}/{conversation}/close", {"outcome": "out_of_topic"})


async def test_a_leader_closes_with_a_reason(bench: Bench) -> None:
    _, conversation = await served(bench)
    lead = await bench.person("lina", "leader")
    await lead.post(f"{BOX}/{conversation}/close", {"outcome": "solved", "override": "nasabah sudah dibantu lewat telepon"})
    (waived,) = await bench.facts("steps_waived")
    assert waived.data["steps"] == ["salam", "kebutuhan", "solusi", "bantuan_lain"]
    assert "telepon" not in str(waived.data)


async def test_ticking_by_hand_and_taking_it_back(bench: Bench) -> None:
    rani, conversation = await served(bench)
    dewi = await bench.person("dewi")
    path = f"{BOX}/{conversation}/steps"
    assert await rani.refused(path, {"step": "salam", "reason": " "}) == (422, "bad_field")
    assert await rani.refused(path, {"step": "menari", "reason": "x"}) == (422, "bad_field")
    assert await rani.refused(path, {"step": "salam", "reason": "y" * 301}) == (422, "bad_field")
    assert await dewi.refused(path, {"step": "salam", "reason": "x"}) == (409, "not_yours")
    await rani.post(path, {"step": "salam", "reason": "lewat telepon, PIN nasabah 123456"})
    step = (await steps(rani, conversation))["salam"]
    assert (step["done"], step["how"], "123456" in step["reason"]) == (True, "hand", False)
    await rani.post(path, {"step": "salam", "undo": True})
    assert not (await steps(rani, conversation))["salam"]["done"]
    await rani.reply(conversation, "Selamat pagi.")
    assert await rani.refused(path, {"step": "salam", "undo": True}) == (422, "bad_field")  # evidence stays
    assert [len(await bench.facts(kind)) for kind in ("step_done", "step_undone")] == [2, 1]


@BOTH
async def test_verification_opens_what_was_locked(bench: Bench) -> None:
    rani, conversation = await served(bench, "whatsapp")
    lead = await bench.person("lina", "leader")
    await lead.post(f"{BOX}/{conversation}/ticket", NEW, expect=201)
    await rani.close(conversation, "no_response")
    again = await bench.queued(channel="whatsapp")
    await rani.accept(again)
    card = (await rani.get(f"{BOX}/{again}"))["card"]
    assert card["tickets"] == card["earlier"] == []
    assert card["locked"] == {"contact": True, "tickets": 1, "reservations": 0, "history": 1}
    customer = (await rani.get(f"{BOX}/{again}"))["conversation"]["customer"]["id"]
    assert "•••" in (await rani.get(f"/api/desk/customers/{customer}"))["customer"]["identities"][0]["value"]
    assert await rani.refused(f"/api/desk/customers/{customer}/journey", method="GET") == (403, "locked")
    verify = f"{BOX}/{again}/verify"
    assert await rani.refused(verify, {"field": "sepatu", "matched": True}) == (422, "bad_field")
    assert await rani.refused(verify, {"field": "nama", "matched": "ya"}) == (422, "bad_field")
    await rani.post(verify, {"field": "nama", "matched": True})
    procedure = (await rani.post(verify, {"field": "lahir", "matched": True}))["procedure"]
    assert (procedure["verification"]["level"], procedure["verification"]["label"]) == (1, "Dasar")
    assert next(step for step in procedure["steps"] if step["id"] == "verifikasi")["done"]
    card = (await rani.get(f"{BOX}/{again}"))["card"]
    assert len(card["tickets"]) == 1
    assert card["locked"] == {"contact": False, "tickets": 0, "reservations": 0, "history": 1}
    assert (await rani.get(f"/api/desk/customers/{customer}"))["customer"]["identities"][0]["value"] == "+62 812-0000-0001"
    for field in ("nik", "ibu"):
        await rani.post(verify, {"field": field, "matched": True})
    entries = (await rani.get(f"/api/desk/customers/{customer}/journey"))["entries"]
    assert sorted(entry["kind"] for entry in entries) == ["conversation", "conversation", "ticket"]
    await rani.post(verify, {"field": "nik", "matched": False})  # it was wrong after all
    assert await rani.refused(f"/api/desk/customers/{customer}/journey", method="GET") == (403, "locked")
    async with bench.db.read() as tx:
        kept = (await tx.execute(select(verifications))).all()
    assert {(row.field, row.matched) for row in kept} == {("nama", True), ("lahir", True), ("nik", True), ("ibu", True), ("nik", False)}


async def test_a_ticket_is_a_solution(bench: Bench) -> None:
    rani, conversation = await served(bench)
    await rani.post(f"{BOX}/{conversation}/ticket", NEW, expect=201)
    assert (await steps(rani, conversation))["solusi"]["done"]


async def test_a_topic_that_makes_no_sense(bench: Bench) -> None:
    rani, conversation = await served(bench)
    assert await rani.refused(f"{BOX}/{conversation}/topic", {"topic": "cuaca"}) == (422, "bad_field")
    body = {"outcome": "out_of_topic", "topic": "info_gadai", "sub_topic": "harga"}
    assert await rani.refused(f"{BOX}/{conversation}/close", body) == (422, "bad_field")
