"""The Graph client against the stand-in, over real HTTP: what was sent, what was refused, what nobody knows."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer, unused_port

from bot.channels.messages import Choice, Delivery, Kind, Outbound
from bot.channels.whatsapp.errors import Action, classify
from bot.channels.whatsapp.graph import GraphClient, NotSent, Refused, Sent, Uncertain
from bot.channels.whatsapp.media_download import MediaCorrupt, MediaError, MediaGone, MediaRefused, MediaTooLarge, MediaUnreachable
from bot.channels.whatsapp.render import Recipient, render, render_media, render_template
from bot.simulator.samples import Sample, sample

if TYPE_CHECKING:
    from conftest import Bench

BUDI = Recipient("6281200000001", "ID.10000000000000000001")
pytestmark = pytest.mark.asyncio


def text(words: str = "Halo", to: Recipient = BUDI, token: str = "o1") -> dict[str, Any]:
    return render(Outbound(words), to=to, token=token)[0]


async def test_a_reply_is_accepted_and_its_statuses_come_back(bench: Bench) -> None:
    status, wamid = await bench.standin.customer_sends(0, text="Halo")
    assert status == 200
    result = await bench.client.send(render(Outbound("Ya?", (Choice("y", "Ya"),)), to=BUDI, token="o7", reply_to=wamid)[0])
    await bench.standin.settle()
    assert isinstance(result, Sent)
    assert [entry["wamid"] for entry in bench.standin.record] == [result.wamid]
    parsed = bench.parsed()
    assert parsed.messages[0].external_id == wamid
    assert [(s.external_id, s.token, s.status) for s in parsed.statuses] == [
        (result.wamid, "o7", Delivery.SENT),
        (result.wamid, "o7", Delivery.DELIVERED),
        (result.wamid, "o7", Delivery.READ),
    ]
    assert all(bench.signed)
    assert parsed.ignored == []


async def test_customer_without_phone_is_reached_by_bsuid(bench: Bench) -> None:
    await bench.standin.customer_sends(2, text="Halo")
    (message,) = bench.parsed().messages
    assert message.sender.identities == (("bsuid", "ID.10000000000000000003"),)
    assert isinstance(await bench.client.send(text(to=Recipient(bsuid="ID.10000000000000000003"))), Sent)


@pytest.mark.parametrize(
    "code",
    [
        0,
        1,
        2,
        3,
        4,
        10,
        100,
        190,
        200,
        368,
        80007,
        130429,
        130497,
        131000,
        131008,
        131009,
        131016,
        131021,
        131026,
        131031,
        131047,
        131048,
        131049,
        131050,
        131051,
        131052,
        131053,
        131056,
        131057,
        131062,
        132000,
        132001,
    ],
)
async def test_every_error_code_is_refused_and_then_over(bench: Bench, code: int) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    bench.standin.set_faults(fail_code=code, fail_times=1)
    result = await bench.client.send(text())
    assert isinstance(result, Refused)
    assert result.code == code
    assert result.details == "Refused on purpose by the stand-in."
    assert isinstance(classify(result.code, result.http_status, result.details), Action)
    assert bench.standin.record == []
    assert isinstance(await bench.client.send(text()), Sent)


async def test_a_code_may_come_later_by_status(bench: Bench) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    bench.standin.set_faults(fail_status_code=131026)
    assert isinstance(await bench.client.send(text()), Sent)
    await bench.standin.settle()
    (status,) = bench.parsed().statuses
    assert (status.status, status.error_code, status.token) == (Delivery.FAILED, 131026, "o1")


async def refused(bench: Bench, body: dict[str, Any]) -> int | None:
    result = await bench.client.send(body)
    assert isinstance(result, Refused)
    return result.code


async def test_window_is_closed_before_the_first_and_24_hours_after_the_last_message(bench: Bench) -> None:
    assert await refused(bench, text()) == 131047
    await bench.standin.customer_sends(0, text="Halo", age_s=3600)
    bench.clock.forward(hours=22, minutes=59)
    assert isinstance(await bench.client.send(text()), Sent)
    bench.clock.forward(minutes=1)
    assert await refused(bench, text()) == 131047
    assert isinstance(await bench.client.send(render_template("halo", "id", to=BUDI, token="o1")), Sent)


async def test_pair_rate_lends_a_burst_and_then_wants_six_seconds_each(bench: Bench) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    await bench.standin.customer_sends(1, text="Halo")
    for _ in range(45):
        assert isinstance(await bench.client.send(text()), Sent)
    assert await refused(bench, text()) == 131056
    assert isinstance(await bench.client.send(text(to=Recipient("6281200000002"))), Sent)
    bench.clock.forward(seconds=6)
    assert isinstance(await bench.client.send(text()), Sent)
    assert await refused(bench, text()) == 131056


async def test_throughput(bench: Bench) -> None:
    for person in (0, 1):
        await bench.standin.customer_sends(person, text="Halo")
    for n in range(80):
        assert isinstance(await bench.client.send(text(to=Recipient(f"628120000000{1 + n % 2}"))), Sent)
    assert await refused(bench, text()) == 130429
    bench.clock.forward(seconds=1)
    assert isinstance(await bench.client.send(text()), Sent)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "6289999999999"}, 131026),
        ({"to": "6215000000000"}, 131021),
        ({"to": None}, 131008),
        ({"to": 6281200000001}, 131009),
        ({"messaging_product": None}, 100),
        ({"type": "hologram"}, 100),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"text": {"body": ""}}, 131008),
        ({"text": None}, 131008),
        ({"biz_opaque_callback_data": "x" * 513}, 131009),
        ({"context": {}}, 131009),
        ({"type": "image", "image": {"id": "123"}}, 100),
        ({"type": "image", "image": {}}, 131008),
        ({"type": "image", "image": {"link": "ftp://x"}}, 131009),
        ({"type": "audio", "audio": {"link": "https://x", "caption": "c"}}, 131009),
        ({"type": "template", "template": {"name": "halo"}}, 131008),
        ({"type": "reaction", "reaction": {}}, 131008),
        ({"type": "location"}, 131008),
        ({"type": "interactive", "interactive": {"type": "flow", "body": {"text": "x"}, "action": {}}}, 131009),
    ],
)
async def test_bodies_the_api_refuses(bench: Bench, change: dict[str, Any], code: int) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    assert await refused(bench, text() | change) == code
    assert bench.standin.record == []


def button(title: str = "Ya", choice_id: str = "y") -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": choice_id, "title": title}}


def rows(count: int, **fields: str) -> list[dict[str, str]]:
    return [{"id": str(n), "title": f"Pilihan {n}", **fields} for n in range(count)]


@pytest.mark.parametrize(
    ("kind", "body", "action"),
    [
        ("button", "x", {"buttons": []}),
        ("button", "x", {"buttons": [button(str(n), str(n)) for n in range(4)]}),
        ("button", "x", {"buttons": [button("x" * 21)]}),
        ("button", "x", {"buttons": [button("", "y")]}),
        ("button", "x", {"buttons": [button("Ya", "x" * 257)]}),
        ("button", "x", {"buttons": [button("Ya", "1"), button("Tidak", "1")]}),
        ("button", "x", {"buttons": [button("Ya", "1"), button("Ya", "2")]}),
        ("button", "x" * 1025, {"buttons": [button()]}),
        ("button", "", {"buttons": [button()]}),
        ("list", "x", {"button": "Pilih", "sections": [{"rows": rows(11)}]}),
        ("list", "x", {"button": "Pilih", "sections": [{"title": "A", "rows": rows(6)}, {"title": "B", "rows": rows(5)}]}),
        ("list", "x", {"button": "Pilih", "sections": [{"rows": rows(1)}, {"rows": rows(1)}]}),
        ("list", "x", {"button": "x" * 21, "sections": [{"rows": rows(1)}]}),
        ("list", "x", {"button": "Pilih", "sections": [{"rows": rows(1, title="x" * 25)}]}),
        ("list", "x", {"button": "Pilih", "sections": [{"rows": rows(1, description="x" * 73)}]}),
        ("list", "x", {"button": "Pilih", "sections": [{"rows": rows(1, id="x" * 201)}]}),
        ("list", "x", {"button": "Pilih", "sections": [{"rows": rows(2, id="1")}]}),
        ("list", "x" * 4097, {"button": "Pilih", "sections": [{"rows": rows(1)}]}),
    ],
)
async def test_choices_beyond_the_limits(bench: Bench, kind: str, body: str, action: dict[str, Any]) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    interactive = {"type": kind, "body": {"text": body}, "action": action}
    assert await refused(bench, text() | {"type": "interactive", "interactive": interactive}) == 131009


async def test_templates_are_known_by_name_language_and_parameters(bench: Bench) -> None:
    bench.standin._templates = {("halo", "id"): 1}
    assert await refused(bench, render_template("halo", "en", ["x"], to=BUDI, token="o1")) == 132001
    assert await refused(bench, render_template("halo", "id", [], to=BUDI, token="o1")) == 132000
    assert isinstance(await bench.client.send(render_template("halo", "id", ["x"], to=BUDI, token="o1")), Sent)


async def test_wrong_token_and_wrong_number(bench: Bench) -> None:
    wrong = await bench.other_client(token="salah").send(text())
    assert isinstance(wrong, Refused)
    assert (wrong.code, wrong.http_status) == (190, 401)
    other = await bench.other_client(phone_number_id="999").send(text())
    assert isinstance(other, Refused)
    assert classify(other.code, other.http_status, other.details) is Action.STOP_AND_ALARM


@pytest.mark.parametrize("fault", ["hang_times", "drop_connection_times", "gateway_error_times"])
@pytest.mark.parametrize("accepted", [True, False])
async def test_no_usable_answer_is_uncertain_whether_it_arrived_or_not(bench: Bench, fault: str, accepted: bool) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    bench.standin.set_faults(**{fault: 1}, accept_first=accepted)
    result = await bench.other_client(timeout_s=0.3).send(text(token="o9"))
    assert isinstance(result, Uncertain)
    assert "6281200000001" not in result.reason
    await bench.standin.settle()
    assert len(bench.standin.record) == accepted
    # What did arrive is recognised later by our own token.
    assert {s.token for s in bench.parsed().statuses} == ({"o9"} if accepted else set())
    assert isinstance(await bench.client.send(text()), Sent)


async def test_nobody_listening_is_not_sent(bench: Bench) -> None:
    client = bench.other_client(base_url=f"http://127.0.0.1:{unused_port()}")
    assert isinstance(await client.send(text()), NotSent)
    assert await client.mark_read("wamid.1", True) is False
    with pytest.raises(MediaUnreachable):
        await client.media("123", 1000)


class NoSuchHost(AbstractResolver):
    """DNS that knows nobody, so that the test asks no real one."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        raise OSError("no such host")

    async def close(self) -> None:
        pass


async def test_an_unknown_host_is_not_sent(bench: Bench) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=NoSuchHost())) as session:
        result = await GraphClient(session, "http://graph.invalid", "v25.0", "t", "1", 5).send(text())
    assert isinstance(result, NotSent)


async def test_a_closed_session_is_not_sent(bench: Bench) -> None:
    await bench.session.close()
    assert await bench.client.send(text()) == NotSent("session closed")


@pytest.mark.parametrize("address", ["ftp://x", "graph.facebook.com", ""])
async def test_base_url_must_be_http(bench: Bench, address: str) -> None:
    with pytest.raises(ValueError):
        bench.other_client(base_url=address)


async def odd_server(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> TestServer:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    server = TestServer(app)
    await server.start_server()
    return server


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (200, "{}", {}, Uncertain("answer without message id")),
        (200, "halo", {}, Uncertain("answer without message id")),
        (200, '{"messages": [{"id": "wamid.9"}]}', {}, Sent("wamid.9")),
        (200, '{"messages": "x"}', {}, Uncertain("answer without message id")),
        (200, '{"error": {"code": 131000}}', {}, Refused(131000, 200, "")),
        (500, '{"error": {"code": "2", "message": "m"}}', {}, Refused(2, 500, "m")),
        (500, "", {}, Uncertain("HTTP 500 without error object")),
        (503, "x" * 2_000_000, {}, Uncertain("HTTP 503 without error object")),
        (429, "", {"Retry-After": "7"}, Refused(None, 429, "", 7.0)),
        (400, "[]", {"Retry-After": "besok"}, Refused(None, 400, "")),
        (302, "", {"Location": "/lain"}, Refused(None, 302, "")),
    ],
)
async def test_odd_answers(bench: Bench, status: int, body: str, headers: dict[str, str], expected: object) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, headers=headers)

    server = await odd_server(handler)
    try:
        assert await bench.other_client(base_url=str(server.make_url("/"))).send(text()) == expected
    finally:
        await server.close()


async def test_read_mark_and_typing(bench: Bench) -> None:
    _, wamid = await bench.standin.customer_sends(0, text="Halo")
    thread = bench.standin.thread("ID.10000000000000000001")
    assert await bench.client.mark_read(wamid) is True
    assert thread.view(bench.clock())["typing"] is False
    assert await bench.client.mark_read(wamid, typing=True) is True
    assert thread.view(bench.clock())["typing"] is True
    assert [(r["wamid"], r["typing"]) for r in bench.standin.reads] == [(wamid, False), (wamid, True)]
    assert await bench.client.mark_read("wamid.lain") is False
    bench.clock.forward(seconds=25)
    assert thread.view(bench.clock())["typing"] is False


@pytest.mark.parametrize("kind", ["image", "document", "audio", "video", "sticker"])
async def test_a_customers_file_is_fetched(bench: Bench, kind: str) -> None:
    await bench.standin.customer_sends(0, kind)
    (message,) = bench.parsed().messages
    assert message.kind is Kind.MEDIA
    (media,) = message.media
    data, mime = await bench.client.media(media.external_id, 100_000, media.sha256)
    assert data == sample(kind).data
    assert mime == media.mime == sample(kind).mime.split(";")[0]
    assert media.sha256 == hashlib.sha256(data).hexdigest()


async def media_error(bench: Bench, kind: type[MediaError], **changes: Any) -> None:
    (media,) = bench.parsed().messages[0].media
    with pytest.raises(kind) as caught:
        await bench.other_client(**changes).media(media.external_id, 100_000)
    assert "EAAG" not in str(caught.value)


async def test_files_that_cannot_be_had(bench: Bench) -> None:
    await bench.standin.customer_sends(0, "image")
    (media,) = bench.parsed().messages[0].media
    await media_error(bench, MediaRefused, token="salah")
    with pytest.raises(MediaTooLarge):
        await bench.client.media(media.external_id, 10)
    with pytest.raises(MediaCorrupt):
        await bench.client.media(media.external_id, 100_000, "0" * 64)
    bench.standin.set_faults(corrupt_media=True)
    await media_error(bench, MediaCorrupt)
    bench.standin.set_faults()
    for media_id in ("../me", "a/b", "", "x" * 300):
        with pytest.raises(MediaRefused):
            await bench.client.media(media_id, 100_000)
    bench.clock.forward(days=7)
    await media_error(bench, MediaGone)


@pytest.mark.parametrize(
    ("described", "error"),
    [
        ({"url": "http://evil.invalid/x"}, MediaRefused),
        ({"url": "file:///etc/passwd"}, MediaRefused),
        ({"url": "https://user:pw@evil.invalid/x"}, MediaRefused),
        ({"url": "/relative"}, MediaRefused),
        ({"url": 7}, MediaRefused),
        ({}, MediaRefused),
        ({"url": "SELF/file", "file_size": 10**9}, MediaTooLarge),
        ({"url": "SELF/large"}, MediaTooLarge),
        ({"url": "SELF/away"}, MediaRefused),
        ({"url": "SELF/broken"}, MediaUnreachable),
    ],
)
async def test_addresses_we_do_not_follow_and_files_we_do_not_keep(
    bench: Bench, described: dict[str, Any], error: type[MediaError]
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/v25.0/123":
            url = str(described.get("url", "")).replace("SELF", str(request.url.origin()))
            return web.json_response(described | ({"url": url} if isinstance(described.get("url"), str) else {}))
        if request.path == "/away":
            raise web.HTTPFound("http://evil.invalid/")
        if request.path == "/broken":
            raise web.HTTPBadGateway
        # No length announced: the cap has to hold while reading.
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(64):
            await response.write(b"x" * 4096)
        return response

    server = await odd_server(handler)
    try:
        with pytest.raises(error):
            await bench.other_client(base_url=str(server.make_url("/"))).media("123", 100_000)
    finally:
        await server.close()


async def test_an_uploaded_file_can_be_sent(bench: Bench) -> None:
    await bench.standin.customer_sends(0, text="Halo")
    shelved = bench.standin.media.upload(Sample(b"%PDF-1.4", "application/pdf", "a.pdf"), bench.clock())
    assert isinstance(await bench.client.send(render_media("document", to=BUDI, token="o1", media_id=shelved.id)[0]), Sent)
