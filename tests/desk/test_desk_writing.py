"""Writing at the desk: drafts, files, templates, retries, what may not leave, and who else is there."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import FormData
from sqlalchemy import select, update

from bot.channels.records import outbox
from bot.conversations.records import conversations, messages
from tests.desk.conftest import BOTH
from tests.desk.test_desk_tickets import NEW

if TYPE_CHECKING:
    from tests.desk.conftest import Bench, Person

pytestmark = pytest.mark.asyncio
BOX = "/api/desk/conversations"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


async def served(bench: Bench, channel: str = "whatsapp", name: str = "rani", phone: int = 1) -> tuple[Person, str]:
    person = await bench.person(name)
    conversation = await bench.queued(phone, channel)
    await person.accept(conversation)
    return person, conversation


@BOTH
async def test_a_draft_is_kept_for_each_writer_and_goes_with_the_reply(bench: Bench) -> None:
    rani, conversation = await served(bench)
    lead = await bench.person("lina", "leader")
    one = f"{BOX}/{conversation}"
    for text in ("Baik, kami", "Baik, kami periksa. PIN Anda 123456"):
        assert (await rani.call("PUT", f"{one}/draft", {"text": text}))[0] == 204
    kept = (await rani.get(one))["draft"]
    assert (kept.startswith("Baik, kami periksa."), "123456" in kept) == (True, False)
    assert (await lead.get(one))["draft"] is None
    await rani.reply(conversation, "Baik, kami periksa.")
    assert (await rani.get(one))["draft"] is None
    await rani.call("PUT", f"{one}/draft", {"text": "lagi"})
    await rani.call("PUT", f"{one}/draft", {"text": "  "})
    assert (await rani.get(one))["draft"] is None
    assert await rani.refused(f"{BOX}/NOSUCH/draft", {"text": "x"}, "PUT") == (404, "not_found")


async def upload(person: Person, conversation: str, data: bytes, name: str = "bukti.png") -> tuple[int, Any]:
    form = FormData()
    form.add_field("file", BytesIO(data), filename=name)
    path, headers = f"{BOX}/{conversation}/upload", {"X-CSRF-Token": person.csrf}
    async with person.client.post(path, data=form, headers=headers) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("channel", ["whatsapp", "livechat"])
async def test_an_agent_sends_a_file(bench: Bench, channel: str) -> None:
    rani, conversation = await served(bench, channel)
    status, file = await upload(rani, conversation, PNG)
    assert (status, file["kind"], file["name"], file["url"].startswith("/media/")) == (201, "image", "bukti.png", True)
    body = {"client_id": "f", "text": "Ini buktinya.", "media": [file["id"]]}
    message = (await rani.post(f"{BOX}/{conversation}/reply", body))["message"]
    assert message["media"][0]["id"] == file["id"]
    async with bench.db.read() as tx:
        waiting = (await tx.execute(select(outbox.c.body))).scalars().all()
    assert [each["media_id"] for each in waiting] == ([file["id"]] if channel == "whatsapp" else [])


async def test_files_that_are_not_taken(bench: Bench) -> None:
    rani, conversation = await served(bench)
    dewi, other = await served(bench, name="dewi", phone=2)
    assert (await upload(rani, conversation, b"<html><script>alert(1)</script>"))[0] == 415
    assert (await upload(rani, conversation, PNG + b"0" * (11 * 2**20)))[0] == 413
    assert (await upload(dewi, conversation, PNG))[0] == 409
    assert await rani.refused(f"{BOX}/{conversation}/upload", {"file": "x"}) == (400, "bad_upload")
    _, file = await upload(dewi, other, PNG)
    body = {"client_id": "f", "text": "", "media": [file["id"]]}
    assert await rani.refused(f"{BOX}/{conversation}/reply", body) == (422, "bad_media")  # of another conversation


async def close_window(bench: Bench, conversation: str) -> None:
    bench.clock.advance(25 * 3600)
    async with bench.db.write() as tx:  # logged in anew the day after, in truth
        from bot.desk.records import sessions

        await tx.execute(update(sessions).values(expires_at=bench.clock.now().replace(year=2027)))


@BOTH
async def test_after_the_window_only_a_template_is_sent(bench: Bench) -> None:
    rani, conversation = await served(bench)
    await rani.post(f"{BOX}/{conversation}/ticket", NEW, expect=201)
    await close_window(bench, conversation)
    one = f"{BOX}/{conversation}"
    assert await rani.refused(f"{one}/reply", {"client_id": "r", "text": "Halo"}) == (422, "window_closed")
    templates = {each["id"]: each for each in (await rani.get(f"{one}/templates"))["templates"]}
    filled = templates["kabar_tiket"]["filled"]
    assert filled["nama"] == "Nasabah 1"
    assert filled["tiket"].startswith("ARIA-")
    call = {"client_id": "t-1", "template": "kabar_tiket", "values": filled}
    for change in ({"template": "nosuch"}, {"values": {"nama": "x"}}, {"values": {**filled, "nama": "y" * 121}}, {"values": [1]}):
        assert await rani.refused(f"{one}/template", {**call, **change}) == (422, "bad_field")
    first = (await rani.post(f"{one}/template", call))["message"]
    assert first["text"].startswith("Bapak/Ibu Nasabah 1, ada kabar mengenai laporan ARIA-")
    assert (await rani.post(f"{one}/template", call))["message"]["id"] == first["id"]
    async with bench.db.read() as tx:
        (body,) = (await tx.execute(select(outbox.c.body))).scalars().all()
    assert body["template"] == {"name": "sapa_kabar_tiket", "language": "id", "values": [filled["nama"], filled["tiket"]]}


async def test_the_live_chat_has_no_templates(bench: Bench) -> None:
    rani, conversation = await served(bench, "livechat")
    assert (await rani.get(f"{BOX}/{conversation}/templates"))["templates"] == []
    values = {"waktu": "pagi", "nama": "Budi"}
    assert await rani.refused(f"{BOX}/{conversation}/template", {"client_id": "t", "template": "lanjutan", "values": values}) == (
        422,
        "no_channel",
    )


async def test_what_failed_is_sent_once_more(bench: Bench) -> None:
    rani, conversation = await served(bench)
    message = (await rani.reply(conversation, "Baik."))["message"]
    path = f"{BOX}/{conversation}/retry"
    assert await rani.refused(path, {"message": message["id"]}) == (409, "conflict")  # it did not fail
    assert await rani.refused(path, {"message": "NOSUCH"}) == (404, "not_found")
    async with bench.db.write() as tx:
        await tx.execute(update(messages).where(messages.c.id == message["id"]).values(delivery="failed", error_code=131026))
    again = (await rani.post(path, {"message": message["id"]}))["message"]
    assert (again["text"], again["id"] != message["id"]) == ("Baik.", True)
    assert await rani.refused(path, {"message": message["id"]}) == (409, "conflict")  # a second click


@BOTH
async def test_another_customers_data_does_not_leave(bench: Bench) -> None:
    rani, conversation = await served(bench)
    dewi, other = await served(bench, name="dewi", phone=2)
    theirs = (await dewi.post(f"{BOX}/{other}/ticket", NEW, expect=201))["ticket"]["number"]
    own = (await rani.post(f"{BOX}/{conversation}/ticket", NEW, expect=201))["ticket"]["number"]
    path = f"{BOX}/{conversation}/reply"
    for text, found in ((f"Tiket Bapak {theirs.lower()}.", [theirs]), ("Hubungi 0812-0000-0002 ya.", ["0812-0000-0002"])):
        status, body = await rani.call("POST", path, {"client_id": "x", "text": text})
        assert (status, body["error"]["code"], body["found"]) == (422, "foreign_data", found)
    good = f"Tiket {own} untuk +62 812 0000 0001. Pusat layanan 1500 569, tanggal 21-11-2026 pukul 10.00."
    await rani.reply(conversation, good)


async def test_a_colleagues_answer_is_seen_before_ours_leaves(bench: Bench) -> None:
    rani, conversation = await served(bench)
    again = await bench.log_in("rani")
    seen = (await rani.get(f"{BOX}/{conversation}"))["conversation"]
    assert seen["owner"] == "agent"
    await again.reply(conversation, "Sudah saya jawab.", "tab-2")
    body = {"client_id": "tab-1", "text": "Saya jawab lagi.", "seen": 1}
    status, answer = await rani.call("POST", f"{BOX}/{conversation}/reply", body)
    assert (status, answer["error"]["code"]) == (409, "others_wrote")
    assert [message["text"] for message in answer["messages"]] == ["Sudah saya jawab."]
    await rani.post(f"{BOX}/{conversation}/reply", {**body, "anyway": True})
    assert await rani.refused(f"{BOX}/{conversation}/reply", {**body, "client_id": "z", "seen": "2"}) == (422, "bad_field")
    async with bench.db.read() as tx:
        assert (await tx.execute(select(conversations.c.last_seq).where(conversations.c.id == conversation))).scalar() == 3


@BOTH
async def test_who_else_is_there(bench: Bench) -> None:
    rani, conversation = await served(bench)
    dewi = await bench.person("dewi", server=await bench.another())
    mine, theirs = await rani.live(), await dewi.live()
    await mine.socket.send_json({"type": "watch", "conversation": conversation})
    assert (await mine.next("viewers"))["viewers"] == []
    await theirs.socket.send_json({"type": "watch", "conversation": conversation})
    if bench.db.dialect == "postgresql":  # two processes tell each other
        assert (await mine.next("viewers"))["viewers"] == [{"id": dewi.user["id"], "name": "Dewi", "writing": False}]
        await theirs.socket.send_json({"type": "writing", "conversation": conversation})
        assert (await mine.next("viewers"))["viewers"] == [{"id": dewi.user["id"], "name": "Dewi", "writing": True}]
        await theirs.socket.send_json({"type": "watch", "conversation": None})
        assert (await mine.next("viewers"))["viewers"] == []
    else:
        lead = await bench.person("lina", "leader")
        line = await lead.live()
        await line.socket.send_json({"type": "watch", "conversation": conversation})
        assert (await mine.next("viewers"))["viewers"] == [{"id": lead.user["id"], "name": "Lina", "writing": False}]
        await line.socket.close()
        assert (await mine.next("viewers"))["viewers"] == []
