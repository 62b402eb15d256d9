"""What figures are added up from: amounts of a measure, booked to a quarter of an hour and to keys of dimensions. Pure.

Amounts are whole numbers (counts and milliseconds), so that adding and taking away leaves exactly what counting anew would give.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
GRAINS = ("quarter", "hour", "day", "month")
DIMENSIONS = ("all", "channel", "team", "agent", "topic", "reason", "served")
Keys = tuple[tuple[str, str], ...]  # (dimension, key), each dimension at most once
Booking = tuple[datetime, str, Keys]  # the quarter's start, the measure, the keys
Bookings = Counter[Booking]
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the event log."""

    id: int
    kind: str
    at: datetime
    channel_at: datetime | None = None
    agent: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def happened_at(self) -> datetime:
        """By the channel's clock where that is earlier: when the customer did it, not when we heard of it."""
        return min(self.channel_at or self.at, self.at)


def quarter_of(at: datetime) -> datetime:
    """The start of the quarter of an hour that holds it."""
    return at - (at - _EPOCH) % QUARTER


def start_of(grain: str, at: datetime, zone: ZoneInfo) -> datetime:
    """The start of the interval that holds it; hours, days and months as clocks in `zone` show them."""
    if grain == "quarter":
        return quarter_of(at)
    local = at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    if grain in ("day", "month"):
        local = local.replace(hour=0)
    if grain == "month":
        local = local.replace(day=1)
    return local.astimezone(UTC)


def milliseconds(span: timedelta) -> int:
    """Whole milliseconds of a span of time, cut off."""
    return span // _MILLISECOND


def keys(**named: str | None) -> Keys:
    """The dimensions that are known."""
    return tuple((dimension, key[:60]) for dimension, key in sorted(named.items()) if key)


def difference(after: Bookings, before: Bookings) -> Bookings:
    """What must be added to `before` to have `after`; may be negative."""
    changed = Counter(after)
    changed.subtract(before)
    return Counter({booking: amount for booking, amount in changed.items() if amount})


def spread(began: datetime, ended: datetime) -> list[tuple[datetime, timedelta]]:
    """A span of time, cut at the quarters: (start of the quarter, how much of it)."""
    parts = []
    while began < ended:
        start = quarter_of(began)
        until = min(ended, start + QUARTER)
        parts.append((start, until - began))
        began = until
    return parts
