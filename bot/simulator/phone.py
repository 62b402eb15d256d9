"""Pretend customers and the webhook bodies Meta would post for what they do (shape of v25, no `conversation` objects).

Pure: ids and times come in. Used by the stand-in, the simulator page and tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]
KINDS = (
    *("text", "button", "list", "template_button", "image", "document", "audio", "video", "sticker", "location", "contacts"),
    *("reaction", "edit", "revoke", "order", "system", "unsupported", "unknown"),
)
MEDIA_KINDS = ("image", "document", "audio", "video", "sticker")


@dataclass(frozen=True, slots=True)
class Customer:
    """A person with WhatsApp. `wa_id` None: has a username and hides the phone number."""

    bsuid: str
    name: str
    wa_id: str | None = None
    username: str | None = None


PHONES = (
    Customer("ID.10000000000000000001", "Budi Santoso", "6281200000001"),
    Customer("ID.10000000000000000002", "Sari Wulandari", "6281200000002"),
    Customer("ID.10000000000000000003", "Agus", None, "agus.jualan"),
    Customer("ID.10000000000000000004", "Ibu Ratna 🌸", "6281200000004"),
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A media object's fields as the webhook names them; `sha256` in base64, as Meta sends it."""

    id: str
    mime: str
    sha256: str
    filename: str | None = None


def message(
    customer: Customer,
    kind: str,
    wamid: str,
    at: datetime,
    *,
    text: str = "",
    choice_id: str = "",
    reply_to: str | None = None,
    attachment: Attachment | None = None,
    our_number: str = "",
) -> Json:
    """One entry of `messages[]`. `kind` is one of KINDS; the target of a reaction, edit or revoke is `reply_to`, its emoji `text`.

    `choice_id` is the id of the tapped button or row. Raises ValueError for an unknown kind or a media kind without attachment.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    body: Json = {"from_user_id": customer.bsuid, "id": wamid, "timestamp": str(int(at.timestamp()))}
    if customer.wa_id:
        body["from"] = customer.wa_id
    if reply_to and kind not in ("reaction", "edit", "revoke"):
        body["context"] = {"from": our_number, "id": reply_to}
    if kind in MEDIA_KINDS:
        if attachment is None:
            raise ValueError(f"{kind} without attachment")
        return body | {"type": kind, kind: _attached(kind, attachment, text)}
    return body | _content(customer, kind, text, choice_id, reply_to)


def status(
    wamid: str, name: str, at: datetime, recipient: Json, token: str | None, *, error: Json | None = None, category: str = "service"
) -> Json:
    """One entry of `statuses[]`; `recipient` holds recipient_id and/or recipient_user_id."""
    body: Json = {"id": wamid, "status": name, "timestamp": str(int(at.timestamp())), **recipient}
    if token is not None:
        body["biz_opaque_callback_data"] = token
    if error is not None:
        body["errors"] = [error]
    elif name != "read":
        kind = "free_customer_service" if category == "service" else "regular"
        body["pricing"] = {"billable": category != "service", "pricing_model": "PMP", "category": category, "type": kind}
    return body


def webhook(
    account: str,
    *,
    messages: Sequence[Json] = (),
    statuses: Sequence[Json] = (),
    contacts: Sequence[Json] = (),
    waba: str = "100000000000001",
    number: str = "6215000000000",
) -> Json:
    """The whole body for one change of field `messages`; `account` is our phone_number_id, `number` our number."""
    value: Json = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": number, "phone_number_id": account}}
    for key, items in (("contacts", contacts), ("messages", messages), ("statuses", statuses)):
        if items:
            value[key] = list(items)
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": [{"value": value, "field": "messages"}]}]}


def contact(customer: Customer) -> Json:
    """The customer's entry of `contacts[]`; without `wa_id` for one who hides the phone number."""
    profile: Json = {"name": customer.name}
    if customer.username:
        profile["username"] = customer.username
    body: Json = {"profile": profile, "user_id": customer.bsuid}
    if customer.wa_id:
        body["wa_id"] = customer.wa_id
    return body


def _attached(kind: str, attachment: Attachment, caption: str) -> Json:
    media: Json = {"id": attachment.id, "mime_type": attachment.mime, "sha256": attachment.sha256}
    if caption and kind in ("image", "video", "document"):
        media["caption"] = caption
    if kind == "document" and attachment.filename:
        media["filename"] = attachment.filename
    if kind == "audio":
        media["voice"] = True
    if kind == "sticker":
        media["animated"] = False
    return media


def _content(customer: Customer, kind: str, text: str, choice_id: str, target: str | None) -> Json:
    if kind == "text":
        return {"type": "text", "text": {"body": text}}
    if kind in ("button", "list"):
        name = f"{kind}_reply"
        return {"type": "interactive", "interactive": {"type": name, name: {"id": choice_id, "title": text}}}
    if kind == "template_button":
        return {"type": "button", "button": {"payload": choice_id or text, "text": text}}
    if kind == "location":
        place = {"latitude": -6.1944, "longitude": 106.8229, "name": text or "Bundaran HI", "address": "Jakarta Pusat"}
        return {"type": "location", "location": place}
    if kind == "contacts":
        name_, phone = text or "Dewi Lestari", "6281300000009"
        card = {"name": {"formatted_name": name_, "first_name": name_.split()[0]}, "phones": [{"phone": f"+{phone}", "wa_id": phone}]}
        return {"type": "contacts", "contacts": [card]}
    if kind == "reaction":
        reaction: Json = {"message_id": target or ""}
        return {"type": "reaction", "reaction": reaction | ({"emoji": text} if text else {})}
    if kind == "edit":
        new = {"type": "text", "text": {"body": text}, "context": {"id": target or ""}}
        return {"type": "edit", "edit": {"original_message_id": target or "", "message": new}}
    if kind == "revoke":
        return {"type": "revoke", "revoke": {"original_message_id": target or ""}}
    if kind == "order":
        item = {"product_retailer_id": "emas-1g", "quantity": 1, "item_price": 1350000, "currency": "IDR"}
        return {"type": "order", "order": {"catalog_id": "200000000000001", "text": text, "product_items": [item]}}
    if kind == "system":
        new_number = choice_id or "6281299999999"
        sentence = f"User {customer.name} changed from {customer.wa_id} to {new_number}"
        system = {"body": sentence, "wa_id": new_number, "user_id": customer.bsuid, "type": "user_changed_number"}
        return {"type": "system", "system": system}
    if kind == "unsupported":
        details = {"details": "Message type is currently not supported."}
        error = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown", "error_data": details}
        return {"type": "unsupported", "errors": [error], "unsupported": {"type": "poll"}}
    # A type that Meta may invent tomorrow.
    return {"type": "hologram", "hologram": {"id": "h1", "body": text}}
