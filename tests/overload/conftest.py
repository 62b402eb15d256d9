"""A slow engine, and customers who write by webhook."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator

import pytest

from bot.channels.whatsapp.signature import HEADER, sign
from bot.simulator import phone
from bot.simulator.phone import Customer
from tests.support.servers import EngineProcess
from tests.support.slow_engine import SlowEngine
from tests.support.stack import NUMBER, SECRET, Stack


@pytest.fixture
async def slow(engine: EngineProcess) -> AsyncIterator[SlowEngine]:
    proxy = SlowEngine(engine.url)
    await proxy.start()
    yield proxy
    proxy.open()
    await proxy.stop()


def customer(number: int) -> Customer:
    return Customer(f"ID.{number:020}", f"Nasabah {number}", f"62812{number:08}")


async def writes(stack: Stack, person: Customer, wamids: list[str], text: str = "apa itu tabungan emas") -> None:
    """One webhook with these messages: acknowledged means stored."""
    stack.graph.customer(person)
    found = [phone.message(person, "text", wamid, stack.clock.now(), text=text) for wamid in wamids]
    raw = json.dumps(phone.webhook(NUMBER, messages=found, contacts=[phone.contact(person)])).encode()
    async with stack.http.post(f"{stack.url}/webhooks/whatsapp", data=io.BytesIO(raw), headers={HEADER: sign(SECRET, raw)}) as answer:
        assert answer.status == 200
