"""Is the customer still there? The idle rule, as one pure function (SOP Customer Handling 8.2 3a-3b, 8.4 2a-2b, 8.5 2a-2c).

It is the customer who is waited for. While the customer waits for us (in the queue, for an agent, for the bot's answer) nothing is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class IdleStep(StrEnum):
    """What to do now."""

    NOTHING = "nothing"  # nobody is waited for
    WAIT = "wait"  # not due yet
    ASK = "ask"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class IdleTimes:
    """Seconds: before the first question, between the two, and from the last question to the end."""

    first_after_s: int
    again_after_s: int
    close_after_s: int


@dataclass(frozen=True, slots=True)
class IdleState:
    """What is known of a conversation. `since`: since when we wait for the customer, None if we do not. `stage`: questions asked."""

    owner: str
    since: datetime | None
    stage: int


@dataclass(frozen=True, slots=True)
class IdleDecision:
    """The step due now, and when the next one is due (None: no timer)."""

    step: IdleStep
    due_at: datetime | None = None


def idle_due(state: IdleState, times: IdleTimes) -> datetime | None:
    """When the next step of the rule is due, or None while the customer is not waited for."""
    if state.owner not in ("bot", "agent") or state.since is None:
        return None
    wait = (times.first_after_s, times.again_after_s, times.close_after_s)[min(state.stage, 2)]
    return state.since + timedelta(seconds=wait)


def decide_idle(state: IdleState, times: IdleTimes, now: datetime) -> IdleDecision:
    """The rule. Deciding twice on the same state gives the same answer, so it may be asked whenever in doubt.

    After ASK the caller sets `since` to the moment of the question and `stage` one higher.
    """
    due = idle_due(state, times)
    if due is None:
        return IdleDecision(IdleStep.NOTHING)
    if now < due:
        return IdleDecision(IdleStep.WAIT, due)
    return IdleDecision(IdleStep.ASK if state.stage < 2 else IdleStep.CLOSE, due)
