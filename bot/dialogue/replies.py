"""What the engine said becomes what we send: as few messages as possible, choices last. Pure.

A chatty bot meets WhatsApp's pair rate first, so texts of one turn are joined; a text with choices ends a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.channels.messages import Choice, Outbound

MOST = 4000  # characters a message; WhatsApp allows 4096


def compose(responses: Iterable[Mapping[str, Any]], opening: str | None = None) -> list[Outbound]:
    """The turn's messages in order. `opening` comes first, joined to the first text."""
    messages: list[Outbound] = []
    text = opening or ""
    for response in responses:
        said = str(response.get("text") or "").strip()
        choices = tuple(
            Choice(str(b["payload"]), str(b["title"]), b.get("description"))
            for b in response.get("buttons") or ()
            if b.get("payload") and b.get("title")
        )
        if text and len(text) + 2 + len(said) > MOST:
            messages.append(Outbound(text))
            text = ""
        text = f"{text}\n\n{said}".strip() if said else text
        if choices:
            labels = [b["list_label"] for b in response["buttons"] if b.get("list_label")]
            messages.append(Outbound(text or "Silakan pilih:", choices, labels[0] if labels else "Pilih"))
            text = ""
    if text:
        messages.append(Outbound(text))
    return messages
