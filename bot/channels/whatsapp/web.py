"""The WhatsApp webhook: verify the raw bytes, store everything in one transaction, only then answer 200.

A bad signature gets 401. A body we cannot use still gets 200: Meta would send it again for seven days. Only a failing store gets 5xx.
Meta docs: create-webhook-endpoint (21 Apr 2026), webhooks overview (29 Apr 2026).
"""

from __future__ import annotations

import itertools
import logging

from aiohttp import web
from sqlalchemy.exc import IntegrityError

from bot import telemetry
from bot.bodies import BrokenBody, parse_json, read_body
from bot.channels.statuses import apply
from bot.channels.whatsapp.errors import explain
from bot.channels.whatsapp.parse import Parsed, parse_webhook
from bot.channels.whatsapp.signature import HEADER, verify_signature, verify_subscription
from bot.client import Client
from bot.conversations.inbox import accept, known
from bot.customers.service import relink
from bot.settings import Settings
from bot.store.database import Database

log = logging.getLogger(__name__)
BODY_LIMIT = 4 * 2**20
STORE_TRIES = 20


class WhatsAppWebhook:
    """GET and POST /webhooks/whatsapp."""

    def __init__(self, db: Database, client: Client, settings: Settings) -> None:
        self._db = db
        self._client = client
        self._settings = settings

    async def verify(self, request: web.Request) -> web.Response:
        """Meta's check of the address: the challenge for the right token, else 403."""
        challenge = verify_subscription(request.query, self._settings.whatsapp_verify_token)
        if challenge is None:
            return web.Response(status=403, text="forbidden")
        return web.Response(text=challenge)

    @telemetry.measured(telemetry.WEBHOOKS, lambda answer: "stored" if answer.status == 200 else "refused")
    async def receive(self, request: web.Request) -> web.Response:
        """401 unsigned, 413 over 4 MB, else 200 once everything is stored."""
        try:
            raw = await read_body(request, BODY_LIMIT)
        except BrokenBody:
            return web.Response(status=400, text="broken body")
        if not verify_signature(self._settings.whatsapp_app_secret, raw, request.headers.get(HEADER)):
            return web.Response(status=401, text="bad signature")
        parsed = parse_webhook(parse_json(raw), self._db.clock.now())
        if parsed.ignored:
            log.info("webhook: %d items left out: %s", len(parsed.ignored), "; ".join(parsed.ignored[:5]))
        for error in parsed.errors:
            log.warning("WhatsApp reports error %s for our number: %s", error.code, error.title)
        await self.store(parsed)
        return web.Response(text="ok")

    async def store(self, parsed: Parsed) -> None:
        """All of it, in order, once. What cannot be stored raises, but keeps nobody else's message out."""
        try:
            await self._store_once(parsed)
        except Exception:
            parts = _singly(parsed)
            if len(parts) < 2:
                raise
            log.exception("a batch of %d could not be stored together; one by one", len(parts))
            failed = [error for error in [await self._try(part) for part in parts] if error is not None]
            if failed:
                raise failed[0] from None

    async def _try(self, parsed: Parsed) -> Exception | None:
        try:
            await self._store_once(parsed)
        except Exception as error:
            return error
        return None

    async def _store_once(self, parsed: Parsed) -> None:
        for tries in itertools.count(1):
            try:
                await self._store(parsed)
                return
            except IntegrityError:
                if tries >= STORE_TRIES:
                    raise
                log.info("another process stored part of the same batch; once more")

    async def _store(self, parsed: Parsed) -> None:
        async with self._db.write() as tx:
            for change in parsed.identity_changes:
                await relink(tx, change)
            seen = await known(tx, parsed.messages)
            for item in sorted(parsed.messages, key=lambda m: m.at):
                key = (item.channel, item.account, item.external_id)
                if key not in seen:
                    seen[key] = await accept(tx, item, self._client)
            for status in parsed.statuses:
                explanation = explain(status.error_code) if status.error_code is not None else None
                await apply(tx, status, explanation)


def _singly(parsed: Parsed) -> list[Parsed]:
    """The same, each item by itself."""
    changes = [Parsed(identity_changes=[change]) for change in parsed.identity_changes]
    written = [Parsed(messages=[message]) for message in sorted(parsed.messages, key=lambda m: m.at)]
    return [*changes, *written, *(Parsed(statuses=[status]) for status in parsed.statuses)]
