"""From a customer's words to the desk's screen, with the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.assist.records import assists
from bot.desk.sessions import create_user
from bot.handoff import presence as presences
from tests.support.servers import EngineProcess
from tests.support.stack import until

if TYPE_CHECKING:
    from tests.conftest import StackFactory
    from tests.support.stack import Stack

pytestmark = [pytest.mark.asyncio, pytest.mark.engine]


async def kept(stack: Stack, conversation: str, count: int) -> list[dict[str, Any]]:
    """The assists of a conversation, once there are so many: that of a hand-over comes after its turn."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        async with stack.db.read() as tx:
            rows = await tx.execute(select(assists).where(assists.c.conversation_id == conversation).order_by(assists.c.message_id))
            found[:] = [row.offered for row in rows]
        return len(found) >= count

    await until(there, f"{len(found)} of {count} messages were read for the desk")
    assert len(found) == count
    return found


async def somebody_there(stack: Stack) -> None:
    async with stack.db.write() as tx:
        rani = await create_user(tx, "rani", "Rani", "agent", "kata kunci rani")
        await presences.set_presence(tx, rani.id, "ready", None, by=rani.id)
        await presences.seen(tx, rani.id)


async def test_the_message_that_hands_over_is_read_and_those_after_it(stack: Stack) -> None:
    await somebody_there(stack)
    visitor = await stack.visitor()
    await visitor.say("syarat gadai bpkb motor apa?")
    assert await kept(stack, visitor.conversation or "", 0) == []
    await visitor.say("akun saya dibobol orang, emas saya hilang")
    assert visitor.conversation
    assert (await stack.conversation(visitor.conversation)).owner == "queue"
    (first,) = await kept(stack, visitor.conversation, 1)
    assert first["suggestions"][0]["id"] in ("k:bobol-langkah-darurat", "r:keluhan_dibobol")
    assert first["prefill"]["ticket"]["priority"] == "urgent"
    assert [flag["id"] for flag in first["flags"]] == ["fraud"]
    await visitor.say("kalau gadai motor bunganya berapa ya")
    await kept(stack, visitor.conversation, 2)


async def test_a_dead_engine_still_gives_suggestions(start_stack: StackFactory, sqlite_url: str, engine: EngineProcess) -> None:
    stack = await start_stack(sqlite_url)
    await somebody_there(stack)
    visitor = await stack.visitor()
    await visitor.say("minta petugas")
    assert (await stack.conversation(visitor.conversation or "")).owner == "queue"
    stack.service.engines.urls[:] = ["http://127.0.0.1:9"]
    await visitor.say("kode otp tidak masuk masuk")
    last = (await kept(stack, visitor.conversation or "", 2))[-1]
    assert last["topic"] is None
    assert "k:aplikasi-otp" in [each["id"] for each in last["suggestions"]]
