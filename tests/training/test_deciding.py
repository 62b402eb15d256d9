"""Deciding over HTTP: the example stands in the file and the row in the table, together or not at all."""

from __future__ import annotations

import asyncio

from tests.training.conftest import Room, insight

FELL_BACK = insight("nlu_fallback", 0.3, ranking=[{"name": "nlu_fallback", "confidence": 0.3}, {"name": "info_emas", "confidence": 0.25}])


async def test_each_decision_writes_where_it_should(room: Room) -> None:
    rani = await room.person("rani")
    ids = [await room.writes(f"kalimat unik {word}", FELL_BACK, phone=n) for n, word in enumerate(("satu", "dua", "tiga", "empat"), 1)]
    await rani.decide(ids[0], "right", intent="info_emas")
    await rani.decide(ids[1], "other", intent="ubah_reservasi")
    await rani.decide(ids[2], "out_of_topic")
    skipped = await rani.decide(ids[3], "skip")
    assert "      - kalimat unik satu\n" in room.file("info_emas")
    assert "      - kalimat unik dua\n" in room.file("reservasi_outlet")
    assert "      - kalimat unik tiga\n" in room.file("di_luar_topik")
    assert skipped["example"] is None
    diff = await rani.get("/api/train/diff")
    assert (diff["added"], diff["removed"], diff["missing"]) == (3, 0, [])
    assert "+      - kalimat unik satu" in diff["diff"]
    assert await rani.texts() == []
    labels = [review["label"] for review in (await rani.get("/api/train/reviews"))["reviews"]]
    assert labels == ["dilewati", "di luar topik", "topik lain: Reservasi outlet: ubah reservasi", "dibaca benar"]
    decided = await room.facts("review_decided")
    assert [(f.data["decision"], f.data["intent"], f.data["guess"]) for f in decided][1] == ("other", "ubah_reservasi", "info_emas")


async def test_a_decision_is_for_the_group_and_undone_as_one(room: Room) -> None:
    rani = await room.person("rani")
    ids = [
        await room.writes(text, FELL_BACK, phone=n) for n, text in enumerate(("cek saldo emas dong", "cek saldo emas dongg", "lelang"), 1)
    ]
    group = (await rani.get("/api/train/messages?q=saldo"))["groups"][0]
    before = room.file("info_emas")
    answer = await rani.decide(group["id"], "right", also=group["also"])
    assert len(answer["messages"]) == 2
    assert await rani.texts() == ["lelang"]
    assert len(room.file("info_emas").splitlines()) == len(before.splitlines()) + 1
    undone = await rani.undo(ids[0])
    assert (sorted(undone["messages"]), undone["removed"]) == (sorted(ids[:2]), True)
    assert room.file("info_emas") == before
    assert sorted(await rani.texts()) == ["cek saldo emas dongg", "lelang"]
    assert len(await room.facts("review_undone")) == 1
    await rani.undo(ids[0], expect=404)


async def test_entities_and_an_edited_text(room: Room) -> None:
    rani, message = await room.person("rani"), await room.writes("tring eror 😭 di depok, 081234567890", FELL_BACK)
    text = "Tring eror 😭 di depok, [TELEPON]"
    marks = [
        {"start": 0, "end": 5, "entity": "produk"},
        {"start": 16, "end": 21, "entity": "kota"},
        {"start": 23, "end": 32, "entity": "telepon"},
    ]
    wrong = [{"start": 0, "end": 99, "entity": "produk"}], [{"start": 0, "end": 5, "entity": "hewan"}], [{"start": "0"}], "x"
    for each in wrong:
        await rani.decide(message, "other", intent="keluhan_aplikasi", text=text, entities=each, expect=422)
    await rani.decide(message, "other", intent="keluhan_aplikasi", text=text, entities=marks)
    assert "      - [Tring](produk) eror 😭 di [depok](kota), [081200000000](telepon)\n" in room.file("keluhan_aplikasi")


async def test_personal_data_typed_into_the_example_is_refused(room: Room) -> None:
    rani, message = await room.person("rani"), await room.writes("tolong cek", FELL_BACK)
    answer = await rani.decide(message, "other", intent="info_emas", text="tolong cek 081234567890", expect=422)
    assert (answer["error"]["code"], answer["text"]) == ("personal_data", "tolong cek [TELEPON]")


async def test_what_is_taught_already_is_not_doubled(room: Room) -> None:
    rani = await room.person("rani")
    one, two = await room.writes("gadai emas", FELL_BACK), await room.writes("Gadai Emas?", FELL_BACK, phone=2)
    before = room.file("info_gadai")
    refused = await rani.decide(one, "other", intent="info_emas", expect=409)
    assert (refused["error"]["code"], refused["intent"]) == ("already_there", "info_gadai")
    assert "data/nlu/info_gadai.yml baris" in refused["error"]["message"]
    assert "[GADAI" not in str(await rani.texts())
    kept = await rani.decide(two, "other", intent="info_gadai")
    assert kept["example"]["written"] is False and "info_gadai.yml baris" in kept["example"]["place"]
    assert (await rani.undo(two))["removed"] is False
    assert room.file("info_gadai") == before


async def test_a_new_intent_says_what_it_needs(room: Room) -> None:
    rani, message = await room.person("rani"), await room.writes("lapor pajak emas gimana", FELL_BACK)
    assert (await rani.decide(message, "new", intent="Pajak!", expect=409))["error"]["code"] == "cannot_write"
    assert (await rani.decide(message, "new", intent="info_emas", expect=409))["error"]["code"] == "cannot_write"
    answer = await rani.decide(message, "new", intent="info_pajak", label="Pajak")
    assert len(answer["missing"]) == 3
    assert "      - lapor pajak emas gimana\n" in room.file("info_pajak")
    assert len((await rani.get("/api/train/diff"))["missing"]) == 3
    assert "info_pajak" in [each["id"] for each in (await rani.get("/api/train/options"))["intents"]]
    await rani.undo(message)
    assert not (room.folder / "data/nlu/info_pajak.yml").exists()


async def test_a_file_broken_by_hand_stops_the_decision_and_is_named(room: Room) -> None:
    rani, message = await room.person("rani"), await room.writes("kalimat unik", FELL_BACK)
    broken = room.folder / "data/nlu/salam.yml"
    whole = broken.read_text()
    broken.write_text(whole.replace("examples: |", "examples |", 1))
    refused = await rani.decide(message, "right", expect=409)
    assert refused["error"]["code"] == "cannot_write" and "data/nlu/salam.yml baris" in refused["error"]["message"]
    assert "salam.yml" in (await rani.get("/api/train/options"))["broken"]
    assert "salam.yml" in (await rani.get("/api/train/diff"))["missing"][0]
    assert await rani.texts() == ["kalimat unik"]
    assert await room.facts("review_decided") == []
    broken.write_text(whole)
    await rani.decide(message, "right")


async def test_nonsense_is_refused(room: Room) -> None:
    rani, message = await room.person("rani"), await room.writes("apa ini", insight("nlu_fallback", 0.3))
    tapped = await room.writes("Ya", insight(), phone=2, choice="/setuju")
    for body in ({"decision": "maybe"}, {"decision": "right"}, {"decision": "other"}, {"decision": "other", "intent": "tidak_ada"}):
        assert (await rani.call("POST", f"/api/train/messages/{message}/decide", body))[0] == 422, body
    assert (await rani.call("POST", f"/api/train/messages/{message}/decide", {"decision": "skip", "also": "x"}))[0] == 422
    await rani.decide(tapped, "skip", expect=422)
    await rani.decide("nothing", "skip", expect=404)
    assert await rani.texts() == ["apa ini"]


async def test_of_two_trainers_the_second_is_told_who_and_what(both: Room) -> None:
    rani = await both.person("rani")
    dodi = await both.person("dodi", server=await both.another() if both.db.dialect == "postgresql" else None)
    message = await both.writes("kalimat unik sekali", FELL_BACK)
    path = f"/api/train/messages/{message}/decide"
    answers = await asyncio.gather(
        rani.call("POST", path, {"decision": "other", "intent": "info_gadai"}),
        dodi.call("POST", path, {"decision": "other", "intent": "info_emas"}),
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    won, lost = sorted(answers, key=lambda answer: answer[0])
    assert lost[1]["error"]["code"] == "conflict"
    assert lost[1]["review"]["by"] == won[1]["review"]["by"]
    assert won[1]["review"]["by"]["name"] in lost[1]["error"]["message"] and won[1]["review"]["label"] in lost[1]["error"]["message"]
    written = [intent for intent in ("info_gadai", "info_emas") if "kalimat unik sekali" in both.file(intent)]
    assert written == [won[1]["review"]["intent"]]


async def test_many_decisions_at_once_lose_nothing(both: Room) -> None:
    people = [
        await both.person("rani"),
        await both.person("dodi", server=await both.another() if both.db.dialect == "postgresql" else None),
    ]
    ids = [await both.writes(f"kalimat {word} unik", FELL_BACK, phone=n) for n, word in enumerate("abcdefghij")]
    await asyncio.gather(*(people[n % 2].decide(message, "other", intent="info_gadai") for n, message in enumerate(ids)))
    assert all(f"      - kalimat {word} unik\n" in both.file("info_gadai") for word in "abcdefghij")
    assert len(await both.facts("review_decided")) == 10


async def test_only_ones_own_decision_or_a_leaders_word(room: Room) -> None:
    rani, dodi, wulan = await room.person("rani"), await room.person("dodi"), await room.person("wulan", "leader")
    message = await room.writes("kalimat unik", FELL_BACK)
    await rani.decide(message, "right")
    assert "Rani" in (await dodi.undo(message, expect=403))["error"]["message"]
    await wulan.undo(message)
    assert "kalimat unik" not in room.file("info_emas")
