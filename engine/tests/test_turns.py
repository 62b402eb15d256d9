"""The turn protocol over HTTP, with the trained model and a small action endpoint."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Dict, List

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from engine.actions import ServiceActions
from engine.processor import TurnProcessor
from engine.server import create_app

MODEL = Path(__file__).parents[2] / "models/sapa.tar.gz"
TOKEN = {"Authorization": "Bearer secret"}
pytestmark = pytest.mark.skipif(not MODEL.is_file(), reason="no model (make train)")


@pytest.fixture(scope="module")
def processor() -> TurnProcessor:
    return TurnProcessor(str(MODEL), ServiceActions("secret"))


class Service:
    """Answers action calls as told and keeps them."""

    def __init__(self) -> None:
        self.calls: List[Dict[str, Any]] = []
        self.status = 200

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.calls.append({**body, "authorization": request.headers.get("Authorization")})
        if self.status != 200:
            status, self.status = self.status, 200 if self.status == 449 else self.status
            return web.json_response({"error": "told to", "action_name": body["next_action"]}, status=status)
        return web.json_response({"events": [], "responses": [{"text": f"from {body['next_action']}"}]})


def run(processor: TurnProcessor, scenario: Any) -> None:
    async def main() -> None:
        service = Service()
        app = web.Application()
        app.router.add_post("/actions", service.handle)
        actions = ServiceActions("secret")
        processor.action_endpoint = actions
        async with TestServer(app) as server, TestClient(TestServer(create_app(processor, actions, "secret"))) as client:
            await scenario(client, service, str(server.make_url("/actions")))

    asyncio.run(main())


def body(callback: str, text: str, version: int = 0, turn: str = "t1", **more: Any) -> Dict[str, Any]:
    return {
        "conversation_id": "c",
        "version": version,
        "message": {"id": f"m{version}", "text": text},
        "turn": turn,
        "callback": callback,
        **more,
    }


def test_strangers_are_refused(processor: TurnProcessor) -> None:
    async def scenario(client: TestClient, service: Service, callback: str) -> None:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer \u00fc"}):
            assert (await client.post("/turn", json=body(callback, "halo"), headers=headers)).status == 401
        assert (await client.get("/health")).status == 200

    run(processor, scenario)


def test_a_turn_answers_and_says_what_happened(processor: TurnProcessor) -> None:
    async def scenario(client: TestClient, service: Service, callback: str) -> None:
        answer = await client.post("/turn", json=body(callback, "halo min", slots={"channel": "web"}), headers=TOKEN)
        result = await answer.json()
        assert answer.status == 200
        assert result["version"] == 1
        assert [r["text"] for r in result["responses"]] == ["from action_greet"]
        assert result["insight"]["intent"] == "salam"
        assert {"event": "slot", "name": "channel", "value": "web"}.items() <= next(
            e for e in result["new_events"] if e["event"] == "slot"
        ).items()
        call = service.calls[0]
        assert call["turn"] == "t1"
        assert call["authorization"] == "Bearer secret"
        assert "domain" not in call
        assert [e["event"] for e in call["tracker"]["events"]][0] == "user", "only events since the customer's message are sent"

    run(processor, scenario)


def test_a_domain_that_the_service_lacks_is_sent_once(processor: TurnProcessor) -> None:
    async def scenario(client: TestClient, service: Service, callback: str) -> None:
        service.status = 449
        assert (await client.post("/turn", json=body(callback, "halo"), headers=TOKEN)).status == 200
        assert ["domain" in call for call in service.calls] == [False, True]

    run(processor, scenario)


@pytest.mark.parametrize("status", [410, 500])
def test_a_failed_action_fails_the_turn_and_is_forgotten(processor: TurnProcessor, status: int) -> None:
    async def scenario(client: TestClient, service: Service, callback: str) -> None:
        service.status = status
        assert (await client.post("/turn", json=body(callback, "halo"), headers=TOKEN)).status == 502
        service.status = 200
        answer = await client.post("/turn", json=body(callback, "halo", turn="t2"), headers=TOKEN)
        assert (await answer.json())["version"] == 1, "the same turn again, from the same state"

    run(processor, scenario)


def test_from_the_live_tracker_and_from_the_stored_state_the_same_follows(processor: TurnProcessor) -> None:
    async def scenario(client: TestClient, service: Service, callback: str) -> None:
        first = await (await client.post("/turn", json=body(callback, "halo"), headers=TOKEN)).json()
        request = body(callback, "bunga gadai berapa ya", version=1, turn="t2", after="t1")
        live = await (await client.post("/turn", json=request, headers=TOKEN)).json()
        missing = await client.post("/turn", json={**request, "after": "another turn"}, headers=TOKEN)
        assert missing.status == 409
        stored = await (
            await client.post("/turn", json={**request, "after": "another turn", "state": first["new_events"]}, headers=TOKEN)
        ).json()

        def told(result: Dict[str, Any]) -> Any:
            return result["responses"], result["insight"], [{**e, "timestamp": 0} for e in result["new_events"]]

        assert told(live) == told(stored)

    run(processor, scenario)


def test_what_is_given_needs_no_understanding(processor: TurnProcessor) -> None:
    async def scenario(client: TestClient, service: Service, callback: str) -> None:
        request = body(callback, "")
        request["message"]["payload"] = {"intent": "EXTERNAL_idle"}
        result = await (await client.post("/turn", json=request, headers=TOKEN)).json()
        assert [r["text"] for r in result["responses"]] == ["from action_check_idle"]

    run(processor, scenario)
