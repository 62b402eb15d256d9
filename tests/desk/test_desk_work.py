"""An agent's work over HTTP: boxes, taking, answering, notes, giving back, closing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert, select, update

from bot.channels.records import media, outbox
from bot.conversations.records import conversations, messages, timers
from bot.conversations.transcript import read
from tests.desk.conftest import BOTH

if TYPE_CHECKING:
    from tests.desk.conftest import Bench

pytestmark = pytest.mark.asyncio
BOX = "/api/desk/conversations"


@BOTH
async def test_the_boxes_of_an_agent(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi")
    with_bot = await bench.writes(phone=9)
    first, own, others = await bench.queued(1), await bench.queued(2), await bench.queued(3)
    bench.clock.advance(5)
    urgent = await bench.queued(4, urgent=True)
    await rani.accept(own)
    await dewi.accept(others)
    boxes = {box: await rani.get(f"{BOX}?box={box}") for box in ("queue", "mine", "all")}
    assert [c["id"] for c in boxes["queue"]["conversations"]] == [urgent, first]
    assert [c["id"] for c in boxes["mine"]["conversations"]] == [own]
    assert {c["id"] for c in boxes["all"]["conversations"]} == {first, own, others, urgent, with_bot}
    assert boxes["queue"]["counts"] == {"queue": 2, "mine": 1, "all": 5}
    assert boxes["queue"]["server_time"] == "2026-11-23T03:00:05.000Z"
    assert await rani.refused(f"{BOX}?box=secret", method="GET") == (422, "bad_field")


async def test_a_summary(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued(7)
    (summary,) = (await rani.get(BOX))["conversations"]
    assert summary == {
        "id": conversation,
        "channel": "whatsapp",
        "customer": {"id": summary["customer"]["id"], "name": "Nasabah 7", "handle": "+62 812-0000-0007"},
        "owner": "queue",
        "agent": None,
        "episode": 1,
        "reason": {"id": "requested", "label": "Nasabah meminta petugas"},
        "topic": None,
        "urgent": False,
        "queued_at": "2026-11-23T03:00:00.000Z",
        "opened_at": "2026-11-23T03:00:00.000Z",
        "closed_at": None,
        "last_at": "2026-11-23T03:00:00.000Z",
        "last_text": "Mau bicara dengan petugas",
        "last_author": "customer",
        "waiting_since": "2026-11-23T03:00:00.000Z",
        "unread": 0,
        "idle_due_at": None,
        "window_closes_at": "2026-11-24T03:00:00.000Z",
        "late": False,
        "manual": False,
        "team": {"id": "tier1", "label": "Layanan Nasabah (Tier 1)"},
        "language": "id",
        "offer": None,
        "from_agent": None,
        "for_agent": None,
        "handoff_note": None,
        "wrapup_until": None,
    }


async def test_a_long_list_takes_no_more_queries_than_a_short_one(bench: Bench) -> None:
    rani = await bench.person("rani")
    asked: list[str] = []
    event.listen(bench.db.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    lengths = []
    for phones in (range(1, 3), range(3, 40)):
        for phone in phones:
            await bench.queued(phone)
        asked.clear()
        await rani.get(BOX)
        lengths.append(len([q for q in asked if q.startswith("SELECT")]))
    assert lengths[0] == lengths[1] <= 6


@BOTH
async def test_opening_shows_messages_and_card(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    shown = await rani.get(f"{BOX}/{conversation}")
    assert shown["conversation"]["id"] == conversation
    assert [m["text"] for m in shown["messages"]] == ["Mau bicara dengan petugas"]
    card = shown["card"]
    assert card["reason"] == {"id": "requested", "label": "Nasabah meminta petugas"}
    assert (card["confidence"], card["failed_turns"]) == (0.41, 2)
    assert card["form"]["label"] == "Formulir keluhan"
    assert card["form"]["fields"] == [
        {"id": "consent_given", "label": "Persetujuan data", "value": "Disetujui"},
        {"id": "complaint_detail", "label": "Uraian keluhan", "value": "Saldo tidak masuk"},
    ]
    assert card["form"]["missing"] == ["Nama", "Nomor kontak"]
    assert card["slots"] == [{"id": "complaint_topic", "label": "Topik keluhan", "value": "Keluhan transaksi"}]
    assert card["consent"] == {"state": "none", "at": None, "version": None, "channel": None}
    assert [step["id"] for step in card["steps"]][:2] == ["salam", "verifikasi"]
    assert not any(step["done"] for step in card["steps"])
    assert card["tickets"] == card["reservations"] == card["earlier"] == []
    assert card["insights"] == {}
    assert (await rani.get(f"{BOX}/{conversation}?after=1"))["messages"] == []
    assert await rani.refused(f"{BOX}/{conversation}?after=x", method="GET") == (422, "bad_field")
    assert await rani.refused(f"{BOX}/NOSUCH", method="GET") == (404, "not_found")


async def test_a_card_knows_insights_and_earlier_conversations(bench: Bench) -> None:
    rani, lead = await bench.person("rani"), await bench.person("lina", "leader")
    first = await bench.queued()
    await rani.accept(first)
    await rani.close(first, closing=True)
    bench.clock.advance(60)
    second = await bench.queued()
    insight = {"topic": {"id": "info_gadai", "label": "Informasi gadai"}, "intent": "info_gadai", "confidence": 0.93}
    async with bench.db.write() as tx:
        await tx.execute(update(messages).where(messages.c.conversation_id == second).values(content={"insight": insight}))
    shown = await rani.get(f"{BOX}/{second}")
    assert shown["card"]["insights"] == {shown["messages"][0]["id"]: {"topic": insight["topic"], "confidence": 0.93}}
    assert (shown["card"]["earlier"], shown["card"]["locked"]["history"]) == ([], 1)
    (earlier,) = (await lead.get(f"{BOX}/{second}"))["card"]["earlier"]
    assert earlier["id"] == first
    assert earlier["outcome"] == {"id": "solved", "label": "Selesai"}
    assert earlier["closed_at"]


async def test_media_links_are_signed(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    async with bench.db.write() as tx:
        values = {
            "id": "M1",
            "conversation_id": conversation,
            "channel": "whatsapp",
            "kind": "image",
            "mime": "image/jpeg",
            "state": "stored",
        }
        await tx.execute(insert(media).values(**values, created_at=tx.now))
        await tx.execute(update(messages).where(messages.c.conversation_id == conversation).values(content={"media": ["M1"]}))
    shown = await rani.get(f"{BOX}/{conversation}")
    assert shown["messages"][0]["media"][0]["url"] == "/media/M1?signed"
    await rani.accept(conversation)
    path = f"{BOX}/{conversation}/reply"
    for files in (["M2"], ["M1", "M1"], "M1", [5]):
        assert await rani.refused(path, {"client_id": "b", "text": "x", "media": files}) == (422, "bad_media")


async def test_opening_ones_own_conversation_marks_it_read(bench: Bench) -> None:
    rani, lead = await bench.person("rani"), await bench.person("lina", "leader")
    conversation = await bench.queued()
    await bench.writes("Halo?")
    await lead.get(f"{BOX}/{conversation}")
    assert (await rani.accept(conversation))["conversation"]["unread"] == 1
    await rani.get(f"{BOX}/{conversation}")
    assert (await bench.row(conversation)).unread == 0


@BOTH
async def test_two_agents_race_for_one_conversation(bench: Bench) -> None:
    second = await bench.another()
    rani, dewi = await bench.person("rani"), await bench.person("dewi", server=second)
    for phone in range(1, 5):
        conversation = await bench.queued(phone)
        path, body = f"{BOX}/{conversation}/accept", {"episode": 1}
        answers = await asyncio.gather(rani.call("POST", path, body), dewi.call("POST", path, body))
        assert sorted(status for status, _ in answers) == [200, 409]
        winner = next(person for person, (status, _) in zip((rani, dewi), answers, strict=True) if status == 200)
        lost = next(answer for status, answer in answers if status == 409)
        assert lost["error"]["code"] == "conflict"
        assert lost["taken_by"] == winner.user["name"]
        assert lost["conversation"]["agent"]["id"] == winner.user["id"] == (await bench.row(conversation)).agent_id
    assert len(await bench.facts("handoff_accepted")) == 4


@BOTH
async def test_capacity_is_never_exceeded(bench: Bench) -> None:
    rani = await bench.person("rani")
    again = await bench.log_in("rani", await bench.another())
    waiting = [await bench.queued(phone) for phone in range(1, 9)]
    calls = [(rani, again)[i % 2].call("POST", f"{BOX}/{c}/accept", {"episode": 1}) for i, c in enumerate(waiting)]
    answers = await asyncio.gather(*calls)
    assert sorted(status for status, _ in answers) == [200] * 4 + [409] * 4
    assert {body["error"]["code"] for status, body in answers if status == 409} == {"at_capacity"}
    assert (await rani.get(f"{BOX}?box=mine"))["counts"] == {"queue": 4, "mine": 4, "all": 8}


async def test_accepting_twice_is_one_acceptance(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    summary = (await rani.accept(conversation))["conversation"]
    assert summary["owner"] == "agent"
    assert summary["agent"] == {"id": rani.user["id"], "name": "Rani"}
    assert len(await bench.facts("handoff_accepted")) == 1


async def test_accepting_what_is_not_in_the_queue(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation, with_bot = await bench.queued(1), await bench.writes(phone=2)
    assert await rani.refused(f"{BOX}/{conversation}/accept", {"episode": 2}) == (409, "conflict")
    assert await rani.refused(f"{BOX}/{with_bot}/accept", {"episode": 0}) == (409, "conflict")
    assert await rani.refused(f"{BOX}/NOSUCH/accept", {"episode": 1}) == (404, "not_found")
    for episode in (None, "1", True, -1, 2**40):
        assert await rani.refused(f"{BOX}/{conversation}/accept", {"episode": episode}) == (422, "bad_field")


async def test_a_reply_is_stored_sent_and_ends_the_waiting(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    bench.clock.advance(42)
    message = (await rani.reply(conversation, "  Baik, saya bantu.  "))["message"]
    assert (message["author"], message["name"], message["text"], message["client_id"]) == ("agent", "Rani", "Baik, saya bantu.", "c-1")
    assert message["delivery"] == "queued"
    assert message["note"] is False
    row = await bench.row(conversation)
    assert row.waiting_since is None
    assert row.unread == 0
    assert row.idle_since == bench.clock.now()
    (fact,) = await bench.facts("agent_replied")
    assert fact.data["response_s"] == 42
    assert fact.agent_id == rani.user["id"]
    async with bench.db.read() as tx:
        assert [r.author for r in await tx.execute(select(outbox))] == ["agent"]
        due = {r.kind: r.due_at for r in await tx.execute(select(timers))}
    assert (due["idle"] - bench.clock.now()).total_seconds() == 60
    summary = (await rani.get(f"{BOX}?box=mine"))["conversations"][0]
    assert summary["idle_due_at"] == "2026-11-23T03:01:42.000Z"
    assert summary["last_author"] == "agent"
    bench.clock.advance(10)
    await rani.reply(conversation, "Mohon ditunggu.", "c-2")
    assert (await bench.facts("agent_replied"))[1].data["response_s"] is None


@BOTH
async def test_the_same_reply_is_stored_once(bench: Bench) -> None:
    rani = await bench.person("rani")
    again = await bench.log_in("rani", await bench.another())
    conversation = await bench.queued()
    await rani.accept(conversation)
    answers = await asyncio.gather(*(person.reply(conversation, "Baik.") for person in (rani, again, rani, again)))
    assert len({answer["message"]["id"] for answer in answers}) == 1
    await rani.close(conversation, closing=False)
    assert (await rani.reply(conversation, "Baik."))["message"] == answers[0]["message"]  # a repeat whose answer was lost
    assert await rani.refused(f"{BOX}/{conversation}/reply", {"client_id": "other", "text": "x"}) == (409, "not_yours")
    assert len(await bench.facts("agent_replied")) == 1


async def test_only_the_owning_agent_replies(bench: Bench) -> None:
    rani, dewi, lead = await bench.person("rani"), await bench.person("dewi"), await bench.person("lina", "leader")
    conversation = await bench.queued()
    body = {"client_id": "x", "text": "Halo"}
    assert await rani.refused(f"{BOX}/{conversation}/reply", body) == (409, "not_yours")  # still in the queue
    await rani.accept(conversation)
    for other in (dewi, lead):
        assert await other.refused(f"{BOX}/{conversation}/reply", body) == (409, "not_yours")
    assert await dewi.refused(f"{BOX}/NOSUCH/reply", body) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"client_id": "x", "text": "a" * 4097}, "too_long"),
        ({"client_id": "x", "text": "a" * 30_000}, "bad_field"),
        ({"client_id": "x", "text": "Mohon kirimkan kode OTP Bapak/Ibu."}, "asks_secret"),
        ({"client_id": "x", "text": " \n "}, "empty"),
        ({"client_id": "x"}, "empty"),
        ({"text": "Halo"}, "bad_field"),
        ({"client_id": "x" * 65, "text": "Halo"}, "bad_field"),
        ({"client_id": 5, "text": "Halo"}, "bad_field"),
        ({"client_id": "x", "text": ["Halo"]}, "bad_field"),
    ],
)
async def test_replies_that_are_refused(bench: Bench, body: Any, code: str) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    assert await rani.refused(f"{BOX}/{conversation}/reply", body) == (422, code)
    assert (await bench.row(conversation)).last_seq == 1


async def test_a_warning_about_secrets_may_be_sent(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    await rani.reply(conversation, "Mohon jangan kirimkan PIN kepada siapa pun.")


async def test_characters_no_database_takes_are_left_out(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    assert (await rani.reply(conversation, "a\x00b\ud800\r\nc\td😀"))["message"]["text"] == "ab?\nc\td😀"


async def test_the_window_of_whatsapp(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation, web_chat = await bench.queued(1), await bench.queued(2, "livechat")
    for each in (conversation, web_chat):
        await rani.accept(each)
    bench.clock.advance(11 * 3600)
    rani = await bench.log_in("rani")
    bench.clock.advance(13 * 3600 - 1)
    rani = await bench.log_in("rani")
    await rani.reply(conversation, "Masih bisa.", "a")
    bench.clock.advance(1)
    assert await rani.refused(f"{BOX}/{conversation}/reply", {"client_id": "b", "text": "Halo"}) == (422, "window_closed")
    await rani.reply(web_chat, "Di sini tidak ada jendela.", "c")
    summary = (await rani.post(f"{BOX}/{conversation}/close", {"outcome": "no_response", "closing": True}))["conversation"]
    assert summary["owner"] == "closed"
    assert (await bench.row(conversation)).survey is None


async def test_a_note_is_not_for_the_customer(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    path, body = f"{BOX}/{conversation}/note", {"client_id": "n1", "text": "PIN saya 123456, kata nasabah"}
    note = (await rani.post(path, body))["message"]
    assert note["note"] is True
    assert "123456" not in note["text"]
    assert note["name"] == "Rani"
    assert (await rani.post(path, body))["message"] == note
    async with bench.db.read() as tx:
        assert [m["author"] for m in await read(tx, conversation, notes=False)] == ["customer"]
        assert (await tx.execute(select(outbox))).all() == []
    row = await bench.row(conversation)
    assert row.last_author == "customer"
    assert row.waiting_since is not None
    assert [m["note"] for m in (await rani.get(f"{BOX}/{conversation}"))["messages"]] == [False, True]
    assert len(await bench.facts("note_added")) == 1
    assert await rani.refused(path, {"client_id": "n2", "text": ""}) == (422, "empty")
    assert await rani.refused(path, {"client_id": "n2", "text": "a" * 5000}) == (422, "too_long")


async def test_who_may_note_where(bench: Bench) -> None:
    rani, dewi, lead = await bench.person("rani"), await bench.person("dewi"), await bench.person("lina", "leader")
    conversation = await bench.queued()
    path = f"{BOX}/{conversation}/note"
    await dewi.post(path, {"client_id": "1", "text": "di antrean"})
    await rani.accept(conversation)
    assert await dewi.refused(path, {"client_id": "2", "text": "x"}) == (409, "not_yours")
    await lead.post(path, {"client_id": "3", "text": "dari TL"})


async def test_typing_is_told_to_the_customers_side(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi")
    conversation = await bench.queued()
    await rani.accept(conversation)
    heard: list[Any] = []
    bench.db.subscribe(lambda topic, data: heard.append((topic, data)))
    await rani.post(f"{BOX}/{conversation}/typing", expect=204)
    assert heard == [("agent_typing", {"conversation": conversation, "name": "Rani"})]
    assert await dewi.refused(f"{BOX}/{conversation}/typing", {}) == (409, "not_yours")


async def test_giving_back_to_the_bot(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi")
    conversation = await bench.queued()
    await rani.accept(conversation)
    path = f"{BOX}/{conversation}/return"
    assert await rani.refused(path, {"reason": "whatever"}) == (422, "bad_field")
    assert await dewi.refused(path, {"reason": "form"}) == (409, "not_yours")
    summary = (await rani.post(path, {"reason": "form"}))["conversation"]
    assert summary["owner"] == "bot"
    assert summary["agent"] is None
    assert summary["waiting_since"] is None
    async with bench.db.read() as tx:
        last = (await read(tx, conversation))[-1]
    assert (last["author"], last["text"]) == ("system", "Percakapan dilanjutkan oleh asisten virtual kami.")
    (fact,) = await bench.facts("handoff_returned")
    assert fact.data["reason"] == "form"
    assert fact.agent_id == rani.user["id"]
    assert await rani.refused(path, {"reason": "form"}) == (409, "not_yours")


@BOTH
async def test_closing_with_the_farewell(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued(channel="livechat")
    await rani.accept(conversation)
    path = f"{BOX}/{conversation}/close"
    assert await rani.refused(path, {"outcome": "whatever", "closing": True}) == (422, "bad_field")
    summary = (await rani.close(conversation, closing=True))["conversation"]
    assert summary["owner"] == "closed"
    assert summary["closed_at"]
    row = await bench.row(conversation)
    assert (row.outcome, row.survey, row.unread) == ("solved", "asked", 0)
    assert "penutup" in row.steps
    shown = await rani.get(f"{BOX}/{conversation}")
    assert shown["messages"][-1]["text"].startswith("Terima kasih telah menghubungi Pegadaian. Selamat beraktivitas.")
    assert len(shown["messages"][-1]["list"]["sections"][0]["rows"]) == 5
    assert next(step for step in shown["card"]["steps"] if step["id"] == "penutup")["done"] is True
    assert (await bench.facts("conversation_closed"))[0].data == {"by": rani.user["id"], "outcome": "solved"}


async def test_closing_without_a_word(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    await rani.post(f"{BOX}/{conversation}/close", {"outcome": "out_of_topic", "closing": False})
    row = await bench.row(conversation)
    assert row.last_seq == 1
    assert row.survey is None
    assert "penutup" not in row.steps
    assert (await rani.get(f"{BOX}?box=all"))["counts"] == {"queue": 0, "mine": 0, "all": 0}


async def test_a_leader_may_end_what_others_hold(bench: Bench) -> None:
    rani, dewi, lead = await bench.person("rani"), await bench.person("dewi"), await bench.person("lina", "leader")
    held, queued, with_bot = await bench.queued(1), await bench.queued(2), await bench.writes(phone=3)
    await rani.accept(held)
    for conversation in (held, queued, with_bot):
        assert await dewi.refused(f"{BOX}/{conversation}/close", {"outcome": "solved"}) == (409, "not_yours")
    await lead.close(held)
    await lead.post(f"{BOX}/{queued}/return", {"reason": "wrong"})
    assert await lead.refused(f"{BOX}/{with_bot}/close", {"outcome": "solved"}) == (409, "not_yours")


async def test_presence(bench: Bench) -> None:
    rani = await bench.person("rani")
    path = "/api/desk/presence"
    assert await rani.post(path, {"state": "ready", "reason": "istirahat"}) == {
        "state": "ready",
        "reason": None,
        "since": "2026-11-23T03:00:00.000Z",
        "limit_at": None,
    }
    for body in ({"state": "aux"}, {"state": "aux", "reason": "malas"}, {"state": "away"}, {}):
        assert await rani.refused(path, body) == (422, "bad_field")
    bench.clock.advance(60)
    await rani.post(path, {"state": "aux", "reason": "istirahat"})
    assert (await rani.get("/api/me"))["presence"] == {
        "state": "aux",
        "reason": "istirahat",
        "since": "2026-11-23T03:01:00.000Z",
        "limit_at": "2026-11-23T04:01:00.000Z",
    }
    assert [fact.data["state"] for fact in await bench.facts("agent_state_changed")] == ["ready", "aux"]


async def test_being_ready_again_is_a_sign_of_life(bench: Bench) -> None:
    from bot.handoff.service import floor

    rani = await bench.person("rani")
    await rani.post("/api/desk/presence", {"state": "ready"})
    bench.clock.advance(60)
    async with bench.db.read() as tx:
        assert (await floor(tx, bench.library.client)).ready == 0
    await rani.post("/api/desk/presence", {"state": "ready"})
    async with bench.db.read() as tx:
        assert (await floor(tx, bench.library.client)).ready == 1


async def test_options(bench: Bench) -> None:
    options = await (await bench.person("rani")).get("/api/desk/options")
    assert {"id": "solved", "label": "Selesai"} in options["outcomes"]
    assert {"id": "low", "label": "Rendah"} in options["priorities"]
    assert {"id": "keluhan_layanan", "label": "Keluhan layanan"} in options["topics"]
    assert "Gadai KCA" in options["products"]
    assert {"id": "form", "label": "Lanjutkan formulir oleh bot"} in options["return_reasons"]
    assert len(options["statuses"]) == 9
    assert {"id": "helpdesk", "label": "Helpdesk (Tier 2)", "tier": 2} in options["teams"]
    assert {"id": "teknis", "label": "Perlu pemeriksaan teknis"} in options["transfer_reasons"]
    assert {"id": "penuh", "label": "Sedang menyelesaikan percakapan lain"} in options["decline_reasons"]


async def test_a_refused_use_case_leaves_no_trace(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    async with bench.db.write() as tx:
        await tx.execute(update(conversations).where(conversations.c.id == conversation).values(last_customer_at=None))
    await rani.accept(conversation)
    assert await rani.refused(f"{BOX}/{conversation}/reply", {"client_id": "b", "text": "Halo"}) == (422, "window_closed")
    assert (await bench.row(conversation)).last_seq == 1
    assert await bench.facts("agent_replied") == []


async def test_an_agent_says_that_a_message_was_misread(bench: Bench) -> None:
    rani, wulan = await bench.person("rani"), await bench.person("wulan", "trainer")
    conversation = await bench.queued()
    message = (await rani.get(f"{BOX}/{conversation}"))["messages"][0]["id"]
    path = f"{BOX}/{conversation}/misread"
    assert await rani.refused(path, {"message": message, "wrong": True}) == (422, "bad_field")  # nothing read it yet
    insight = {"topic": {"id": "info_gadai", "label": "Informasi gadai"}, "intent": "info_gadai", "confidence": 0.93}
    async with bench.db.write() as tx:
        await tx.execute(update(messages).where(messages.c.id == message).values(content={"insight": insight, "kept": 1}))
    assert await wulan.refused(path, {"message": message, "wrong": True}) == (403, "forbidden")
    assert await rani.refused(path, {"message": "nothing", "wrong": True}) == (404, "not_found")
    for wrong in (True, True, False, True):
        assert await rani.post(path, {"message": message, "wrong": wrong}) == {"wrong": wrong}
        shown = (await rani.get(f"{BOX}/{conversation}"))["card"]["insights"][message]
        assert shown.get("wrong", False) is wrong
    assert len(await bench.facts("misread_marked")) == 3
    async with bench.db.read() as tx:
        content = (await tx.execute(select(messages.c.content).where(messages.c.id == message))).scalar_one()
    assert content == {"insight": insight, "kept": 1, "marked_wrong": True}
