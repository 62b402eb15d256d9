"""Runs every conversation of conversations/*.yml through the whole stack; README.md beside this file says what a file holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import StackFactory
from tests.dialogue.player import begins_at, cases, mistake_in, play


@pytest.mark.engine
@pytest.mark.parametrize(("case", "channel"), [pytest.param(case, channel, id=f"{name}-{channel}") for name, channel, case in cases()])
async def test_conversation(case: dict[str, Any], channel: str, start_stack: StackFactory, sqlite_url: str) -> None:
    await play(case, channel, await start_stack(sqlite_url, begins_at(case)))


@pytest.mark.parametrize(
    ("case", "mistake"),
    [
        ({"name": "x", "steps": []}, "steps"),
        ({"name": "x", "steps": [{"hears": ["halo"]}]}, "exactly one"),
        ({"name": "x", "steps": [{"says": "a", "taps": "b"}]}, "exactly one"),
        ({"name": "x", "steps": [{"says": "a", "heers": ["b"]}]}, "heers"),
        ({"name": "x", "steps": [{"says": "a", "hears": "b"}]}, "list"),
        ({"name": "x", "steps": [{"says": "a"}], "then": {"ticketts": 1}}, "ticketts"),
        ({"name": "x", "steps": [{"says": "a"}], "chanels": ["livechat"]}, "chanels"),
    ],
)
def test_a_misspelt_file_is_refused(case: dict[str, Any], mistake: str) -> None:
    """Otherwise a check that is misspelt would pass for ever."""
    assert mistake in (mistake_in(case) or "")
