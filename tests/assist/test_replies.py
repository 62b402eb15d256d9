"""Canned replies at the desk: who sees, who changes, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot.desk.records import users
from tests.desk.conftest import BOTH

if TYPE_CHECKING:
    from tests.desk.conftest import Bench

pytestmark = pytest.mark.asyncio
REPLIES = "/api/desk/replies"
GOOD: dict[str, Any] = {
    "scope": "mine",
    "shortcut": "hai",
    "title": "Hai",
    "text": "Halo {sapaan} {nama}, saya {petugas}.",
    "topics": ["salam"],
}


def own(listed: Any) -> list[Any]:
    return [each for each in listed["replies"] if each["scope"] != "client"]


@BOTH
async def test_scopes(bench: Bench) -> None:
    rani, dewi = await bench.person("rani"), await bench.person("dewi")
    budi, tier2 = await bench.person("budi", "leader"), await bench.person("tari")
    async with bench.db.write() as tx:
        await tx.execute(update(users).where(users.c.username == "tari").values(team="helpdesk"))
    mine = (await rani.post(REPLIES, GOOD, expect=201))["reply"]
    await budi.post(REPLIES, {**GOOD, "scope": "team", "shortcut": "tim"}, expect=201)
    await budi.post(REPLIES, {**GOOD, "scope": "all", "shortcut": "semua"}, expect=201)
    assert [(each["shortcut"], each["editable"]) for each in own(await rani.get(REPLIES))] == [
        ("hai", True),
        ("semua", False),
        ("tim", False),
    ]
    assert [(each["shortcut"], each["editable"]) for each in own(await budi.get(REPLIES))] == [("semua", True), ("tim", True)]
    assert [each["shortcut"] for each in own(await dewi.get(REPLIES))] == ["semua", "tim"]
    assert [each["shortcut"] for each in own(await tier2.get(REPLIES))] == ["semua"]
    assert any(each["id"] == "tunggu" and not each["editable"] for each in (await rani.get(REPLIES))["replies"])
    for scope in ("all", "team"):
        assert await rani.refused(REPLIES, {**GOOD, "scope": scope, "shortcut": "x"}) == (403, "forbidden")
    assert await dewi.refused(f"{REPLIES}/{mine['id']}", GOOD, "PUT") == (404, "not_found")
    assert await budi.refused(f"{REPLIES}/{mine['id']}", method="DELETE") == (404, "not_found")
    assert await rani.refused(f"{REPLIES}/{mine['id']}", {**GOOD, "scope": "all"}, "PUT") == (403, "forbidden")


@BOTH
async def test_changing_and_removing(bench: Bench) -> None:
    rani = await bench.person("rani")
    mine = (await rani.post(REPLIES, GOOD, expect=201))["reply"]
    assert await rani.refused(REPLIES, GOOD) == (409, "conflict")
    assert await rani.refused(REPLIES, {**GOOD, "shortcut": "tunggu"}) == (409, "conflict")
    status, changed = await rani.call("PUT", f"{REPLIES}/{mine['id']}", {**GOOD, "text": "Baik."})
    assert (status, changed["reply"]["text"], changed["reply"]["id"]) == (200, "Baik.", mine["id"])
    await rani.post(REPLIES, {**GOOD, "shortcut": "dua"}, expect=201)
    assert await rani.refused(f"{REPLIES}/{mine['id']}", {**GOOD, "shortcut": "dua"}, "PUT") == (409, "conflict")
    assert (await rani.call("DELETE", f"{REPLIES}/{mine['id']}"))[0] == 204
    assert await rani.refused(f"{REPLIES}/{mine['id']}", method="DELETE") == (404, "not_found")


async def test_places_are_filled_in(bench: Bench) -> None:
    rani = await bench.person("rani")
    conversation = await bench.queued(7)
    await rani.post(REPLIES, GOOD, expect=201)
    filled = {each["shortcut"]: each["filled"] for each in (await rani.get(f"{REPLIES}?conversation={conversation}"))["replies"]}
    assert filled["hai"] == "Halo Bapak/Ibu Nasabah 7, saya Rani."
    assert filled["salam_singkat"].startswith("Selamat pagi, Bapak/Ibu Nasabah 7. Dengan Rani dari Pegadaian,")
    assert filled["tiket_dibuat"].startswith("Laporan Bapak/Ibu sudah kami catat. Mohon")
    assert all("{" not in text for text in filled.values())
    for strange in ("NOSUCH", "%00", "%ED%A0%80", "a" * 500):
        assert await rani.refused(f"{REPLIES}?conversation={strange}", method="GET") == (404, "not_found")


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"scope": "semua"}, "bad_field"),
        ({"scope": None}, "bad_field"),
        ({"scope": ["all"]}, "bad_field"),
        ({"shortcut": ""}, "bad_field"),
        ({"shortcut": "Hai Hai"}, "bad_field"),
        ({"shortcut": "a" * 41}, "bad_field"),
        ({"shortcut": "hai\n"}, "bad_field"),
        ({"title": " "}, "empty"),
        ({"text": ""}, "empty"),
        ({"title": "x" * 101}, "too_long"),
        ({"text": "x" * 2001}, "too_long"),
        ({"text": "x" * 30_000}, "bad_field"),
        ({"text": 7}, "bad_field"),
        ({"text": "Halo {nma}"}, "bad_field"),
        ({"text": "Halo {nama"}, "bad_field"),
        ({"text": "Mohon sebutkan PIN Anda"}, "asks_secret"),
        ({"text": "Kirimkan kode OTP yang diterima"}, "asks_secret"),
        ({"text": "PIN saya 123456"}, "asks_secret"),
        ({"topics": ["nosuch"]}, "bad_field"),
        ({"topics": "salam"}, "bad_field"),
        ({"topics": [{"id": "salam"}]}, "bad_field"),
        ({"topics": ["salam"] * 21}, "bad_field"),
    ],
)
async def test_what_is_refused(bench: Bench, spoilt: dict[str, Any], code: str) -> None:
    rani = await bench.person("rani")
    assert await rani.refused(REPLIES, {**GOOD, **spoilt}) == (422, code)
    assert own(await rani.get(REPLIES)) == []


async def test_a_trainer_has_none(bench: Bench) -> None:
    trainer = await bench.person("tono", "trainer")
    assert await trainer.refused(REPLIES, method="GET") == (403, "forbidden")
    assert await trainer.refused(REPLIES, GOOD) == (403, "forbidden")


async def test_a_reply_of_the_desk_is_suggested_as_soon_as_it_is_written(bench: Bench) -> None:
    budi = await bench.person("budi", "leader")
    conversation = await bench.queued(3, text="kartu member saya rusak")
    other = await bench.queued(4, text="kartu member saya rusak")
    await bench.read()
    assert "kartu" not in str((await budi.get(f"/api/desk/conversations/{other}/assist"))["assist"]["suggestions"])
    text = "Kartu member dapat diganti di outlet, {sapaan}."
    await budi.post(REPLIES, {**GOOD, "scope": "all", "shortcut": "kartu", "title": "Kartu member rusak", "text": text}, expect=201)
    offered = (await budi.get(f"/api/desk/conversations/{conversation}/assist"))["assist"]["suggestions"]
    assert "Kartu member dapat diganti di outlet, Bapak/Ibu." in [each["text"] for each in offered]
