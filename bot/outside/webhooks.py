"""Webhooks out: who is told which events, and a signed POST for each. How a receiver checks the signature stands in docs/outside.md."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any

import aiohttp
from sqlalchemy import select, update
from sqlalchemy.engine import Row

from bot.conversations import facts
from bot.conversations.transcript import iso
from bot.desk.errors import bad_field, not_found
from bot.ids import new_id
from bot.outside import outcomes
from bot.outside.addresses import NotPublic, connector_options, target
from bot.outside.deliveries import outlook
from bot.outside.outbox import CHANGED, EVENTS
from bot.outside.outcomes import Again, Failed, Outcome, seconds
from bot.outside.records import deliveries, webhooks
from bot.store.database import Database, Tx

MOST = 20  # webhooks
TIMEOUT_S = 10
_ANSWER = 300  # characters kept of what the receiver says
URL_MOST = 500
Json = dict[str, Any]


def sign(secret: str, at: int, body: bytes) -> str:
    """The header X-Sapa-Signature."""
    digest = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


async def add(tx: Tx, url: str, events: Sequence[str], by: str, anywhere: bool) -> tuple[str, str]:
    """(id, the secret, shown this once). Raises `bad_field`."""
    if len(url) > URL_MOST or target(url, anywhere) is None:
        raise bad_field("Alamat harus diawali https:// dan berada di jaringan publik.")
    if not events or any(event not in EVENTS for event in events):
        raise bad_field("Pilih peristiwa.")
    if len((await tx.execute(select(webhooks.c.id).where(webhooks.c.disabled_at.is_(None)))).all()) >= MOST:
        raise bad_field(f"Paling banyak {MOST} webhook.")
    hook, secret = new_id(), secrets.token_urlsafe(32)
    await tx.insert(webhooks, id=hook, url=url, secret=secret, events=sorted(set(events)), created_by=by, created_at=tx.now)
    await facts.record(tx, "webhook_added", agent=by, webhook=hook)
    tx.publish(CHANGED)
    return hook, secret


async def remove(tx: Tx, hook: str, by: str) -> None:
    """Tell it nothing more; what still waits for it is dropped. Raises `not_found`."""
    on = (webhooks.c.id == hook) & webhooks.c.disabled_at.is_(None)
    if not (await tx.execute(update(webhooks).where(on).values(disabled_at=tx.now))).rowcount:
        raise not_found()
    waiting = (deliveries.c.destination == f"webhook:{hook}") & deliveries.c.done_at.is_(None)
    await tx.execute(update(deliveries).where(waiting).values(done_at=tx.now, answer="webhook removed"))
    await facts.record(tx, "webhook_removed", agent=by, webhook=hook)
    tx.publish(CHANGED)


async def listed(tx: Tx) -> list[Json]:
    """Those that are told, with how it goes, without their secrets."""
    going = await outlook(tx)
    rows = await tx.execute(select(webhooks).where(webhooks.c.disabled_at.is_(None)).order_by(webhooks.c.id))
    shown = []
    for row in rows:
        state = going.get(f"webhook:{row.id}", {})
        told = {"waiting": state.get("waiting", 0), "failed": state.get("failed", 0), "answer": state.get("answer")}
        about = {"id": row.id, "url": row.url, "events": row.events, "created_by": row.created_by, "created_at": iso(row.created_at)}
        shown.append({**about, **told, "waiting_since": iso(state.get("since"))})
    return shown


class Webhooks:
    """The courier. `anywhere`: our own network too (development)."""

    def __init__(self, db: Database, anywhere: bool) -> None:
        self._db = db
        self._anywhere = anywhere
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Needs the running loop."""
        connector = aiohttp.TCPConnector(**connector_options(self._anywhere), force_close=True)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Let go of its connections."""
        if self._session is not None:
            await self._session.close()

    async def deliver(self, row: Row[Any], _tries: int) -> Outcome:
        """POST it; a redirect is not followed."""
        async with self._db.read() as tx:
            hook = await tx.find(webhooks, id=row.destination.removeprefix("webhook:"))
        if hook is None or hook.disabled_at is not None:
            return Failed("webhook removed")
        url = target(hook.url, self._anywhere)
        if url is None:
            return Failed("the address may not be called")
        body = json.dumps(row.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Sapa",
            "X-Sapa-Event": row.event,
            "X-Sapa-Delivery": row.body["id"],
            "X-Sapa-Signature": sign(hook.secret, int(self._db.clock.now().timestamp()), body),
        }
        assert self._session is not None
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with self._session.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False) as answer:
                said = (await answer.content.read(_ANSWER)).decode("utf-8", "replace").replace("\0", "")
                outcome = outcomes.of_webhook(answer.status, seconds(answer.headers.get("Retry-After")))
        except NotPublic as error:
            return Again(str(error), away=True)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            cause = error.__cause__ if isinstance(error.__cause__, NotPublic) else None
            return Again(str(cause) if cause else type(error).__name__, away=True)
        if isinstance(outcome, Again):
            return Again(f"{outcome.reason}: {said}", outcome.after, outcome.away)
        return Failed(f"{outcome.reason}: {said}") if isinstance(outcome, Failed) else outcome
