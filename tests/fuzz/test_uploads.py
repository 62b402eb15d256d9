"""Uploads of any name, type, size and shape: stored with what they are, or refused."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.app import CHAT
from bot.channels.livechat.limits import Allowances
from bot.channels.records import media
from bot.simulator.samples import png
from tests.support.fuzzing import fuzz, nasty_texts, no_tracebacks
from tests.support.stack import Stack, Visitor

PNG = png(2, 2, (1, 2, 3))


@pytest.fixture
async def visitor(door: Stack) -> Visitor:
    return await door.visitor()


async def send(stack: Stack, visitor: Visitor, body: bytes, kind: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {visitor.token}", "Content-Type": kind}
    async with stack.http.post(f"{stack.url}/api/chat/upload", data=io.BytesIO(body), headers=headers) as answer:
        return answer.status, await answer.json()


def multipart(name: bytes, data: bytes, kind: bytes = b"image/png", more: bytes = b"") -> bytes:
    head = b'--X\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\nContent-Type: ' + kind + b"\r\n" + more
    return head + b"\r\n" + data + b"\r\n--X--\r\n"


def clean(value: bytes) -> bytes:
    return bytes(byte for byte in value if byte not in b"\r\n\x00")


@pytest.fixture(autouse=True)
def many_uploads(door: Stack) -> None:
    """The allowance of one visitor is not what these tests are about."""
    assert door._runner is not None
    assert door._runner.app is not None
    door._runner.app[CHAT].limits.uploads = Allowances(10**6, 10**6)


@fuzz(60)
@given(
    name=nasty_texts,
    kind=st.binary(max_size=20),
    data=st.one_of(st.binary(max_size=60), st.just(PNG), st.binary(max_size=20).map(lambda b: PNG + b)),
)
async def test_any_name_type_and_content(door: Stack, visitor: Visitor, name: str, kind: bytes, data: bytes) -> None:
    raw_name = clean(name.encode("utf-8", "surrogatepass")).replace(b'"', b"")
    with no_tracebacks():
        status, answer = await send(door, visitor, multipart(raw_name, data, clean(kind)), "multipart/form-data; boundary=X")
        assert status in (201, 400, 415), answer
        if status == 201:
            assert not set(answer["name"]) & set("/\\\x00\r\n\"'<>"), answer
            assert len(answer["name"]) <= 120
            async with door.http.get(door.url + answer["url"]) as served:
                assert served.status == 200
                assert served.headers["Content-Type"] == answer["mime"]
                assert await served.read() == data


@fuzz(60)
@given(body=st.binary(max_size=200), kind=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=50))
async def test_any_bytes_are_no_upload(door: Stack, visitor: Visitor, body: bytes, kind: str) -> None:
    with no_tracebacks():
        status, _ = await send(door, visitor, body, f"multipart/form-data; {kind}")
        assert status in (400, 415)
        status, _ = await send(door, visitor, body, kind)
        assert status in (400, 415)


BROKEN = [
    b"",
    b"--X",
    b"--X\r\n",
    b"--X--\r\n",
    b"--Y\r\n\r\nx\r\n--Y--\r\n",
    multipart(b"x.png", PNG)[:-20],
    multipart(b"x.png", PNG)[:60],
    multipart(b"x.png", PNG, more=b"Content-Transfer-Encoding: base64\r\n"),
    multipart(b"x.png", PNG, more=b"Content-Transfer-Encoding: nonsense\r\n"),
    multipart(b"x.png", PNG, more=b"Content-Encoding: gzip\r\n"),
    multipart(b"x.png", PNG, more=b"Content-Length: 99999999\r\n"),
    multipart(b"x.png", PNG, more=b"Content-Length: -1\r\n"),
    multipart(b"x.png", PNG, more=b"Content-Length: x\r\n"),
    multipart(b"x.png", PNG, more=b"X" * 20_000 + b": y\r\n"),
    multipart(b"x.png", PNG, kind=b"multipart/mixed; boundary=Z"),
    multipart(b"x.png", PNG, kind=b"multipart/mixed"),
    b'--X\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n' * 50 + b"--X--\r\n",
    b"--X\r\n" * 1000,
]


async def test_broken_multipart_bodies(door: Stack, visitor: Visitor) -> None:
    with no_tracebacks():
        for body in BROKEN:
            status, answer = await send(door, visitor, body, "multipart/form-data; boundary=X")
            assert status in (201, 400, 413, 415), (body[:100], answer)
    async with door.http.get(f"{door.url}/healthz") as answer:
        assert answer.status == 200


async def test_bombs_are_not_opened(door: Stack, visitor: Visitor) -> None:
    """Nothing of a customer's is unpacked or drawn: a bomb stays as small as it came."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (50 * 2**20))
    huge = PNG[:16] + (2**31 - 1).to_bytes(4, "big") * 2 + PNG[24:]
    with no_tracebacks():
        kind = "multipart/form-data; boundary=X"
        assert (await send(door, visitor, multipart(b"x.docx", packed.getvalue()), kind))[0] == 201
        assert (await send(door, visitor, multipart(b"x.zip", packed.getvalue()), kind))[0] == 415
        assert (await send(door, visitor, multipart(b"x.png", huge), kind))[0] == 201


async def test_a_large_one_is_refused_before_it_is_read(door: Stack, visitor: Visitor) -> None:
    most = door.settings.upload_max_bytes
    with no_tracebacks():
        status, answer = await send(door, visitor, multipart(b"x.png", PNG + b"0" * most), "multipart/form-data; boundary=X")
        assert (status, answer["error"]["code"]) == (413, "too_large")

        async def endless() -> Any:
            yield multipart(b"x.png", PNG)[:-9]
            for _ in range(most // 2**16 + 2):
                yield b"0" * 2**16

        headers = {"Authorization": f"Bearer {visitor.token}", "Content-Type": "multipart/form-data; boundary=X"}
        try:
            async with door.http.post(f"{door.url}/api/chat/upload", data=endless(), headers=headers) as refused:
                assert refused.status == 413
        except aiohttp.ClientConnectionError:
            pass  # hung up on while still sending
    async with door.db.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(media))).scalar() == 0


@fuzz(40)
@given(name=nasty_texts, query=st.dictionaries(st.sampled_from(["e", "s"]), nasty_texts))
async def test_no_file_is_served_without_its_signature(door: Stack, name: str, query: dict[str, str]) -> None:
    target = quote(name.encode("utf-8", "replace"), safe="") or "x"
    given = "&".join(f"{key}={quote(value.encode('utf-8', 'surrogatepass'))}" for key, value in query.items())
    with no_tracebacks():
        async with door.http.get(aiohttp.client.URL(f"{door.url}/media/{target}?{given}", encoded=True)) as answer:
            assert answer.status in (400, 403, 404)
