"""What each error means for us, and how fast and long we may write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp.errors import Action, classify, explain, pair_delay
from bot.channels.whatsapp.pace import PAIR, THROUGHPUT, Level, drained, take, window_closes_at, window_open

TABLE = {
    Action.STOP_AND_ALARM: (190, 0, 3, 10, 200, 230, 299, 368, 131031, 130497, 131048),
    Action.BACK_OFF_ACCOUNT: (4, 80007, 130429),
    Action.DELAY_RECIPIENT: (131056,),
    Action.WINDOW_CLOSED: (131047,),
    Action.FINAL: (131026, 131049, 131050, 131051, 131052, 131053, 131062, 131060, 987654),
    Action.BUG: (131021, 131008, 131009, 100, 132000, 132001),
    Action.RETRY: (131000, 131016, 131057, 1, 2),
}


@pytest.mark.parametrize(("action", "code"), [(action, code) for action, codes in TABLE.items() for code in codes])
def test_classify(action: Action, code: int) -> None:
    assert classify(code, 400) is action


@pytest.mark.parametrize(
    ("code", "http", "action"),
    [
        (None, 401, Action.STOP_AND_ALARM),
        (None, 429, Action.BACK_OFF_ACCOUNT),
        (None, 503, Action.RETRY),
        (None, 408, Action.RETRY),
        (None, 400, Action.BUG),
        (None, 302, Action.BUG),
        (999999, 500, Action.RETRY),
        (131047, 500, Action.WINDOW_CLOSED),
    ],
)
def test_classify_by_status_only_without_a_listed_code(code: int | None, http: int, action: Action) -> None:
    assert classify(code, http) is action


def test_unreachable_number_stops_everything() -> None:
    details = "Object with ID '1' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
    assert classify(100, 400, details) is Action.STOP_AND_ALARM


@given(st.none() | st.integers(-10, 200000))
def test_every_code_has_a_sentence(code: int | None) -> None:
    assert explain(code).endswith(".")


def test_pair_delay() -> None:
    assert [pair_delay(n) for n in range(5)] == [1, 4, 16, 64, 256]
    assert pair_delay(-1) == 1
    assert pair_delay(99) == 4096


def test_burst_then_one_every_six_seconds() -> None:
    level: Level | None = None
    for _ in range(45):
        level, wait = take(PAIR, level, 1000.0)
        assert wait == 0
    level, wait = take(PAIR, level, 1000.0)
    assert wait == pytest.approx(6)
    level, wait = take(PAIR, level, 1000.0 + wait)
    assert wait == 0
    assert take(PAIR, level, 1003.0)[1] > 0  # the clock stepped back


def test_a_clock_that_steps_back_takes_nothing_away() -> None:
    assert take(PAIR, Level(10, 1000.0), 940.0) == (Level(9, 1000.0), 0.0)


def test_throughput_is_eighty_a_second() -> None:
    level: Level | None = None
    sent, now = 0, 0.0
    while now < 10:
        level, wait = take(THROUGHPUT, level, now)
        sent, now = (sent + 1, now) if not wait else (sent, now + wait)
    assert 80 * 10 <= sent <= 80 * 11


@given(st.lists(st.floats(0, 30), max_size=200))
def test_whoever_waits_as_told_passes(pauses: list[float]) -> None:
    level, now = drained(0.0), 0.0
    for pause in pauses:
        now += pause
        level, wait = take(PAIR, level, now)
        if wait:
            now += wait
            level, again = take(PAIR, level, now)
            assert again == 0
        assert 0 <= level.tokens <= PAIR.burst


def test_window() -> None:
    at = datetime(2026, 11, 21, 3, tzinfo=UTC)
    assert window_closes_at(at) == at + timedelta(hours=24)
    assert window_open(at, at + timedelta(hours=23, minutes=59))
    assert not window_open(at, at + timedelta(hours=24))
    assert not window_open(None, at)
