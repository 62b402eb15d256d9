"""The assist over HTTP and the live line: what is offered, shown, used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot.assist.records import assists
from bot.conversations.records import conversations, messages
from tests.desk.conftest import BOTH

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
BOX = "/api/desk/conversations"
INSIGHT = {"intent": "keluhan_transaksi", "confidence": 0.9, "ranking": [{"name": "keluhan_transaksi", "confidence": 0.9}]}


async def newest(bench: Bench, conversation: str) -> Any:
    async with bench.db.read() as tx:
        m = messages.c
        own = (m.conversation_id == conversation) & (m.author == "customer")
        return (await tx.execute(select(messages).where(own).order_by(m.seq.desc()).limit(1))).one()


async def said(bench: Bench, text: str, phone: int = 1, insight: dict[str, Any] | None = INSIGHT) -> str:
    """A customer with a person writes; the worker has read it. Returns the message's id."""
    conversation = await bench.writes(text, phone)
    message = await newest(bench, conversation)
    if insight:
        async with bench.db.write() as tx:
            await tx.execute(update(messages).where(messages.c.id == message.id).values(content={"insight": insight}))
        message = await newest(bench, conversation)
    await bench.desks[0].assist.handed_over(message)
    return str(message.id)


async def served(bench: Bench, username: str = "rani") -> tuple[Person, str]:
    rani = await bench.person(username)
    conversation = await bench.queued()
    await rani.accept(conversation)
    return rani, conversation


@BOTH
async def test_a_message_is_read_for_the_desk(bench: Bench) -> None:
    rani, conversation = await served(bench)
    message = await said(bench, "Sudah bayar angsuran tapi belum masuk, saya kecewa!")
    shown = await rani.get(f"{BOX}/{conversation}/assist")
    assist = shown["assist"]
    assert assist["message"] == message
    assert assist["took_ms"] == 0
    assert assist["topic"] == {"id": "keluhan_transaksi", "label": "Keluhan transaksi", "confidence": 0.9}
    assert 1 <= len(assist["suggestions"]) <= 3
    assert {"k:transaksi-langkah-awal"} <= {each["id"] for each in assist["suggestions"]}
    assert set(assist["suggestions"][0]) == {"id", "kind", "title", "text", "source", "last_confirmed"}
    assert assist["flags"] == [{"id": "angry", "label": "Marah", "words": ["kecewa"]}]
    ticket = assist["prefill"]["ticket"]
    assert (ticket["topic"], ticket["summary"], ticket["priority"]) == ("keluhan_transaksi", "Saldo tidak masuk", "normal")
    assert assist["prefill"]["reservation"] is None
    assert assist["duplicates"] == []
    assert 3 <= len(shown["summary"]) <= 6
    assert all("{" not in each["text"] for each in assist["suggestions"])


async def test_the_form_is_asked_on(bench: Bench) -> None:
    rani, conversation = await served(bench)
    await said(bench, "iya betul", insight={"intent": "setuju", "confidence": 0.9})
    first = (await rani.get(f"{BOX}/{conversation}/assist"))["assist"]["suggestions"][0]
    assert (first["id"], first["kind"]) == ("q:reporter", "question")


async def test_without_an_engine_words_decide(bench: Bench) -> None:
    rani, conversation = await served(bench)
    await said(bench, "syarat gadai bpkb motor apa aja", insight=None)
    assist = (await rani.get(f"{BOX}/{conversation}/assist"))["assist"]
    assert assist["topic"] is None
    assert "k:gadai-bpkb" in [each["id"] for each in assist["suggestions"]]


async def test_with_the_bot_nothing_is_offered(bench: Bench) -> None:
    await bench.writes("mau gadai emas")
    conversation = await bench.writes("mau gadai emas")
    await bench.desks[0].assist.handed_over(await newest(bench, conversation))
    async with bench.db.read() as tx:
        assert (await tx.execute(select(assists))).all() == []


async def test_what_was_missed_is_read_when_somebody_looks(bench: Bench) -> None:
    rani, conversation = await served(bench)
    assert (await rani.get(f"{BOX}/{conversation}/assist"))["assist"] is None, "the worker is about to read it"
    await bench.read()
    assert (await rani.get(f"{BOX}/{conversation}/assist"))["assist"]["message"] == (await newest(bench, conversation)).id
    assert await rani.refused(f"{BOX}/NOSUCH/assist", method="GET") == (404, "not_found")


async def test_the_desk_hears_of_it(bench: Bench) -> None:
    rani, conversation = await served(bench)
    dewi = await bench.person("dewi")
    hers, foreign = await rani.live(), await dewi.live()
    message = await said(bench, "uang saya kepotong dua kali")
    frame = await hers.next("assist")
    assert (frame["conversation"], frame["assist"]["message"]) == (conversation, message)
    assert "assist" not in {each["type"] for each in await foreign.sync()}


@BOTH
async def test_a_message_is_kept_once(bench: Bench) -> None:
    await served(bench)
    await said(bench, "uang saya kepotong dua kali")
    message = await newest(bench, (await bench.facts("message_received"))[-1].conversation_id)
    await bench.desks[0].assist.handed_over(message)
    async with bench.db.read() as tx:
        assert len((await tx.execute(select(assists).where(assists.c.message_id == message.id))).all()) == 1


@BOTH
async def test_fates(bench: Bench) -> None:
    rani, conversation = await served(bench)
    message = await said(bench, "uang saya kepotong dua kali waktu bayar angsuran")
    suggestions = (await rani.get(f"{BOX}/{conversation}/assist"))["assist"]["suggestions"]
    assert len(suggestions) == 3
    used, wrong, third = (each["id"] for each in suggestions)
    fate = f"{BOX}/{conversation}/assist/fate"
    for _ in range(2):
        assert (await rani.post(fate, {"message": message, "suggestion": used, "fate": "inserted"}))["fates"] == {used: "inserted"}
    for _ in range(2):
        told = await rani.post(fate, {"message": message, "suggestion": wrong, "fate": "wrong"})
    assert told["fates"] == {used: "inserted", wrong: "wrong"}
    body = {"client_id": "c-1", "text": f" {suggestions[0]['text']} ", "media": [], "suggestion": {"message": message, "id": used}}
    for _ in range(2):
        await rani.post(f"{BOX}/{conversation}/reply", body)
    await rani.reply(conversation, "Baik, Bapak/Ibu.", "c-2")
    found = [(f.data["suggestion"], f.data["fate"], f.data["rank"], f.data["topic"]) for f in await bench.facts("suggestion_fate")]
    assert found == [
        (used, "inserted", 1, "keluhan_transaksi"),
        (wrong, "wrong", 2, "keluhan_transaksi"),
        (used, "used", 1, "keluhan_transaksi"),
        (third, "ignored", 3, "keluhan_transaksi"),
    ]
    assert (await newest(bench, conversation)).content["suggested_wrong"] is True


@pytest.mark.parametrize(
    ("change", "fate"),
    [(lambda text: text + " Mohon ditunggu ya.", "edited"), (lambda text: "Selamat siang.", "ignored")],
    ids=["edited", "written anew"],
)
async def test_what_became_of_a_suggestion(bench: Bench, change: Any, fate: str) -> None:
    rani, conversation = await served(bench)
    message = await said(bench, "otp nya tidak masuk", insight=None)
    first = (await rani.get(f"{BOX}/{conversation}/assist"))["assist"]["suggestions"][0]
    suggestion = {"message": message, "id": first["id"]}
    await rani.post(f"{BOX}/{conversation}/reply", {"client_id": "c", "text": change(first["text"]), "suggestion": suggestion})
    facts = {f.data["suggestion"]: f.data["fate"] for f in await bench.facts("suggestion_fate")}
    assert facts[first["id"]] == fate


@BOTH
async def test_fates_that_are_refused(bench: Bench) -> None:
    rani, conversation = await served(bench)
    message = await said(bench, "uang saya kepotong dua kali")
    fate = f"{BOX}/{conversation}/assist/fate"
    first = (await rani.get(f"{BOX}/{conversation}/assist"))["assist"]["suggestions"][0]["id"]
    good = {"message": message, "suggestion": first, "fate": "inserted"}
    dewi = await bench.person("dewi")
    assert await dewi.refused(fate, good) == (409, "not_yours")
    trainer = await bench.person("tono", "trainer")
    assert await trainer.refused(fate, good) == (403, "forbidden")
    assert await trainer.refused(f"{BOX}/{conversation}/assist", method="GET") == (403, "forbidden")
    for spoilt in ({"fate": "used"}, {"fate": None}, {"fate": ["wrong"]}, {"message": 7}, {"suggestion": {"a": 1}}):
        assert (await rani.refused(fate, {**good, **spoilt}))[0] == 422
    for strange in ({"message": "NOSUCH"}, {"suggestion": "k:nosuch"}):
        assert await rani.refused(fate, {**good, **strange}) == (404, "not_found")
    for number, spoilt in enumerate(
        (
            7,
            [],
            {"message": 3, "id": "k"},
            {"id": "k:x"},
            {"message": "NOSUCH", "id": "k:x"},
            {"message": message, "id": "\ud800"},
            {"message": "\ud800", "id": "k:x"},
            {"message": "\x00", "id": "k:x"},
        )
    ):
        await rani.post(f"{BOX}/{conversation}/reply", {"client_id": f"c-{number}", "text": "Baik.", "suggestion": spoilt})


async def test_tickets_of_other_conversations_wait_for_verification(bench: Bench) -> None:
    rani, first = await served(bench)
    made = await rani.post(
        f"{BOX}/{first}/ticket", {"topic": "keluhan_transaksi", "summary": "Saldo terpotong", "client_id": "t"}, expect=201
    )
    await rani.close(first, "ticket", closing=False)
    second = await bench.queued()
    await bench.row(second)
    await rani.post(f"{BOX}/{second}/accept", {"episode": 1})
    await said(bench, "uang saya kepotong dua kali")
    assert (await rani.get(f"{BOX}/{second}/assist"))["assist"]["duplicates"] == []
    async with bench.db.write() as tx:
        await tx.execute(update(conversations).where(conversations.c.id == second).values(verified=1))
    assert (await rani.get(f"{BOX}/{second}/assist"))["assist"]["duplicates"] == [
        {"number": made["ticket"]["number"], "summary": "Saldo terpotong", "status": {"id": "open", "label": "Baru"}}
    ]
