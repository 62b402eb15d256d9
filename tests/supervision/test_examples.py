"""The examples of docs/figures.md, word for word."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.supervision.bookings import quarter_of
from bot.supervision.formulas import figures_of
from tests.supervision.conftest import Books
from tests.support.servers import ROOT

MIDNIGHT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # Monday in Jakarta
PAGE = (ROOT / "docs/figures.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```example\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
HEADS = [PAGE[: found.start()].rpartition("\n## ")[2].partition("\n")[0] for found in re.finditer(r"^```example", PAGE, re.MULTILINE)]


def moment(clock: str) -> datetime:
    hours, minutes, seconds = [*map(int, clock.split(":")), 0][:3]
    return MIDNIGHT + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def line(text: str) -> dict[str, Any]:
    clock, subject, kind, *rest = text.split()
    told: dict[str, Any] = dict(part.split("=") for part in rest)
    told = {name: None if value == "-" else int(value) if value.isdigit() else value for name, value in told.items()}
    agent, wrote = told.pop("agent", None), told.pop("wrote", None)
    if "understood" in told:
        told["understood"] = told["understood"] == "true"
    if "until" in told:
        told["until"] = moment(told["until"]).isoformat()
    if kind in ("ticket_opened", "ticket_changed"):
        told = {"state": told}
    return {
        "kind": kind,
        "at": moment(clock),
        "channel_at": moment(wrote) if wrote else None,
        "conversation_id": subject if subject.startswith("C") else None,
        "agent_id": subject if kind == "agent_state_changed" else agent,
        "ticket": subject if subject.startswith("T") else None,
        "data": told,
    }


def test_every_part_of_the_page_has_an_example() -> None:
    assert len(EXAMPLES) >= 8


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=[re.sub(r"\W+", "-", head) for head in HEADS])
async def test_example(sqlite_books: Books, number: int) -> None:
    for text in EXAMPLES[number].splitlines():
        if not text.startswith("="):
            await sqlite_books.write([line(text)])
            continue
        await sqlite_books.tally.catch_up()
        where, _, wanted = text[1:].rpartition(": ") if re.match(r"= (at|agent|reason|topic|served|channel) ", text) else ("", "", text[1:])
        amounts = await _amounts(sqlite_books, where.strip())
        shown = {**amounts, **{name: figure for name, figure in figures_of(amounts).items() if figure is not None}}
        for each in wanted.split(","):
            name, value = each.split()
            assert shown.get(name, 0) == float(value), (text, shown)


async def _amounts(books: Books, where: str) -> dict[str, int]:
    dimension, _, key = where.partition(" ")
    grain = "quarter" if dimension == "at" else "month"
    found = [
        amounts
        for (of_grain, of_dimension, start, of_key), amounts in (await books.counted()).items()
        if of_grain == grain
        and ((of_dimension, of_key) == ((dimension, key) if dimension not in ("", "at") else ("all", "")))
        and (dimension != "at" or start == quarter_of(moment(key)))
    ]
    assert len(found) <= 1
    return found[0] if found else {}
