"""Text cut to the size a channel accepts, at borders a reader does not stumble over."""

from __future__ import annotations

_BORDERS = ("\n\n", "\n", ". ", "? ", "! ", " ")


def shorten(text: str, limit: int) -> str:
    """`text` on one line within `limit` characters; a cut one ends in an ellipsis, at a word border if one is near."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    space = cut.rfind(" ")
    # A border in the first half would throw away more than it saves.
    if space > limit // 2 and not line[limit - 1].isspace():
        cut = cut[:space]
    return cut.rstrip(" ,;:-") + "…"


def split(text: str, limit: int) -> list[str]:
    """`text` in parts of at most `limit` characters, cut at paragraphs, else lines, sentences, words, else anywhere.

    No part is empty; an empty text gives no part.
    """
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        at = _border(rest, limit)
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [part for part in (*parts, rest) if part]


def split_tail(text: str, limit: int) -> tuple[str, str]:
    """`text` as (first part, last part): the last holds the final paragraph or sentence, at most `limit` characters, never empty
    unless `text` is. Joined they say the same; the first part may be empty."""
    whole = text.strip()
    if len(whole) <= limit:
        return "", whole
    for border in _BORDERS:
        # A border right at the start of the window still leaves `limit` characters after it.
        start = max(0, len(whole) - limit - len(border))
        # The last paragraph or sentence makes sense by itself, a last word does not: of words as many as fit.
        at = whole.find(border, start) if border == " " else whole.rfind(border, start)
        if at > 0 and whole[at + len(border) :].strip():
            return whole[: at + len(border)].rstrip(), whole[at + len(border) :].lstrip()
    return whole[:-limit].rstrip(), whole[-limit:].lstrip()


def _border(text: str, limit: int) -> int:
    """Where to cut `text` so that the first part has at most `limit` characters: an index in 1..limit."""
    window = text[: limit + 1]
    for border in _BORDERS:
        at = window.rfind(border, limit // 2)
        if at > 0:
            return min(at + len(border.rstrip()), limit) or limit
    return limit
