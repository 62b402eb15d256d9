"""The idle rule, driven second by second: asks at one and two minutes, closes at three, waits for nobody but the customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.idle import IdleDecision, IdleState, IdleStep, IdleTimes, decide_idle, idle_due

START = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
MINUTES = IdleTimes(60, 60, 60)
states = st.builds(
    IdleState,
    st.sampled_from(["bot", "agent", "queue", "closed"]),
    st.one_of(st.none(), st.integers(-500, 500).map(lambda s: START + timedelta(seconds=s))),
    st.integers(0, 4),
)
times = st.builds(IdleTimes, st.integers(1, 400), st.integers(1, 400), st.integers(1, 400))


def drive(owner: str, limits: IdleTimes, seconds: int) -> list[tuple[int, IdleStep]]:
    """What happens, and at which second, when the customer stays silent."""
    state, happened = IdleState(owner, START, 0), []
    for second in range(seconds):
        now = START + timedelta(seconds=second)
        step = decide_idle(state, limits, now).step
        if step in (IdleStep.ASK, IdleStep.CLOSE):
            happened.append((second, step))
            state = IdleState(owner, now, state.stage + 1) if step is IdleStep.ASK else IdleState("closed", None, 0)
    return happened


@pytest.mark.parametrize("owner", ["bot", "agent"])
def test_a_silent_customer_is_asked_twice_and_then_left(owner: str) -> None:
    assert drive(owner, MINUTES, 400) == [(60, IdleStep.ASK), (120, IdleStep.ASK), (180, IdleStep.CLOSE)]


@pytest.mark.parametrize("owner", ["queue", "closed"])
def test_who_waits_for_us_is_never_asked(owner: str) -> None:
    assert drive(owner, MINUTES, 400) == []


@pytest.mark.parametrize("owner", ["bot", "agent"])
def test_nobody_is_asked_while_we_owe_the_answer(owner: str) -> None:
    state = IdleState(owner, None, 1)
    assert decide_idle(state, MINUTES, START + timedelta(days=1)) == IdleDecision(IdleStep.NOTHING)
    assert idle_due(state, MINUTES) is None


def test_an_answer_begins_the_rule_anew() -> None:
    answered = IdleState("bot", START + timedelta(seconds=90), 0)
    assert decide_idle(answered, MINUTES, START + timedelta(seconds=149)).step is IdleStep.WAIT
    assert decide_idle(answered, MINUTES, START + timedelta(seconds=150)).step is IdleStep.ASK


@given(times)
def test_any_times_are_kept_to_the_second(limits: IdleTimes) -> None:
    first, again, end = limits.first_after_s, limits.first_after_s + limits.again_after_s, 0
    end = again + limits.close_after_s
    assert drive("agent", limits, end + 5) == [(first, IdleStep.ASK), (again, IdleStep.ASK), (end, IdleStep.CLOSE)]


@given(states, times, st.integers(-1000, 2000))
def test_deciding_is_pure_and_its_due_time_is_honest(state: IdleState, limits: IdleTimes, second: int) -> None:
    now = START + timedelta(seconds=second)
    decision = decide_idle(state, limits, now)
    assert decision == decide_idle(state, limits, now)
    assert decision.due_at == idle_due(state, limits)
    assert (decision.step is IdleStep.NOTHING) == (decision.due_at is None)
    if decision.due_at is not None:
        assert (decision.step is IdleStep.WAIT) == (now < decision.due_at)
        assert decide_idle(state, limits, decision.due_at).step in (IdleStep.ASK, IdleStep.CLOSE)
