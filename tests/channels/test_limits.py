"""Allowances: so much at once, then so much a second, and no memory for who is not active any more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.livechat import limits
from bot.channels.livechat.limits import Allowances


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_then_so_many_a_second() -> None:
    watch = Watch()
    allowance = Allowances(3, 2, watch)
    assert [allowance.take("a") for _ in range(4)] == [True, True, True, False]
    assert allowance.take("b"), "each key has its own"
    assert allowance.wait("a") == 0.5
    watch.now += 0.5
    assert [allowance.take("a"), allowance.take("a")] == [True, False]


def test_what_is_refused_uses_nothing_up() -> None:
    watch = Watch()
    allowance = Allowances(5, 1, watch)
    assert not allowance.take("a", 6)
    assert allowance.take("a", 5)


def test_who_is_not_active_any_more_is_forgotten() -> None:
    watch = Watch()
    allowance = Allowances(20, 2, watch)
    for number in range(2000):
        allowance.take(f"v{number}")
        watch.now += 0.01
    assert len(allowance) < 100, "each is full again after half a second"
    watch.now += 60
    allowance.take("last")
    assert len(allowance) == 1


def test_a_flood_of_keys_is_bounded(monkeypatch: object) -> None:
    watch = Watch()
    allowance = Allowances(20, 2, watch)
    for number in range(limits.MOST_KEYS + 500):
        allowance.take(f"v{number}", 20)
    assert len(allowance) == limits.MOST_KEYS


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3)), max_size=60))
def test_never_more_than_burst_and_rate_allow(steps: list[tuple[str, float]]) -> None:
    watch = Watch()
    allowance, start = Allowances(4, 2, watch), watch.now
    taken = {"a": 0, "b": 0}
    for key, pause in steps:
        watch.now += pause
        taken[key] += allowance.take(key)
        assert taken[key] <= 4 + 2 * (watch.now - start) + 1e-6
