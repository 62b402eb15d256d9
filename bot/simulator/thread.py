"""What a pretend customer sees on the phone: the messages of both sides, newest last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.simulator.graph_rules import MEDIA
from bot.simulator.phone import Attachment

Json = dict[str, Any]
TYPING = timedelta(seconds=25)


class Thread:
    """One customer's conversation in the shape of docs/protocols.md (Simulator, thread)."""

    def __init__(self) -> None:
        self._items: list[Json] = []
        self._typing_until: datetime | None = None

    def view(self, now: datetime) -> Json:
        """`{"messages": [...], "typing": bool}`."""
        return {"messages": [dict(item) for item in self._items], "typing": self._typing_until is not None and now < self._typing_until}

    def has_from_customer(self, wamid: str) -> bool:
        """Whether the customer sent this message."""
        return any(item["wamid"] == wamid and item["from"] == "me" for item in self._items)

    def typing_seen(self, now: datetime) -> None:
        """Sapa shows that it is writing, for 25 seconds or until its next message."""
        self._typing_until = now + TYPING

    def from_customer(self, kind: str, wamid: str, at: datetime, text: str, target: str | None, attachment: Attachment | None) -> None:
        """The customer did something; edits, revocations and reactions change the message they are about."""
        about = self._find(target)
        if kind == "reaction":
            if about is not None:
                about["reaction"] = text or None
        elif kind == "edit":
            if about is not None:
                about |= {"text": text, "edited": True}
        elif kind == "revoke":
            if about is not None:
                about |= {"text": "", "revoked": True}
        else:
            item: Json = {"from": "me", "wamid": wamid, "kind": kind, "text": text, "at": _iso(at), "status": "sent"}
            if target:
                item["reply_to"] = target
            if attachment is not None:
                item["media"] = _media(kind, attachment.id, attachment.mime, attachment.filename)
            self._items.append(item)

    def from_sapa(self, wamid: str, body: Json, at: datetime) -> None:
        """A message body the stand-in accepted for this customer."""
        self._typing_until = None
        kind = str(body.get("type", "text"))
        if kind == "reaction":
            about = self._find(body["reaction"]["message_id"])
            if about is not None:
                about["reaction"] = body["reaction"]["emoji"] or None
            return
        item: Json = {"from": "sapa", "wamid": wamid, "kind": kind, "text": "", "at": _iso(at), "status": "sent"}
        if body.get("context"):
            item["reply_to"] = body["context"]["message_id"]
        if kind == "text":
            item["text"] = body["text"]["body"]
        elif kind == "interactive":
            item |= _interactive(body["interactive"])
        elif kind == "template":
            item["text"] = _template(body["template"])
        elif kind in MEDIA:
            media = body[kind]
            item |= {
                "text": media.get("caption", ""),
                "media": _media(kind, media.get("id"), None, media.get("filename"), media.get("link")),
            }
        self._items.append(item)

    def set_status(self, wamid: str, status: str) -> None:
        """The tick marks of one of Sapa's messages."""
        item = self._find(wamid)
        if item is not None:
            item["status"] = status

    def read_by_sapa(self, wamid: str) -> None:
        """Sapa read this message of the customer's and those before it."""
        for item in self._items:
            if item["from"] == "me":
                item["status"] = "read"
            if item["wamid"] == wamid:
                return

    def _find(self, wamid: str | None) -> Json | None:
        return next((item for item in self._items if item["wamid"] == wamid), None)


def _interactive(interactive: Json) -> Json:
    action = interactive["action"]
    if interactive["type"] == "button":
        shown: Json = {"kind": "button", "buttons": [dict(button["reply"]) for button in action["buttons"]]}
    elif interactive["type"] == "list":
        shown = {"kind": "list", "list": {"button": action["button"], "sections": action["sections"]}}
    else:
        shown = {"kind": interactive["type"]}
    return shown | {"text": interactive["body"]["text"]}


def _template(template: Json) -> str:
    bodies = [component for component in template.get("components", []) if component.get("type") == "body"]
    values = [str(parameter.get("text", "")) for component in bodies for parameter in component.get("parameters", [])]
    return " · ".join([f"[templat {template['name']}]", *values])


def _media(kind: str, media_id: str | None, mime: str | None, name: str | None, link: str | None = None) -> Json:
    shown = {"kind": kind, "id": media_id, "mime": mime, "name": name, "url": link or f"/simulator/api/media/{media_id}"}
    return {key: value for key, value in shown.items() if value is not None}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
