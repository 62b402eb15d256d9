"""Other systems: the desk's bench, somebody who set a token up, calls with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.desk.conftest import bench, db_url, library, quick_passwords

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

__all__ = ["bench", "db_url", "library", "quick_passwords"]
TICKET = {"kind": "complaint", "topic": "keluhan_transaksi", "summary": "Saldo belum masuk", "channel": "phone", "name": "Budi"}


@dataclass
class System:
    """Another system with its token."""

    person: Person
    token: str
    id: str = ""

    async def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        async with self.person.client.request(method, f"/api/v1{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def good(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        status, answer = await self.call(method, path, body, key)
        assert status in (200, 201), answer
        return answer

    async def refused(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, str]:
        status, answer = await self.call(method, path, body, key)
        assert status >= 400, answer
        assert set(answer) == {"error"}
        return status, answer["error"]["code"]


async def system(bench: Bench, *scopes: str, unit: str = "", admin: Person | None = None) -> System:
    """Another system whose token an admin made."""
    admin = admin or await bench.person("admin", "admin")
    given = {"name": "Inti", "scopes": scopes or ("tickets:read", "tickets:write"), "days": 30, "unit": unit or None}
    made = await admin.post("/api/desk/tokens", given, expect=201)
    return System(admin, made["token"], made["id"])
