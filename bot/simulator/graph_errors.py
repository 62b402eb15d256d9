"""The error answers of the Graph API, as the stand-in gives them."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

_TITLES = {
    1: "An unknown error occurred",
    2: "Service temporarily unavailable",
    4: "Application request limit reached",
    10: "Application does not have permission for this action",
    100: "Invalid parameter",
    190: "Invalid OAuth access token - Cannot parse access token",
    200: "Permissions error",
    368: "Temporarily blocked for policies violations",
    80007: "Rate limit issues",
    130429: "Rate limit hit",
    130497: "Business account is restricted from messaging users in this country",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131031: "Account has been locked",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped marketing messages",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    131062: "Business-scoped user id is not supported for this message",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
}
_STATUS = {
    0: 401,
    3: 500,
    10: 403,
    190: 401,
    200: 403,
    368: 403,
    130497: 403,
    131031: 403,
    1: 500,
    2: 503,
    131000: 500,
    131016: 503,
    131057: 500,
}


class GraphError(Exception):
    """A refusal: `code` as documented by Meta, `details` as in error_data.details."""

    def __init__(self, code: int, details: str = "", subcode: int | None = None) -> None:
        super().__init__(f"{code} {details}")
        self.code = code
        self.details = details or _TITLES.get(code, "Unknown error")
        self.subcode = subcode

    @property
    def title(self) -> str:
        """Meta's title of the code, without its number."""
        return _TITLES.get(self.code, "Unknown error")

    @property
    def http_status(self) -> int:
        """The HTTP status that goes with the code; 400 for most."""
        return _STATUS.get(self.code, 400)

    def response(self) -> web.Response:
        """The HTTP answer with the error object."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "AStandInTraceId000000",
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return web.Response(status=self.http_status, text=json.dumps({"error": error}), content_type="application/json")

    def in_status(self) -> dict[str, Any]:
        """The same error as an item of `statuses[].errors`."""
        href = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
        return {"code": self.code, "title": self.title, "message": self.title, "error_data": {"details": self.details}, "href": href}
