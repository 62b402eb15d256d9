"""The places of a canned reply: `{nama}` and its like, filled in for a conversation. What is not known is left out so that the sentence stays whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from bot.client import Client
from bot.conversations.courtesy import salutation

PLACES = frozenset({"sapaan", "nama", "petugas", "tiket", "salam", "waktu", "merek"})
_PLACE = re.compile(r"\{([^{}]*)\}")
# The words that lead to a place and mean nothing without it.
_LEADS = {
    "tiket": r"(?:(?:\s*,)?\s+(?:yaitu|dengan|pada|di|untuk|atas))?(?:\s+(?:nomor|no\.?))?(?:\s+tiket)?(?:\s+(?:nomor|no\.?))?",
    "nama": r"(?:\s+(?:atas nama|dengan nama|bernama|yth\.?))?",
    "waktu": r"(?:\s+selamat)?",
    "merek": r"(?:\s+(?:dari|di|kepada))?",
}


def unknown_places(text: str) -> list[str]:
    """Places that nobody can fill in, and braces that stand alone."""
    wrong = [f"{{{name}}}" for name in _PLACE.findall(text) if name not in PLACES]
    rest = _PLACE.sub("", text)
    return wrong + [brace for brace in "{}" if brace in rest]


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """The text with its places filled in."""
    for name in PLACES:
        place = f"{{{name}}}"
        if place in text:
            value = " ".join((values.get(name) or "").split())
            if value:
                text = text.replace(place, value.replace("{", "(").replace("}", ")"))
            else:
                text = re.sub(rf"(?:^|(?<=\s)|(?<=\S)){_LEADS.get(name, '')}\s*{re.escape(place)}", "", f" {text}", flags=re.IGNORECASE)
    return _tidy(text)


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" +([,.;:!?])", r"\1", text)
    text = re.sub(r",(?:\s*,)+", ",", text)
    text = re.sub(r",\s*([.!?;])", r"\1", text)
    text = re.sub(r"(^|[.!?]\s|\n)\s*[,.;:]\s*", r"\1", text).strip()
    return re.sub(r"(^|[.!?]\s+)([a-z])", lambda found: found[1] + found[2].upper(), text) if text[:1].islower() else text


def values_for(
    client: Client, now: datetime, *, name: str | None = None, agent: str | None = None, ticket: str | None = None
) -> dict[str, str | None]:
    """What the places stand for."""
    salam = salutation(now, client.zone)
    return {
        "sapaan": "Bapak/Ibu",
        "nama": name,
        "petugas": agent or "petugas kami",
        "tiket": ticket,
        "salam": salam,
        "waktu": salam.split(" ", 1)[1],
        "merek": client.brand.name,
    }
