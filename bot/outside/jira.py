"""Jira Service Management over its REST API, as far as tickets need it: requests, comments, transitions, attachments, search.

Every call ends in an answer, JiraAway (nobody there, or not now: try again) or JiraRefused (it will never be taken as it is). Neither the
account nor its token is logged.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any

import aiohttp
from yarl import URL

from bot.outside.outcomes import seconds

TIMEOUT_S = 15.0
PAGE = 50
_MOST_JSON = 4 * 2**20
_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,30}-[0-9]{1,12}")
Json = dict[str, Any]


class JiraAway(Exception):
    """Not now. `after`: when Jira said so. `uncertain`: the request may have been carried out. `whole`: it concerns every call, not this one."""

    def __init__(self, reason: str, *, after: float | None = None, uncertain: bool = False, whole: bool = True) -> None:
        super().__init__(reason)
        self.after = after
        self.uncertain = uncertain
        self.whole = whole


class JiraRefused(Exception):
    """Jira understood, and does not do it; the message is Jira's."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"HTTP {status}: {reason}")
        self.status = status


class TooLarge(Exception):
    """A file is larger than what is kept here."""


def is_key(text: object) -> bool:
    """Whether it is like an issue's key: ARIANA-12."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


class Jira:
    """One account's access. The session is the caller's, who also closes it."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, user: str, token: str, timeout_s: float = TIMEOUT_S) -> None:
        self._session = session
        self._base = URL(base_url.rstrip("/"))
        self._auth = aiohttp.encode_basic_auth(user, token)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def create(self, desk: str, request_type: str, fields: Mapping[str, Any]) -> str:
        """A request of the customer portal; its key."""
        body = {"serviceDeskId": desk, "requestTypeId": request_type, "requestFieldValues": fields}
        answer = await self._call("POST", "rest/servicedeskapi/request", json=body)
        return _text(answer, "issueKey")

    async def comment(self, key: str, text: str, public: bool) -> str:
        """Add a comment; its id. `public`: the customer of the portal reads it."""
        answer = await self._call("POST", f"rest/servicedeskapi/request/{key}/comment", json={"body": text, "public": public})
        return _text(answer, "id")

    async def comments(self, key: str) -> AsyncIterator[Json]:
        """All comments, oldest first: `id`, `body`, `public`, `author`."""
        start = 0
        while True:
            page = await self._call("GET", f"rest/servicedeskapi/request/{key}/comment", params={"start": str(start), "limit": str(PAGE)})
            values = [each for each in _list(page, "values") if isinstance(each, dict)]
            for each in values:
                yield each
            start += len(values)
            if page.get("isLastPage", True) or not values:
                return

    async def transitions(self, key: str) -> list[Json]:
        """What may be done with the issue now: `id`, `name`, `to`."""
        answer = await self._call("GET", f"rest/api/3/issue/{key}/transitions")
        return [each for each in _list(answer, "transitions") if isinstance(each, dict)]

    async def transition(self, key: str, transition: str) -> None:
        """Do one of them."""
        await self._call("POST", f"rest/api/3/issue/{key}/transitions", json={"transition": {"id": transition}})

    async def attach(self, key: str, name: str, mime: str, data: bytes) -> str:
        """Add a file; the attachment's id."""
        form = aiohttp.FormData()
        form.add_field("file", BytesIO(data), filename=name, content_type=mime)
        answer = await self._call("POST", f"rest/api/3/issue/{key}/attachments", data=form, headers={"X-Atlassian-Token": "no-check"})
        first = _list(answer, "list")[:1]
        return _text(first[0] if first and isinstance(first[0], dict) else {}, "id")

    async def issue(self, key: str) -> Json:
        """The issue's fields: status and attachments."""
        answer = await self._call("GET", f"rest/api/3/issue/{key}", params={"fields": "status,attachment"})
        fields = answer.get("fields")
        return fields if isinstance(fields, dict) else {}

    async def search(self, jql: str, fields: str) -> AsyncIterator[Json]:
        """Issues, page by page. What was changed a moment ago may not be found yet."""
        token: str | None = None
        while True:
            params = {"jql": jql, "fields": fields, "maxResults": str(PAGE)} | ({"nextPageToken": token} if token else {})
            page = await self._call("GET", "rest/api/3/search/jql", params=params)
            for each in _list(page, "issues"):
                if isinstance(each, dict) and is_key(each.get("key")):
                    yield each
            token = page.get("nextPageToken")
            if not token or page.get("isLast") is True:
                return

    async def content(self, attachment: str, most: int) -> bytes:
        """An attachment's bytes. Raises TooLarge."""
        return await self._bytes("GET", f"rest/api/3/attachment/content/{attachment}", most, redirects=True)

    async def _call(self, method: str, path: str, **more: Any) -> Json:
        try:
            raw = await self._bytes(method, path, _MOST_JSON, **more)
        except TooLarge:
            raise JiraAway("an answer too large", uncertain=True, whole=False) from None
        try:
            answer = json.loads(raw) if raw.strip() else {}
        except (ValueError, RecursionError):
            raise JiraAway("an answer that is no JSON", uncertain=True) from None
        return {"list": answer} if isinstance(answer, list) else answer if isinstance(answer, dict) else {}

    async def _bytes(self, method: str, path: str, most: int, redirects: bool = False, **more: Any) -> bytes:
        headers = {"Accept": "application/json", "Authorization": self._auth, **more.pop("headers", {})}
        if redirects:
            headers["Accept"] = "*/*"
        options: Json = {"headers": headers, "timeout": self._timeout, "allow_redirects": redirects, "max_redirects": 3}
        try:
            async with self._session.request(method, self._base / path, **options, **more) as answer:
                data = bytearray()
                async for chunk in answer.content.iter_chunked(64 * 1024):
                    data += chunk
                    if len(data) > most:
                        raise TooLarge
                _judge(answer.status, bytes(data), seconds(answer.headers.get("Retry-After")))
                return bytes(data)
        # Both come from opening the connection: nothing has left.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise JiraAway(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise JiraAway(type(error).__name__, uncertain=True) from None


def _judge(status: int, raw: bytes, after: float | None) -> None:
    if 200 <= status < 300:
        return
    if status == 429:
        raise JiraAway("HTTP 429", after=after or 30)
    if status >= 500:
        raise JiraAway(f"HTTP {status}", after=after, uncertain=True)
    if status == 401:
        raise JiraAway("HTTP 401: JIRA_USER or JIRA_TOKEN is not accepted")
    if status == 403:
        raise JiraAway(f"HTTP 403: {_said(raw)}", whole=False)  # a right that an administrator can give
    raise JiraRefused(status, _said(raw))


def _said(raw: bytes) -> str:
    """Jira's own words: errorMessages and errors of the platform, errorMessage of the service desk."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return "no explanation"
    if not isinstance(body, dict):
        return "no explanation"
    told = [str(each) for each in _list(body, "errorMessages")]
    errors = body.get("errors")
    told += [f"{name}: {text}" for name, text in errors.items()] if isinstance(errors, dict) else []
    told += [str(body["errorMessage"])] if body.get("errorMessage") else []
    return "; ".join(told).replace("\0", "")[:400] or "no explanation"


def _list(body: Json, name: str) -> list[Any]:
    found = body.get(name)
    return found if isinstance(found, list) else []


def _text(body: Json, name: str) -> str:
    found = body.get(name)
    found = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    if not isinstance(found, str) or not found:
        raise JiraAway(f"an answer without {name}", uncertain=True, whole=False)
    return found
