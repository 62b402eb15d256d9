"""`sapa tickets check` as an operator runs it."""

from __future__ import annotations

from pathlib import Path

from bot.tickets.records import tickets
from tests.operations.test_backup import sapa
from tests.tickets.conftest import Floor, at


async def test_the_command_names_what_differs_and_mends_it(database_url: str, tmp_path: Path) -> None:
    floor = Floor(database_url, at("23 10:00"))
    try:
        await floor.open()
        await floor.change("solve", status="solved")
        assert await sapa(database_url, tmp_path, "tickets", "check") == (0, "1 tickets, 0 differing\n")
        async with floor.db.write() as tx:
            await tx.update(tickets, {"number": "T-1"}, due_at=at("24 10:00"))
        code, said = await sapa(database_url, tmp_path, "tickets", "check")
        assert (code, said.splitlines()) == (1, ["T-1: due_at is 2026-11-24 03:00:00, by the log none", "1 tickets, 1 differing"])
        assert (await sapa(database_url, tmp_path, "tickets", "check", "--mend"))[0] == 0
        assert (await sapa(database_url, tmp_path, "tickets", "check"))[0] == 0
    finally:
        await floor.close()
