"""Tickets are found by words, numbers and phone numbers, the same on both databases; rare and frequent words alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, update

from bot.ids import new_id
from bot.tickets.records import ticket_notes, tickets
from bot.tickets.search import index_words
from tests.desk.conftest import BOTH, START
from tests.support.tickets import put_customer, put_ticket

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
TEXTS: dict[int, dict[str, Any]] = {
    260001: {"summary": "Saldo belum masuk setelah pembayaran", "detail": "Sudah saya bayarkan lewat VA kemarin, refund blm jg"},
    260002: {"summary": "Aplikasi tidak bisa dibuka", "reporter": "Wulandari", "contact": "+6281299998888"},
    260003: {"summary": "Cetakan emas rusak", "product": "Tabungan Emas", "category": "cetak", "sub_category": "rusak"},
    260004: {"summary": "Antrean lama", "detail": "Petugas kurang ramah, nasabah menunggu 3 jam di e-KTP"},
}


async def furnish(bench: Bench) -> None:
    async with bench.db.write() as tx:
        budi = await put_customer(tx, "Budi", "6281234567890")
        siti = await put_customer(tx, "Siti", "6281300000001")
        for number, values in TEXTS.items():
            await put_ticket(tx, number, START, siti if number == 260004 else budi, **values)
            await index_words(tx, f"ARIA-{number}", bench.library.client)


async def found(person: Person, query: str, **more: str) -> list[int]:
    async with person.client.get("/api/desk/tickets", params={"q": query, "sort": "old", **more}) as response:
        assert response.status == 200, await response.text()
        return [int(row["number"][-1]) for row in (await response.json())["tickets"]]


@BOTH
@pytest.mark.parametrize("often", [False, True])
async def test_what_is_found(bench: Bench, often: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if often:  # every word counts as frequent: it is tested row by row
        monkeypatch.setattr("bot.tickets.search.FEW", 0)
    await furnish(bench)
    rani = await bench.person("rani")
    for query, expected in {
        "pembayaran": [1],
        "membayar": [1],  # the same stem
        "dibayarkan": [1],
        "pemba": [1],  # the last word's beginning
        "saldo pemb": [1],
        "pemb saldo": [],  # only the last one's
        "saldo blm masuk": [1],  # slang
        "gak bisa buka": [2],
        "wulandari": [2],
        "WULANDARI": [2],
        "saldo wulandari": [],
        "top up": [],
        "emas": [3],
        "rusak": [3],
        "cetakan": [3],  # the category's label
        "ktp": [4],
        "ramah nasabah": [4],
        "yang": [],
        "%": [],
        "_": [],
        "' OR 1=1": [],
        "ARIA": [1, 2, 3, 4],
    }.items():
        assert await found(rani, query) == expected, query


@BOTH
async def test_a_number_goes_straight_to_its_ticket(bench: Bench) -> None:
    await furnish(bench)
    rani = await bench.person("rani")
    for query in ("ARIA-260003", "aria-260003", " ARIA 260003 ", "260003", "aria260003"):
        assert await found(rani, query) == [3], query
    assert await found(rani, "ARIA-269999") == []
    assert await found(rani, "ARIA-260003", unit="div_ti") == []  # a filter is a filter


@BOTH
async def test_a_phone_number_finds_its_customers_tickets(bench: Bench) -> None:
    await furnish(bench)
    rani = await bench.person("rani")
    for query in ("081234567890", "+62 812-3456-7890", "6281234567890", "0812 3456 7890"):
        assert await found(rani, query) == [1, 2, 3], query
    assert await found(rani, "0813-0000-0001") == [4]
    assert await found(rani, "081299998888") == [2]  # the one the customer gave
    assert await found(rani, "081200000000") == []


@BOTH
async def test_what_changes_is_found_as_it_is_now(bench: Bench) -> None:
    await furnish(bench)
    rani = await bench.person("rani")
    async with bench.db.write() as tx:
        await tx.execute(update(tickets).where(tickets.c.number == "ARIA-260001").values(summary="Kartu tertelan", detail=""))
        note = {"id": new_id(), "ticket": "ARIA-260002", "at": START, "author": "Rani", "text": "Sudah dihubungi, minta jadwal ulang"}
        await tx.execute(insert(ticket_notes).values(**note))
        for number in ("ARIA-260001", "ARIA-260002", "ARIA-269999"):
            await index_words(tx, number)
    assert await found(rani, "saldo") == []
    assert await found(rani, "tertelan") == [1]
    assert await found(rani, "jadwal ulang") == [2]


@BOTH
async def test_a_frequent_word_in_pages(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tickets.search.FEW", 20)
    rani = await bench.person("rani")
    async with bench.db.write() as tx:
        budi = await put_customer(tx, "Budi")
        for n in range(130):
            await put_ticket(
                tx, 260000 + n, START, budi, summary="Emas belum diterima" if n % 2 else "Lain", unit="helpdesk" if n % 10 else "tier1"
            )
    first = await rani.get("/api/desk/tickets?q=emas&sort=old")
    assert [row["number"] for row in first["tickets"]] == [f"ARIA-{260000 + n}" for n in range(1, 100, 2)]
    assert (first["total"], first["more"]) == (50, True)  # fifty at least
    second = await rani.get(f"/api/desk/tickets?q=emas&sort=old&after={first['next']}")
    assert [row["number"] for row in second["tickets"]] == [f"ARIA-{260000 + n}" for n in range(101, 130, 2)]
    assert (second["total"], second["more"], second["next"]) == (15, False, None)
    assert (await rani.get("/api/desk/tickets?q=emas&unit=tier1"))["tickets"] == []
