"""What one WhatsApp message says, for every message type: a `Content`, never an exception.

Shapes: Meta's webhook reference, v24+ (see docs for the sources). An unknown type or a missing object gives a Content that says so.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.channels.messages import Kind, Media
from bot.channels.whatsapp.json_fields import as_dict, as_list, clean, identifier, integer, jsonable, string

MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")
_HEX = re.compile(r"[0-9a-f]{64}")
_MIME = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
MAX_MIME, MAX_NAME = 100, 200  # what the columns hold


@dataclass(frozen=True, slots=True)
class Content:
    """The part of an `Inbound` that depends on the message type; field meanings as there."""

    kind: Kind
    text: str = ""
    choice: str | None = None
    target: str | None = None
    media: tuple[Media, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


def content_of(message: dict[str, Any], errors: list[Any]) -> Content:
    """The content of one entry of `messages[]`; `errors` is the batch's `value.errors` (kept where the content is missing)."""
    kind = string(message.get("type"), 64) or ""
    body = as_dict(message.get(kind)) if kind else {}
    if kind in MEDIA_TYPES:
        return _media(kind, body)
    reader = _READERS.get(kind)
    if reader is None:
        data = {"type": kind, **_errors(message, errors)}
        return Content(Kind.UNKNOWN, string(body.get("body")) or "", data=data)
    if kind == "unsupported" or (kind in _NEEDS_OBJECT and not body):
        return Content(Kind.UNSUPPORTED, data={"type": string(body.get("type"), 64) or kind, **_errors(message, errors)})
    return reader(message, body)


def hex_digest(value: object) -> str | None:
    """A SHA-256 given as hex or base64, as 64 lower-case hex digits; None if it is neither."""
    given = (string(value, 128) or "").strip()
    if _HEX.fullmatch(given.lower()):
        return given.lower()
    try:
        # Meta writes base64; url-safe letters and missing padding are taken too.
        raw = base64.b64decode(given.replace("-", "+").replace("_", "/") + "=" * (-len(given) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.hex() if len(raw) == 32 else None


def media_of(kind: str, body: dict[str, Any]) -> Media | None:
    """The file an image, video, audio, document or sticker object names; None without a media id."""
    media_id = identifier(body.get("id"))
    if media_id is None:
        return None
    mime = (string(body.get("mime_type"), MAX_MIME) or "").split(";")[0].strip().lower()
    return Media(
        kind=kind,
        external_id=media_id,
        mime=mime if _MIME.fullmatch(mime) else "application/octet-stream",
        sha256=hex_digest(body.get("sha256")),
        name=string(body.get("filename"), MAX_NAME),
        size=integer(body.get("file_size")),
        voice=body.get("voice") is True,
    )


def _media(kind: str, body: dict[str, Any]) -> Content:
    media = media_of(kind, body)
    data: dict[str, Any] = {"type": kind}
    if body.get("animated") is True:
        data["animated"] = True
    caption = string(body.get("caption")) or ""
    if media is None:
        return Content(Kind.UNSUPPORTED, caption, data=data)
    return Content(Kind.MEDIA, caption, media=(media,), data=data)


def _text(message: dict[str, Any], body: dict[str, Any]) -> Content:
    return Content(Kind.TEXT, string(body.get("body")) or "")


def _interactive(message: dict[str, Any], body: dict[str, Any]) -> Content:
    kind = string(body.get("type"), 64) or ""
    answer = as_dict(body.get(kind)) if kind else {}
    choice = identifier(answer.get("id"))
    if kind in ("button_reply", "list_reply") and choice:
        description = string(answer.get("description"), 1024)
        return Content(
            Kind.CHOICE, string(answer.get("title"), 1024) or "", choice, data={"description": description} if description else {}
        )
    if kind == "nfm_reply" and answer:
        # The answer of a Flow. We send none, so it is shown to the agent and not read as a choice.
        data = {"type": kind, "flow": _flow(answer.get("response_json"))}
        return Content(Kind.UNKNOWN, string(answer.get("body")) or "", data=data)
    return Content(Kind.UNKNOWN, data={"type": f"interactive/{clean(kind, 64)}"})


def _flow(value: object) -> Any:
    if not isinstance(value, str) or len(value) > 65536:
        return jsonable(value)
    try:
        return jsonable(json.loads(value))
    except (ValueError, RecursionError):
        return clean(value, 8192)


def _button(message: dict[str, Any], body: dict[str, Any]) -> Content:
    title = string(body.get("text"), 1024) or ""
    return Content(Kind.CHOICE, title, identifier(body.get("payload")) or title or None)


def _location(message: dict[str, Any], body: dict[str, Any]) -> Content:
    keys = ("latitude", "longitude", "name", "address", "url")
    return Content(Kind.LOCATION, data={"location": {k: jsonable(body[k]) for k in keys if k in body}})


def _contacts(message: dict[str, Any], body: dict[str, Any]) -> Content:
    return Content(Kind.CONTACTS, data={"contacts": jsonable(as_list(message.get("contacts")))})


def _reaction(message: dict[str, Any], body: dict[str, Any]) -> Content:
    # No emoji: the customer took the reaction back.
    return Content(Kind.REACTION, target=identifier(body.get("message_id")), data={"emoji": string(body.get("emoji"), 64)})


def _order(message: dict[str, Any], body: dict[str, Any]) -> Content:
    return Content(Kind.ORDER, string(body.get("text")) or "", data={"order": jsonable(body)})


def _edit(message: dict[str, Any], body: dict[str, Any]) -> Content:
    new = as_dict(body.get("message"))
    kind = string(new.get("type"), 64) or "text"
    inner = as_dict(new.get(kind))
    media = media_of(kind, inner) if kind in MEDIA_TYPES else None
    text = string(inner.get("body")) or string(inner.get("caption")) or string(body.get("body")) or ""
    target = identifier(body.get("original_message_id")) or identifier(body.get("message_id"))
    return Content(Kind.EDIT, text, target=target, media=(media,) if media else (), data={"type": kind})


def _revoke(message: dict[str, Any], body: dict[str, Any]) -> Content:
    return Content(Kind.REVOKE, target=identifier(body.get("original_message_id")) or identifier(body.get("message_id")))


def _system(message: dict[str, Any], body: dict[str, Any]) -> Content:
    return Content(Kind.SYSTEM, string(body.get("body")) or "", data={"type": string(body.get("type"), 64) or ""})


def _unsupported(message: dict[str, Any], body: dict[str, Any]) -> Content:
    return Content(Kind.UNSUPPORTED)


def _errors(message: dict[str, Any], batch: list[Any]) -> dict[str, Any]:
    errors = as_list(message.get("errors")) or batch
    return {"errors": jsonable(errors)} if errors else {}


_READERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Content]] = {
    "text": _text,
    "interactive": _interactive,
    "button": _button,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "order": _order,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
    "unsupported": _unsupported,
}
# Meta has been seen to send `interactive` without its object (public repository); the others for symmetry. Text stays text.
_NEEDS_OBJECT = ("interactive", "button", "location", "order", "reaction", "edit", "revoke")
