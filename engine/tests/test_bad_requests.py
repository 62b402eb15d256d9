"""What is no call of the service is refused with 400, and the engine goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from engine.tests.test_turns import MODEL, TOKEN, Service, body, processor, run  # noqa: F401 - the fixture

pytestmark = pytest.mark.skipif(not MODEL.is_file(), reason="no model (make train)")
RAW = [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"[" * 100_000, b'{"text": 7}', b'{"text": null}', b"9" * 5000]


def test_what_is_no_json_object_is_refused(processor: Any) -> None:  # noqa: F811
    async def scenario(client: TestClient, service: Service, callback: str) -> None:
        for path in ("/turn", "/parse"):
            for raw in RAW:
                assert (await client.post(path, data=raw, headers=TOKEN)).status == 400, (path, raw[:40])
                assert (await client.post(path, data=raw)).status == 401, "strangers learn nothing"
        assert (await client.post("/parse", json={"text": "halo"}, headers=TOKEN)).status == 200

    run(processor, scenario)


def test_a_turn_with_a_wrong_field_is_refused(processor: Any) -> None:  # noqa: F811
    wrong = (None, 7, "x", [], {}, True, -1, [[]], ["x"], [{"event": 7}], {"id": 7}, {"id": "m", "text": 7}, {"id": "m", "payload": [1]})
    needed = {"conversation_id": str, "version": int, "turn": str, "callback": str, "message": dict}

    async def scenario(client: TestClient, service: Service, callback: str) -> None:
        good = body(callback, "halo")
        for name in needed:
            missing = {key: value for key, value in good.items() if key != name}
            assert (await client.post("/turn", json=missing, headers=TOKEN)).status == 400, name
        for name in (*needed, "state", "slots", "after"):
            for value in wrong:
                changed = {**good, "version": 1, name: value}
                answer = await client.post("/turn", data=json.dumps(changed), headers=TOKEN)
                assert answer.status < 500, (name, value, await answer.text())
                assert "Traceback" not in await answer.text()
        assert (await client.post("/turn", json=good, headers=TOKEN)).status == 200

    run(processor, scenario)
