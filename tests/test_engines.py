"""Which engine is asked, where there are several and one of them is ill."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.dialogue import engine
from bot.dialogue.engine import Engines, EngineUnavailable


class Pair:
    """Two engines; each says which it is, and one of them hangs as long as `ill` names it."""

    def __init__(self) -> None:
        self.ill: int | None = None
        self.asked: Counter[int] = Counter()
        self.servers: list[TestServer] = []
        self.engines: Engines | None = None

    async def start(self) -> None:
        for number in range(2):
            app = web.Application()
            app.router.add_post("/turn", self._turn(number))
            server = TestServer(app)
            await server.start_server()
            self.servers.append(server)
        self.engines = Engines(",".join(str(server.make_url("")) for server in self.servers), "token", 0.2)
        await self.engines.open()

    def _turn(self, number: int) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def turn(_request: web.Request) -> web.Response:
            self.asked[number] += 1
            if self.ill == number:
                await asyncio.sleep(1)
            return web.json_response({"engine": number})

        return turn

    async def ask(self, conversation: str) -> int:
        assert self.engines is not None
        return int((await self.engines.turn({"conversation_id": conversation}))["engine"])


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    await made.start()
    yield made
    assert made.engines is not None
    await made.engines.close()
    for server in made.servers:
        await server.close()


async def test_a_conversation_keeps_its_engine(pair: Pair) -> None:
    for conversation in "abcdefgh":
        assert len({await pair.ask(conversation) for _ in range(3)}) == 1
    assert set(pair.asked) == {0, 1}


async def test_an_engine_that_hangs_is_passed_over(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """For as long as it may take to recover; then it is asked again."""
    pair.ill = own = await pair.ask("a")
    with pytest.raises(EngineUnavailable):
        await pair.ask("a")
    assert [await pair.ask("a") for _ in range(3)] == [1 - own] * 3
    pair.ill = None
    monkeypatch.setattr(engine, "SHUN_S", 0.0)
    assert await pair.ask("a") == own


async def test_where_every_engine_hung_they_are_asked_all_the_same(pair: Pair) -> None:
    assert pair.engines is not None
    own = await pair.ask("a")
    for number in (own, 1 - own):
        pair.ill = number
        with pytest.raises(EngineUnavailable):
            await pair.ask("a")
    pair.ill = None
    assert await pair.ask("a") == own
