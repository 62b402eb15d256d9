"""The internal action endpoint: for the engine alone, and for a turn that is under way."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.endpoint import ActionEndpoint
from tests.support.fuzzing import fuzz, json_values, mutated, nasty_texts, nested, no_tracebacks

ENDPOINT = ActionEndpoint("actions", "secret")
TOKEN = {"Authorization": "Bearer secret"}
CALL = {
    "next_action": "action_greet",
    "turn": "t1",
    "sender_id": "c",
    "tracker": {"sender_id": "c", "slots": {}, "events": []},
    "domain": {},
}


async def ask(raw: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    app = web.Application(client_max_size=8 * 2**20)
    app.router.add_post("/internal/actions", ENDPOINT.handle)
    async with TestClient(TestServer(app)) as client, client.post("/internal/actions", data=raw, headers=headers) as answer:
        return answer.status, await answer.json()


@fuzz(60)
@given(body=st.one_of(json_values, mutated(CALL)), header=nasty_texts)
async def test_any_call_is_refused_without_its_token_or_turn(body: Any, header: str) -> None:
    raw = json.dumps(body).encode()
    printable = "".join(c for c in header if c.isprintable() and ord(c) < 256)
    with no_tracebacks():
        assert (await ask(raw, {"Authorization": printable}))[0] == 401
        assert (await ask(raw, TOKEN))[0] in (400, 410)


async def test_junk_is_refused() -> None:
    with no_tracebacks():
        for raw in (b"", b"{", b"[]", b"null", b"\xff", nested(100_000), b'{"turn": []}', b'{"turn": {}, "next_action": 7}', b"9" * 5000):
            assert (await ask(raw, TOKEN))[0] == 400, raw[:40]


async def test_a_turn_that_is_over_is_gone() -> None:
    assert (await ask(json.dumps(CALL).encode(), TOKEN))[0] == 410


async def test_only_this_machine_is_served() -> None:
    class Far:
        def get_extra_info(self, name: str, default: Any = None) -> Any:
            return ("192.0.2.7", 1) if name == "peername" else default

    request = make_mocked_request("POST", "/internal/actions", headers=TOKEN, transport=Far())  # type: ignore[arg-type]
    assert (await ENDPOINT.handle(request)).status == 403
