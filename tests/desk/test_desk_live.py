"""The live line: what each desk hears, and which sockets are refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import WSServerHandshakeError
from sqlalchemy import select

from bot.desk.line import WAITING, Line
from bot.handoff.records import presence

if TYPE_CHECKING:
    from tests.desk.conftest import Bench

pytestmark = pytest.mark.asyncio
BOX = "/api/desk/conversations"


async def handshake(bench: Bench, person: Any, **headers: str) -> int:
    with pytest.raises(WSServerHandshakeError) as refused:
        await person.client.ws_connect("/ws/desk", headers=headers)
    return refused.value.status


async def test_sockets_that_are_refused(bench: Bench) -> None:
    rani = await bench.person("rani")
    own = str(rani.client.make_url("/")).rstrip("/")
    assert await handshake(bench, rani) == 403  # a browser always says where it comes from
    assert await handshake(bench, rani, Origin="https://evil.example") == 403
    assert await handshake(bench, rani, Origin="null") == 403
    assert await handshake(bench, rani, Origin="http://[") == 403
    assert await handshake(bench, bench.browser(), Origin=own) == 401
    await (await rani.live()).socket.close()


async def test_the_queue_is_heard(bench: Bench) -> None:
    line = await (await bench.person("rani")).live()
    conversation = await bench.queued()
    while (frame := await line.next("conversation"))["conversation"]["owner"] != "queue":
        pass
    assert frame["conversation"]["id"] == conversation
    assert frame["conversation"]["reason"]["id"] == "requested"


async def test_what_another_took_is_gone(bench: Bench) -> None:
    rani, dewi, lead = await bench.person("rani"), await bench.person("dewi"), await bench.person("lina", "leader")
    conversation = await bench.queued()
    rani_line, dewi_line, lead_line = await rani.live(), await dewi.live(), await lead.live()
    await rani.accept(conversation)
    assert await dewi_line.next("gone", "conversation") == {"type": "gone", "id": conversation}
    for line in (rani_line, lead_line):
        frame = await line.next("gone", "conversation")
        assert frame["conversation"]["owner"] == "agent"
        assert frame["conversation"]["agent"]["name"] == "Rani"
    await rani.post(f"{BOX}/{conversation}/return", {"reason": "wrong"})
    assert (await rani_line.next("gone"))["id"] == conversation


async def test_a_desk_hears_only_of_what_it_looks_at(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi")
    theirs, mine = await bench.queued(1), await bench.queued(2)
    await dewi.accept(theirs)
    await rani.accept(mine)
    line = await rani.live()

    async def heard() -> set[str]:
        for phone in (1, 2):
            await bench.writes("Halo?", phone)
        return {frame["conversation"]["id"] for frame in await line.sync() if frame["type"] == "conversation"}

    assert await heard() == {theirs, mine}  # a page that does not say is told everything
    await line.socket.send_json({"type": "look", "box": "mine"})
    assert await heard() == {mine}
    await line.socket.send_json({"type": "watch", "conversation": theirs})
    assert await heard() == {theirs, mine}
    await line.socket.send_json({"type": "watch", "conversation": None})
    await line.socket.send_json({"type": "look", "box": "all"})
    assert await heard() == {theirs, mine}
    await line.socket.send_json({"type": "look", "box": "everything"})
    assert (await line.next("error"))["code"] == "bad_frame"


async def test_messages_reach_the_agent_and_whoever_watches(bench: Bench) -> None:
    rani, dewi, lead = await bench.person("rani"), await bench.person("dewi"), await bench.person("lina", "leader")
    conversation = await bench.queued()
    await rani.accept(conversation)
    rani_line, dewi_line, lead_line = await rani.live(), await dewi.live(), await lead.live()
    await lead_line.socket.send_json({"type": "watch", "conversation": conversation})
    await lead_line.sync()
    await bench.writes("Apakah ada orang?")
    for line in (rani_line, lead_line):
        frame = await line.next("message")
        assert frame["conversation"] == conversation
        assert frame["message"]["text"] == "Apakah ada orang?"
        assert frame["message"]["seq"] == 2
    await rani.reply(conversation, "Ada, Bapak/Ibu.")
    assert (await lead_line.next("message"))["message"]["client_id"] == "c-1"
    assert "message" not in {frame["type"] for frame in await dewi_line.sync()}
    await lead_line.socket.send_json({"type": "watch", "conversation": None})
    await lead_line.sync()
    await bench.writes("Terima kasih")
    assert "message" not in {frame["type"] for frame in await lead_line.sync()}


async def test_a_burst_is_gathered(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    line = await rani.live()
    await line.sync()
    async with bench.db.write() as tx:
        for _ in range(50):
            tx.publish("conversation", id=conversation)
    frames = await line.sync()
    assert [frame["type"] for frame in frames] == ["conversation"]


async def test_cards_and_typing_reach_whoever_watches(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued()
    await rani.accept(conversation)
    watching, elsewhere = await rani.live(), await rani.live()
    await watching.socket.send_json({"type": "watch", "conversation": conversation})
    await watching.sync()
    await rani.post(f"{BOX}/{conversation}/ticket", {"topic": "keluhan_layanan", "summary": "Antrean"}, expect=201)
    assert await watching.next("card") == {"type": "card", "conversation": conversation}
    bench.db.emit("customer_typing", {"conversation": conversation})
    assert await watching.next("typing") == {"type": "typing", "conversation": conversation}
    assert {frame["type"] for frame in await elsewhere.sync()} & {"card", "typing"} == set()


async def test_presence_reaches_the_agents_own_desks(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi")
    own, others = await rani.live(), await dewi.live()
    await rani.post("/api/desk/presence", {"state": "aux", "reason": "ibadah"})
    frame = await own.next("presence")
    assert frame["presence"] == {
        "state": "aux",
        "reason": "ibadah",
        "since": "2026-11-23T03:00:00.000Z",
        "limit_at": "2026-11-23T03:20:00.000Z",
    }
    assert await others.sync() == [{"type": "people"}]


async def test_strange_frames_get_an_error_and_the_socket_stays(bench: Bench) -> None:
    line = await (await bench.person("rani")).live()
    for text in ("{", "[]", "5", "null", '{"type": 5}', '{"type":"watch","conversation":5}', "[" * 5000):
        await line.socket.send_str(text)
        assert (await line.next("error"))["code"] == "bad_frame", text
    await line.socket.send_bytes(b"\x00")
    assert (await line.next("error"))["code"] == "bad_frame"
    await line.socket.send_json({"type": "dance", "more": 1})
    assert (await line.next("error"))["code"] == "unknown_type"
    await line.socket.send_json({"type": "ping"})
    assert await line.next("pong") == {"type": "pong"}


async def test_a_signal_that_was_missed_means_refresh(bench: Bench) -> None:
    line = await (await bench.person("rani")).live()
    bench.db.emit("refresh", {})
    assert await line.next("refresh") == {"type": "refresh"}


async def test_a_slow_desk_is_told_to_refresh(bench: Bench) -> None:
    line = Line(None, type("S", (), {"user": None})())  # type: ignore[arg-type]
    for number in range(WAITING + 1):
        line.put(f"{number}")
    assert [line._frames.get_nowait() for _ in range(line._frames.qsize())] == ['{"type":"refresh"}']


async def test_an_open_socket_is_a_sign_of_life(bench: Bench) -> None:
    rani = await bench.person("rani")
    await rani.post("/api/desk/presence", {"state": "ready"})
    bench.clock.advance(60)

    async def seen_at() -> Any:
        async with bench.db.read() as tx:
            return (await tx.execute(select(presence.c.seen_at))).scalar_one()

    async def until_seen() -> None:
        async with asyncio.timeout(30):
            while await seen_at() != bench.clock.now():
                await asyncio.sleep(0.01)

    line = await rani.live()
    await until_seen()
    first = await seen_at()
    bench.clock.advance(14)
    await line.sync()
    assert await seen_at() == first  # not more often than needed
    bench.clock.advance(1)
    await until_seen()


async def test_a_session_that_ends_closes_its_socket(bench: Bench) -> None:
    rani = await bench.person("rani")
    line, other = await rani.live(), await (await bench.log_in("rani")).live()
    await rani.post("/api/logout", expect=204)
    async with asyncio.timeout(30):
        while not line.socket.closed:
            await line.socket.receive()
    assert line.socket.close_code == 4401
    await other.sync()
    assert not other.socket.closed
    bench.clock.advance(12 * 3600)
    async with asyncio.timeout(30):
        while not other.socket.closed:
            await other.socket.receive()
    assert other.socket.close_code == 4401


@pytest.mark.parametrize("db_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_another_process_is_heard(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi", server=await bench.another())
    heard = asyncio.Event()
    bench.db.subscribe(lambda topic, _: heard.set() if topic == "probe" else None)
    async with asyncio.timeout(30):
        while not heard.is_set():  # until this process listens
            async with bench.dbs[1].write() as tx:
                tx.publish("probe")
            await asyncio.sleep(0.05)
    line = await rani.live()
    conversation = await bench.queued()
    await line.sync()
    await dewi.accept(conversation)
    assert (await line.next("gone"))["id"] == conversation
