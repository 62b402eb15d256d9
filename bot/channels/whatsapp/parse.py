"""A webhook body as plain data: messages, statuses, identity changes, errors, and what was left out.

`parse_webhook` takes any JSON value and never raises. Each entry, change, message and status stands alone: a malformed one is
counted in `ignored` and the rest of the batch (Meta sends up to 1000 updates in one) survives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.channels.messages import Delivery, IdentityChange, Inbound, Kind, StatusUpdate
from bot.channels.whatsapp.contents import Content, content_of
from bot.channels.whatsapp.identity import (
    CHANNEL,
    Contacts,
    changes_in_system,
    changes_in_update,
    recipient_of_echo,
    sender_of,
    subject_of_system,
)
from bot.channels.whatsapp.json_fields import MAX_ACCOUNT, as_dict, as_list, identifier, integer, jsonable, moment, string

_STATUSES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.PLAYED,
    "failed": Delivery.FAILED,
}


@dataclass(frozen=True, slots=True)
class ChannelError:
    """An error Meta reports about our number rather than about one message (`value.errors[]`)."""

    account: str
    code: int | None
    title: str
    detail: str | None


@dataclass(slots=True)
class Parsed:
    """What one webhook call holds, in its order. `ignored` has one reason per item left out, without personal data."""

    messages: list[Inbound] = field(default_factory=list)
    statuses: list[StatusUpdate] = field(default_factory=list)
    identity_changes: list[IdentityChange] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    errors: list[ChannelError] = field(default_factory=list)


def parse_webhook(body: object, received_at: datetime) -> Parsed:
    """Everything usable in a webhook body. `received_at` (aware UTC) stands in for missing or absurd times. Never raises."""
    parsed = Parsed()
    if not isinstance(body, dict) or not isinstance(body.get("entry"), list):
        parsed.ignored.append("body without entry list")
        return parsed
    for entry in body["entry"]:
        changes = as_dict(entry).get("changes")
        if not isinstance(changes, list):
            parsed.ignored.append("entry without changes list")
            continue
        for change in changes:
            _read_change(as_dict(change), received_at, parsed)
    return parsed


def _read_change(change: dict[str, Any], received_at: datetime, parsed: Parsed) -> None:
    name, value = string(change.get("field"), 64) or "", as_dict(change.get("value"))
    if not value:
        parsed.ignored.append("change without value")
    elif name == "messages":
        _read_messages(value, received_at, parsed)
    elif name == "user_id_update":
        found, unusable = changes_in_update(value, received_at)
        parsed.identity_changes += found
        parsed.ignored += ["user_id_update without previous and current id"] * unusable
    elif name == "smb_message_echoes":
        _read_echoes(value, received_at, parsed)
    else:
        parsed.ignored.append(f"field {name!r}")


def _account(value: dict[str, Any]) -> str | None:
    return identifier(as_dict(value.get("metadata")).get("phone_number_id"), MAX_ACCOUNT)


def _read_messages(value: dict[str, Any], received_at: datetime, parsed: Parsed) -> None:
    account = _account(value)
    if account is None:
        parsed.ignored.append("messages without phone_number_id")
        return
    contacts = Contacts(value.get("contacts"))
    errors = as_list(value.get("errors"))
    parsed.errors += [_error(account, as_dict(item)) for item in errors]
    for item in as_list(value.get("messages")):
        _read_message(as_dict(item), account, contacts, errors, received_at, parsed)
    for item in as_list(value.get("statuses")):
        status = _status(as_dict(item), account, received_at)
        if status is None:
            parsed.ignored.append(f"status {string(as_dict(item).get('status'), 32)!r} or its id not usable")
        else:
            parsed.statuses.append(status)
    if not any(value.get(key) for key in ("messages", "statuses", "errors")):
        parsed.ignored.append("messages change without messages, statuses or errors")


def _read_message(
    message: dict[str, Any], account: str, contacts: Contacts, errors: list[Any], received_at: datetime, parsed: Parsed
) -> None:
    external_id = identifier(message.get("id"))
    is_system = message.get("type") == "system"
    sender = subject_of_system(message, contacts) if is_system else sender_of(message, contacts)
    if external_id is None or sender is None:
        # Without an id it could not be told from its own repetition; without a sender it belongs to no conversation.
        parsed.ignored.append("message without id" if external_id is None else "message without sender")
        return
    at = moment(message.get("timestamp"), received_at)
    if is_system:
        parsed.identity_changes += changes_in_system(message, at)
    content = content_of(message, errors)
    if content.kind in (Kind.REACTION, Kind.EDIT, Kind.REVOKE) and content.target is None:
        parsed.ignored.append(f"{content.kind} without the message it is about")
        return
    parsed.messages.append(
        Inbound(
            channel=CHANNEL,
            account=account,
            external_id=external_id,
            sender=sender,
            at=at,
            kind=content.kind,
            text=content.text,
            choice=content.choice,
            reply_to=identifier(as_dict(message.get("context")).get("id")),
            target=content.target,
            media=content.media,
            data={**_surroundings(message), **content.data},
        )
    )


def _surroundings(message: dict[str, Any]) -> dict[str, Any]:
    """What came with a message of any type: that it was forwarded, the ad it answers."""
    context, data = as_dict(message.get("context")), {}
    for key in ("forwarded", "frequently_forwarded"):
        if context.get(key) is True:
            data[key] = True
    if as_dict(message.get("referral")):
        data["referral"] = jsonable(message["referral"])
    return data


def _read_echoes(value: dict[str, Any], received_at: datetime, parsed: Parsed) -> None:
    account, contacts = _account(value), Contacts(value.get("contacts"))
    for item in as_list(value.get("message_echoes")):
        message = as_dict(item)
        external_id, customer = identifier(message.get("id")), recipient_of_echo(message, contacts)
        if account is None or external_id is None or customer is None:
            parsed.ignored.append("echo without account, id or recipient")
            continue
        content: Content = content_of(message, [])
        parsed.messages.append(
            Inbound(
                channel=CHANNEL,
                account=account,
                external_id=external_id,
                sender=customer,  # the customer whose conversation it belongs to, not its author
                at=moment(message.get("timestamp"), received_at),
                kind=Kind.ECHO,
                text=content.text,
                target=content.target,
                media=content.media,
                data={**content.data, "of": content.kind.value},
            )
        )


def _status(item: dict[str, Any], account: str, received_at: datetime) -> StatusUpdate | None:
    external_id, name = identifier(item.get("id")), item.get("status")
    status = _STATUSES.get(name) if isinstance(name, str) else None
    if external_id is None or status is None:
        return None
    errors = as_list(item.get("errors"))
    error = _error(account, as_dict(errors[0])) if errors else None
    return StatusUpdate(
        channel=CHANNEL,
        account=account,
        external_id=external_id,
        status=status,
        at=moment(item.get("timestamp"), received_at),
        token=identifier(item.get("biz_opaque_callback_data")),
        error_code=error.code if error else None,
        error_detail=(error.detail or error.title or None) if error else None,
    )


def _error(account: str, item: dict[str, Any]) -> ChannelError:
    title = string(item.get("title"), 200) or string(item.get("message"), 200) or ""
    detail = string(as_dict(item.get("error_data")).get("details"), 500) or string(item.get("message"), 500)
    return ChannelError(account, integer(item.get("code")), title, detail)
