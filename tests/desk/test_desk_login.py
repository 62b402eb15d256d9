"""Logging in: who gets a session, for how long, and what a request must prove."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import WSServerHandshakeError

from bot.desk import passwords
from bot.desk.sessions import create_user, deactivate_user
from tests.desk.conftest import BOTH

if TYPE_CHECKING:
    from tests.desk.conftest import Bench

pytestmark = pytest.mark.asyncio
PASSWORD = "kata kunci rani"
EVERY_CALL = [
    ("GET", "/api/me"),
    ("POST", "/api/logout"),
    ("POST", "/api/desk/presence"),
    ("GET", "/api/desk/conversations"),
    ("GET", "/api/desk/conversations/X"),
    *(("POST", f"/api/desk/conversations/X/{what}") for what in ("accept", "reply", "note", "typing", "return", "close", "ticket")),
    ("PATCH", "/api/desk/tickets/ARIA-1"),
    ("GET", "/api/desk/options"),
]


async def test_login_gives_the_user_and_a_csrf_token(bench: Bench) -> None:
    rani = await bench.add("rani", name="Rani")
    person = bench.browser()
    answer = await person.post("/api/login", {"username": " RANI ", "password": PASSWORD})
    assert answer["user"] == {"id": rani.id, "username": "rani", "name": "Rani", "role": "agent"}
    me = await person.get("/api/me")
    assert me["csrf"] == answer["csrf"]
    assert me["user"] == answer["user"]
    assert me["presence"] == {"state": "offline", "reason": None, "since": None, "limit_at": None}
    assert me["team"] == {"id": "tier1", "label": "Layanan Nasabah (Tier 1)"}
    assert me["capacity"] == 4
    assert {"id": "istirahat", "label": "Istirahat"} in me["aux_reasons"]
    assert [fact.agent_id for fact in await bench.facts("agent_logged_in")] == [rani.id]


@pytest.mark.parametrize(
    "body", [{"username": "rani", "password": "salah"}, {"username": "nobody", "password": PASSWORD}, {"username": "", "password": ""}]
)
async def test_wrong_login_is_refused_in_the_same_words(bench: Bench, body: Any) -> None:
    await bench.add("rani")
    assert await bench.browser().refused("/api/login", body) == (401, "bad_login")


@pytest.mark.parametrize("body", [{}, {"username": "rani", "password": 5}, {"username": ["x"], "password": "x"}])
async def test_login_without_texts_is_refused(bench: Bench, body: Any) -> None:
    assert await bench.browser().refused("/api/login", body) == (422, "bad_field")


async def test_strange_characters_are_refused_not_stumbled_over(bench: Bench) -> None:
    raw = '{"username": "ra\\u0000ni\\ud800", "password": "\\ud800\\u0000"}'
    async with bench.browser().client.post("/api/login", data=raw) as response:
        assert response.status == 401


async def test_unknown_users_cost_the_same_work(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.add("rani")
    verified: list[bool] = []
    real = passwords._verify

    def noted(stored: str | None, password: str) -> bool:
        verified.append(stored is None)
        return real(stored, password)

    monkeypatch.setattr(passwords, "_verify", noted)
    for name in ("rani", "nobody"):
        assert await bench.browser().refused("/api/login", {"username": name, "password": "salah"}) == (401, "bad_login")
    assert verified == [False, True]
    assert passwords._nobody().split("$")[:4] == (await passwords.hash_password(PASSWORD)).split("$")[:4]  # algorithm and parameters


async def test_too_many_tries_for_a_user(bench: Bench) -> None:
    await bench.add("rani")
    person = bench.browser()
    for _ in range(5):
        assert await person.refused("/api/login", {"username": "rani", "password": "salah"}) == (401, "bad_login")
    assert await person.refused("/api/login", {"username": "rani", "password": PASSWORD}) == (429, "too_many_tries")
    bench.clock.advance(15 * 60)
    await person.post("/api/login", {"username": "rani", "password": PASSWORD})


@BOTH
async def test_tries_side_by_side_do_not_slip_through(bench: Bench) -> None:
    await bench.add("rani")
    second = await bench.another()
    browsers = [bench.browser(second if i % 2 else None) for i in range(10)]
    answers = await asyncio.gather(*(b.refused("/api/login", {"username": "rani", "password": "salah"}) for b in browsers))
    assert sorted(status for status, _ in answers) == [401] * 5 + [429] * 5


async def test_success_forgets_the_failures_of_the_user(bench: Bench) -> None:
    await bench.add("rani")
    person = bench.browser()
    for _ in range(2):
        for _ in range(4):
            await person.refused("/api/login", {"username": "rani", "password": "salah"})
        await person.post("/api/login", {"username": "rani", "password": PASSWORD})


async def test_too_many_tries_from_an_address(bench: Bench) -> None:
    server = await bench.another(TRUST_PROXY=True)
    person = bench.browser(server)

    async def attempt(i: int, ip: str) -> int:
        status, _ = await person.call(
            "POST", "/api/login", {"username": f"user{i}", "password": "salah"}, **{"X-Forwarded-For": f"6.6.6.{i}, {ip}"}
        )
        return status

    assert [await attempt(i, "10.0.0.9") for i in range(21)] == [401] * 20 + [429]
    assert await attempt(50, "10.0.0.8") == 401


async def test_cookie_flags(bench: Bench) -> None:
    await bench.add("rani")
    plain, secure = bench.browser(), bench.browser(await bench.another(PUBLIC_URL="https://sapa.example"))
    for person, wants_secure in ((plain, False), (secure, True)):
        async with person.client.post("/api/login", json={"username": "rani", "password": PASSWORD}) as response:
            cookie = response.headers["Set-Cookie"]
            assert response.headers["Cache-Control"] == "no-store"
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Max-Age=43200" in cookie
        assert ("Secure" in cookie) is wants_secure


async def test_the_token_is_not_stored(bench: Bench) -> None:
    from sqlalchemy import select

    from bot.desk.records import sessions

    person = await bench.person("rani")
    token = next(c.value for c in person.client.session.cookie_jar if c.key == "sapa_session")
    async with bench.db.read() as tx:
        row = (await tx.execute(select(sessions))).one()
    assert token not in row.token_sha256
    assert len(token) >= 43


async def test_a_session_lasts_twelve_hours(bench: Bench) -> None:
    person = await bench.person("rani")
    bench.clock.advance(12 * 3600 - 1)
    await person.get("/api/me")
    bench.clock.advance(1)
    assert await person.refused("/api/me", method="GET") == (401, "login_required")


async def test_logging_in_again_ends_the_old_session(bench: Bench) -> None:
    person = await bench.person("rani")
    old = next(c.value for c in person.client.session.cookie_jar if c.key == "sapa_session")
    await person.post("/api/login", {"username": "rani", "password": PASSWORD})
    async with bench.browser().client.get("/api/me", cookies={"sapa_session": old}) as response:
        assert response.status == 401


async def test_logout_ends_the_session_and_makes_offline(bench: Bench) -> None:
    person = await bench.person("rani")
    await person.post("/api/desk/presence", {"state": "ready"})
    token = next(c.value for c in person.client.session.cookie_jar if c.key == "sapa_session")
    await person.post("/api/logout", expect=204)
    async with bench.browser().client.get("/api/me", cookies={"sapa_session": token}) as response:
        assert response.status == 401
    assert [fact.data["state"] for fact in await bench.facts("agent_state_changed")] == ["ready", "offline"]
    assert len(await bench.facts("agent_logged_out")) == 1


async def test_deactivation_ends_sessions_and_sockets_at_once(bench: Bench) -> None:
    person = await bench.person("rani")
    line = await person.live()
    async with bench.db.write() as tx:
        await deactivate_user(tx, person.user["id"], by="admin")
    async with asyncio.timeout(30):
        while not line.socket.closed:
            await line.socket.receive()
    assert line.socket.close_code == 4401
    assert await person.refused("/api/me", method="GET") == (401, "login_required")
    assert await bench.browser().refused("/api/login", {"username": "rani", "password": PASSWORD}) == (401, "bad_login")


@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
async def test_every_call_needs_a_session(bench: Bench, method: str, path: str) -> None:
    assert await bench.browser().refused(path, {} if method != "GET" else None, method) == (401, "login_required")


@pytest.mark.parametrize(("method", "path"), [call for call in EVERY_CALL if call[0] != "GET"])
async def test_every_change_needs_the_csrf_token_from_a_page_of_ours(bench: Bench, method: str, path: str) -> None:
    person = await bench.person("rani")
    status, body = await person.call(method, path, {}, **{"X-CSRF-Token": ""})
    assert (status, body["error"]["code"]) == (403, "csrf")
    status, body = await person.call(method, path, {}, **{"X-CSRF-Token": "wrong"})
    assert (status, body["error"]["code"]) == (403, "csrf")
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        status, body = await person.call(method, path, {}, Origin=origin)
        assert (status, body["error"]["code"]) == (403, "csrf"), origin
    await person.get("/api/me")


async def test_own_origins_are_taken(bench: Bench) -> None:
    await bench.add("rani")
    person = await bench.log_in("rani", await bench.another(PUBLIC_URL="http://sapa.example"))
    own = str(person.client.make_url("/")).rstrip("/")
    for origin in (own, "http://sapa.example"):
        status, _ = await person.call("POST", "/api/desk/presence", {"state": "ready"}, Origin=origin)
        assert status == 200


async def test_login_from_a_foreign_page_is_refused(bench: Bench) -> None:
    status, body = await bench.browser().call("POST", "/api/login", {"username": "a", "password": "b"}, Origin="https://evil.example")
    assert (status, body["error"]["code"]) == (403, "csrf")


@pytest.mark.parametrize(("method", "path"), [call for call in EVERY_CALL if "/desk/" in call[1]])
async def test_a_role_without_a_desk_is_refused_everything(bench: Bench, method: str, path: str) -> None:
    conversation = await bench.queued()
    trainer = await bench.person("tia", "trainer")
    body = {"state": "ready", "episode": 1, "client_id": "c", "text": "x", "version": 1}
    path = path.replace("/X", f"/{conversation}")
    assert await trainer.refused(path, body if method != "GET" else None, method) == (403, "forbidden")
    assert (await bench.row(conversation)).owner == "queue"


async def test_a_role_without_a_desk_gets_no_socket(bench: Bench) -> None:
    trainer = await bench.person("tia", "trainer")
    with pytest.raises(WSServerHandshakeError) as refused:
        await trainer.live()
    assert refused.value.status == 403


@pytest.mark.parametrize("body", ["{", "[]", "nul", '"x"', "[" * 100_000, b"\xff\xfe\x00"])
async def test_bad_json_is_refused(bench: Bench, body: str | bytes) -> None:
    async with bench.browser().client.post("/api/login", data=body) as response:
        assert response.status == 400
        assert (await response.json())["error"]["code"] == "bad_json"


async def test_a_huge_body_is_refused(bench: Bench) -> None:
    for size in (300_000, 3_000_000):
        async with bench.browser().client.post("/api/login", data=io.BytesIO(b" " * size)) as response:
            assert response.status == 413
            assert (await response.json())["error"]["code"] == "too_large"


async def test_unknown_paths_and_methods_are_json(bench: Bench) -> None:
    person = await bench.person("rani")
    assert await person.refused("/api/desk/nothing", method="GET") == (404, "not_found")
    assert await person.refused("/api/desk/conversations/%00", method="GET") == (404, "not_found")
    assert await person.refused("/api/desk/conversations", {}, "DELETE") == (405, "method_not_allowed")
    assert await person.refused("/api/login", method="GET") == (405, "method_not_allowed")
    async with person.client.get("/elsewhere") as response:
        assert response.status == 404
        assert "json" not in response.content_type


async def test_a_failure_tells_nothing_of_the_inside(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.desk.service import Desk

    async def fails(*_: object) -> None:
        raise RuntimeError("secret detail")

    person = await bench.person("rani")
    monkeypatch.setattr(Desk, "box", fails)
    status, body = await person.call("GET", "/api/desk/conversations")
    assert (status, body["error"]["code"]) == (500, "internal")
    assert "secret" not in str(body)


@pytest.mark.parametrize(
    ("username", "name", "role", "password"),
    [
        ("x", "X", "agent", PASSWORD),
        ("rani", "", "agent", PASSWORD),
        ("rani", "Rani", "boss", PASSWORD),
        ("rani", "Rani", "agent", "short"),
    ],
)
async def test_users_that_cannot_be(bench: Bench, username: str, name: str, role: str, password: str) -> None:
    with pytest.raises(ValueError, match=r"a username|a name|the role|a password"):
        async with bench.db.write() as tx:
            await create_user(tx, username, name, role, password)


async def test_a_username_is_taken_once(bench: Bench) -> None:
    await bench.add("rani")
    with pytest.raises(ValueError, match="taken"):
        await bench.add("Rani")
