"""Fetching a customer's file from the Graph API: first its address, then its bytes, both with the access token.

Source: AWD media.md and media_download_api.md. The address lives five minutes, so it is asked for anew on every try.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import aiohttp
from yarl import URL

from bot.channels.whatsapp.answers import read_object
from bot.channels.whatsapp.contents import hex_digest
from bot.channels.whatsapp.json_fields import as_dict, integer, string

_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")


class MediaError(Exception):
    """A file could not be fetched. The text holds no token, address or phone number."""


class MediaUnreachable(MediaError):
    """Network trouble, a time-out or a 5xx: worth another try."""


class MediaRefused(MediaError):
    """Meta refused (`code` and `http_status`; see errors.classify), or named an address we do not follow."""

    def __init__(self, reason: str, code: int | None = None, http_status: int = 0) -> None:
        super().__init__(reason)
        self.code = code
        self.http_status = http_status


class MediaGone(MediaRefused):
    """Meta no longer has the file (ids from a webhook live seven days)."""


class MediaTooLarge(MediaError):
    """Longer than the caller allows; nothing was kept."""


class MediaCorrupt(MediaError):
    """The bytes do not have the SHA-256 Meta stated: do not keep them."""


async def download(
    session: aiohttp.ClientSession,
    base: URL,
    version: str,
    headers: dict[str, str],
    phone_number_id: str,
    media_id: str,
    *,
    max_bytes: int,
    sha256: str | None,
    timeout_s: float,
) -> tuple[bytes, str]:
    """(bytes, mime type) of one file. `headers` carries the authorisation; raises a MediaError, nothing else but cancellation."""
    if not _MEDIA_ID.fullmatch(media_id):
        raise MediaRefused("media id of an unknown form")
    try:
        described = await _describe(session, base / version / media_id, headers, phone_number_id, timeout_s)
        address = _address(described, base)
        size = integer(described.get("file_size"))
        if size is not None and size > max_bytes:
            raise MediaTooLarge(f"{size} bytes announced, {max_bytes} allowed")
        data, served_as = await _fetch(session, address, headers, max_bytes, timeout_s)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise MediaUnreachable(type(error).__name__) from None
    found = hashlib.sha256(data).hexdigest()
    for stated in (sha256, described.get("sha256")):
        expected = hex_digest(stated)
        if expected is not None and expected != found:
            raise MediaCorrupt("sha256 differs from the one stated")
    mime = (string(described.get("mime_type"), 127) or served_as).split(";")[0].strip().lower()
    return data, mime or "application/octet-stream"


async def _describe(
    session: aiohttp.ClientSession, url: URL, headers: dict[str, str], phone_number_id: str, timeout_s: float
) -> dict[str, Any]:
    query = {"phone_number_id": phone_number_id}
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    async with session.get(url, params=query, headers=headers, timeout=timeout, allow_redirects=False) as response:
        body = await read_object(response)
        if response.status != 200 or "error" in body:
            _refuse(response.status, as_dict(body.get("error")))
        return body


async def _fetch(session: aiohttp.ClientSession, url: URL, headers: dict[str, str], max_bytes: int, timeout_s: float) -> tuple[bytes, str]:
    # Per read, not in all: a large file on a slow line may take long. The cap in all bounds a server that drips.
    timeout = aiohttp.ClientTimeout(total=timeout_s * 10, sock_connect=timeout_s, sock_read=timeout_s)
    async with session.get(url, headers=headers, timeout=timeout, allow_redirects=False) as response:
        if response.status != 200:
            _refuse(response.status, {})
        data = bytearray()
        async for part in response.content.iter_chunked(65536):
            if len(data) + len(part) > max_bytes:
                raise MediaTooLarge(f"more than {max_bytes} bytes")
            data += part
        return bytes(data), response.content_type


def _address(described: dict[str, Any], base: URL) -> URL:
    """The file's address, if it is one we may carry our token to: https, or the very server we are configured for."""
    try:
        url = URL(string(described.get("url"), 4096) or "")
        trusted = bool(url.host) and (url.scheme == "https" or url.origin() == base.origin())
    except ValueError:
        trusted = False
    if not trusted or url.user is not None:
        raise MediaRefused("address of the file is not https")
    return url


def _refuse(status: int, error: dict[str, Any]) -> None:
    """Raises what an answer other than 200 means."""
    code = integer(error.get("code"))
    if status >= 500 or status == 429:
        raise MediaUnreachable(f"HTTP {status}")
    # Graph answers 400/100 for an id that does not exist (any more), the file's own address 404.
    if status in (404, 410) or (code == 100 and status == 400):
        raise MediaGone("file is gone", code, status)
    raise MediaRefused("file refused", code, status)
