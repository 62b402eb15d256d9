"""`python -m tests.assist.latency [--messages 200]`: milliseconds from a message's arrival to the stored and pushed assist, with real clock and engine.

Customers with a person write one after another, on SQLite; what is told is the rows' `took_s`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
from pathlib import Path

from sqlalchemy import select, update

from bot.app import create_service
from bot.assist.records import assists
from bot.clock import SystemClock
from bot.conversations.records import conversations
from bot.store.migrate import upgrade
from tests.support.servers import ROOT, EngineProcess
from tests.support.stack import Stack

A_CUSTOMER = 15
LINES = Path(__file__).with_name("development.jsonl")


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="tests.assist.latency", description=__doc__)
    parser.add_argument("--messages", type=int, default=200)
    logging.disable(logging.CRITICAL)
    print(json.dumps(asyncio.run(measure(parser.parse_args().messages))))


async def measure(count: int) -> dict[str, float]:
    """Quantiles of `took_s` over so many messages of customers with a person."""
    texts = [json.loads(line)["conversation"][-1][1] for line in LINES.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory(prefix="sapa-assist-") as name:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'sapa.db'}"
        await upgrade(url)
        engine = EngineProcess(folder / "engine.log")
        engine.start()
        stack = None
        try:
            await asyncio.to_thread(engine.wait_ready)
            stack = Stack(url, engine.url, folder / "var", ROOT / "web/dist")
            stack.service = create_service(stack.settings, SystemClock())
            await stack.start()
            for number in range(count):
                if number % A_CUSTOMER == 0:  # a visitor may not write more within a minute
                    visitor = await stack.visitor()
                    await visitor.say("halo")
                    async with stack.db.write() as tx:
                        mine = conversations.c.id == visitor.conversation
                        await tx.execute(update(conversations).where(mine).values(owner="queue", owner_version=99, episode=1))
                await visitor.say(texts[number % len(texts)])
            async with stack.db.read() as tx:
                took = sorted((await tx.execute(select(assists.c.took_s))).scalars())
            return {
                "messages": len(took),
                "p50_ms": _ms(took, 0.5),
                "p95_ms": _ms(took, 0.95),
                "p99_ms": _ms(took, 0.99),
                "max_ms": _ms(took, 1.0),
            }
        finally:
            if stack:
                await stack.stop()
            engine.kill()


def _ms(took: list[float], share: float) -> float:
    return round(1000 * took[min(len(took) - 1, int(share * len(took)))], 1) if took else 0.0


if __name__ == "__main__":
    main()
