"""A local stand-in of the Graph API for one phone number: what Sapa may send, what it is refused, what comes back by webhook.

It speaks the documented subset over HTTP (messages, read + typing, media) and keeps the promises' small print: limits, 24-hour window,
pair rate, throughput, media life times. `GraphStandIn.app` runs alone or as a sub-app under any prefix. Development and tests only.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.simulator import phone
from bot.simulator.faults import Faults
from bot.simulator.graph_errors import GraphError
from bot.simulator.graph_http import routes
from bot.simulator.graph_rules import MEDIA, Pace, check_body, check_template
from bot.simulator.media_shelf import FROM_WEBHOOK, MediaShelf
from bot.simulator.phone import Customer
from bot.simulator.samples import Sample, sample
from bot.simulator.thread import Thread
from bot.simulator.webhook_sender import WebhookSender

Json = dict[str, Any]
_WINDOW = timedelta(hours=24)
_TURNED = {"sent": 0, "delivered": 1, "read": 2}


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _wamid() -> str:
    return "wamid.HBgM" + secrets.token_urlsafe(24)


class GraphStandIn:
    """The stand-in and the pretend customers behind it.

    `record`: every message accepted, oldest first: `{"wamid", "to", "body", "at"}` (`at` aware UTC). `reads`: every read mark, `{"wamid",
    "typing", "at"}`. `templates`: (name, language) → number of body parameters; None accepts every template. `statuses`: what is
    reported of an accepted message, in order, each `status_gap_s` after the one before. `verify_window=False` never refuses with 131047.
    """

    def __init__(
        self,
        webhook_url: str,
        app_secret: str,
        token: str,
        phone_number_id: str,
        clock: Callable[[], datetime] = _utc_now,
        *,
        customers: Sequence[Customer] = phone.PHONES,
        templates: Mapping[tuple[str, str], int] | None = None,
        statuses: Sequence[str] = ("sent", "delivered", "read"),
        status_gap_s: float = 0.0,
        webhook_tries: int = 3,
        webhook_pause_s: float = 1.0,
        verify_window: bool = True,
        our_number: str = "6215000000000",
        new_wamid: Callable[[], str] = _wamid,
    ) -> None:
        self.phone_number_id, self.clock, self.our_number = phone_number_id, clock, our_number
        self.faults = Faults()
        self.record: list[Json] = []
        self.reads: list[Json] = []
        self.media = MediaShelf()
        self.webhooks = WebhookSender(webhook_url, app_secret, tries=webhook_tries, pause_s=webhook_pause_s)
        self.customers = {customer.bsuid: customer for customer in customers}
        self._token, self._templates, self._verify_window, self._new_wamid = token, templates, verify_window, new_wamid
        self._statuses, self._gap_s = tuple(statuses), status_gap_s
        self._last_inbound: dict[str, datetime] = {}
        self._threads: dict[str, Thread] = {}
        self._pace = Pace()
        self._closing = asyncio.Event()
        self.app = self._build_app()

    def set_faults(self, **faults: Any) -> Faults:
        """Replaces all faults by those named (see Faults); without arguments it behaves again."""
        self.faults = Faults.from_json(faults)
        return self.faults

    def customer(self, reference: Customer | int | str) -> Customer:
        """A pretend customer by themselves, position, BSUID or phone number; raises KeyError for an unknown one."""
        if isinstance(reference, Customer):
            return self.customers.setdefault(reference.bsuid, reference)
        for position, found in enumerate(self.customers.values()):
            if reference in (found.bsuid, found.wa_id) or (type(reference) is int and reference == position):
                return found
        raise KeyError(reference)

    def thread(self, bsuid: str) -> Thread:
        """What the customer with this BSUID sees."""
        return self._threads.setdefault(bsuid, Thread())

    async def customer_sends(
        self,
        customer: Customer | int | str,
        kind: str = "text",
        *,
        text: str = "",
        choice_id: str = "",
        reply_to: str | None = None,
        age_s: float = 0,
        duplicate: bool = False,
        file: Sample | None = None,
    ) -> tuple[int, str]:
        """A customer does something (`phone.message` for the arguments): (status the webhook was answered with or 0, wamid).

        `age_s` dates it back: a webhook that was held up. `duplicate` posts it twice. Media kinds send `file` or a built-in sample.
        """
        who, at, wamid = self.customer(customer), self.clock() - timedelta(seconds=age_s), self._new_wamid()
        attachment = None
        if kind in MEDIA:
            attachment = self.media.put(file or sample(kind), self.clock() + FROM_WEBHOOK).attachment()
        message = phone.message(
            who, kind, wamid, at, text=text, choice_id=choice_id, reply_to=reply_to, attachment=attachment, our_number=self.our_number
        )
        self.thread(who.bsuid).from_customer(kind, wamid, at, text, reply_to, attachment)
        self._last_inbound[who.bsuid] = max(at, self._last_inbound.get(who.bsuid, at))
        body = self._webhook(messages=[message], contacts=[phone.contact(who)])
        status = await self.webhooks.post(body)
        if duplicate or self.faults.duplicate:
            await self.webhooks.post(body)
        return status, wamid

    def authorised(self, header: str | None) -> bool:
        """Whether an Authorization header carries the access token."""
        return hmac.compare_digest((header or "").encode("utf-8", "replace"), f"Bearer {self._token}".encode())

    def accept(self, body: Json) -> tuple[str, Customer]:
        """Takes a message as Meta would: (wamid, recipient), recorded, statuses on their way; raises GraphError if refused."""
        check_body(body)
        now = self.clock()
        who = self._recipient(body)
        if body.get("type") == "template":
            if self._templates is not None:
                check_template(body["template"], self._templates)
        elif self._verify_window and now - self._last_inbound.get(who.bsuid, now - _WINDOW) >= _WINDOW:
            raise GraphError(131047, "Message failed to send because more than 24 hours have passed since the customer last replied.")
        kind = str(body.get("type", "text"))
        if kind in MEDIA and "id" in body[kind]:
            self.media.get(str(body[kind]["id"]), now)
        self._pace.count(who.bsuid, now.timestamp())
        wamid = self._new_wamid()
        self.record.append({"wamid": wamid, "to": body.get("to") or body["recipient"], "body": body, "at": now})
        self.thread(who.bsuid).from_sapa(wamid, body, now)
        self._report(wamid, body, who, now)
        return wamid, who

    def mark_read(self, body: Json) -> None:
        """Takes a read mark, with or without typing indicator; raises GraphError for a message nobody sent."""
        wamid, now = body.get("message_id"), self.clock()
        typing = body.get("typing_indicator")
        if typing is not None and typing != {"type": "text"}:
            raise GraphError(131009, "typing_indicator.type must be text")
        if not isinstance(wamid, str) or not wamid:
            raise GraphError(131008, "The parameter message_id is required.")
        thread = next((thread for thread in self._threads.values() if thread.has_from_customer(wamid)), None)
        if thread is None:
            raise GraphError(131009, "message_id is not a message received by this phone number")
        self.reads.append({"wamid": wamid, "typing": typing is not None, "at": now})
        thread.read_by_sapa(wamid)
        if typing is not None:
            thread.typing_seen(now)

    async def hang(self) -> None:
        """Keeps a caller waiting until the stand-in stops."""
        await self._closing.wait()

    async def settle(self) -> None:
        """Returns when every webhook has been posted: for tests, instead of sleeping."""
        await self.webhooks.settle()

    async def close(self) -> None:
        """Lets hanging callers go and drops webhooks still to be posted. Runs by itself when `app` stops."""
        self._closing.set()
        await self.webhooks.close()

    def _recipient(self, body: Json) -> Customer:
        reference = body.get("to") or body["recipient"]
        if not isinstance(reference, str):
            raise GraphError(131009, "to and recipient must be strings")
        reference = reference.removeprefix("+")
        if reference == self.our_number:
            raise GraphError(131021, "Sender and recipient phone number are the same.")
        for customer in self.customers.values():
            if reference == (customer.wa_id if body.get("to") else customer.bsuid):
                return customer
        raise GraphError(131026, "Message Undeliverable. The recipient is not a WhatsApp user or has not accepted the terms.")

    def _report(self, wamid: str, body: Json, who: Customer, now: datetime) -> None:
        failed = self.faults.next_failed_status()
        thread = self.thread(who.bsuid)
        names = ("failed",) if failed is not None else self._statuses
        if names:
            thread.set_status(wamid, max(names, key=lambda name: _TURNED.get(name, 3)))
        if self.faults.drop_statuses:
            return
        error = GraphError(failed).in_status() if failed is not None else None
        recipient: Json = {"recipient_id": who.wa_id} if body.get("to") else {"recipient_user_id": who.bsuid}
        if error is None:
            recipient["recipient_user_id"] = who.bsuid
        category = "utility" if body.get("type") == "template" else "service"
        token = body.get("biz_opaque_callback_data")
        contacts = () if error else (phone.contact(who),)
        bodies = [
            self._webhook(
                statuses=[phone.status(wamid, name, now, recipient, token, error=error, category=category)],
                contacts=contacts,
            )
            for name in names
        ]
        if self.faults.reorder:
            bodies.reverse()
        if self.faults.duplicate:
            bodies = [body for body in bodies for _ in range(2)]
        self.webhooks.post_later(bodies, self._gap_s)

    def _webhook(self, **parts: Sequence[Json]) -> Json:
        return phone.webhook(
            self.phone_number_id,
            messages=parts.get("messages", ()),
            statuses=parts.get("statuses", ()),
            contacts=parts.get("contacts", ()),
            number=self.our_number,
        )

    def _build_app(self) -> web.Application:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.add_routes(routes(self))

        async def release(_: web.Application) -> None:
            self._closing.set()

        async def running(_: web.Application) -> AsyncIterator[None]:
            yield
            await self.close()

        # Hanging callers are released before the server waits for its handlers, the rest afterwards.
        app.on_shutdown.append(release)
        app.cleanup_ctx.append(running)
        return app
