"""Every route under strangers, wrong roles, missing proofs and odd requests: refused or answered, never a fault, nothing of the inside told."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any

import aiohttp
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.messages import Inbound, Kind, Sender
from bot.conversations.inbox import accept
from bot.conversations.service import get
from bot.desk.sessions import create_user
from bot.handoff.service import enqueue
from tests.support.fuzzing import fuzz, json_values, mutated, nasty_numbers, nasty_texts, nested, no_tracebacks
from tests.support.servers import ROOT
from tests.support.stack import Stack

# Whoever adds a route says here who may call it; a desk's route is whatever stands below its prefixes.
PUBLIC = {
    ("GET", "/"),
    ("GET", "/chat"),
    ("GET", "/desk"),
    ("GET", "/api/openapi.json"),
    ("POST", "/webhooks/jira"),  # signed; without Jira nothing is there
    ("GET", "/tickets"),
    ("GET", "/train"),
    ("GET", "/simulator"),
    ("GET", "/widget.js"),
    ("GET", "/static"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/media/{id}"),
    ("GET", "/monev/{token}"),
    ("POST", "/monev/{token}"),
    ("GET", "/monev.css"),
    ("GET", "/ws/chat"),
    ("POST", "/api/chat/upload"),
    ("POST", "/api/chat/frames"),
    ("GET", "/webhooks/whatsapp"),
    ("POST", "/webhooks/whatsapp"),
    ("POST", "/api/login"),
}
SIMULATOR = "/simulator/"  # mounted outside production only
DESK = ("/api/", "/ws/desk")
INSIDE = re.compile(r"Traceback|sqlalchemy|asyncpg|sqlite3|File \"|site-packages|SELECT |INSERT |" + re.escape(str(ROOT)), re.IGNORECASE)


def routes(stack: Stack) -> list[tuple[str, str]]:
    assert stack._runner is not None
    assert stack._runner.app is not None
    found = {(r.method, r.resource.canonical) for r in stack._runner.app.router.routes() if r.resource is not None and r.method != "HEAD"}
    return sorted(found)


def filled(path: str, conversation: str = "01ABC", number: str = "ARIA-1") -> str:
    path = path.replace("{id}", conversation).replace("{number}", number)
    return re.sub(r"\{[^}]*\}", "x", path)


@dataclass
class Answer:
    status: int
    body: str

    def check(self) -> None:
        assert self.status < 500 or self.status == 503, self
        assert not INSIDE.search(self.body), self.body[:400]


async def raw(stack: Stack, method: bytes, target: bytes, headers: bytes = b"", body: bytes = b"") -> Answer:
    """A request byte by byte: what no client library would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.port)
    head = method + b" " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    try:
        writer.write(head + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        async with asyncio.timeout(10):
            await writer.drain()
            data = await reader.read(200_000)
    except ConnectionError:
        return Answer(400, "")
    finally:
        writer.close()
    found = re.match(rb"HTTP/1\.1 (\d{3})", data)
    return Answer(int(found[1]) if found else 400, data.decode("utf-8", "replace"))


@dataclass
class Person:
    """Somebody with a browser."""

    stack: Stack
    cookie: str = ""
    csrf: str = ""

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        given = {"Cookie": self.cookie, **({"X-CSRF-Token": self.csrf} if self.csrf and method != "GET" else {}), **headers}
        data = None if body is None else json.dumps(body)
        async with self.stack.http.request(method, self.stack.url + path, data=data, headers=given, allow_redirects=False) as answer:
            return Answer(answer.status, (await answer.read()).decode("utf-8", "replace"))


async def person(stack: Stack, role: str) -> Person:
    async with stack.db.write() as tx:
        await create_user(tx, role, role.title(), role, "kata kunci panjang")
    body = {"username": role, "password": "kata kunci panjang"}
    async with aiohttp.ClientSession() as own, own.post(f"{stack.url}/api/login", json=body) as answer:
        found = await answer.json()
        return Person(stack, f"sapa_session={answer.cookies['sapa_session'].value}", found["csrf"])


async def conversation(stack: Stack) -> str:
    """A customer who waits for a person."""
    item = Inbound("livechat", "web", "v:1", Sender((("visitor", "v"),)), stack.clock.now(), Kind.TEXT, "halo, rahasia nasabah")
    async with stack.db.write() as tx:
        found = (await accept(tx, item, stack.service.client)).conversation_id
        row = await get(tx, found)
        assert row is not None
        await enqueue(tx, row, stack.service.client, reason="requested", by="bot")
    return found


async def test_every_route_has_a_known_place(door: Stack) -> None:
    unknown = [r for r in routes(door) if r not in PUBLIC and not r[1].startswith((SIMULATOR, *DESK))]
    assert unknown == []
    assert len(routes(door)) > 30


async def test_strangers_are_refused_at_every_route_of_the_desk(door: Stack) -> None:
    one = await conversation(door)
    with no_tracebacks():
        for method, path in routes(door):
            if (method, path) in PUBLIC or not path.startswith(DESK):
                continue
            for cookie in ("", "sapa_session=nonsense", "sapa_session=" + "x" * 5000, "sapa_session=\u00ff\u00fe", "sapa_session"):
                answer = await Person(door, cookie, "guessed").call(method, filled(path, one), {}, Origin=door.url)
                assert answer.status in (401, 403), (method, path, answer)
                assert "rahasia" not in answer.body


async def test_a_role_without_a_desk_is_refused_everywhere_on_it(door: Stack) -> None:
    one = await conversation(door)
    trainer = await person(door, "trainer")
    with no_tracebacks():
        for method, path in routes(door):
            if not path.startswith(("/api/desk/", "/ws/desk")):
                continue
            answer = await trainer.call(
                method, filled(path, one), {"version": 1, "episode": 1, "client_id": "c", "state": "ready"}, Origin=door.url
            )
            assert answer.status == 403, (method, path, answer)
            assert "rahasia" not in answer.body


async def test_an_agent_is_refused_at_every_route_of_the_trainers(door: Stack) -> None:
    one = await conversation(door)
    agent = await person(door, "agent")
    with no_tracebacks():
        found = [(method, path) for method, path in routes(door) if path.startswith("/api/train/")]
        assert len(found) >= 9
        for method, path in found:
            answer = await agent.call(method, filled(path, one), {"decision": "skip"}, Origin=door.url)
            assert answer.status == 403, (method, path, answer)
            assert "rahasia" not in answer.body


async def test_nothing_is_changed_without_the_proof_of_our_own_page(door: Stack) -> None:
    one = await conversation(door)
    leader = await person(door, "leader")
    body = {
        "version": 1,
        "episode": 1,
        "client_id": "c",
        "state": "ready",
        "text": "x",
        "username": "leader",
        "password": "kata kunci panjang",
    }
    with no_tracebacks():
        for method, path in routes(door):
            if method == "GET" or not path.startswith("/api/") or path.startswith(("/api/chat/", "/api/v1/")):  # neither goes by a cookie
                continue
            for headers in (
                {"X-CSRF-Token": ""},
                {"X-CSRF-Token": leader.csrf[:-1]},
                {"X-CSRF-Token": "\u00ff"},
                {"Origin": "https://evil.example"},
            ):
                if path == "/api/login" and "Origin" not in headers:
                    continue  # there is no session to take advantage of yet
                answer = await leader.call(method, filled(path, one), body, **headers)
                assert answer.status == 403, (method, path, headers, answer)
    async with door.db.read() as tx:
        row = await get(tx, one)
    assert row is not None
    assert row.owner == "queue"


bodies = st.one_of(
    json_values,
    st.dictionaries(
        st.sampled_from(["client_id", "text", "media", "episode", "version", "state", "reason", "outcome", "closing", "topic", "summary"])
        | st.sampled_from(
            ["detail", "priority", "status", "product", "note", "username", "password", "kind", "phone", "id", "age_s", "fail_code"]
        ),
        nasty_texts
        | nasty_numbers
        | json_values
        | st.sampled_from(["ready", "normal", "keluhan_layanan", "solved", "text", "button", 1, 0]),
        max_size=7,
    ),
    st.just({"topic": "keluhan_layanan", "summary": "s", "detail": "d", "priority": "normal", "client_id": "c"}).flatmap(mutated),
)


@fuzz(80)
@given(data=st.data())
async def test_any_body_at_any_route(door: Stack, data: st.DataObject) -> None:
    if not hasattr(door, "leader"):
        door.one = await conversation(door)  # type: ignore[attr-defined]
        door.leader = await person(door, "leader")  # type: ignore[attr-defined]
    leader: Person = door.leader  # type: ignore[attr-defined]
    method, path = data.draw(st.sampled_from([r for r in routes(door) if r[1] not in ("/api/logout", "/readyz", "/metrics")]))
    body = data.draw(bodies)
    with no_tracebacks():
        (await leader.call(method, filled(path, door.one), body)).check()  # type: ignore[attr-defined]


odd_bytes = st.one_of(
    st.binary(max_size=30),
    st.text(max_size=20).map(lambda t: t.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            b"%00",
            b"%ED%A0%80",
            b"%ff%fe",
            b"../..",
            b"%2e%2e%2f",
            b"%2f",
            b"\xff",
            b"a" * 3000,
            b"%",
            b"%zz",
            b"//",
            b"\\",
            b"?",
            b"[",
            b"1" * 5000,
        ]
    ),
)

HEADERS = (
    b"Cookie Origin Authorization X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto Content-Type Accept Range Content-Encoding X-CSRF-Token "
    b"Sec-WebSocket-Key Upgrade If-Modified-Since X-Hub-Signature-256 User-Agent"
).split()


def _one_line(value: bytes) -> bytes:
    return bytes(byte for byte in value if byte not in b"\r\n \t\x00\x0b\x0c") or b"x"


@fuzz(80)
@given(
    method=st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"HEAD", b"OPTIONS", b"TRACE", b"X"]),
    path=st.sampled_from(
        [
            b"/media/",
            b"/static/",
            b"/api/desk/conversations/",
            b"/api/desk/tickets/",
            b"/simulator/api/media/",
            b"/",
            b"/simulator/graph/v25.0/",
        ]
    ),
    odd=odd_bytes,
    query=st.lists(st.tuples(st.sampled_from([b"e", b"s", b"after", b"box", b"bsuid", b"hub.challenge"]), odd_bytes), max_size=3),
)
async def test_odd_addresses(door: Stack, method: bytes, path: bytes, odd: bytes, query: list[tuple[bytes, bytes]]) -> None:
    target = path + _one_line(odd)
    if query:
        target += b"?" + b"&".join(key + b"=" + _one_line(value) for key, value in query)
    with no_tracebacks():
        answer = await raw(door, method, target)
    assert answer.status < 500 or answer.status == 503, (target, answer.body[:300])
    assert not INSIDE.search(answer.body), (target, answer.body[:600])


@fuzz(60)
@given(
    path=st.sampled_from(
        [
            b"/",
            b"/api/me",
            b"/api/login",
            b"/api/chat/frames",
            b"/ws/chat",
            b"/ws/desk",
            b"/webhooks/whatsapp",
            b"/api/chat/upload",
            b"/healthz",
        ]
    ),
    name=st.sampled_from(HEADERS),
    value=odd_bytes,
    method=st.sampled_from([b"GET", b"POST"]),
)
async def test_odd_headers(door: Stack, path: bytes, name: bytes, value: bytes, method: bytes) -> None:
    with no_tracebacks():
        answer = await raw(door, method, path, name + b": " + _one_line(value) + b"\r\n", b"{}" if method == b"POST" else b"")
    assert answer.status < 500, (name, value, answer.body[:300])
    assert not INSIDE.search(answer.body)


async def test_deep_and_large_bodies(door: Stack) -> None:
    leader = await person(door, "leader")
    with no_tracebacks():
        for method, path in routes(door):
            if method not in ("POST", "PATCH") or path == "/api/logout":
                continue
            for body in (nested(100_000), b" " * (300 * 1024), b"\xff" * 50, b"9" * 5000, b'{"client_id":"\\ud800","text":"\\u0000"}'):
                headers = b"X-CSRF-Token: " + leader.csrf.encode() + b"\r\nCookie: " + leader.cookie.encode() + b"\r\n"
                answer = await raw(door, method.encode(), filled(path).encode(), headers, body)
                assert answer.status < 500, (method, path, answer)
                assert not INSIDE.search(answer.body)


async def test_truncated_and_chunked_bodies(door: Stack) -> None:
    with no_tracebacks():
        for path in (b"/webhooks/whatsapp", b"/api/chat/frames", b"/api/login", b"/api/chat/upload", b"/simulator/api/send"):
            for rest in (
                b"Content-Length: 1000\r\n\r\n{",
                b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
                b"Content-Length: -5\r\n\r\n",
                b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            ):
                reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
                writer.write(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + rest)
                await writer.drain()
                writer.write_eof()
                async with asyncio.timeout(10):
                    data = await reader.read()
                writer.close()
                assert b" 500 " not in data[:20]
                assert not INSIDE.search(data.decode("utf-8", "replace"))
    async with door.http.get(f"{door.url}/healthz") as answer:
        assert answer.status == 200
