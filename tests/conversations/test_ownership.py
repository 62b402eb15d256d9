"""Who may answer after whom: the whole table."""

from __future__ import annotations

import itertools

import pytest

from bot.conversations.ownership import Owner, may_change

ALLOWED = {
    ("bot", "queue"),
    ("bot", "closed"),
    ("queue", "queue"),
    ("queue", "agent"),
    ("queue", "bot"),
    ("queue", "closed"),
    ("agent", "bot"),
    ("agent", "queue"),
    ("agent", "closed"),
}


@pytest.mark.parametrize(("current", "wanted"), list(itertools.product(map(str, Owner), repeat=2)))
def test_every_change(current: str, wanted: str) -> None:
    assert may_change(current, wanted) == ((current, wanted) in ALLOWED)


def test_an_owner_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError):
        may_change("bot", "nobody")
