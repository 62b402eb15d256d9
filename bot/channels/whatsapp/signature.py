"""Proof that a webhook call comes from Meta: the body's signature and the subscription handshake.

Source: Meta's page "create-webhook-endpoint" (21 Apr 2026).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(secret: str, raw: bytes) -> str:
    """The header value Meta sends with `raw`: `sha256=` and the hex HMAC-SHA256 keyed with the app secret."""
    return _PREFIX + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def verify_signature(secret: str, raw: bytes, header: str | None) -> bool:
    """True if `header` signs exactly the bytes `raw`. Never raises; an empty secret or header is never valid.

    `raw` must be the bytes as received: Meta signs an escaped form that a JSON round trip does not reproduce.
    """
    if not secret or not header or not header.startswith(_PREFIX):
        return False
    # Compared as bytes: compare_digest refuses non-ASCII str, and a header may hold anything (even lone surrogates).
    return hmac.compare_digest(sign(secret, raw).encode(), header.encode("utf-8", "replace"))


def verify_subscription(query: Mapping[str, str], token: str) -> str | None:
    """The challenge to answer with status 200, or None (answer 403). `query` is the GET's query, `token` our verify token."""
    given = query.get("hub.verify_token", "")
    if not token or query.get("hub.mode") != "subscribe":
        return None
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        return None
    return query.get("hub.challenge") or None
