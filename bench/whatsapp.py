"""The webhook's side of the benchmark: signed bodies as Meta posts them, and a sink where the Graph API would be."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bench.ours import PHONE_NUMBER_ID, Ours
from bench.workloads import QUESTIONS
from bot.channels.whatsapp.signature import HEADER, sign
from bot.simulator.phone import Customer, contact, message, webhook

_numbers = itertools.count(1)


class GraphSink:
    """Takes whatever Sapa sends, at once, and counts it."""

    def __init__(self) -> None:
        self.url = ""
        self.sent = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on loopback."""
        app = web.Application()
        app.router.add_post("/{version}/{number}/messages", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("status") == "read":
            return web.json_response({"success": True})
        self.sent += 1
        return web.json_response({"messaging_product": "whatsapp", "messages": [{"id": f"wamid.{secrets.token_hex(16)}"}]})


def body_of(count: int) -> bytes:
    """One webhook of `count` text messages, each by a customer who never wrote before."""
    now = datetime.now(UTC)
    customers = [Customer(f"ID.{n:020d}", f"Nasabah {n}", f"62813{n:08d}") for n in itertools.islice(_numbers, count)]
    texts = itertools.cycle(QUESTIONS)
    messages = [message(c, "text", f"wamid.{secrets.token_hex(16)}", now, text=next(texts).text) for c in customers]
    return json.dumps(webhook(PHONE_NUMBER_ID, messages=messages, contacts=[contact(c) for c in customers])).encode()


async def post(side: Ours, raw: bytes) -> tuple[float, int]:
    """Post it signed: seconds to the answer, and the status."""
    assert side.session is not None
    headers = {HEADER: sign(side.secret, raw), "Content-Type": "application/json"}
    start = time.perf_counter()
    async with side.session.post(f"{side.url}/webhooks/whatsapp", data=raw, headers=headers) as answer:
        await answer.read()
        return time.perf_counter() - start, answer.status


async def post_at_rate(side: Ours, per_s: float, seconds: float) -> dict[str, Any]:
    """Single-message webhooks at a fixed rate, whatever the answers do: the seconds of those answered 200, the rest counted."""
    tasks, start = [], time.monotonic()
    for number in range(round(per_s * seconds)):
        await asyncio.sleep(max(0.0, start + number / per_s - time.monotonic()))
        tasks.append(asyncio.create_task(post(side, body_of(1))))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    fine = [r[0] for r in results if not isinstance(r, BaseException) and r[1] == 200]
    return {"seconds": fine, "failed": len(results) - len(fine)}
