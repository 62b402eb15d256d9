"""Handling time: what an agent's conversations take, shared among those in hand at each moment. Pure.

Who has three conversations in hand gives each a third of the time: nobody handles faster by having more, and the shares add up to the time
in which anything was in hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from fractions import Fraction

from bot.supervision.bookings import Bookings, keys, milliseconds, quarter_of, spread
from bot.supervision.story import Stay


def overlaps(stay: Stay, began: datetime, ended: datetime | None) -> bool:
    """Whether any of the stay lies in a span of time; None is without an end. What only touches it may count, and does no harm."""
    return (ended is None or stay.began_at <= ended) and (stay.ended_at is None or stay.ended_at >= began)


def handled(stays: Collection[Stay], others: Iterable[Stay]) -> Bookings:
    """What these stays of one agent count for. `others`: all of the agent's that lie beside them in time, themselves too.

    A stay counts when it is over, in the quarter it ended in; `busy_ms` in the quarters in which its share passed.
    """
    marks: Counter[datetime] = Counter()  # how many more are in hand from then on
    for other in others:
        if other.ended_at is None or other.ended_at > other.began_at:
            marks[other.began_at] += 1
            if other.ended_at is not None:
                marks[other.ended_at] -= 1
    steps, in_hand = [], 0
    for at in sorted(marks):
        in_hand += marks[at]
        steps.append((at, in_hand))
    bookings: Bookings = Counter()
    for stay in stays:
        if stay.ended_at is None:
            continue
        where = keys(channel=stay.channel, team=stay.team, agent=stay.agent, topic=stay.topic)
        at = quarter_of(stay.ended_at)
        shares = _shares(stay.began_at, stay.ended_at, steps)
        bookings[(at, "handled", where)] += 1
        bookings[(at, "hand_ms", where)] += round(sum(shares.values(), Fraction(0)))
        bookings[(at, "wrap_ms", where)] += stay.wrap_ms or 0
        for start, share in shares.items():
            bookings[(start, "busy_ms", where)] += round(share)
    return Counter({booking: amount for booking, amount in bookings.items() if amount})


def _shares(began: datetime, ended: datetime, steps: list[tuple[datetime, int]]) -> dict[datetime, Fraction]:
    """The share of each quarter, in milliseconds."""
    shares: dict[datetime, Fraction] = {}
    for index, (at, in_hand) in enumerate(steps):
        until = steps[index + 1][0] if index + 1 < len(steps) else ended
        for start, part in spread(max(began, at), min(ended, until)):
            shares[start] = shares.get(start, Fraction(0)) + Fraction(milliseconds(part), in_hand)
    return shares
