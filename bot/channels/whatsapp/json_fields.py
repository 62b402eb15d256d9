"""Reading values out of JSON that somebody else wrote: every reader gives a usable value or None, and none of them raises."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.words import storable

MAX_TEXT = 65536
MAX_ID, MAX_PERSON, MAX_ACCOUNT = 300, 200, 100  # what the columns hold: PostgreSQL refuses what is longer
_MAX_DEPTH, _MAX_ITEMS, _MAX_LEAF = 8, 200, 8192
_OLDEST = datetime(2009, 1, 1, tzinfo=UTC)  # there was no WhatsApp before
_SKEW = timedelta(minutes=10)


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """`text` within `limit` characters, without NUL and lone surrogates: valid JSON, but databases refuse them."""
    return storable(text[:limit])


def as_dict(value: object) -> dict[str, Any]:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """`value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def string(value: object, limit: int = MAX_TEXT) -> str | None:
    """A cleaned, non-empty string; a number is taken as its digits; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) < value < 2**63:
        value = str(value)
    if not isinstance(value, str):
        return None
    return clean(value, limit) or None


def identifier(value: object, limit: int = MAX_ID) -> str | None:
    """An opaque id of at most `limit` characters. A longer one is None: cut, it would be another id."""
    found = string(value, limit + 1)
    return found if found and len(found) <= limit else None


def integer(value: object) -> int | None:
    """A whole number given as number or digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if -(2**63) < value < 2**63 else None
    if isinstance(value, float) and math.isfinite(value) and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str) and len(value) <= 18 and value.isascii() and value.strip().isdigit():
        return int(value)
    return None


def moment(value: object, received_at: datetime) -> datetime:
    """A Unix time in seconds as aware UTC. Missing, before 2009 or more than ten minutes ahead of `received_at`: `received_at`.

    Days-old times are kept: after an outage Meta delivers up to seven days late, and the 24-hour window counts from this time.
    """
    seconds = integer(value)
    if seconds is None or not 0 < seconds < 10**11:
        return received_at
    at = datetime.fromtimestamp(seconds, UTC)
    return at if _OLDEST <= at <= received_at + _SKEW else received_at


def jsonable(value: object, depth: int = _MAX_DEPTH) -> Any:
    """A bounded copy of a JSON value that any database and encoder takes: no NaN, no NUL, no endless depth or length."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean(value, _MAX_LEAF)
    if isinstance(value, int):
        return value if -(2**63) < value < 2**63 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth > 0 and isinstance(value, list):
        return [jsonable(item, depth - 1) for item in value[:_MAX_ITEMS]]
    if depth > 0 and isinstance(value, dict):
        return {clean(str(k), 200): jsonable(v, depth - 1) for k, v in list(value.items())[:_MAX_ITEMS]}
    return None
