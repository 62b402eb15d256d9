"""Counting the log little by little gives what counting it all at once by another way gives, whatever comes between."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from bot.clock import ManualClock
from bot.conversations.records import facts
from bot.store.database import Database
from bot.supervision import cells as cells_module
from bot.supervision.records import figure_cells, figure_progress
from bot.supervision.recount import Recount
from bot.supervision.tally import Tally
from tests.supervision.conftest import CLIENT, START, Books
from tests.supervision.making import Making


def differing(counted: dict[Any, Any], due: dict[Any, Any]) -> list[Any]:
    return [(cell, counted.get(cell), due.get(cell)) for cell in sorted({*counted, *due}) if counted.get(cell) != due.get(cell)][:5]


@pytest.mark.parametrize("seed", range(8))
async def test_any_day_in_any_pieces(sqlite_books: Books, seed: int) -> None:
    await _in_pieces(sqlite_books, seed)


@pytest.mark.parametrize("seed", [100, 101])
async def test_any_day_in_any_pieces_on_both_databases(books: Books, seed: int) -> None:
    await _in_pieces(books, seed)


async def _in_pieces(books: Books, seed: int) -> None:
    chance, making = random.Random(seed), Making(seed, START)
    for _ in range(12):
        await books.write(making.lines(chance.randrange(1, 120)))
        for _ in range(chance.randrange(3)):
            await books.another(chance.choice((1, 7, 40))).advance()
    await books.tally.catch_up()
    counted, due = await books.counted(), await books.due()
    assert differing(counted, due) == []
    assert len(due) > 300
    await books.tally.begin_anew()
    assert await books.counted() == {}
    await books.tally.catch_up()
    assert await books.counted() == counted


async def test_a_step_that_dies_counts_nothing_and_is_taken_again(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    await books.write(Making(7, START).lines(200))
    add, left = cells_module.add, [True]

    async def dying(*given: Any) -> None:
        await add(*given)
        if left.pop():
            raise ConnectionError

    with monkeypatch.context() as patched:
        left[:] = [False, True, False]  # the second step dies after everything was written
        patched.setattr(cells_module, "add", dying)
        await books.another(50).advance()
        with pytest.raises(ConnectionError):
            await books.another(50).advance()
    await books.another(50).catch_up()
    assert differing(await books.counted(), await books.due()) == []


async def test_processes_side_by_side_count_each_fact_once(books: Books) -> None:
    others = [Database(books.db.url, ManualClock(START)) for _ in range(3)]
    making = Making(8, START)

    async def count(db: Database) -> None:
        for _ in range(15):
            await books.another(20, db).advance()
            await asyncio.sleep(0.005)

    async def write() -> None:
        for _ in range(10):
            await books.write(making.lines(30))

    try:
        await asyncio.gather(write(), *(count(db) for db in others))
    finally:
        for db in others:
            await db.close()
    await books.tally.catch_up()
    assert differing(await books.counted(), await books.due()) == []


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_fact_that_commits_after_a_later_one_is_not_missed(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.supervision.settled.PATIENCE_S", 0.1)
    first, second, third = Making(9, START).lines(3)
    async with books.db.write() as slow:
        await slow.execute(insert(facts).values(**first))
        await books.write([second])  # has the greater id, and is there first
        assert (await books.tally.advance()).fact_id == 0
        await books.write([third])
        assert (await books.tally.advance()).fact_id == 0
    assert (await books.tally.advance()).fact_id == 3
    assert differing(await books.counted(), await books.due()) == []


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_writer_that_begins_while_we_look_holds_nothing_up(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those who were writing when we began to look are waited for; a fact that never came leaves a gap and no harm."""
    first, second, third = Making(9, START).lines(3)
    with pytest.raises(ZeroDivisionError):
        async with books.db.write() as lost:
            await lost.execute(insert(facts).values(**first))
            raise ZeroDivisionError
    async with books.db.write() as slow:
        await slow.execute(insert(facts).values(**second))
        looking = asyncio.create_task(books.tally.advance())
        await asyncio.sleep(0.1)
        late = books.db.write()
        writer = await late.__aenter__()
        await writer.execute(insert(facts).values(**third))
    step = await looking
    await late.__aexit__(None, None, None)
    assert step.fact_id == 2  # the first left nothing but its number
    assert (await books.tally.advance()).fact_id == 3


async def test_other_definitions_count_the_log_anew(books: Books) -> None:
    await books.write(Making(10, START).lines(150))
    await books.tally.catch_up()
    counted = await books.counted()
    stricter = CLIENT.figures.model_copy(update={"targets": CLIENT.figures.targets.model_copy(update={"response_s": 1})})
    changed = Tally(books.db, CLIENT.model_copy(update={"figures": stricter}))
    await changed.catch_up()
    assert await books.counted() != counted
    await books.tally.catch_up()
    assert await books.counted() == counted
    async with books.db.write() as tx:
        await tx.execute(update(figure_progress).values(rules="of another release"))
        await tx.execute(text("DELETE FROM figure_cells"))
    await books.tally.catch_up()
    assert await books.counted() == counted


async def test_days_counted_anew_agree_and_what_was_spoilt_is_mended(books: Books) -> None:
    await books.write(Making(11, START).lines(700))
    await books.tally.catch_up()
    counted = await books.counted()
    recount, ever = Recount(books.db, CLIENT), (START - timedelta(days=60), START + timedelta(days=60))
    assert await recount.run(*ever, mend=False) == []
    one_of = sorted(cell for cell in counted if cell[0] in ("quarter", "month"))
    async with books.db.write() as tx:
        for grain, dimension, start, key in (one_of[0], one_of[-1], one_of[len(one_of) // 2]):
            which = {"grain": grain, "dimension": dimension, "start": start, "key": key}
            await tx.update(figure_cells, which, amounts={"spoilt": 1})
        await tx.insert(figure_cells, grain="day", dimension="agent", start=one_of[0][2], key="NOBODY", amounts={"handled": 1})
    assert await recount.run(*ever, mend=False) != []
    assert 3 <= len(await recount.run(*ever, mend=True)) <= 4
    assert await books.counted() == counted
