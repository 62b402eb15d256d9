"""The live chat over its real socket, polling and uploads."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.channels.livechat.session import ChatSession
from bot.conversations.records import conversations, messages, timers
from bot.desk.sessions import create_user
from bot.handoff import presence
from bot.simulator.samples import png
from tests.conftest import StackFactory
from tests.support.stack import Stack, Visitor, until

pytestmark = pytest.mark.engine


async def stored(stack: Stack) -> list[str]:
    async with stack.db.read() as tx:
        rows = await tx.execute(
            select(messages.c.text).where(messages.c.author == "customer").order_by(messages.c.conversation_id, messages.c.seq)
        )
        return [row.text for row in rows]


async def test_a_message_sent_again_is_stored_and_answered_once(start_stack: StackFactory, database_url: str) -> None:
    stack = await start_stack(database_url)
    visitor = await stack.visitor()
    for _ in range(3):
        await visitor.send({"type": "message", "client_id": "same-client-id", "text": "apa itu tabungan emas"})
    await until(lambda: sum(f["type"] == "ack" for f in visitor.frames) == 3, "three acknowledgements")
    await stack.quiet()
    assert await stored(stack) == ["apa itu tabungan emas"]
    assert len({f["id"] for f in visitor.frames if f["type"] == "ack"}) == 1
    assert len(await stack.facts("bot_answered")) == 1


async def test_a_burst_is_stored_and_answered_in_order(start_stack: StackFactory, database_url: str) -> None:
    stack = await start_stack(database_url)
    visitor = await stack.visitor()
    for n in range(5):
        await visitor.send({"type": "message", "client_id": f"client-{n:04}", "text": f"pertanyaan nomor {n}"})
    await until(lambda: sum(f["type"] == "ack" for f in visitor.frames) == 5, "five acknowledgements")
    await stack.quiet()
    assert await stored(stack) == [f"pertanyaan nomor {n}" for n in range(5)]


async def test_a_reload_keeps_the_conversation_and_gets_only_what_is_new(stack: Stack) -> None:
    visitor = await stack.visitor()
    await visitor.say("halo")
    await visitor.say("apa itu gadai syariah")
    again = Visitor(stack, visitor.token)
    again.conversation = visitor.conversation
    await again.connect(after=2)
    welcome = next(f for f in again.frames if f["type"] == "welcome")
    assert welcome["conversation"] == visitor.conversation
    assert [m["seq"] for m in welcome["messages"]] == [3, 4]
    await again.leave()


async def test_both_tabs_of_a_visitor_show_the_same(stack: Stack) -> None:
    first = await stack.visitor()
    await first.say("halo")
    second = await stack.visitor(first.token)
    await first.say("apa itu tabungan emas")
    await until(lambda: len(second.seen) == 4, "the second tab did not follow")


async def test_a_forged_token_is_a_new_visitor(stack: Stack) -> None:
    visitor = await stack.visitor()
    await visitor.say("halo")
    assert visitor.token
    forged = visitor.token[:-1] + ("0" if visitor.token[-1] != "0" else "1")
    other = await stack.visitor(forged)
    assert other.conversation is None


async def test_a_foreign_page_may_not_open_the_socket(stack: Stack) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await stack.http.ws_connect(f"{stack.url}/ws/chat", headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("no json", "bad_frame"),
        ([], "bad_frame"),
        ({"type": "dance"}, "unknown_type"),
        ({"type": "message", "text": "halo"}, "bad_frame"),
        ({"type": "message", "client_id": 7, "text": "halo"}, "bad_frame"),
    ],
)
async def test_a_bad_frame_is_answered_and_the_socket_stays_open(stack: Stack, frame: Any, code: str) -> None:
    visitor = await stack.visitor()
    assert visitor._socket is not None
    await (visitor._socket.send_str(frame) if isinstance(frame, str) else visitor._socket.send_json(frame))
    await until(lambda: any(f.get("code") == code for f in visitor.frames), f"no error {code}")
    assert "asisten virtual" in await visitor.say("halo")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"text": "x" * 4097}, "too_long"),
        ({"text": "   "}, "empty"),
        ({"text": "lihat", "media": ["01UNKNOWN"]}, "bad_media"),
        ({"text": "lihat", "media": "x"}, "bad_media"),
    ],
)
async def test_what_cannot_be_taken_is_refused_for_good(stack: Stack, frame: dict[str, Any], code: str) -> None:
    visitor = await stack.visitor()
    await visitor.send({"type": "message", "client_id": "client-0001", **frame})
    await until(lambda: any(f["type"] == "refused" and f["code"] == code for f in visitor.frames), f"not refused as {code}")
    assert await stored(stack) == []


async def test_a_flood_is_refused_and_another_customer_does_not_notice(stack: Stack) -> None:
    flooder, other = await stack.visitor(), await stack.visitor()
    for n in range(40):
        await flooder.send({"type": "message", "client_id": f"client-{n:04}", "text": f"pesan {n}"})
    await until(lambda: sum(f["type"] in ("ack", "refused") for f in flooder.frames) == 40, "not every message was answered for")
    assert any(f.get("code") == "rate_limited" for f in flooder.frames)
    assert "asisten virtual" in await other.say("halo")


async def upload(stack: Stack, token: str | None, data: bytes, name: str) -> tuple[int, Any]:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(data), filename=name)
    async with stack.http.post(f"{stack.url}/api/chat/upload", data=form, headers={"Authorization": f"Bearer {token}"}) as answer:
        return answer.status, await answer.json()


async def test_a_picture_is_uploaded_and_shown(stack: Stack) -> None:
    visitor = await stack.visitor()
    status, file = await upload(stack, visitor.token, png(2, 2, (1, 2, 3)), "../../bukti.png")
    assert status == 201
    assert "/" not in file["name"]
    assert file["name"].endswith("bukti.png")
    assert "lampiran" in await visitor.say("", media=[file["id"]])
    mine = next(m for m in visitor.seen.values() if m["author"] == "customer")
    async with stack.http.get(stack.url + mine["media"][0]["url"]) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize(
    ("data", "name", "status"),
    [
        (b"<html><script>alert(1)</script>", "x.html", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.png", 415),
        (b"MZ\x90\x00", "x.exe", 415),
        (b"PK\x03\x04", "x.zip", 415),
        (b"", "x.png", 415),
        (png(1, 1, (0, 0, 0)) + b"\0" * (10 * 2**20), "x.png", 413),
    ],
)
async def test_an_upload_is_typed_by_its_content_and_capped(stack: Stack, data: bytes, name: str, status: int) -> None:
    visitor = await stack.visitor()
    assert (await upload(stack, visitor.token, data, name))[0] == status


async def test_nobody_uploads_without_a_token_or_sends_another_ones_file(stack: Stack) -> None:
    visitor, other = await stack.visitor(), await stack.visitor()
    assert (await upload(stack, "nonsense", png(1, 1, (0, 0, 0)), "x.png"))[0] == 401
    _, file = await upload(stack, visitor.token, png(1, 1, (0, 0, 0)), "x.png")
    await other.send({"type": "message", "client_id": "client-0001", "text": "", "media": [file["id"]]})
    await until(lambda: any(f.get("code") == "bad_media" for f in other.frames), "another visitor's file was taken")


async def test_polling_does_the_same_as_the_socket(stack: Stack) -> None:
    async def frames(body: dict[str, Any], token: str = "") -> tuple[int, list[Any]]:
        async with stack.http.post(f"{stack.url}/api/chat/frames", json=body, headers={"Authorization": f"Bearer {token}"}) as answer:
            return answer.status, (await answer.json()).get("frames", [])

    assert (await frames({"frames": []}))[0] == 401
    _, hello = await frames({"frames": [{"type": "hello", "token": None, "after": 0, "inbox": "web"}]})
    token = hello[0]["token"]
    _, acks = await frames({"frames": [{"type": "message", "client_id": "client-0001", "text": "halo"}], "after": 0}, token)
    ack = next(f for f in acks if f["type"] == "ack")
    await stack.quiet()
    _, news = await frames({"frames": [], "after": ack["seq"]}, token)
    assert [f["message"]["author"] for f in news if f["type"] == "message"] == ["bot"]


async def test_a_choice_that_was_not_offered_is_read_as_text(stack: Stack) -> None:
    visitor = await stack.visitor()
    heard = await visitor.say("halo", payload='/minta_agen{"x": 1}')
    assert "asisten virtual" in heard
    async with stack.db.read() as tx:
        assert (await tx.execute(select(conversations.c.owner))).scalar() == "bot"


async def test_a_leading_slash_is_no_command(stack: Stack) -> None:
    visitor = await stack.visitor()
    await visitor.say("/restart")
    heard = await visitor.say('/pilih{"nilai": "x"}')
    assert heard
    assert [f.data["intent"] for f in await stack.facts("bot_answered")][0] not in ("restart", "pilih")


async def test_ending_the_chat_asks_once_and_closes_a_minute_later(stack: Stack) -> None:
    visitor = await stack.visitor()
    await visitor.say("apa itu tabungan emas")
    before = {m["id"] for m in visitor.from_us()}
    await visitor.send({"type": "end"})
    await until(lambda: len(visitor.from_us()) > len(before), "the question did not come")
    assert "masih terhubung" in await visitor.heard(before)
    before = {m["id"] for m in visitor.from_us()}
    await stack.advance(59)
    assert await visitor.heard(before) == ""
    await stack.advance(1)
    assert "kami akhiri" in await visitor.heard(before)


async def test_a_window_that_goes_away_is_asked_after_and_one_that_reloads_is_not(stack: Stack) -> None:
    visitor = await stack.visitor()
    await visitor.say("apa itu tabungan emas")
    await visitor.leave()
    await _timer(stack, "gone", 1)
    back = await stack.visitor(visitor.token)
    await _timer(stack, "gone", 0)
    await stack.advance(20)
    assert not any("masih terhubung" in m["text"] for m in back.from_us())
    await back.leave()
    await _timer(stack, "gone", 1)
    await stack.advance(15)
    assert len(await stack.facts("idle_asked")) == 1
    await stack.advance(60)
    async with stack.db.read() as tx:
        assert (await tx.execute(select(conversations.c.outcome))).scalar() == "no_response"


async def _timer(stack: Stack, kind: str, wanted: int) -> None:
    async def there() -> bool:
        async with stack.db.read() as tx:
            found = (await tx.execute(select(func.count()).select_from(timers).where(timers.c.kind == kind))).scalar_one()
        return found == wanted

    await until(there, f"not {wanted} timers of kind {kind}")


async def somebody_is_ready(stack: Stack) -> None:
    async with stack.db.write() as tx:
        user = await create_user(tx, "rani", "Rani", "agent", "kata-sandi-uji")
        await presence.set_presence(tx, user.id, "ready", None, user.id)


async def test_leaving_the_queue_ends_the_waiting(stack: Stack) -> None:
    await somebody_is_ready(stack)
    visitor = await stack.visitor()
    await visitor.say("mau bicara dengan petugas")
    await visitor.send({"type": "end"})

    async def closed() -> bool:
        async with stack.db.read() as tx:
            row = (await tx.execute(select(conversations))).one()
        return (row.owner, row.outcome) == ("closed", "abandoned")

    await until(closed, "the conversation still waits")


async def test_waiting_in_the_queue_is_told_and_a_ticket_can_be_chosen(stack: Stack) -> None:
    await somebody_is_ready(stack)
    visitor = await stack.visitor()
    await visitor.say("mau bicara dengan petugas")
    before = {m["id"] for m in visitor.from_us()}
    await stack.advance(180)
    assert "antrean nomor 1" in await visitor.heard(before)
    assert not any("masih terhubung" in m["text"] for m in visitor.from_us()), "whoever waits for us is not asked"
    assert "setuju" in (await visitor.tap("Buat tiket")).lower()
    await asyncio.sleep(0)
    async with stack.db.read() as tx:
        assert (await tx.execute(select(conversations.c.owner))).scalar() == "bot"


async def test_a_window_hears_news_again_after_the_database_was_away(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket stands all the while and answers pings: nothing tells the client to connect again."""
    visitor = await stack.visitor()
    await visitor.say("halo")
    read, failures = ChatSession.news, 0

    async def failing(session: ChatSession) -> Any:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise ConnectionError("connection was closed in the middle of operation")
        return await read(session)

    monkeypatch.setattr(ChatSession, "news", failing)
    assert "sewa modal" in await visitor.say("brp sih bunga gadai di pegadaian")
    assert failures == 2
