"""Contacts recorded by hand, and customers known on several channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot.conversations.records import messages
from bot.customers.records import identities, merges
from tests.desk.conftest import BOTH
from tests.desk.test_desk_tickets import NEW

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
BOX = "/api/desk/conversations"
CALL = {"kind": "phone", "name": "Budi", "phone": "0812 0000 001", "topic": ""}


async def call(person: Person, **change: Any) -> dict[str, Any]:
    summary: dict[str, Any] = (await person.post("/api/desk/contacts", {**CALL, **change}, expect=201))["conversation"]
    return summary


@BOTH
async def test_a_call_from_ring_to_close(bench: Bench) -> None:
    rani = await bench.person("rani")
    summary = await call(rani)
    one = f"{BOX}/{summary['id']}"
    assert summary["customer"]["handle"] == "+62 812-0000-001"
    assert (summary["channel"], summary["manual"], summary["owner"], summary["agent"]["id"]) == ("phone", True, "agent", rani.user["id"])
    shown = await rani.get(one)
    assert (shown["procedure"]["guide"]["id"], shown["procedure"]["steps"][0]["hint"]) == (
        "voice",
        "Selamat pagi, Pegadaian. Dengan Rani, ada yang dapat kami bantu?",
    )
    said = {"client_id": "s-1", "author": "customer", "text": "Saya mau tanya syarat gadai, PIN saya 123456"}
    first = (await rani.post(f"{one}/said", said))["message"]
    assert (await rani.post(f"{one}/said", said))["message"]["id"] == first["id"]
    assert "123456" not in first["text"]
    async with bench.db.read() as tx:
        assert (
            await tx.execute(select(messages.c.todo).where(messages.c.id == first["id"]))
        ).scalar() == "read"  # understood for the assist
    await rani.post(f"{one}/said", {"client_id": "s-2", "author": "agent", "text": "Cukup KTP dan barang jaminan."})
    assert await rani.refused(f"{one}/reply", {"client_id": "r", "text": "Halo"}) == (422, "no_channel")
    assert await rani.refused(f"{one}/return", {"reason": "form"}) == (422, "no_channel")
    status, body = await rani.call("POST", f"{one}/close", {"outcome": "solved", "closing": True})
    assert (status, [step["id"] for step in body["missing"]]) == (422, ["salam", "kebutuhan", "solusi", "bantuan_lain", "penutup"])
    await rani.close(summary["id"], topic="info_gadai", closing=True)
    row = await bench.row(summary["id"])
    assert (row.owner, row.survey, row.last_seq) == ("closed", None, 2)  # nothing was sent to anybody
    assert [fact.data["channel"] for fact in await bench.facts("contact_recorded")] == ["phone"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "pigeon"},
        {"name": ""},
        {"name": "x" * 101},
        {"phone": "12"},
        {"phone": "abc"},
        {"topic": "cuaca"},
        {"topic": "minta_agen"},
        {"kind": "outlet_call", "outlet": ""},
    ],
)
async def test_contacts_that_are_refused(bench: Bench, change: dict[str, str]) -> None:
    rani = await bench.person("rani")
    assert await rani.refused("/api/desk/contacts", {**CALL, **change}) == (422, "bad_field")


async def test_what_was_said_is_the_agents_to_write(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi")
    one = f"{BOX}/{(await call(rani))['id']}"
    good = {"client_id": "s", "author": "agent", "text": "Halo"}
    assert await dewi.refused(f"{one}/said", good) == (409, "not_yours")
    assert await rani.refused(f"{one}/said", {**good, "author": "bot"}) == (422, "bad_field")
    assert await rani.refused(f"{one}/said", {**good, "text": "  "}) == (422, "empty")
    assert await rani.refused(f"{one}/said", {**good, "text": "x" * 4097}) == (422, "too_long")
    chat = await bench.queued()
    await rani.accept(chat)
    assert await rani.refused(f"{BOX}/{chat}/said", good) == (422, "bad_field")


async def test_the_same_caller_twice_is_one_contact(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi")
    first = await call(rani)
    status, body = await rani.call("POST", "/api/desk/contacts", {**CALL, "phone": "+62 812-0000-001"})
    assert (status, body["error"]["code"], body["conversation"]["id"]) == (409, "conflict", first["id"])
    other = await call(dewi)  # the customer called twice, two people answered
    assert other["customer"]["id"] == first["customer"]["id"]


async def test_an_outlet_calls(bench: Bench) -> None:
    rani = await bench.person("rani")
    outlet = bench.library.client.outlets[0]
    summary = await call(rani, kind="outlet_call", outlet=outlet.id, name="", phone="")
    assert (summary["customer"]["name"], summary["customer"]["handle"]) == (outlet.name, "Tanpa nomor")
    shown = await rani.get(f"/api/desk/customers/{summary['customer']['id']}")
    assert shown["customer"]["identities"] == [{"kind": "outlet", "label": "Outlet", "value": outlet.name}]


async def pair(bench: Bench, person: Person) -> tuple[str, str, str]:
    """A customer on WhatsApp and the same number on the phone: (older, newer, the proposal's id)."""
    chat = await bench.queued(1)
    await person.accept(chat)
    older = (await bench.row(chat)).customer_id
    newer = (await call(person, phone="+62 812-0000-0001"))["customer"]["id"]
    async with bench.db.read() as tx:
        (proposal,) = (await tx.execute(select(merges))).all()
    assert (proposal.kept, proposal.merged, proposal.state) == (older, newer, "proposed")
    return older, newer, proposal.id


@BOTH
async def test_a_merge_is_proposed_decided_and_undone(bench: Bench) -> None:
    rani, lead = await bench.person("rani"), await bench.person("lina", "leader")
    older, newer, proposal = await pair(bench, rani)
    shown = await lead.get(f"/api/desk/customers/{newer}")
    assert shown["merges"] == [
        {
            "id": proposal,
            "other": {"id": older, "name": "Nasabah 1", "handle": "+62 812-0000-0001"},
            "because": {"id": "same_phone", "label": "Nomor telepon sama"},
            "state": "proposed",
        }
    ]
    assert [len((await lead.get(f"/api/desk/customers/{one}/journey"))["entries"]) for one in (older, newer)] == [
        1,
        1,
    ]  # nothing merged by itself
    path = f"/api/desk/merges/{proposal}"
    assert await rani.refused(path, {"decision": "marry"}) == (422, "bad_field")
    assert await rani.refused(path, {"decision": "undo"}) == (409, "conflict")
    assert (await rani.post(path, {"decision": "merge"}))["merge"]["state"] == "merged"
    assert await rani.refused(path, {"decision": "merge"}) == (409, "conflict")
    for one in (older, newer):  # the old key leads to the one customer
        assert sorted(e["kind"] for e in (await lead.get(f"/api/desk/customers/{one}/journey"))["entries"]) == ["contact", "conversation"]
    assert len((await lead.get(f"/api/desk/customers/{older}"))["customer"]["identities"]) == 2
    await rani.post(path, {"decision": "undo"})
    assert [len((await lead.get(f"/api/desk/customers/{one}/journey"))["entries"]) for one in (older, newer)] == [1, 1]
    async with bench.db.read() as tx:
        assert len(set((await tx.execute(select(identities.c.customer_id))).scalars())) == 2
    await lead.get(f"/api/desk/customers/{newer}")
    async with bench.db.read() as tx:
        assert len((await tx.execute(select(merges))).all()) == 1  # not proposed again


async def test_two_people_stay_two(bench: Bench) -> None:
    rani = await bench.person("rani")
    _, _, proposal = await pair(bench, rani)
    await rani.post(f"/api/desk/merges/{proposal}", {"decision": "refuse"})
    assert await rani.refused(f"/api/desk/merges/{proposal}", {"decision": "merge"}) == (409, "conflict")
    assert await rani.refused("/api/desk/merges/NOSUCH", {"decision": "merge"}) == (404, "not_found")


async def test_both_open_on_one_channel_are_not_merged(bench: Bench) -> None:
    rani = await bench.person("rani")
    _, _, proposal = await pair(bench, rani)
    second = await bench.queued(2)
    async with bench.db.write() as tx:
        await tx.execute(update(merges).values(merged=(await bench.row(second)).customer_id))
    assert await rani.refused(f"/api/desk/merges/{proposal}", {"decision": "merge"}) == (409, "both_open")


async def test_a_number_given_in_a_ticket_proposes_too(bench: Bench) -> None:
    from bot.tickets.records import tickets

    rani, lead = await bench.person("rani"), await bench.person("lina", "leader")
    await bench.queued(1)
    visitor = await bench.queued(5, channel="livechat")
    await rani.accept(visitor)
    await rani.post(f"{BOX}/{visitor}/ticket", NEW, expect=201)
    async with bench.db.write() as tx:
        await tx.execute(update(tickets).values(contact="0812-0000-0001"))
    customer = (await bench.row(visitor)).customer_id
    (proposal,) = (await lead.get(f"/api/desk/customers/{customer}"))["merges"]
    assert proposal["because"]["id"] == "phone_given"


async def test_a_colleague_is_asked_and_answers(bench: Bench) -> None:
    rani, dewi, other = await bench.person("rani"), await bench.person("dewi"), await bench.person("eko")
    conversation = await bench.queued()
    await rani.accept(conversation)
    note, line = f"{BOX}/{conversation}/note", await dewi.live()
    assert await rani.refused(note, {"client_id": "n0", "text": "?", "to": ["NOSUCH"]}) == (422, "bad_field")
    assert await rani.refused(note, {"client_id": "n0", "text": "?", "to": "dewi"}) == (422, "bad_field")
    await rani.post(note, {"client_id": "n1", "text": "Apakah denda bisa dihapus?", "to": [dewi.user["id"]]})
    frame = await line.next("mention")
    assert (frame["conversation"], frame["by"]["name"], frame["text"]) == (conversation, "Rani", "Apakah denda bisa dihapus?")
    (asked,) = (await dewi.get("/api/desk/mentions"))["mentions"]
    assert (asked["text"], asked["answered"], asked["conversation"]["id"]) == ("Apakah denda bisa dihapus?", False, conversation)
    assert await other.refused(note, {"client_id": "n2", "text": "Saya tahu"}) == (409, "not_yours")
    await dewi.post(note, {"client_id": "n3", "text": "Tidak bisa, sesuai aturan."})
    assert (await dewi.get("/api/desk/mentions"))["mentions"][0]["answered"] is True
    assert (await rani.get("/api/desk/mentions"))["mentions"] == []
    assert (await bench.row(conversation)).last_text == "Mau bicara dengan petugas"  # the customer's side saw nothing
