"""The Graph API over HTTP: send a message, mark one as read, fetch a file. Rules of content are render.py's, of errors errors.py's.

The send endpoint has no idempotency key, so the outcome of a send is one of four: accepted, refused, certainly not sent, or
uncertain. Neither the access token nor a phone number is logged or put into a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
from yarl import URL

from bot import telemetry
from bot.channels.whatsapp.answers import read_object
from bot.channels.whatsapp.json_fields import as_dict, as_list, clean, identifier, integer, string
from bot.channels.whatsapp.media_download import download


@dataclass(frozen=True, slots=True)
class Sent:
    """Accepted by Meta; delivery is reported by webhook. `wamid` is the channel's id of the message."""

    wamid: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Meta answered that it did not take the message. `code` None: no Graph error in the answer. `retry_after` in seconds."""

    code: int | None
    http_status: int
    details: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The request left, no usable answer came: it may have arrived. Never send it again blindly; a status webhook may tell."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """No connection came about, nothing left: safe to send again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Meta keeps the file for 30 days under this id."""

    media_id: str


SendResult = Sent | Refused | Uncertain | NotSent
_OUTCOMES: dict[type[SendResult], str] = {Sent: "sent", Refused: "refused", NotSent: "not_sent", Uncertain: "uncertain"}


class GraphClient:
    """One phone number's access to the Graph API. The session is the caller's, who also closes it."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str = "https://graph.facebook.com",
        version: str = "v25.0",
        token: str = "",
        phone_number_id: str = "",
        timeout_s: float = 15.0,
    ) -> None:
        self._session = session
        self._base = URL(base_url.rstrip("/"))
        if self._base.scheme not in ("http", "https") or not self._base.host:
            raise ValueError("base_url must be an http(s) address")
        self._version = version
        self._phone_number_id = phone_number_id
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout_s = timeout_s

    @telemetry.measured(telemetry.SENDS, lambda result: _OUTCOMES[type(result)])
    async def send(self, body: dict[str, Any]) -> SendResult:
        """Posts one body of render.py. Raises nothing but cancellation; a cancelled send is uncertain as well."""
        answer = await self._post(body)
        if not isinstance(answer, _Answer):
            return answer
        messages = as_list(answer.body.get("messages"))
        wamid = identifier(as_dict(messages[0]).get("id")) if messages else None
        return Sent(wamid) if wamid else Uncertain("answer without message id")

    async def mark_read(self, wamid: str, typing: bool = False) -> bool:
        """Marks a customer's message as read and, with `typing`, shows the indicator (25 s or until a reply). Whether Meta agreed;
        a failure is harmless and safe to repeat."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        answer = await self._post(body)
        return isinstance(answer, _Answer) and answer.body.get("success") is True

    async def media(self, media_id: str, max_bytes: int, sha256: str | None = None) -> tuple[bytes, str]:
        """(bytes, mime type) of a file a customer sent, at most `max_bytes` long, its SHA-256 checked against `sha256` (hex, from the
        webhook) and the one Meta states. Raises the errors of media_download.py."""
        return await download(
            self._session,
            self._base,
            self._version,
            self._headers,
            self._phone_number_id,
            media_id,
            max_bytes=max_bytes,
            sha256=sha256,
            timeout_s=self._timeout_s,
        )

    async def upload(self, data: bytes, mime: str, name: str) -> Uploaded | Refused | NotSent:
        """Hand a file of ours to Meta. Doing it twice harms nothing, so an unknown outcome counts as not sent."""
        form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime})
        form.add_field("file", BytesIO(data), content_type=mime, filename=name)
        answer = await self._call("media", data=form)
        if isinstance(answer, Uncertain):
            return NotSent(answer.reason)
        if not isinstance(answer, _Answer):
            return answer
        media_id = identifier(answer.body.get("id"))
        return Uploaded(media_id) if media_id else NotSent("answer without media id")

    async def _post(self, body: dict[str, Any]) -> _Answer | Refused | Uncertain | NotSent:
        return await self._call("messages", json=body)

    async def _call(self, edge: str, **body: Any) -> _Answer | Refused | Uncertain | NotSent:
        if self._session.closed:
            return NotSent("session closed")
        url = self._base / self._version / self._phone_number_id / edge
        timeout = aiohttp.ClientTimeout(total=self._timeout_s)
        try:
            async with self._session.post(url, **body, headers=self._headers, timeout=timeout, allow_redirects=False) as response:
                return _judge(response.status, await read_object(response), response.headers.get("Retry-After"))
        # Both come from opening the connection (refused, DNS, TLS, time-out before anything was written).
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return NotSent(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The class only: an exception's text may hold the address, and with it our number's id.
            return Uncertain(type(error).__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    body: dict[str, Any]


def _judge(status: int, body: dict[str, Any], retry_after: str | None) -> _Answer | Refused | Uncertain:
    error = as_dict(body.get("error"))
    if 200 <= status < 300 and not error:
        return _Answer(body)
    if status >= 500 and not error:
        # A gateway spoke, not Graph: what is behind it may have taken the message.
        return Uncertain(f"HTTP {status} without error object")
    details = string(as_dict(error.get("error_data")).get("details"), 500) or string(error.get("message"), 500) or ""
    return Refused(integer(error.get("code")), status, clean(details), _seconds(retry_after))


def _seconds(value: str | None) -> float | None:
    found = integer(value)
    return float(found) if found is not None and found >= 0 else None
