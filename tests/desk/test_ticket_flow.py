"""Tickets that travel, over HTTP: hops, who may what, what the customer is told, calls, merging, splitting, files, by hand."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import FormData
from sqlalchemy import select

from bot.channels.records import outbox
from bot.conversations.records import messages
from bot.desk.work import set_work
from bot.dialogue.inbound import InboundHandlers
from bot.dialogue.unit import Library
from bot.tickets.records import tickets as table
from tests.desk.conftest import BOTH
from tests.desk.test_desk_tickets import NEW, path

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 100


async def of_unit(bench: Bench, username: str, unit: str, role: str = "agent") -> Person:
    await bench.add(username, role)
    async with bench.db.write() as tx:
        await set_work(tx, bench.library.client, username, team=unit)
    return await bench.log_in(username)


async def made(bench: Bench, **more: Any) -> tuple[Person, dict[str, Any]]:
    """Rani of Tier 1 has made a ticket in her conversation."""
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    return rani, (await rani.post(path(conversation), {**NEW, **more}, expect=201))["ticket"]


async def do(person: Person, ticket: dict[str, Any], action: str, **given: Any) -> dict[str, Any]:
    answer = await person.post(f"/api/desk/tickets/{ticket['number']}/{action}", {"version": ticket["version"], **given})
    return answer["ticket"]  # type: ignore[no-any-return]


async def told(bench: Bench) -> list[tuple[str, str]]:
    return [(fact.data["notice"], fact.data["how"]) for fact in await bench.facts("ticket_told")]


@BOTH
async def test_tier_1_tier_2_division_and_back(bench: Bench) -> None:
    rani, ticket = await made(bench)
    bagus, wulan = await of_unit(bench, "bagus", "cs_digital"), await of_unit(bench, "wulan", "div_ti", "division")
    one = f"/api/desk/tickets/{ticket['number']}"
    assert await wulan.refused(one, method="GET") == (404, "not_found")  # never was with her division
    ticket = await do(rani, ticket, "dispatch", to="cs_digital", reason="teknis", note="Mohon dicek")
    assert (ticket["status"]["id"], ticket["unit"]["id"], ticket["accepted"], ticket["allowed"]) == ("escalated", "cs_digital", False, [])
    assert await rani.refused(f"{one}/accept", {"version": ticket["version"]}) == (409, "not_now")
    ticket = await do(bagus, ticket, "accept")
    assert (ticket["status"]["label"], ticket["assignee"]["name"]) == ("Analisis", "Bagus")
    ticket = await do(bagus, ticket, "dispatch", to="div_ti", reason="data", note="Saldo tidak sesuai mutasi")
    ticket = await do(wulan, (await wulan.get(one))["ticket"], "accept")
    assert ticket["status"]["label"] == "Menunggu support"
    assert await wulan.refused(f"{one}/solve", {"version": ticket["version"], "resolution": "Beres"}) == (409, "not_now")
    ticket = await do(wulan, ticket, "return", reason="selesai_unit", note="Saldo sudah dikoreksi")
    assert (ticket["unit"]["id"], ticket["hops"][-1]["from"]["id"]) == ("cs_digital", "div_ti")
    ticket = await do(bagus, ticket, "accept")
    assert ticket["returns_to"]["id"] == "tier1"
    ticket = await do(bagus, ticket, "solve", how="system", resolution="Saldo sudah dikoreksi.")
    assert (ticket["status"]["id"], ticket["resolution"]) == ("solved", "Saldo sudah dikoreksi.")
    assert [(hop["unit"]["id"], hop["ended_how"]) for hop in ticket["hops"]] == [
        ("tier1", "dispatched"),
        ("cs_digital", "dispatched"),
        ("div_ti", "returned"),
        ("cs_digital", "closed"),
    ]
    assert any("Meneruskan ke Divisi Teknologi Informasi: Perlu koreksi data transaksi" in line["what"] for line in ticket["history"])
    assert [notice for notice, _ in await told(bench)] == ["dispatched", "dispatched", "solved"]
    states = [fact.data["state"] for fact in await bench.facts("ticket_changed")]
    assert [state["unit"] for state in states] == ["cs_digital", "cs_digital", "div_ti", "div_ti", "cs_digital", "cs_digital", "cs_digital"]


async def test_inside_the_24_hours_the_customer_reads_it_at_once(bench: Bench) -> None:
    rani, ticket = await made(bench)
    await rani.close(ticket["conversation"], "ticket")
    await do(rani, ticket, "solve", how="system", resolution="Antrean sudah ditambah loket.")
    async with bench.db.read() as tx:
        said = (await tx.execute(select(messages).order_by(messages.c.seq.desc()).limit(1))).one()
    assert said.text.startswith(f"Bapak/Ibu Nasabah 1, laporan {ticket['number']} telah selesai. Antrean sudah ditambah loket.")
    assert "Mohon berkenan menilai" in said.text
    assert (await bench.row(ticket["conversation"])).survey == "asked"
    assert await told(bench) == [("solved", "message")]


async def test_after_the_24_hours_a_template_first_and_the_news_with_the_answer(bench: Bench) -> None:
    rani, ticket = await made(bench)
    await rani.close(ticket["conversation"], "ticket")
    bench.clock.advance(timedelta(days=2).total_seconds())
    rani = await bench.log_in("rani")
    ticket = await do(rani, ticket, "wait", note="Mohon foto struk.")
    await do(rani, ticket, "solve", how="system", resolution="Sudah ditindaklanjuti.")
    assert await told(bench) == [("waiting_customer", "template"), ("solved", "kept")]  # one template
    async with bench.db.read() as tx:
        sent = (await tx.execute(select(outbox.c.body).order_by(outbox.c.message_id.desc()).limit(1))).scalar_one()
        news = (await tx.execute(select(table.c.news))).scalar_one()
    assert sent["template"]["name"] == "sapa_lengkapi_data"
    assert news.index("Mohon foto struk.") < news.index("telah selesai. Sudah ditindaklanjuti.")  # nothing of it is lost
    conversation = await bench.writes("Ya, ada kabar apa?")
    await news_of(bench, conversation)
    async with bench.db.read() as tx:
        said = list((await tx.execute(select(messages.c.text).where(messages.c.conversation_id == conversation))).scalars())
        assert (await tx.execute(select(table.c.news))).scalar_one() is None
    assert said == ["Ya, ada kabar apa?", news]


async def news_of(bench: Bench, conversation: str) -> None:
    handlers = InboundHandlers(bench.db, None, None)  # type: ignore[arg-type]
    await handlers._bring_news(conversation)


async def test_two_accept_and_one_does(bench: Bench) -> None:
    rani, ticket = await made(bench)
    ticket = await do(rani, ticket, "dispatch", to="helpdesk", reason="teknis")
    maya, joko = await of_unit(bench, "maya", "helpdesk"), await of_unit(bench, "joko", "helpdesk")
    one = f"/api/desk/tickets/{ticket['number']}/accept"
    answers = await asyncio.gather(*(person.call("POST", one, {"version": ticket["version"]}) for person in (maya, joko)))
    assert sorted(status for status, _ in answers) == [200, 409]
    late = next(body for status, body in answers if status == 409)
    assert late["ticket"]["accepted"] is True
    assert len([fact for fact in await bench.facts("ticket_changed") if fact.data["what"] == "accept"]) == 1


@pytest.mark.parametrize(
    ("action", "given", "refusal"),
    [
        ("dispatch", {"to": "nowhere", "reason": "teknis"}, (422, "bad_field")),
        ("dispatch", {"to": "helpdesk", "reason": "bosan"}, (422, "bad_field")),
        ("dispatch", {"to": "tier1", "reason": "teknis"}, (409, "not_now")),
        ("wait", {"note": ""}, (422, "bad_field")),
        ("solve", {"how": "system", "resolution": " "}, (422, "bad_field")),
        ("solve", {"how": "magic", "resolution": "x"}, (422, "bad_field")),
        ("solve", {"how": "berita_acara", "resolution": "x", "form": {"outlet": "nowhere"}}, (422, "bad_field")),
        ("return", {"reason": "kurang_data"}, (409, "not_now")),
        ("reopen", {"reason": "belum_selesai"}, (409, "not_now")),
        ("assign", {"to": "NOBODY"}, (422, "bad_field")),
        ("accept", {"version": 7}, (409, "conflict")),
        ("accept", {"version": "1"}, (422, "bad_field")),
    ],
)
async def test_steps_that_are_refused_change_nothing(bench: Bench, action: str, given: Any, refusal: tuple[int, str]) -> None:
    rani, ticket = await made(bench)
    body = {"version": ticket["version"], **given}
    assert await rani.refused(f"/api/desk/tickets/{ticket['number']}/{action}", body) == refusal
    assert (await rani.get(f"/api/desk/tickets/{ticket['number']}"))["ticket"]["version"] == ticket["version"]


async def test_solved_by_berita_acara_and_opened_again(bench: Bench, library: Library) -> None:
    rani, ticket = await made(bench)
    form = {
        "outlet": library.client.outlets[0].id,
        "tanggal": "2026-11-23",
        "petugas": "Andi",
        "nasabah": "Budi",
        "masalah": "A",
        "penyelesaian": "B",
    }
    ticket = await do(rani, ticket, "solve", how="berita_acara", resolution="Diselesaikan di outlet", form=form)
    assert (ticket["solved_how"], ticket["solved_form"]) == ("berita_acara", form)
    assert await rani.refused(f"/api/desk/tickets/{ticket['number']}", {"version": ticket["version"], "summary": "Lain"}, "PATCH") == (
        409,
        "not_now",
    )
    ticket = await do(rani, ticket, "reopen", reason="belum_selesai", note="Menelepon lagi")
    assert (ticket["status"]["id"], ticket["closed_at"], ticket["solved_form"], len(ticket["hops"])) == ("in_progress", None, None, 2)


async def test_waiting_for_the_customer_and_proposing(bench: Bench) -> None:
    rani, ticket = await made(bench)
    ticket = await do(rani, ticket, "wait", note="Mohon foto struk.")
    assert (ticket["status"]["id"], ticket["paused"]) == ("waiting_customer", True)
    ticket = await do(rani, ticket, "resume")
    ticket = await do(rani, ticket, "propose", note="Loket sudah ditambah.")
    assert (ticket["status"]["id"], ticket["resolution"]) == ("confirming", "Loket sudah ditambah.")
    ticket = await do(rani, ticket, "confirm")
    assert (ticket["status"]["id"], ticket["solved_how"]) == ("solved", "confirmed")
    async with bench.db.read() as tx:
        said = list((await tx.execute(select(messages.c.text).where(messages.c.author == "system").order_by(messages.c.seq))).scalars())
    assert said[0].endswith("memerlukan data tambahan: Mohon foto struk.")


async def test_calls_are_counted_and_say_what_comes_next(bench: Bench) -> None:
    rani, ticket = await made(bench)
    calls = f"/api/desk/tickets/{ticket['number']}/calls"
    body = {"client_id": "k1", "outcome": "no_answer", "note": ""}
    first = (await rani.post(calls, body, expect=201))["ticket"]
    again = (await rani.post(calls, body, expect=201))["ticket"]
    assert (first["calls"], again["calls"], again["call_back_at"]) == (1, 1, "2026-11-24T03:00:00.000Z")
    second = (await rani.post(calls, {"client_id": "k2", "outcome": "not_solved", "note": "Masih antre"}, expect=201))["ticket"]
    assert "bahwa masalah belum resolved" in second["notes"][-1]["text"]
    assert second["status"]["id"] == "in_progress"
    assert ("unsolved", "message") in await told(bench)
    third = (await rani.post(calls, {"client_id": "k3", "outcome": "solved", "note": "Nasabah puas"}, expect=201))["ticket"]
    assert (third["status"]["id"], third["calls"], third["call_back_at"], len(third["call_log"])) == ("solved", 3, None, 3)
    fourth = (await rani.post(calls, {"client_id": "k4", "outcome": "not_solved", "note": ""}, expect=201))["ticket"]
    assert fourth["status"]["id"] == "in_progress"  # opened again
    past = {"client_id": "k5", "outcome": "call_later", "next_at": "2026-11-22T03:00:00Z"}
    assert await rani.refused(calls, past) == (422, "bad_field")
    assert await rani.refused(calls, {"client_id": "k5", "outcome": "maybe"}) == (422, "bad_field")


async def test_merged_split_and_linked(bench: Bench) -> None:
    rani, ticket = await made(bench)
    second = (await rani.post(path(ticket["conversation"]), {**NEW, "summary": "Antrean lagi"}, expect=201))["ticket"]
    assert await rani.refused(f"/api/desk/tickets/{second['number']}/merge", {"version": 1, "into": "ARIA-999999"}) == (404, "not_found")
    merged = (await rani.post(f"/api/desk/tickets/{second['number']}/merge", {"version": 1, "into": ticket["number"]}))["ticket"]
    assert (merged["status"]["id"], merged["merged_into"]) == ("solved", ticket["number"])
    one = (await rani.get(f"/api/desk/tickets/{ticket['number']}"))["ticket"]
    assert [(link["number"], link["kind"]) for link in one["links"]] == [(second["number"], "merged_from")]
    body = {"version": one["version"], "client_id": "s1", **NEW, "summary": "Toilet kotor"}
    new = (await rani.post(f"/api/desk/tickets/{ticket['number']}/split", body, expect=201))["ticket"]
    repeated = (await rani.post(f"/api/desk/tickets/{ticket['number']}/split", body, expect=201))["ticket"]
    assert new["number"] == repeated["number"] not in (ticket["number"], second["number"])
    assert [link["kind"] for link in new["links"]] == ["split_from"]
    await rani.post(f"/api/desk/tickets/{new['number']}/link", {"other": second["number"]})
    linked = (await rani.post(f"/api/desk/tickets/{new['number']}/link", {"other": second["number"]}))["ticket"]
    assert [link["kind"] for link in linked["links"]] == ["split_from", "related"]
    gone = (await rani.post(f"/api/desk/tickets/{new['number']}/link", {"other": second["number"], "remove": True}))["ticket"]
    assert [link["kind"] for link in gone["links"]] == ["split_from"]


async def test_notes_inside_and_to_the_customer(bench: Bench) -> None:
    rani, ticket = await made(bench)
    notes = f"/api/desk/tickets/{ticket['number']}/notes"
    for _ in range(2):
        shown = (await rani.post(notes, {"client_id": "n1", "text": "Hubungi outlet", "audience": "internal"}, expect=201))["ticket"]
    assert [note["audience"] for note in shown["notes"]] == ["internal"]
    shown = (await rani.post(notes, {"client_id": "n2", "text": "Kami sedang memeriksa.", "audience": "customer"}, expect=201))["ticket"]
    assert shown["notes"][-1]["audience"] == "customer"
    async with bench.db.read() as tx:
        assert (await tx.execute(select(messages.c.text).order_by(messages.c.seq.desc()).limit(1))).scalar() == "Kami sedang memeriksa."
    wulan = await of_unit(bench, "wulan", "div_ti", "division")
    assert await wulan.refused(notes, {"client_id": "n3", "text": "x", "audience": "internal"}) == (404, "not_found")


async def test_what_was_split_off_or_linked_can_be_merged(bench: Bench) -> None:
    rani, ticket = await made(bench)
    split = {"version": ticket["version"], "client_id": "s1", "topic": "keluhan_transaksi", "summary": "Saldo terpotong"}
    new = (await rani.post(f"/api/desk/tickets/{ticket['number']}/split", split, expect=201))["ticket"]
    merged = await do(rani, new, "merge", into=ticket["number"])
    assert (merged["status"]["id"], [link["kind"] for link in merged["links"]]) == ("solved", ["merged"])
    other = (await rani.post(path(ticket["conversation"]), {**NEW, "client_id": "t2"}, expect=201))["ticket"]
    await rani.post(f"/api/desk/tickets/{ticket['number']}/link", {"other": other["number"]})
    shown = (await rani.get(f"/api/desk/tickets/{other['number']}"))["ticket"]
    merged = await do(rani, shown, "merge", into=ticket["number"])
    assert [link["kind"] for link in merged["links"]] == ["merged"]


async def test_files_stay_with_the_ticket(bench: Bench) -> None:
    rani, ticket = await made(bench)
    form = FormData()
    form.add_field("file", BytesIO(JPEG), filename="struk.jpg", content_type="image/jpeg")
    target = f"/api/desk/tickets/{ticket['number']}/files"
    async with rani.client.post(target, data=form, headers={"X-CSRF-Token": rani.csrf}) as response:
        assert response.status == 201
        (file,) = (await response.json())["ticket"]["files"]
    assert (file["name"], file["kind"]) == ("struk.jpg", "image")
    form = FormData()
    form.add_field("file", BytesIO(b"<script>"), filename="x.html", content_type="text/html")
    async with rani.client.post(target, data=form, headers={"X-CSRF-Token": rani.csrf}) as response:
        assert response.status == 415


BY_HAND = {
    "client_id": "h1",
    "kind": "walk_in",
    "topic": "keluhan_layanan",
    "summary": "Datang langsung",
    "channel": "walk_in",
    "name": "Budi",
}
PASSION = {"keperluan": "Menanyakan lelang", "ditemui": "Andi", "tanggapan": "Dijelaskan"}


async def test_by_hand_with_the_form_of_its_kind(bench: Bench, library: Library) -> None:
    rani = await bench.person("rani")
    answer = await rani.post("/api/desk/tickets", {**BY_HAND, "form": PASSION}, expect=201)
    ticket = answer["ticket"]
    assert (ticket["kind"]["id"], ticket["form"], ticket["customer"]["name"], ticket["channel"]) == ("walk_in", PASSION, "Budi", "walk_in")
    assert (await rani.post("/api/desk/tickets", {**BY_HAND, "form": PASSION}, expect=201))["ticket"]["number"] == ticket["number"]
    body = {
        **BY_HAND,
        "client_id": "h0",
        "kind": "complaint",
        "channel": "phone",
        "phone": "0812 0000 0099",
        "outlet": library.client.outlets[0].id,
    }
    called = (await rani.post("/api/desk/tickets", body, expect=201))["ticket"]
    assert (called["contact"], called["reporter"], called["outlet"]["id"]) == ("0812 0000 0099", "Budi", library.client.outlets[0].id)
    one = f"/api/desk/tickets/{called['number']}"
    assert (await rani.call("PATCH", one, {"version": called["version"], "outlet": ""}))[1]["ticket"]["outlet"] is None
    outlet = library.client.outlets[0]
    call = {"sistem": "Kasir", "dampak": "Satu outlet", "outlet": outlet.id, "penelepon": "Sinta"}
    body = {**BY_HAND, "client_id": "h2", "kind": "outlet_problem", "channel": "outlet_call", "outlet": outlet.id, "form": call}
    ticket = (await rani.post("/api/desk/tickets", body, expect=201))["ticket"]
    assert (ticket["unit"]["id"], ticket["customer"]["name"], ticket["accepted"]) == ("helpdesk", outlet.name, False)
    assert await told(bench) == []


@pytest.mark.parametrize(
    "change",
    [
        {"form": {}},
        {"form": {**PASSION, "outlet_asal": "nowhere"}},
        {"kind": "party"},
        {"channel": "whatsapp"},
        {"name": ""},
        {"phone": "abc"},
        {"customer": "NOBODY"},
        {"product": "Mobil"},
        {"product": "MPO", "category": "nothing"},
        {"product": "MPO", "category": "agen", "sub_category": "nothing"},
        {"client_id": ""},
    ],
)
async def test_by_hand_what_makes_no_sense_is_refused(bench: Bench, change: Any) -> None:
    rani = await bench.person("rani")
    assert await rani.refused("/api/desk/tickets", {**BY_HAND, "form": PASSION, **change}) == (422, "bad_field")
    assert await bench.facts("ticket_opened") == []


async def test_who_looks_at_tickets_hears_of_changes(bench: Bench) -> None:
    rani, ticket = await made(bench)
    wulan = await of_unit(bench, "wulan", "div_ti", "division")
    line = await wulan.live()
    await do(rani, ticket, "wait", note="Mohon data.")
    assert (await line.next("ticket"))["number"] == ticket["number"]
    await bench.queued(phone=2)
    await rani.reply(ticket["conversation"], "Baik")
    assert not [frame for frame in await line.sync() if frame["type"] in ("conversation", "message", "card", "people")]
    await line.socket.send_json({"type": "watch", "conversation": ticket["conversation"]})
    assert (await line.next("error"))["code"] == "forbidden"
