"""Who a webhook is about: phone numbers, business-scoped user ids (BSUID) and how they change.

Source: Meta's page on business-scoped user IDs (7 May 2026). A customer with a username may come without any phone number.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.channels.messages import IdentityChange, Sender
from bot.channels.whatsapp.json_fields import MAX_PERSON, as_dict, as_list, identifier, moment, string

CHANNEL = "whatsapp"
_PHONE = re.compile(r"\+?[0-9 ()./-]+")
_NOT_DIGITS = re.compile(r"[^0-9]")
# Meta: "User <name> changed from <old> to <new>". Anchored at the end, because the name in front is the customer's own text.
_CHANGED = re.compile(r"changed from (\S{1,160}) to (\S{1,160})\s*$")


def normalise_wa_id(value: object) -> str | None:
    """Digits with country code (`628...`) of a phone number however written (+62, 08, spaces); None if it is none."""
    found = (string(value, 64) or "").strip()
    # A BSUID has digits too; stripped of its letters it would pass for somebody's phone.
    if not _PHONE.fullmatch(found):
        return None
    digits = _NOT_DIGITS.sub("", found)
    if digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = "62" + digits[1:]
    return digits if 5 <= len(digits) <= 20 else None


def sender_of(message: dict[str, Any], contacts: Contacts) -> Sender | None:
    """The sender of one message, with name and username of the contact in the same batch; None if nothing identifies them.

    The contact is found by phone or BSUID, never by position: several people share a batch. Phone comes first when known.
    """
    return _sender(message.get("from"), message.get("from_user_id"), message.get("from_parent_user_id"), contacts)


def recipient_of_echo(message: dict[str, Any], contacts: Contacts) -> Sender | None:
    """The customer an echo was sent to (an echo's `from` is our own number)."""
    return _sender(message.get("to"), message.get("to_user_id"), message.get("to_parent_user_id"), contacts)


def subject_of_system(message: dict[str, Any], contacts: Contacts) -> Sender | None:
    """Whom a system message is about: its sender, else the old id named in its sentence, else the new ids."""
    sender = sender_of(message, contacts)
    if sender:
        return sender
    system = as_dict(message.get("system"))
    return _sender(system.get("wa_id"), _previous_bsuid(system) or system.get("user_id"), None, contacts)


def changes_in_system(message: dict[str, Any], at: datetime) -> list[IdentityChange]:
    """The identity changes a `system` message reports; empty for other system messages or when old or new is not known."""
    system = as_dict(message.get("system"))
    if system.get("type") not in ("user_changed_number", "user_changed_user_id"):
        return []
    old_phone, new_phone = normalise_wa_id(message.get("from")), normalise_wa_id(system.get("wa_id") or system.get("new_wa_id"))
    old_bsuid = (
        identifier(message.get("from_user_id"), MAX_PERSON)
        or identifier(system.get("previous_user_id"), MAX_PERSON)
        or _previous_bsuid(system)
    )
    new_bsuid = identifier(system.get("user_id"), MAX_PERSON)
    pairs = (("wa_id", old_phone, new_phone), ("bsuid", old_bsuid, new_bsuid))
    return [IdentityChange(CHANNEL, kind, old, new, at) for kind, old, new in pairs if old and new and old != new]


def changes_in_update(value: dict[str, Any], received_at: datetime) -> tuple[list[IdentityChange], int]:
    """The changes of a `user_id_update` webhook, and how many of its items were unusable."""
    items = value.get("user_id_update", value)
    found: list[IdentityChange] = []
    unusable = 0
    for item in as_list(items) or [items]:
        changes = _changes_in_item(as_dict(item), received_at)
        found += changes
        unusable += not changes
    return found, unusable


def _changes_in_item(item: dict[str, Any], received_at: datetime) -> list[IdentityChange]:
    at = moment(item.get("timestamp"), received_at)
    found = []
    for key, kind in (("user_id", "bsuid"), ("parent_user_id", "parent_bsuid")):
        pair = as_dict(item.get(key))
        old, new = identifier(pair.get("previous"), MAX_PERSON), identifier(pair.get("current"), MAX_PERSON)
        if old and new and old != new:
            found.append(IdentityChange(CHANNEL, kind, old, new, at))
    return found


def _previous_bsuid(system: dict[str, Any]) -> str | None:
    match = _CHANGED.search(string(system.get("body"), 4096) or "")
    # Believed only if the sentence and the field agree on the new id: then it is Meta's sentence, about this id.
    if match and match[2] == system.get("user_id"):
        return match[1]
    return None


def _sender(phone: object, bsuid: object, parent: object, contacts: Contacts) -> Sender | None:
    wa_id, user_id, parent_id = normalise_wa_id(phone), identifier(bsuid, MAX_PERSON), identifier(parent, MAX_PERSON)
    contact = contacts.find(wa_id, user_id)
    # A message's own ids win; the contact only fills gaps.
    wa_id = wa_id or normalise_wa_id(contact.get("wa_id"))
    user_id = user_id or identifier(contact.get("user_id"), MAX_PERSON)
    parent_id = parent_id or identifier(contact.get("parent_user_id"), MAX_PERSON)
    pairs = (("wa_id", wa_id), ("bsuid", user_id), ("parent_bsuid", parent_id))
    identities = tuple((kind, value) for kind, value in pairs if value)
    if not identities:
        return None
    profile = as_dict(contact.get("profile"))
    return Sender(identities, string(profile.get("name"), 200), string(profile.get("username"), 200))


class Contacts:
    """The contacts of one webhook, found by phone or BSUID. A batch may hold a thousand: looking through all for each message would take a second."""

    def __init__(self, listed: object) -> None:
        self._by_phone: dict[str, tuple[int, dict[str, Any]]] = {}
        self._by_id: dict[str, tuple[int, dict[str, Any]]] = {}
        self._by_id_without_phone: dict[str, tuple[int, dict[str, Any]]] = {}
        for place, item in enumerate(as_list(listed)):
            contact = as_dict(item)
            phone, user_id = normalise_wa_id(contact.get("wa_id")), identifier(contact.get("user_id"), MAX_PERSON)
            if phone:
                self._by_phone.setdefault(phone, (place, contact))
            if user_id:
                self._by_id.setdefault(user_id, (place, contact))
                if not phone:
                    self._by_id_without_phone.setdefault(user_id, (place, contact))

    def find(self, wa_id: str | None, user_id: str | None) -> dict[str, Any]:
        """The first contact that is this person; empty if none is. Where both have a phone, only that decides."""
        by_id = self._by_id_without_phone if wa_id else self._by_id
        found = [self._by_phone.get(wa_id or ""), by_id.get(user_id or "")]
        return min((one for one in found if one), key=lambda one: one[0], default=(0, {}))[1]
