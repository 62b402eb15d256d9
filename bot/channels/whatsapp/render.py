"""An `Outbound` as Graph request bodies, every one within the Cloud API's limits.

Shapes: Meta's pages on text, reply-button, list, template and media messages. All functions are pure; sending is graph.py's job.
Titles and descriptions that do not fit are shortened with an ellipsis; ids are never altered, a choice whose id is too long raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.messages import Choice, Outbound
from bot.channels.whatsapp import limits
from bot.channels.whatsapp.fitting import shorten, split, split_tail

Body = dict[str, Any]
_NO_TEXT = "Silakan pilih:"  # WhatsApp refuses buttons and lists without a body
_LIST_LABEL = "Pilih"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom to send to. With both, the phone is used: Meta lets `to` win, and not every message type takes a BSUID."""

    wa_id: str | None = None
    bsuid: str | None = None

    def __post_init__(self) -> None:
        if not self.wa_id and not self.bsuid:
            raise ValueError("recipient without wa_id and bsuid")


def render(outbound: Outbound, *, to: Recipient, token: str, reply_to: str | None = None) -> list[Body]:
    """One or more request bodies, to be sent in this order; none if there is neither text nor choice.

    Up to 3 choices become reply buttons, up to 10 a list; of more than 10 the first 10 are kept. Choices hang on the last body;
    text too long for it goes ahead as plain text. `reply_to` quotes a message on the first body only. Every body carries
    `token` (at most 512 characters) as biz_opaque_callback_data, so a turn that needs several bodies shares one token.
    A template is one body. `outbound.media_id` is our own file id and not looked at here: upload it, then `render_media`.
    Of choices with the same id the first is kept. Raises ValueError for an id that is blank or over 200 characters.
    """
    if outbound.template is not None:
        called = outbound.template
        return [render_template(called.name, called.language, called.values, to=to, token=token)]
    choices = _checked(outbound.choices)
    if not choices:
        contents = [_text(part) for part in split(outbound.text, limits.TEXT_BODY)]
    else:
        room = limits.BUTTON_BODY if len(choices) <= limits.BUTTONS else limits.LIST_BODY
        ahead, last = split_tail(outbound.text, room)
        contents = [_text(part) for part in split(ahead, limits.TEXT_BODY)]
        contents.append(_interactive(last or _NO_TEXT, choices, outbound.list_label))
    return [_addressed(content, to, token, reply_to if n == 0 else None) for n, content in enumerate(contents)]


def render_media(
    kind: str,
    *,
    to: Recipient,
    token: str,
    media_id: str | None = None,
    link: str | None = None,
    caption: str = "",
    filename: str | None = None,
    reply_to: str | None = None,
) -> list[Body]:
    """A file by the channel's media id or by a public https link (exactly one); kind is image, video, audio, document or sticker.

    A caption the kind cannot carry (audio, sticker, or over 1024 characters) follows as text of its own.
    """
    if kind not in limits.MEDIA_BYTES or (media_id is None) == (link is None):
        raise ValueError("media needs a known kind and exactly one of media_id and link")
    media: Body = {"id": media_id} if media_id is not None else {"link": link}
    words = caption.strip()
    fits = bool(words) and len(words) <= limits.CAPTION and kind not in ("audio", "sticker")
    if fits:
        media["caption"] = words
    if kind == "document" and filename:
        media["filename"] = filename[-limits.FILENAME :]
    contents = [{"type": kind, kind: media}]
    if not fits:
        contents += [_text(part) for part in split(words, limits.TEXT_BODY)]
    return [_addressed(content, to, token, reply_to if n == 0 else None) for n, content in enumerate(contents)]


def render_template(
    name: str,
    language: str,
    params: Sequence[str] = (),
    *,
    to: Recipient,
    token: str,
    buttons: Sequence[str] = (),
) -> Body:
    """An approved template with its body parameters in order and quick-reply payloads; the only kind sent outside the 24 hours.

    Meta refuses parameters with line breaks, tabs or runs of spaces, and empty ones: they are flattened, an empty one becomes "-".
    """
    components: list[Body] = []
    if params:
        values = [{"type": "text", "text": shorten(value, limits.BUTTON_BODY) or "-"} for value in params]
        components.append({"type": "body", "parameters": values})
    for index, payload in enumerate(buttons):
        parameter = {"type": "payload", "payload": payload}
        components.append({"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": [parameter]})
    template: Body = {"name": name, "language": {"code": language}}
    if components:
        template["components"] = components
    return _addressed({"type": "template", "template": template}, to, token, None)


def render_reaction(wamid: str, emoji: str, *, to: Recipient, token: str) -> Body:
    """A reaction to a customer's message; an empty emoji takes it back."""
    return _addressed({"type": "reaction", "reaction": {"message_id": wamid, "emoji": emoji}}, to, token, None)


def render_read(wamid: str, typing: bool = False) -> Body:
    """Marks a customer's message (and those before it) as read; with `typing`, also shows the indicator for up to 25 s."""
    body: Body = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    if typing:
        body["typing_indicator"] = {"type": "text"}
    return body


def _checked(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    if any(not choice.id.strip() or len(choice.id) > limits.ROW_ID for choice in choices):
        raise ValueError("choice ids must be 1 to 200 characters long and not blank")
    # WhatsApp refuses the whole message for a repeated id, and two choices with one id mean the same.
    unique = {choice.id: choice for choice in reversed(choices)}
    return tuple(unique[choice_id] for choice_id in dict.fromkeys(c.id for c in choices))[: limits.LIST_ROWS]


def _addressed(content: Body, to: Recipient, token: str, reply_to: str | None) -> Body:
    if len(token) > limits.CALLBACK_DATA:
        raise ValueError("token longer than 512 characters")
    body: Body = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    if to.wa_id:
        body["to"] = to.wa_id
    else:
        body["recipient"] = to.bsuid
    if reply_to:
        body["context"] = {"message_id": reply_to}
    body |= content
    body["biz_opaque_callback_data"] = token
    return body


def _text(text: str) -> Body:
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def _interactive(text: str, choices: tuple[Choice, ...], label: str) -> Body:
    if len(choices) <= limits.BUTTONS:
        kind, action = "button", _buttons(choices)
    else:
        kind, action = "list", _list(choices, label)
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, "action": action}}


def _buttons(choices: tuple[Choice, ...]) -> Body:
    titles = _titles(choices, limits.BUTTON_TITLE)
    replies = [{"type": "reply", "reply": {"id": c.id, "title": title}} for c, title in zip(choices, titles, strict=True)]
    return {"buttons": replies}


def _list(choices: tuple[Choice, ...], label: str) -> Body:
    titles = _titles(choices, limits.ROW_TITLE)
    rows = [_row(choice, title) for choice, title in zip(choices, titles, strict=True)]
    # One section: then WhatsApp asks for no section title.
    return {"button": shorten(label, limits.LIST_LABEL) or _LIST_LABEL, "sections": [{"rows": rows}]}


def _row(choice: Choice, title: str) -> Body:
    row: Body = {"id": choice.id, "title": title}
    whole = " ".join(choice.title.split())
    if choice.description:
        description = shorten(choice.description, limits.ROW_DESCRIPTION)
    else:
        # The title was cut: the description has room for the whole of it.
        description = shorten(whole, limits.ROW_DESCRIPTION) if title != whole else ""
    if description:
        row["description"] = description
    return row


def _titles(choices: tuple[Choice, ...], limit: int) -> list[str]:
    """Titles within `limit`, none empty and no two alike: WhatsApp refuses buttons with the same title."""
    titles: list[str] = []
    for number, choice in enumerate(choices, 1):
        title = shorten(choice.title, limit) or str(number)
        while title in titles:
            mark = f" ({number})"
            title = shorten(choice.title, limit - len(mark)) + mark
            number += 1
        titles.append(title)
    return titles
