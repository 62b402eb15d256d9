"""`POST /webhooks/jira`: Jira says that something happened. Signed, noted once each, answered before anything is asked."""

from __future__ import annotations

import hashlib
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.bodies import BrokenBody, parse_json, read_body
from bot.channels.whatsapp.signature import verify_signature
from bot.desk.errors import DeskError, not_found
from bot.desk.guard import answering
from bot.outside.jira import is_key
from bot.outside.outbox import JIRA, put
from bot.outside.records import deliveries, jira_inbox
from bot.store.database import Database, Tx
from bot.tickets.records import tickets

HEADER = "X-Hub-Signature"
_ONCE = "X-Atlassian-Webhook-Identifier"  # the same when Jira sends it again
_MOST = 2 * 2**20
Json = dict[str, Any]


def add_jira_routes(app: web.Application, db: Database, secret: str) -> None:
    """Mount the webhook; without a secret nothing is there."""

    async def receive(request: web.Request) -> web.Response:
        if not secret:
            raise not_found()
        try:
            raw = await read_body(request, _MOST)
        except BrokenBody:
            raise DeskError(400, "bad_json", "Permintaan tidak dapat dibaca.") from None
        if not verify_signature(secret, raw, request.headers.get(HEADER)):
            raise DeskError(401, "bad_signature", "Tanda tangan tidak sesuai.")
        body = parse_json(raw)
        body = body if isinstance(body, dict) else {}
        once = hashlib.sha256((request.headers.get(_ONCE) or "").encode("utf-8", "replace") or raw).hexdigest()
        async with db.write() as tx:
            outcome = await take(tx, once, body)
        return web.json_response({"outcome": outcome})

    app.router.add_post("/webhooks/jira", answering(receive))


async def take(tx: Tx, once: str, body: Json) -> str:
    """Note it, once, and have the issue looked at if it is one of ours."""
    issue, event = body.get("issue"), str(body.get("webhookEvent") or "")[:60].replace("\0", "")
    key = issue.get("key") if isinstance(issue, dict) else None
    number = (await tx.execute(select(tickets.c.number).where(tickets.c.jira_key == key))).scalar() if is_key(key) else None
    outcome = "no issue of ours" if number is None else "to be looked at"
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    values = {"id": once, "at": tx.now, "issue": str(key)[:40] if is_key(key) else "-", "event": event or "-", "outcome": outcome}
    if not (await tx.execute(new_insert(jira_inbox).values(**values).on_conflict_do_nothing())).rowcount:
        return "known"
    if number is not None:
        await look_at(tx, number, once)
    return outcome


async def look_at(tx: Tx, number: str, once: str) -> bool:
    """Have a ticket's issue looked at, once for `once`; a look that nobody has begun will do as well."""
    mine = (deliveries.c.destination == JIRA) & (deliveries.c.subject == number) & (deliveries.c.event == "look")
    waits = deliveries.c.done_at.is_(None) & (deliveries.c.tries == 0)
    if (await tx.execute(select(deliveries.c.id).where(mine, waits).limit(1))).first() is not None:
        return False
    return await put(tx, JIRA, number, "look", f"look:{once}"[:120], {})
