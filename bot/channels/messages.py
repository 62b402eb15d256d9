"""What every channel speaks: `Inbound` (a person wrote) and `Outbound` (we write).

Channels parse their own payloads into `Inbound` and render an `Outbound` within their own limits; nothing past this module knows
a channel's wire format. Both are plain data: times are aware UTC, ids are strings, sizes are bytes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an inbound item is. `UNSUPPORTED`: the channel says it cannot pass it on; `UNKNOWN`: a type newer than this code."""

    TEXT = "text"
    CHOICE = "choice"  # a tapped button or list row
    MEDIA = "media"
    LOCATION = "location"
    CONTACTS = "contacts"
    REACTION = "reaction"
    EDIT = "edit"
    REVOKE = "revoke"
    ORDER = "order"
    SYSTEM = "system"
    ECHO = "echo"  # sent by our side elsewhere (WhatsApp Business app); recorded, never answered
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Media:
    """A file named by the channel. `external_id` is the channel's; `sha256` as the channel declares it (hex), if it does."""

    kind: str  # image | video | audio | document | sticker
    external_id: str
    mime: str = "application/octet-stream"
    sha256: str | None = None
    name: str | None = None
    size: int | None = None
    voice: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, as the channel knows them. Identities are (kind, value): wa_id, bsuid, parent_bsuid, visitor."""

    identities: tuple[tuple[str, str], ...]
    name: str | None = None
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One item a customer sent. Unique by (channel, account, external_id): storing it twice is a no-op.

    `account` is our own address on the channel (WhatsApp: phone_number_id; live chat: inbox). `text` is what the dialogue reads (caption for media,
    title for a choice). `choice` is the id of the tapped button or row. `target` is the external id an edit, revoke or reaction is about.
    `data` keeps what has no field of its own (location, contacts, order, errors), JSON-ready.
    """

    channel: str
    account: str
    external_id: str
    sender: Sender
    at: datetime
    kind: Kind
    text: str = ""
    choice: str | None = None
    reply_to: str | None = None
    target: str | None = None
    media: tuple[Media, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


class Delivery(StrEnum):
    """The ladder a message from us climbs; it never steps down. FAILED and DROPPED are final."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"  # the send timed out: it may have arrived; never repeated blindly
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    DROPPED = "dropped"  # deliberately not sent (the owner changed before it left)


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """What a channel reports about a message of ours. `token` is our own message id if the channel carried it along."""

    channel: str
    account: str
    external_id: str
    status: Delivery
    at: datetime
    token: str | None = None
    error_code: int | None = None
    error_detail: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """The channel says a person's identity changed (new phone, new BSUID): re-link, never a new customer."""

    channel: str
    kind: str
    previous: str
    current: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """A button or list row we offer. `id` is opaque to the channel (at most 200 characters)."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateCall:
    """An approved WhatsApp template with its body's values in order: the only thing that may be sent outside the 24 hours."""

    name: str
    language: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outbound:
    """What we say, channel-independent. `choices` up to three become buttons, more become a list; `list_label` opens that list.

    `template`: sent in place of `text`, which is what it reads like.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    list_label: str = "Pilih"
    media_id: str | None = None  # a stored file of ours
    template: TemplateCall | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outbound:
        """The reverse of `to_json`; unknown keys are ignored."""
        choices = tuple(Choice(c["id"], c["title"], c.get("description")) for c in data.get("choices", ()))
        called = data.get("template")
        template = TemplateCall(called["name"], called["language"], tuple(called.get("values", ()))) if called else None
        return cls(data.get("text", ""), choices, data.get("list_label", "Pilih"), data.get("media_id"), template)
