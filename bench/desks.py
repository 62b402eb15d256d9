"""`python -m bench.desks`: hundreds of desks with thousands of open conversations. How long until a customer's message is on the agent's screen?

A desk is a logged-in WebSocket that reads everything; one of them is a real page in Chromium. Prints Markdown, writes var/bench/desks.json.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Page, async_playwright
from sqlalchemy import insert

from bench import report
from bench.measure import percentile
from bench.ours import OurEngine, Ours
from bench.processes import ROOT
from bench.whatsapp import PHONE_NUMBER_ID, GraphSink, post
from bot.clock import SystemClock
from bot.conversations.records import conversations
from bot.customers.records import customers, identities
from bot.desk.records import sessions, users
from bot.handoff.records import presence
from bot.simulator.phone import Customer, contact, message, webhook
from bot.store.database import Database
from bot.store.migrate import upgrade
from tests.browser.conftest import FLAGS, _chromium

QUESTIONS = (
    "kak saya mau tanya syarat gadai emas apa aja ya",
    "kapan jatuh tempo gadai saya, bisa diperpanjang?",
    "aplikasinya error terus tidak bisa masuk",
    "transaksi saya gagal tapi saldo terpotong",
    "kalau mau cicil emas minimal berapa gram",
    "tolong dibantu ya kak, terima kasih",
)
SEEN = """text => { window.seen = {}; new MutationObserver(() => { const shown = document.body.innerText;
  for (const each of shown.matchAll(/#\\d+#/g)) window.seen[each[0]] ??= Date.now(); }).observe(document.body, {subtree: true, childList: true, characterData: true}); }"""


class Desk:
    """One agent's socket: when each message and each suggestion came, by the mark in its text or by the message's id."""

    def __init__(self, number: int, token: str) -> None:
        self.number = number
        self.token = token
        self.agent = agent_id(number)
        self.came: dict[str, float] = {}
        self.marks: dict[str, str] = {}
        self.assisted: dict[str, float] = {}
        self.frames = 0

    async def read(self, session: aiohttp.ClientSession, url: str, ready: asyncio.Semaphore) -> None:
        """Until cancelled."""
        headers = {"Origin": url, "Cookie": f"sapa_session={self.token}"}
        async with session.ws_connect(f"{url}/ws/desk", headers=headers, autoping=True) as socket:
            await socket.send_json({"type": "look", "box": "mine"})
            await socket.send_json({"type": "watch", "conversation": conversation_id(self.number, 0)})
            async for received in socket:
                now = time.time()
                self.frames += 1
                frame = json.loads(received.data)
                if frame["type"] == "ready":
                    ready.release()
                elif frame["type"] == "message" and frame["message"]["author"] == "customer":
                    mark = frame["message"]["text"].rpartition(" ")[2]
                    self.came.setdefault(mark, now)
                    self.marks[frame["message"]["id"]] = mark
                elif frame["type"] == "assist":
                    self.assisted.setdefault(self.marks.get(frame["assist"]["message"], ""), now)


def agent_id(number: int) -> str:
    return f"AGENT{number:021d}"


def conversation_id(agent: int, number: int) -> str:
    return f"CONV{agent:011d}{number:011d}"


def customer(agent: int, number: int) -> Customer:
    return Customer(f"ID.{agent:010d}{number:010d}", f"Nasabah {agent}-{number}", f"62814{agent * 1000 + number:08d}")


async def furnish(url: str, desks: Sequence[Desk], each: int) -> None:
    """Users, their sessions, and `each` open conversations in the hands of every one."""
    db = Database(url, SystemClock())
    now = datetime.now(UTC)
    try:
        for desk in desks:
            n = desk.number
            people = [customer(n, m) for m in range(each)]
            async with db.write() as tx:
                row = {
                    "id": desk.agent,
                    "username": f"agent{n}",
                    "name": f"Petugas {n}",
                    "role": "agent",
                    "password_hash": "-",
                    "active": True,
                }
                await tx.execute(insert(users).values(**row, created_at=now, capacity=each))
                key = hashlib.sha256(desk.token.encode()).hexdigest()
                session = {
                    "token_sha256": key,
                    "user_id": desk.agent,
                    "csrf": "c",
                    "created_at": now,
                    "expires_at": now + timedelta(hours=5),
                }
                await tx.execute(insert(sessions).values(**session))
                await tx.execute(insert(presence).values(agent_id=desk.agent, state="ready", reason=None, since=now, seen_at=now))
                ids = [f"CUST{n:011d}{m:011d}" for m in range(each)]
                named = [{"id": i, "name": p.name, "created_at": now} for i, p in zip(ids, people, strict=True)]
                await tx.execute(insert(customers), named)
                known = [
                    {"id": f"{kind[:1].upper()}{i[1:]}", "customer_id": i, "kind": kind, "value": value, "created_at": now}
                    for i, p in zip(ids, people, strict=True)
                    for kind, value in (("wa_id", p.wa_id), ("bsuid", p.bsuid))
                ]
                await tx.execute(insert(identities), known)
                open_ones = [
                    {
                        "id": conversation_id(n, m),
                        "channel": "whatsapp",
                        "account": PHONE_NUMBER_ID,
                        "customer_id": i,
                        "owner": "agent",
                        "agent_id": desk.agent,
                        "agent_name": f"Petugas {n}",
                        "episode": 1,
                        "opened_at": now,
                        "last_at": now,
                        "last_customer_at": now,
                        "steps": {},
                    }
                    for m, i in enumerate(ids)
                ]
                await tx.execute(insert(conversations), open_ones)
    finally:
        await db.close()


async def write(ours: Ours, desk: int, number: int, mark: str, text: str) -> float:
    """A customer of that desk writes; when, by the clock."""
    who, now = customer(desk, number), datetime.now(UTC)
    item = message(who, "text", f"wamid.{secrets.token_hex(16)}", now, text=f"{text} {mark}")
    raw = json.dumps(webhook(PHONE_NUMBER_ID, messages=[item], contacts=[contact(who)])).encode()
    sent = time.time()
    _, status = await post(ours, raw)
    assert status == 200, status
    return sent


async def traffic(
    ours: Ours, desks: Sequence[Desk], each: int, per_s: float, seconds: float, dice: random.Random
) -> dict[str, tuple[int, float]]:
    """Customers write at a steady rate; mark → (desk, when). Every fifth message is for the conversation on the screen of the real page."""
    sent: dict[str, tuple[int, float]] = {}
    start, tasks = time.monotonic(), []

    async def one(mark: str, desk: int, number: int) -> None:
        sent[mark] = (desk, await write(ours, desk, number, mark, dice.choice(QUESTIONS)))

    for n in range(round(per_s * seconds)):
        await asyncio.sleep(max(0.0, start + n / per_s - time.monotonic()))
        desk, number = (0, 0) if n % 5 == 0 else (dice.randrange(len(desks)), dice.randrange(each))
        tasks.append(asyncio.create_task(one(f"#{n}#", desk, number)))
    await asyncio.gather(*tasks)
    return sent


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Start everything, measure, stop everything."""
    folder = Path(tempfile.mkdtemp(prefix="sapa-desks-"))
    token, sink, dice = secrets.token_hex(16), GraphSink(), random.Random(5)
    desks = [Desk(n, secrets.token_urlsafe(24)) for n in range(options.desks)]
    each = -(-options.conversations // options.desks)
    model = options.model or max((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    await sink.start()
    engine = OurEngine("engine", model, token, folder)
    ours = Ours("service", [engine], token, folder, ROOT / "clients/pegadaian", sink.url)
    readers: list[asyncio.Task[None]] = []
    try:
        database = f"sqlite+aiosqlite:///{ours.var / 'sapa.db'}"
        await ours.start()
        await upgrade(database)
        await furnish(database, desks, each)
        before = ours.service.rss_mb()
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        async with session:
            ready = asyncio.Semaphore(0)
            readers = [asyncio.create_task(desk.read(session, ours.url, ready)) for desk in desks]
            for _ in desks:
                await ready.acquire()
            await asyncio.sleep(3)
            connected = ours.service.rss_mb()
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
                page = await _open_page(browser, ours.url, desks[0].token)
                await traffic(ours, desks, each, options.per_s, 3, dice)  # warm
                cpu, began = ours.beside_cpu_s(), time.monotonic()
                sent = await traffic(ours, desks, each, options.per_s, options.seconds, dice)
                took, used = time.monotonic() - began, ours.beside_cpu_s() - cpu
                await asyncio.sleep(3)
                on_screen = await page.evaluate("window.seen")
                await browser.close()
            after = ours.service.rss_mb()
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
        errors = ours.service.errors()
    finally:
        await ours.stop()
        engine.process.stop()
        await sink.stop()
    told = [desks[desk].came[mark] - at for mark, (desk, at) in sent.items() if mark in desks[desk].came]
    helped = [desks[desk].assisted[mark] - at for mark, (desk, at) in sent.items() if mark in desks[desk].assisted]
    shown = [on_screen[mark] / 1000 - at for mark, (desk, at) in sent.items() if mark in on_screen]
    return {
        "machine": report.machine(),
        "commit": report.commit(),
        "desks": len(desks),
        "open_conversations": each * len(desks),
        "messages": len(sent),
        "per_s": options.per_s,
        "to_the_desk_ms": _ms(told),
        "on_the_screen_ms": _ms(shown),
        "assist_ms": _ms(helped),
        "lost": len(sent) - len(told),
        "frames_per_desk": round(sum(desk.frames for desk in desks) / len(desks)),
        "service_mb": {"no desk": round(before), "all connected": round(connected), "after the traffic": round(after)},
        "kb_per_desk": round((connected - before) * 1024 / len(desks)),
        "kb_per_desk_after_traffic": round((after - before) * 1024 / len(desks)),
        "service_cpu_share": round(used / took, 2),
        "tracebacks_in_log": errors,
    }


async def _open_page(browser: Any, url: str, token: str) -> Page:
    """The page of the first agent, its first conversation open."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, bypass_csp=True)
    await context.add_cookies([{"name": "sapa_session", "value": token, "url": url}])
    page: Page = await context.new_page()
    await page.goto(f"{url}/desk")
    await page.get_by_role("tab", name="Saya").click()
    await page.get_by_text("Nasabah 0-0", exact=True).first.click()
    await page.evaluate(SEEN)
    return page


def _ms(seconds: list[float]) -> dict[str, float | int]:
    return {
        "p50": round(percentile(seconds, 0.5) * 1000, 1),
        "p99": round(percentile(seconds, 0.99) * 1000, 1),
        "max": round(max(seconds, default=float("nan")) * 1000, 1),
        "count": len(seconds),
    }


def table(found: dict[str, Any]) -> str:
    """The figures as people read them."""
    rows = [
        ("customer's message → the agent's desk (frame)", found["to_the_desk_ms"]),
        ("customer's message → on the screen (Chromium, the open conversation)", found["on_the_screen_ms"]),
        ("customer's message → suggestions at the desk", found["assist_ms"]),
    ]
    lines = [
        f"{found['desks']} desks, {found['open_conversations']} open conversations, {found['per_s']} messages a second ({found['messages']} in all, {found['lost']} lost)",
        "",
        "| | median | p99 | longest | count |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(f"| {name} | {ms['p50']} ms | {ms['p99']} ms | {ms['max']} ms | {ms['count']} |" for name, ms in rows),
        "",
        f"Service: {found['service_mb']} MB; {found['kb_per_desk']} KB a connected desk, {found['kb_per_desk_after_traffic']} KB after the traffic; "
        f"{found['service_cpu_share']} of a core.",
    ]
    return "\n".join(lines)


def main() -> int:
    """Read the options, run, print; 1 when a message was lost."""
    parser = argparse.ArgumentParser(prog="bench.desks", description=__doc__)
    parser.add_argument("--desks", type=int, default=300)
    parser.add_argument("--conversations", type=int, default=3000)
    parser.add_argument("--per-s", type=float, default=15)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path, default=Path("var/bench"))
    found = asyncio.run(run(parser.parse_args()))
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    (out / "desks.json").write_text(json.dumps(found, indent=2))
    print(table(found))
    return 1 if found["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
