"""What the stand-in promises by itself: webhooks as Meta posts them, their faults, uploads, mounting."""

from __future__ import annotations

import io
import json
import struct
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.channels.messages import Kind, Outbound
from bot.channels.whatsapp.graph import GraphClient, Sent
from bot.channels.whatsapp.parse import parse_webhook
from bot.channels.whatsapp.render import Recipient, render
from bot.simulator import phone
from bot.simulator.faults import Faults
from bot.simulator.graph_standin import GraphStandIn
from bot.simulator.samples import ogg_silence, pdf, png, sample

if TYPE_CHECKING:
    from conftest import Bench

BUDI = Recipient("6281200000001")
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

KINDS = {
    "text": Kind.TEXT,
    "button": Kind.CHOICE,
    "list": Kind.CHOICE,
    "template_button": Kind.CHOICE,
    "image": Kind.MEDIA,
    "document": Kind.MEDIA,
    "audio": Kind.MEDIA,
    "video": Kind.MEDIA,
    "sticker": Kind.MEDIA,
    "location": Kind.LOCATION,
    "contacts": Kind.CONTACTS,
    "reaction": Kind.REACTION,
    "edit": Kind.EDIT,
    "revoke": Kind.REVOKE,
    "order": Kind.ORDER,
    "system": Kind.SYSTEM,
    "unsupported": Kind.UNSUPPORTED,
    "unknown": Kind.UNKNOWN,
}


def hello() -> dict[str, Any]:
    return render(Outbound("Halo"), to=BUDI, token="o1")[0]


def test_every_kind_has_its_expectation() -> None:
    assert set(KINDS) == set(phone.KINDS)


@pytest.mark.asyncio
@pytest.mark.parametrize("person", range(len(phone.PHONES)))
@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_customer_sends_is_what_sapa_reads(bench: Bench, kind: str, person: int) -> None:
    status, wamid = await bench.standin.customer_sends(person, kind, text="Ya", choice_id="628129999999", reply_to="wamid.target")
    assert status == 200
    parsed = bench.parsed()
    (message,) = parsed.messages
    assert (message.kind, message.external_id, message.at) == (KINDS[kind], wamid, bench.clock())
    assert ("bsuid", phone.PHONES[person].bsuid) in message.sender.identities
    assert message.sender.name == phone.PHONES[person].name
    assert parsed.ignored == []
    if message.kind is Kind.CHOICE:
        assert (message.choice, message.text, message.reply_to) == ("628129999999", "Ya", "wamid.target")
    if message.kind in (Kind.REACTION, Kind.EDIT, Kind.REVOKE):
        assert message.target == "wamid.target"


@pytest.mark.parametrize(("kind", "attachment"), [("gif", None), ("image", None)])
def test_impossible_messages(kind: str, attachment: None) -> None:
    with pytest.raises(ValueError):
        phone.message(phone.PHONES[0], kind, "wamid.1", AT, attachment=attachment)


@pytest.mark.asyncio
async def test_a_webhook_refused_is_posted_again_until_taken(bench: Bench) -> None:
    bench.answers = [500, 503]
    status, _ = await bench.standin.customer_sends(0, text="Halo")
    await bench.standin.settle()
    assert status == 500
    assert len(bench.got) == 1
    assert len(bench.signed) == 3
    assert all(bench.signed)


@pytest.mark.asyncio
async def test_a_webhook_nobody_hears_gives_up(bench: Bench) -> None:
    bench.standin.webhooks.url = "http://127.0.0.1:1/"
    assert (await bench.standin.customer_sends(0, text="Halo"))[0] == 0
    await bench.standin.settle()
    assert bench.got == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ({}, ["sent", "delivered", "read"]),
        ({"reorder": True}, ["read", "delivered", "sent"]),
        ({"duplicate": True}, ["sent", "sent", "delivered", "delivered", "read", "read"]),
        ({"drop_statuses": True}, []),
    ],
)
async def test_status_webhooks_may_be_spoilt(bench: Bench, faults: dict[str, bool], expected: list[str]) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    bench.standin.set_faults(**faults)
    assert isinstance(await bench.client.send(hello()), Sent)
    await bench.standin.settle()
    assert [status.status for status in bench.parsed().statuses] == expected


@pytest.mark.asyncio
async def test_a_customers_message_may_come_twice_and_late(bench: Bench) -> None:
    await bench.standin.customer_sends(0, text="Halo", duplicate=True, age_s=86400 * 3)
    first, second = bench.parsed().messages
    assert first == second
    assert (bench.clock() - first.at).days == 3


@pytest.mark.asyncio
async def test_status_shape_is_that_of_v24_and_later(bench: Bench) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    await bench.client.send(hello())
    await bench.standin.settle()
    value = bench.got[1]["entry"][0]["changes"][0]["value"]
    assert value["contacts"] == [{"profile": {"name": "Budi Santoso"}, "user_id": "ID.10000000000000000001", "wa_id": "6281200000001"}]
    (status,) = value["statuses"]
    assert "conversation" not in status
    assert status["recipient_id"] == "6281200000001"


@pytest.mark.asyncio
async def test_failed_statuses_carry_no_contacts(bench: Bench) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    bench.standin.set_faults(fail_status_code=131049)
    await bench.client.send(hello())
    await bench.standin.settle()
    value = bench.got[1]["entry"][0]["changes"][0]["value"]
    assert "contacts" not in value
    assert "recipient_user_id" not in value["statuses"][0]


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [{"delay_ms": 1}, {"drop_connection_times": 2, "fail_times": 0}])
async def test_faults_are_replaced_as_a_whole(bench: Bench, fault: dict[str, int]) -> None:
    bench.standin.set_faults(**fault)
    assert bench.standin.set_faults(drop_statuses=True) == Faults(drop_statuses=True)


@pytest.mark.parametrize(
    "bad", [{"delay_ms": -1}, {"delay_ms": True}, {"duplicate": 1}, {"fail_times": "2"}, {"hang_times": None}, {"fail_code": "x"}]
)
def test_faults_of_the_wrong_type(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Faults.from_json(bad)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"messaging_product": "whatsapp", "type": "image/png"}, 200, None),
        ({"messaging_product": "whatsapp"}, 200, None),
        ({"type": "image/png"}, 400, 131008),
    ],
)
async def test_upload_over_http(bench: Bench, form: dict[str, str], status: int, code: int | None) -> None:
    data = aiohttp.FormData(form)
    data.add_field("file", sample("image").data, filename="a.png", content_type="image/png")
    headers = {"Authorization": "Bearer EAAG-test-token"}
    async with bench.session.post(f"{bench.base}/v25.0/106540352242922/media", data=data, headers=headers) as response:
        body = await response.json()
        assert response.status == status
    if code is not None:
        assert body["error"]["code"] == code
        return
    assert await bench.client.media(body["id"], 100_000) == (sample("image").data, "image/png")


@pytest.mark.asyncio
async def test_uploads_have_a_size(bench: Bench) -> None:
    data = aiohttp.FormData({"messaging_product": "whatsapp", "type": "image/png"})
    data.add_field("file", io.BytesIO(b"x" * (5 * 2**20 + 1)), filename="a.png", content_type="image/png")
    headers = {"Authorization": "Bearer EAAG-test-token"}
    async with bench.session.post(f"{bench.base}/v25.0/106540352242922/media", data=data, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, 131053)


@pytest.mark.asyncio
async def test_file_addresses_want_the_token_and_live_five_minutes(bench: Bench) -> None:
    await bench.standin.customer_sends(0, "image")
    (media,) = bench.parsed().messages[0].media
    headers = {"Authorization": "Bearer EAAG-test-token"}
    async with bench.session.get(f"{bench.base}/v25.0/{media.external_id}", headers=headers) as response:
        described = await response.json()
    assert described["url"].startswith(bench.base)

    async def status(**kwargs: Any) -> int:
        async with bench.session.get(described["url"], **kwargs) as response:
            return response.status

    assert await status() == 401
    assert await status(headers=headers) == 200
    bench.clock.forward(minutes=5)
    assert await status(headers=headers) == 404


@pytest.mark.asyncio
@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
async def test_bodies_that_are_no_json_object(bench: Bench, raw: bytes) -> None:
    headers = {"Authorization": "Bearer EAAG-test-token"}
    async with bench.session.post(f"{bench.base}/v25.0/106540352242922/messages", data=raw, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]["code"] == 100


@pytest.mark.asyncio
async def test_error_answer_looks_like_graphs(bench: Bench) -> None:
    async with bench.session.post(f"{bench.base}/v25.0/106540352242922/messages", data=b"{}") as response:
        assert response.status == 401
        error = (await response.json())["error"]
    assert set(error) == {"message", "type", "code", "error_data", "fbtrace_id"}
    assert set(error["error_data"]) == {"messaging_product", "details"}


@pytest.mark.asyncio
async def test_it_also_runs_alone() -> None:
    standin = GraphStandIn("http://127.0.0.1:1/", "s", "t", "1", lambda: AT, statuses=(), verify_window=False)
    async with TestServer(standin.app) as server, aiohttp.ClientSession() as session:
        client = GraphClient(session, str(server.make_url("/")), "v25.0", "t", "1", 5)
        assert isinstance(await client.send(hello()), Sent)
        shelved = standin.media.upload(sample("image"), AT)
        assert (await client.media(shelved.id, 100_000))[1] == "image/png"
    json.dumps(standin.record, default=str)


@pytest.mark.asyncio
async def test_unknown_customers_are_an_error(bench: Bench) -> None:
    for reference in (99, "ID.0", "0812"):
        with pytest.raises(KeyError):
            bench.standin.customer(reference)
    new = phone.Customer("ID.77", "Baru", "6281277777777")
    await bench.standin.customer_sends(new, text="Halo")
    assert bench.standin.customer("6281277777777") is new


def test_png_is_one() -> None:
    data = png(3, 2, (1, 2, 3))
    at, names = 8, []
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunk = data[at + 4 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(chunk)
        names.append(chunk[:4])
        if chunk[:4] == b"IDAT":
            assert zlib.decompress(chunk[4:]) == (b"\x00" + b"\x01\x02\x03" * 3) * 2
        at += 12 + length
    assert names == [b"IHDR", b"IDAT", b"IEND"]


def test_pdf_offsets_point_at_objects() -> None:
    data = pdf("Halo (x)")
    start = int(data.split(b"startxref\n")[1].split()[0])
    assert data[start : start + 4] == b"xref"
    offsets = [int(line.split()[0]) for line in data[start:].split(b"\n")[3:8]]
    assert [data[offset : offset + 7] for offset in offsets] == [b"%d 0 obj" % n for n in range(1, 6)]


def test_other_samples_start_as_they_should() -> None:
    assert ogg_silence(2).count(b"OggS") == 3
    assert sample("audio").data[28:36] == b"OpusHead"
    assert sample("sticker").data[:4] + sample("sticker").data[8:12] == b"RIFFWEBP"
    assert sample("video").data[4:8] == b"ftyp"


def test_parse_takes_what_phone_builds_together() -> None:
    body = phone.webhook(
        "1",
        messages=[phone.message(who, "text", f"wamid.{who.bsuid}", AT, text="Halo") for who in phone.PHONES],
        contacts=[phone.contact(who) for who in reversed(phone.PHONES)],
    )
    assert [m.sender.name for m in parse_webhook(body, AT).messages] == [who.name for who in phone.PHONES]
