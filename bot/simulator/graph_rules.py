"""What the Cloud API accepts as a message body, and how fast: raises a GraphError for anything else.

Written from Meta's pages and not from our renderer's limits, so that one mistake does not confirm the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from bot.simulator.graph_errors import GraphError

Json = dict[str, Any]
MEDIA = ("image", "video", "audio", "document", "sticker")
_MEGABYTE = 1024 * 1024
_UPLOAD_LIMITS = {"image/webp": _MEGABYTE // 2, "image/": 5 * _MEGABYTE, "audio/": 16 * _MEGABYTE, "video/": 16 * _MEGABYTE}


def check_body(body: Json) -> None:
    """Raises unless `body` is a complete message within the documented limits. Recipient, window and pace are not looked at."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    if not body.get("to") and not body.get("recipient"):
        raise GraphError(131008, "Either to or recipient is required.")
    _length(body.get("biz_opaque_callback_data", "x"), "biz_opaque_callback_data", 512)
    context = body.get("context")
    if context is not None and not (isinstance(context, dict) and context.get("message_id")):
        raise GraphError(131009, "context.message_id is not valid")
    kind = body.get("type", "text")
    if kind == "text":
        text = _object(body, "text")
        if not isinstance(text.get("body"), str) or not text["body"].strip():
            raise GraphError(131008, "The parameter text['body'] is required.")
        if len(text["body"]) > 4096:
            raise GraphError(100, "Param text['body'] must be at most 4096 characters long.")
    elif kind == "interactive":
        _check_interactive(_object(body, "interactive"))
    elif kind == "template":
        template = _object(body, "template")
        if not template.get("name") or not _object(template, "language").get("code"):
            raise GraphError(131008, "template needs name and language.code")
    elif kind in MEDIA:
        _check_media(kind, _object(body, kind))
    elif kind == "reaction":
        reaction = _object(body, "reaction")
        if not reaction.get("message_id") or not isinstance(reaction.get("emoji"), str):
            raise GraphError(131008, "reaction needs message_id and emoji")
    elif kind in ("location", "contacts"):
        if not body.get(kind):
            raise GraphError(131008, f"The parameter {kind} is required.")
    else:
        raise GraphError(100, f"Param type must be one of the documented message types - got {kind!r}.")


def check_template(template: Json, known: Mapping[tuple[str, str], int]) -> None:
    """Raises 132001 or 132000 unless (name, language) is in `known` with as many body parameters as given."""
    key = (str(template.get("name")), str(template["language"]["code"]))
    if key not in known:
        raise GraphError(132001, f"template name ({key[0]}) does not exist in {key[1]}")
    bodies = [c for c in template.get("components", []) if isinstance(c, dict) and c.get("type") == "body"]
    given = sum(len(component.get("parameters", [])) for component in bodies)
    if given != known[key]:
        raise GraphError(
            132000, f"body: number of localizable_params ({given}) does not match the expected number of params ({known[key]})"
        )


def upload_limit(mime: str) -> int:
    """The largest upload in bytes for a MIME type."""
    return next((limit for prefix, limit in _UPLOAD_LIMITS.items() if mime.startswith(prefix)), 100 * _MEGABYTE)


class Pace:
    """How many messages went out lately, by Meta's two limits; times are Unix seconds."""

    def __init__(self, per_second: int = 80, pair_burst: int = 45, pair_interval_s: float = 6.0) -> None:
        self._per_second, self._burst, self._interval = per_second, pair_burst, pair_interval_s
        self._last_second: deque[float] = deque()
        self._clear_at: dict[str, float] = {}

    def count(self, recipient: str, now: float) -> None:
        """Counts one message, or raises 130429 or 131056 and counts nothing."""
        while self._last_second and self._last_second[0] <= now - 1:
            self._last_second.popleft()
        if len(self._last_second) >= self._per_second:
            raise GraphError(130429, "Cloud API message throughput has been reached.")
        # Every message borrows six seconds of the future; at most a burst's worth may be borrowed.
        clear_at = max(now, self._clear_at.get(recipient, now)) + self._interval
        if clear_at > now + self._burst * self._interval + 1e-6:
            raise GraphError(131056, "Too many messages sent from the sender phone number to the same recipient in a short time.")
        self._clear_at[recipient] = clear_at
        self._last_second.append(now)


def _check_interactive(interactive: Json) -> None:
    kind, action = interactive.get("type"), _object(interactive, "action")
    if "header" in interactive and _object(interactive, "header").get("type") == "text":
        _length(interactive["header"].get("text"), "header", 60)
    if "footer" in interactive:
        _length(_object(interactive, "footer").get("text"), "footer", 60)
    text = _object(interactive, "body").get("text")
    if kind == "button":
        _length(text, "body", 1024)
        _check_buttons(action.get("buttons"))
    elif kind == "list":
        _length(text, "body", 4096)
        _length(action.get("button"), "action.button", 20)
        _check_sections(action.get("sections"))
    elif kind == "contact_request":
        if action.get("name") != "request_contact_info":
            raise GraphError(131009, "action.name must be request_contact_info")
    else:
        raise GraphError(131009, "interactive.type is not one the stand-in speaks")


def _check_buttons(buttons: object) -> None:
    items = _items(buttons, "buttons", 3)
    replies = [_object(item, "reply") for item in items]
    for item, reply in zip(items, replies, strict=True):
        if item.get("type") != "reply":
            raise GraphError(131009, "button type must be reply")
        _length(reply.get("title"), "Button title", 20)
        _length(reply.get("id"), "Button id", 256)
    _distinct([str(reply["id"]) for reply in replies], "Button id")
    _distinct([str(reply["title"]) for reply in replies], "Button title")


def _check_sections(sections: object) -> None:
    items = _items(sections, "sections", 10)
    rows = [row for section in items for row in _items(section.get("rows"), "rows", 10)]
    if len(rows) > 10:
        raise GraphError(131009, "Total row count exceed max allowed count: 10")
    for section in items:
        if len(items) > 1 or "title" in section:
            _length(section.get("title"), "Section title", 24)
    for row in rows:
        _length(row.get("title"), "Row title", 24)
        _length(row.get("id"), "Row id", 200)
        if "description" in row:
            _length(row["description"], "Row description", 72)
    _distinct([str(row["id"]) for row in rows], "Row id")


def _check_media(kind: str, media: Json) -> None:
    if bool(media.get("id")) == bool(media.get("link")):
        raise GraphError(131008, f"{kind} needs exactly one of id and link")
    if "link" in media and not str(media["link"]).startswith(("https://", "http://")):
        raise GraphError(131009, f"{kind}.link is not a URL")
    if "caption" in media:
        if kind in ("audio", "sticker"):
            raise GraphError(131009, f"{kind} takes no caption")
        _length(media["caption"], "caption", 1024)


def _object(parent: Json, key: str) -> Json:
    value = parent.get(key)
    if not isinstance(value, dict):
        raise GraphError(131008, f"The parameter {key} is required.")
    return value


def _items(value: object, name: str, most: int) -> list[Json]:
    if not isinstance(value, list) or not 1 <= len(value) <= most or not all(isinstance(item, dict) for item in value):
        raise GraphError(131009, f"Invalid {name} count. Min allowed: 1, Max allowed: {most}")
    return value


def _length(value: object, name: str, most: int) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= most or not value.strip():
        raise GraphError(131009, f"{name} length invalid. Min length: 1, Max length: {most}")


def _distinct(values: list[str], name: str) -> None:
    if len(set(values)) != len(values):
        raise GraphError(131009, f"Duplicate {name}")
