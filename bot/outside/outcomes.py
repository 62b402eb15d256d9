"""What became of one delivery, and when the next try is due. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

GIVE_UP = timedelta(hours=24)  # of webhooks
_FIRST_S, _TIMES, _WEBHOOK_MOST_S = 10, 3, 6 * 3600
_JIRA_FIRST_S, _JIRA_MOST_S = 5, 300
_MAY_GET_BETTER = frozenset({401, 403, 404, 408, 409, 423, 425, 429})


@dataclass(frozen=True, slots=True)
class Done:
    """The other side has it, or needs it no more."""

    answer: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """Not now. `after`: when the other side said so, in seconds. `away`: nothing else will get through to it meanwhile."""

    reason: str
    after: float | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """It will never be taken as it is."""

    reason: str


Outcome = Done | Again | Failed


def of_webhook(status: int, retry_after: float | None) -> Outcome:
    """What a receiver's status means. 4xx that an operator or time may mend are tried again."""
    if 200 <= status < 300:
        return Done(f"HTTP {status}")
    if status >= 500 or status in _MAY_GET_BETTER:
        return Again(f"HTTP {status}", retry_after, away=status >= 500 or status == 429)
    return Failed(f"HTTP {status}")  # a redirect too: what was checked is not where it leads


def next_try(destination: str, tries: int, outcome: Again, created_at: datetime, now: datetime) -> datetime | None:
    """When to try again after `tries` tries; None: given up. Jira is waited for as long as it takes."""
    if destination == "jira":
        wait = outcome.after or min(_JIRA_MOST_S, _JIRA_FIRST_S * 2.0 ** min(tries - 1, 10))
        return now + timedelta(seconds=wait)
    wait = max(outcome.after or 0, min(_WEBHOOK_MOST_S, _FIRST_S * float(_TIMES) ** min(tries - 1, 10)))
    at, last = now + timedelta(seconds=wait), created_at + GIVE_UP
    if now >= last:
        return None
    return min(at, last)  # one last time when its day is over


def seconds(value: str | None) -> float | None:
    """A Retry-After header's seconds; None where there is none, or a date, or nonsense."""
    if value is None or not value.strip().isdigit() or len(value.strip()) > 6:
        return None
    return float(value.strip())
