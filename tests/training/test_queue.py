"""The queue over HTTP: who may see it, what stands in it, in which order, and that nothing personal does."""

from __future__ import annotations

import json
import random

import pytest
from sqlalchemy import insert, update

from bot.conversations.records import messages
from tests.training.conftest import Room, insight

FELL_BACK = insight("nlu_fallback", 0.3, ranking=[{"name": "nlu_fallback", "confidence": 0.3}, {"name": "info_emas", "confidence": 0.25}])
SURE = insight("info_gadai", 0.98)


async def test_trainers_leaders_and_admins_only(room: Room) -> None:
    message = await room.writes("halo")
    for role, status in (("agent", 403), ("trainer", 200), ("leader", 200), ("admin", 200)):
        person = await room.person(f"orang-{role}", role)
        for path in ("me", "options", "messages", f"messages/{message}", "reviews", "diff"):
            assert (await person.call("GET", f"/api/train/{path}"))[0] == status, path
        if role == "agent":
            for path in ("decide", "undo"):
                assert (await person.call("POST", f"/api/train/messages/{message}/{path}", {"decision": "skip"}))[0] == 403
    person.client.session.cookie_jar.clear()
    assert (await person.call("GET", "/api/train/messages"))[0] == 401
    assert (await person.call("GET", "/api/train/nothing"))[1]["error"]["code"] == "not_found"


async def test_deciding_needs_the_csrf_token(room: Room) -> None:
    rani, message = await room.person("rani"), await room.writes("halo")
    rani.csrf = "wrong"
    assert (await rani.decide(message, "skip", expect=403))["error"]["code"] == "csrf"


async def test_the_most_useful_comes_first_and_says_why(room: Room) -> None:
    await room.writes("gadai emas bisa", SURE, phone=1)
    await room.writes("apaan sih ini", FELL_BACK, phone=2)
    third = await room.writes("kok begini ya", insight("keluhan_layanan", 0.6), phone=3)
    await room.hand_over(third, "requested")
    await room.writes("bunga berapa", insight("info_gadai", 0.5, second="info_pinjaman_lain"), phone=4)
    rani = await room.person("rani")
    groups = (await rani.get("/api/train/messages"))["groups"]
    assert [(g["text"], [r["id"] for r in g["reasons"]]) for g in groups] == [
        ("bunga berapa", ["second_opinion", "low_confidence"]),
        ("apaan sih ini", ["fallback"]),
        ("kok begini ya", ["handed_over", "low_confidence"]),
        ("gadai emas bisa", []),
    ]
    assert groups[1]["guess"] | {"confidence": 0} == {
        "intent": "info_emas",
        "label": "Informasi emas",
        "confidence": 0,
        "fallback": True,
        "second": None,
    }
    assert groups[0]["guess"]["second"] == {"intent": "info_pinjaman_lain", "label": "Informasi pinjaman lain"}


async def test_what_cannot_be_judged_is_left_out(room: Room) -> None:
    await room.writes("Ya", SURE, choice="/setuju")
    await room.writes("Budi Santoso", insight("salam", 0.2, form="complaint_form"), phone=2)
    await room.writes("belum dibaca", {}, phone=3)
    await room.writes("harga emas", SURE, phone=4)
    rani = await room.person("rani")
    assert await rani.texts() == ["harga emas"]


async def test_filters_and_search(room: Room) -> None:
    await room.writes("harga emas antam", insight("info_emas", 0.4), channel="livechat", phone=1)
    await room.writes("bunga gadai 081234567890", FELL_BACK, phone=2)
    room.clock.advance(86_400)
    await room.writes("pinjam uang", insight("info_pinjaman_lain", 0.98), phone=3)
    rani = await room.person("rani")
    for query, texts in (
        ("?topic=info_emas", ["bunga gadai [TELEPON]", "harga emas antam"]),
        ("?channel=livechat", ["harga emas antam"]),
        ("?reason=fallback", ["bunga gadai [TELEPON]"]),
        ("?q=ANTAM+harga", ["harga emas antam"]),
        ("?q=081234567890", []),  # who searches for a number learns nothing
        ("?from=2026-11-24", ["pinjam uang"]),
        ("?to=2026-11-23", ["bunga gadai [TELEPON]", "harga emas antam"]),
        ("?from=2026-11-23&to=2026-11-24&q=uang", ["pinjam uang"]),
    ):
        assert await rani.texts(query) == texts, query
    for wrong in ("?topic=x", "?reason=x", "?from=kemarin", "?from=2026-11-24&to=2026-11-23", "?after=x"):
        assert (await rani.call("GET", f"/api/train/messages{wrong}"))[0] == 422, wrong


async def test_near_duplicates_stand_together(room: Room) -> None:
    for phone, text in enumerate(("saldo saya belum masuk", "saldo saya belum masukk", "Saldo saya belum masuk!", "lelang kapan"), 1):
        await room.writes(text, insight("keluhan_transaksi", 0.5), phone=phone)
    page = await (await room.person("rani")).get("/api/train/messages")
    assert [(g["text"], len(g["also"])) for g in page["groups"]] == [("Saldo saya belum masuk!", 2), ("lelang kapan", 0)]
    assert page["total"] == {"groups": 2, "messages": 4}


async def test_pages_follow_each_other_without_gap_or_double(room: Room) -> None:
    words = ("emas", "gadai", "lelang", "outlet", "saldo", "tring", "cicil", "deposito", "bpkb", "laptop")
    wanted = {f"{a} {b} {c}" for a in words for b in words for c in ("x", "yyyyyy") if a < b}
    for number, text in enumerate(sorted(wanted)):
        await room.writes(text, insight("info_gadai", 0.3 + number % 7 / 10), phone=number % 90)
    rani = await room.person("rani")
    seen, after = [], ""
    while True:
        page = await rani.get(f"/api/train/messages?after={after}")
        for group in page["groups"]:
            seen += [group["text"], *(other["text"] for other in group["others"])]
        await rani.decide(page["groups"][0]["id"], "skip")  # deciding meanwhile shifts nothing
        after = page["next"]
        if not after:
            break
    assert sorted(seen) == sorted(wanted)


async def test_nothing_personal_leaves_the_service(room: Room) -> None:
    first = await room.writes("nama saya Tukiyem, wa 081234567890 nik 3201234506900001", FELL_BACK, name="Tukiyem Sari")
    await room.writes("tukiyem lagi, email tukiyem@gmail.com", FELL_BACK, name="Tukiyem Sari")
    rani = await room.person("rani")
    told = json.dumps([await rani.get("/api/train/messages"), await rani.get(f"/api/train/messages/{first}")]).lower()
    for secret in ("tukiyem", "0812", "3201", "gmail"):
        assert secret not in told
    opened = await rani.get(f"/api/train/messages/{first}")
    assert [each["here"] for each in opened["around"]] == [True, False]
    assert (await rani.call("GET", "/api/train/messages/nothing"))[0] == 404


async def test_a_name_that_a_form_was_told_is_hidden_before_and_after(room: Room) -> None:
    first = await room.writes("salam dari painem", FELL_BACK)
    rani = await room.person("rani")
    assert await rani.texts() == ["salam dari painem"]  # nothing says yet that this is a name
    await room.writes("Painem", insight("salam", 0.2, form="complaint_form", answers=["reporter"]))
    assert await rani.texts() == ["salam dari [NAMA]"]
    assert "painem" not in str(await rani.get(f"/api/train/messages/{first}")).lower()
    await rani.decide(first, "out_of_topic")
    assert "      - salam dari Fulan\n" in room.file("di_luar_topik")


async def test_a_message_that_was_taken_back_is_gone(room: Room) -> None:
    message = await room.writes("rahasia saya", FELL_BACK)
    rani = await room.person("rani")
    async with room.db.write() as tx:
        await tx.execute(update(messages).where(messages.c.id == message).values(revoked=True))
    assert await rani.texts() == []
    assert "rahasia" not in str(await rani.get(f"/api/train/messages/{message}"))
    await rani.decide(message, "skip", expect=422)


@pytest.mark.parametrize("count", [3000])
async def test_thousands_of_messages_are_listed(room: Room, count: int) -> None:
    chance = random.Random(3)
    lines = [
        line[8:]
        for name in ("info_gadai", "info_emas", "keluhan_transaksi", "keluhan_aplikasi")
        for line in room.file(name).splitlines()
        if line.startswith("      - ")
    ]
    first = await room.writes("halo")
    async with room.db.write() as tx:
        row = (await tx.execute(messages.select().where(messages.c.id == first))).one()
        rows = [
            {
                **row._mapping,
                "id": f"m{number:08}",
                "seq": 10 + number,
                "external_id": f"x{number}",
                "text": f"{chance.choice(lines)} {chance.choice(['', 'ya', 'kak'])}",
            }
            for number in range(count)
        ]
        for start in range(0, count, 500):
            await tx.execute(insert(messages), rows[start : start + 500])
    rani = await room.person("rani")
    page = await rani.get("/api/train/messages")
    assert page["total"]["messages"] > count * 0.9
