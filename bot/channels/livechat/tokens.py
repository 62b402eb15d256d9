"""The visitor's token: a random id, signed, so that nobody can name another visitor's. Pure but for `new_visitor`."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_visitor() -> str:
    """A visitor id, 128 random bits."""
    return secrets.token_hex(16)


def make_token(secret: str, visitor: str) -> str:
    """The token of a visitor."""
    return f"{visitor}.{_signature(secret, visitor)}"


def read_token(secret: str, token: object) -> str | None:
    """The visitor of a token, None for anything that is not one of ours."""
    if not isinstance(token, str) or len(token) > 200 or not token.isascii():
        return None
    visitor, _, signature = token.partition(".")
    return visitor if hmac.compare_digest(signature.encode(), _signature(secret, visitor).encode()) else None


def _signature(secret: str, visitor: str) -> str:
    return hmac.new(f"visitor:{secret}".encode(), visitor.encode(), hashlib.sha256).hexdigest()[:40]
