"""How much one visitor and one address may do on the live chat (docs/limits.md). Who is not active any more takes no memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.settings import Settings

BURST, PER_SECOND = 20, 2.0  # messages a visitor may send at once, and then a second
MOST_KEYS = 50_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Allowances:
    """An allowance for each key: `burst` at once, and then `per_second`. Full ones are forgotten, for a new one is full."""

    def __init__(self, burst: float, per_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._now = now
        self._buckets: dict[str, _Bucket] = {}  # least recently used first

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, count: float = 1) -> bool:
        """Use up so many; False, and nothing used, if there are not so many left."""
        now = self._now()
        self._forget(now)
        bucket = self._buckets.pop(key, None) or _Bucket(self._burst, now)
        bucket.tokens, bucket.at = self._tokens(bucket, now), now
        enough = bucket.tokens >= count
        if enough:
            bucket.tokens -= count
        self._buckets[key] = bucket
        return enough

    def wait(self, key: str, count: float = 1) -> float:
        """Seconds until `count` are there."""
        bucket = self._buckets.get(key)
        return max(0.0, count - self._tokens(bucket, self._now())) / self._per_second if bucket else 0.0

    def _tokens(self, bucket: _Bucket, now: float) -> float:
        return min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)

    def _forget(self, now: float) -> None:
        while self._buckets:
            oldest = next(iter(self._buckets))
            if self._tokens(self._buckets[oldest], now) < self._burst and len(self._buckets) < MOST_KEYS:
                return
            del self._buckets[oldest]


class Limits:
    """The allowances of one process."""

    def __init__(self, settings: Settings) -> None:
        frames, visitors = settings.chat_frames_per_address_s, settings.chat_visitors_per_address_min
        uploads = settings.chat_uploads_per_address_min
        self.messages = Allowances(BURST, PER_SECOND)  # by visitor
        self.uploads = Allowances(10, 0.5)  # by visitor
        self.frames = Allowances(10 * frames, frames)  # by address
        self.visitors = Allowances(visitors, visitors / 60)  # by address: new ones
        self.uploads_from = Allowances(uploads, uploads / 60)  # by address
