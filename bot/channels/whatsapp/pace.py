"""How fast and how long we may write: the pair rate, the throughput of our number, and the 24-hour service window.

Sources: AWD about_the_platform.md l.239-245 (pair rate), AWD throughput.md, AWD send_messages.md l.124-128 (window).
A bucket's state is two plain numbers, so a caller can keep it anywhere; times are Unix seconds from any one clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit: `burst` sends at once, then one more every `interval_s` seconds."""

    burst: float
    interval_s: float


@dataclass(frozen=True, slots=True)
class Level:
    """How full a bucket was (`tokens`, 0 to burst) at `updated_at` (Unix seconds)."""

    tokens: float
    updated_at: float


PAIR = Bucket(burst=45, interval_s=6.0)
THROUGHPUT = Bucket(burst=80, interval_s=1 / 80)


def full(bucket: Bucket, now: float) -> Level:
    """The level of a bucket nobody has taken from."""
    return Level(bucket.burst, now)


def take(bucket: Bucket, level: Level | None, now: float) -> tuple[Level, float]:
    """(level after taking, 0.0) if a message may go now, else (level without taking, seconds to wait). None is a full bucket."""
    current = _refilled(bucket, level or full(bucket, now), now)
    # Whoever waited exactly as long as told must pass in spite of floating-point rounding.
    if current.tokens >= 1 - 1e-6:
        return Level(max(0.0, current.tokens - 1), current.updated_at), 0.0
    return current, (1 - current.tokens) * bucket.interval_s


def drained(now: float) -> Level:
    """The level after Meta refused for pace (131056, 130429): its count is the true one, so ours starts again from empty."""
    return Level(0.0, now)


def window_closes_at(last_customer_at: datetime) -> datetime:
    """When the 24 hours end that the customer's last message opened; counted from its own time, not from its arrival."""
    return last_customer_at + WINDOW


def window_open(last_customer_at: datetime | None, now: datetime) -> bool:
    """Whether anything but a template may be sent. Meta may still refuse (131047), whatever our clock says."""
    return last_customer_at is not None and now < window_closes_at(last_customer_at)


def _refilled(bucket: Bucket, level: Level, now: float) -> Level:
    # A clock that stepped back must not take tokens away, nor give them twice.
    elapsed = max(0.0, now - level.updated_at)
    tokens = min(bucket.burst, max(0.0, level.tokens) + elapsed / bucket.interval_s)
    return Level(tokens, max(now, level.updated_at))
