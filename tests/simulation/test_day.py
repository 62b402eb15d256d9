"""A short simulated day on both databases, and that a seed is a day: tests/simulation/day/README.md. `make simulate` runs long ones."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.day.checker import judge
from tests.simulation.day.checker.evidence import load
from tests.simulation.day.day import Day, quick_passwords
from tests.simulation.day.digest import digest
from tests.support.servers import EngineProcess

SEED = int(os.environ.get("SEED", "7"))
# A crash drops connections in hand, and the pool complains when they are collected.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Logging in costs nothing, and what goes wrong on purpose is not told."""
    logging.disable(logging.CRITICAL)
    with quick_passwords():
        yield
    logging.disable(logging.NOTSET)


async def test_a_day_with_faults_is_right(engine: EngineProcess, database_url: str, tmp_path: Path) -> None:
    day = Day(SEED, database_url, tmp_path, engine.url, customers=60)
    await day.run()
    problems = judge(await load(database_url, day.record()))
    assert problems == [], f"replay: make simulate SEED={SEED} CUSTOMERS=60"
    assert day.lives > 1, "no crash: the day proves less than it should"


async def test_a_seed_gives_the_same_day_twice(engine: EngineProcess, sqlite_template: Path, tmp_path: Path) -> None:
    digests = set()
    for run in ("first", "second"):
        folder = tmp_path / run
        folder.mkdir()
        shutil.copy(sqlite_template, folder / "sapa.db")
        url = f"sqlite+aiosqlite:///{folder / 'sapa.db'}"
        day = Day(SEED + 1, url, folder, engine.url, customers=30)
        await day.run()
        digests.add(digest(await load(url, day.record())))
    assert len(digests) == 1, digests
