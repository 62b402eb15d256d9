"""The service keeps the promise of its OpenAPI: many odd calls to a real process with a real database, and nothing comes back that is not described."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error

from bot.client import load_client
from bot.clock import SystemClock
from bot.outside import tokens
from bot.store.database import Database
from tests.outside.conftest import TICKET
from tests.support.servers import ROOT, ServiceProcess

EXAMPLES = 25  # of each operation, with each token, of good data and of bad
OPERATIONS = ["findTickets", "makeTicket", "getTicket", "getHistory", "addNote", "actOnTicket"]
load_all_checks()
PROMISES = [
    not_a_server_error,
    *schemathesis.checks.CHECKS.get_by_names(
        ["status_code_conformance", "content_type_conformance", "response_schema_conformance", "response_headers_conformance"]
    ),
]


@dataclass
class Described:
    """A running service, its description, and what the tokens of each kind are."""

    url: str
    schema: Any
    tokens: dict[str, str]
    number: str

    def call(self, method: str, path: str, token: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.tokens[token]}", **more.pop("headers", {})}
        return requests.request(method, f"{self.url}{path}", headers=headers, timeout=20, **more)

    def operation(self, name: str) -> Any:
        return self.schema.find_operation_by_id(name)


async def _make_tokens(url: str) -> dict[str, str]:
    units = load_client(ROOT / "clients/pegadaian").ticketing.units
    wanted = {"leads": (tokens.SCOPES, None), "reads": (tokens.SCOPES[:1], None), "division": (tokens.SCOPES, "div_ti")}
    db = Database(url, SystemClock())
    try:
        async with db.write() as tx:
            made = {kind: (await tokens.make(tx, kind, scopes, 30, unit, units, "admin"))[0] for kind, (scopes, unit) in wanted.items()}
    finally:
        await db.close()
    return made | {"wrong": "sapa_" + "a" * 43}


@pytest.fixture(scope="module")
def described(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """A service process of its own on PostgreSQL, with a ticket in it."""
    from tests.conftest import _create_database

    asyncio.run(_create_database(postgres, "described", "sapa_template"))
    url, var = f"{postgres}/described", Path(tmp_path_factory.mktemp("var"))
    service = ServiceProcess(url, "http://127.0.0.1:9", "http://127.0.0.1:9", var, API_CALLS_PER_TOKEN_MIN="1000000", SAPA_DATA=str(var))
    try:
        asyncio.run(service.start())
        made = Described(service.url, schemathesis.openapi.from_url(f"{service.url}/api/openapi.json"), asyncio.run(_make_tokens(url)), "")
        answer = made.call("POST", "/api/v1/tickets", "leads", json=TICKET, headers={"Idempotency-Key": "first"})
        made.number = answer.json()["ticket"]["number"]
        yield made
    finally:
        service.kill()


@pytest.mark.postgres
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize("token", ["leads", "reads", "division"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_undescribed_comes_back(described: Described, name: str, token: str, mode: GenerationMode) -> None:
    operation = described.operation(name)
    known = {"path_parameters": {"number": described.number}} if "{number}" in operation.path else {}
    answered: set[int] = set()

    @seed(20261121)
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode, **known))
    def calls(case: Any) -> None:
        case.headers["Authorization"] = f"Bearer {described.tokens[token]}"
        if name == "actOnTicket" and mode is GenerationMode.POSITIVE and isinstance(case.body, dict):
            case.body["version"] = described.call("GET", f"/api/v1/tickets/{described.number}", "leads").json()["ticket"]["version"]
        response = case.call_and_validate(base_url=described.url, checks=PROMISES, timeout=20)
        answered.add(response.status_code)

    calls()
    if token == "reads" and operation.method == "post":
        assert answered <= {401, 403}  # 401: bad data may spoil the token
    elif token == "leads" and mode is GenerationMode.POSITIVE:
        assert answered & {200, 201}, answered


@pytest.mark.postgres
@pytest.mark.parametrize("name", OPERATIONS)
def test_ids_that_are_made_up_and_tokens_that_do_not_hold(described: Described, name: str) -> None:
    operation = described.operation(name)

    @seed(20261122)
    @settings(max_examples=10, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def calls(case: Any) -> None:
        case.headers["Authorization"] = f"Bearer {described.tokens['leads']}"
        case.call_and_validate(base_url=described.url, checks=PROMISES, timeout=20)

    calls()
    for token in ("", "Bearer ", f"Bearer {described.tokens['wrong']}", f"Basic {described.tokens['leads']}"):
        path = operation.path.replace("{number}", described.number)
        headers = {"Authorization": token} if token else {}
        answer = requests.request(operation.method, f"{described.url}{path}", headers=headers, json={}, timeout=20)
        assert answer.status_code == 401
        operation.validate_response(answer)
