"""Request bodies that strangers wrote: read within a bound, and never trusted to be what they say."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

JSON_LIMIT = 256 * 1024
BODY_S = 30  # a body that drips holds memory


class BrokenBody(Exception):
    """The body ended early, came too slowly, or is not transferred as HTTP says."""


async def read_body(request: web.Request, most: int) -> bytes:
    """The body's bytes. Raises HTTPRequestEntityTooLarge above `most`, BrokenBody."""
    size = request.content_length
    if size is not None and size > most:
        raise web.HTTPRequestEntityTooLarge(most, size)
    raw = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while chunk := await request.content.readany():
                raw += chunk
                if len(raw) > most:
                    raise web.HTTPRequestEntityTooLarge(most, len(raw))
    except (web.RequestPayloadError, OSError, TimeoutError) as error:
        raise BrokenBody(type(error).__name__) from None
    return bytes(raw)


def parse_json(raw: bytes) -> Any:
    """The JSON value, None where there is none: also for nesting deeper than a reader survives."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


async def read_object(request: web.Request, most: int = JSON_LIMIT) -> dict[str, Any]:
    """The request's JSON object; an empty one for anything else. Raises HTTPRequestEntityTooLarge."""
    try:
        body = parse_json(await read_body(request, most))
    except BrokenBody:
        return {}
    return body if isinstance(body, dict) else {}
