"""Reading what the Graph API answers: a JSON object, or an empty one."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from bot.channels.whatsapp.json_fields import as_dict

_MAX_ANSWER = 1 << 20


async def read_object(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The answer's JSON object; empty for anything else or for more than 1 MiB. Network errors pass through."""
    raw = bytearray()
    async for part in response.content.iter_chunked(65536):
        raw += part
        if len(raw) > _MAX_ANSWER:
            return {}
    try:
        return as_dict(json.loads(raw))
    except (ValueError, RecursionError):
        return {}
