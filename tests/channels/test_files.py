"""Files: their type by their content, a name that harms nobody, links that cannot be forged and run out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.channels.files import LINK_HOURS, Files, safe_name, sniff
from bot.channels.livechat.tokens import make_token, new_visitor, read_token
from bot.channels.records import media
from bot.clock import ManualClock
from bot.ids import new_id
from bot.store.database import Database
from bot.store.schema import metadata

OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a.jpg", ("image/jpeg", "image")),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a.png", ("image/png", "image")),
        (b"GIF89a", "a.gif", ("image/gif", "image")),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.webp", ("image/webp", "image")),
        (b"%PDF-1.7\n", "a.pdf", ("application/pdf", "document")),
        (b"OggS\x00\x02", "a.ogg", ("audio/ogg", "audio")),
        (b"ID3\x03", "a.mp3", ("audio/mpeg", "audio")),
        (b"\x00\x00\x00\x18ftypmp42", "a.mp4", ("video/mp4", "video")),
        (b"\x00\x00\x00\x18ftypisom", "a.mp4", ("video/mp4", "video")),
        (b"\x00\x00\x00\x18ftypM4A ", "a.m4a", ("audio/mp4", "audio")),
        (b"\x00\x00\x00\x18ftypheic", "IMG_1.HEIC", ("image/heic", "image")),
        (b"PK\x03\x04\x14\x00", "a.docx", (f"{OFFICE}wordprocessingml.document", "document")),
        (b"PK\x03\x04\x14\x00", "A.XLSX", (f"{OFFICE}spreadsheetml.sheet", "document")),
        # what a browser could run, archives, and lies about the type
        (b"PK\x03\x04\x14\x00", "a.zip", None),
        (b"PK\x03\x04\x14\x00", "a.docx.apk", None),
        (b"<svg xmlns=", "a.png", None),
        (b"<!DOCTYPE html>", "a.jpg", None),
        (b"<script>", "a.pdf", None),
        (b"MZ\x90\x00", "a.jpg", None),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a.webp", None),
        (b"", "a.jpg", None),
        (b"\xff\xd8", "a.jpg", None),
    ],
)
def test_a_file_is_typed_by_its_first_bytes(head: bytes, name: str, expected: tuple[str, str] | None) -> None:
    assert sniff(head[:16], name) == expected


@given(st.binary(max_size=16), st.text(max_size=30))
def test_sniffing_never_raises(head: bytes, name: str) -> None:
    found = sniff(head, name)
    assert found is None or not found[0].startswith("text/")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ktp.jpg", "ktp.jpg"),
        ("Bukti Transfer (2).pdf", "Bukti Transfer (2).pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.png", "b.png"),
        ('a"b;c\r\nX: y.jpg', "a_b_c__X_ y.jpg"),
        ("surat\u202egpj.exe", "surat_gpj.exe"),
        ("..", "berkas"),
        (".", "berkas"),
        ("/", "berkas"),
        ("  ", "berkas"),
        ("", "berkas"),
        (None, "berkas"),
    ],
)
def test_a_name_is_made_safe(name: str | None, expected: str) -> None:
    assert safe_name(name) == expected


@given(st.text(max_size=300))
def test_a_safe_name_is_safe(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert not set(safe) & set('/\\"\r\n\t\x00<>:;')
    assert not safe.startswith((".", " "))
    assert safe_name(safe) == safe


@pytest.fixture
async def shelf(tmp_path: Path) -> Any:
    """Files, a client of their route and a clock; one PNG and one Office file are stored."""
    clock = ManualClock(datetime(2026, 11, 18, 2, 30, tzinfo=UTC))
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'f.db'}", clock)
    async with db.engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
    files = Files(tmp_path / "media", "s" * 32, db)
    app = web.Application()
    app.router.add_get("/media/{id}", files.serve)
    async with TestClient(TestServer(app)) as client:
        yield files, client, clock, db
    await db.close()


async def store(db: Database, files: Files, mime: str, name: str, state: str = "stored") -> str:
    media_id = new_id()
    async with db.write() as tx:
        given_columns = {"id": media_id, "mime": mime, "name": name, "state": state, "kind": "image", "created_at": tx.now, "size": 3}
        columns = {c.name: given_columns[c.name] for c in media.columns if c.name in given_columns}
        columns |= {c.name: "x" for c in media.columns if not c.nullable and c.default is None and c.name not in columns}
        await tx.execute(insert(media).values(**columns))
    files.write(media_id, b"abc")
    return media_id


async def test_a_signed_link_gives_the_file_and_runs_nothing(shelf: Any) -> None:
    files, client, _, db = shelf
    media_id = await store(db, files, "image/png", 'k"tp.png')
    answer = await client.get(files.sign(f"/media/{media_id}"))
    assert (answer.status, await answer.read(), answer.headers["Content-Type"]) == (200, b"abc", "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"] == 'inline; filename="k_tp.png"'


async def test_what_a_browser_cannot_show_is_downloaded(shelf: Any) -> None:
    files, client, _, db = shelf
    answer = await client.get(files.sign("/media/" + await store(db, files, f"{OFFICE}wordprocessingml.document", "a.docx")))
    assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_a_link_runs_out(shelf: Any) -> None:
    files, client, clock, db = shelf
    link = files.sign("/media/" + await store(db, files, "image/png", "a.png"))
    clock.advance((LINK_HOURS - 1) * 3600)
    assert (await client.get(link)).status == 200
    clock.advance(3600)
    assert (await client.get(link)).status == 403


async def test_a_link_is_the_same_within_the_hour(shelf: Any) -> None:
    files, _, clock, _ = shelf
    first = files.sign("/media/A")
    clock.advance(60)
    assert files.sign("/media/A") == first
    clock.advance(3600)
    assert files.sign("/media/A") != first


async def test_a_forged_link_is_refused(shelf: Any) -> None:
    files, client, _, db = shelf
    media_id, other = [await store(db, files, "image/png", "a.png") for _ in range(2)]
    link = files.sign(f"/media/{media_id}")
    query = parse_qs(urlsplit(link).query)
    expires, signature = query["e"][0], query["s"][0]
    forged = [
        f"/media/{media_id}",
        f"/media/{media_id}?e={expires}",
        f"/media/{media_id}?e={int(expires) + 3600}&s={signature}",
        f"/media/{other}?e={expires}&s={signature}",
        f"/media/{media_id}?e=abc&s={signature}",
        f"/media/{media_id}?e={'9' * 400}&s={signature}",
        f"/media/{media_id}?e={'9' * 5000}&s={signature}",
        f"/media/{media_id}?e={expires}&s=%ED%A0%80",
        f"/media/..%2f..%2fetc%2fpasswd?e={expires}&s={signature}",
    ]
    assert [(await client.get(url)).status for url in forged] == [403] * len(forged)


async def test_what_is_not_stored_is_not_found(shelf: Any) -> None:
    files, client, _, db = shelf
    assert (await client.get(files.sign("/media/" + new_id()))).status == 404
    assert (await client.get(files.sign("/media/" + await store(db, files, "image/png", "a.png", "failed")))).status == 404


async def test_messages_are_signed_in_place(shelf: Any) -> None:
    files, *_ = shelf
    shown = files.signed([{"text": "a"}, {"media": [{"url": "/media/A"}]}])
    assert shown[1]["media"][0]["url"] == files.sign("/media/A")


def test_a_visitor_s_token_is_read_back() -> None:
    visitor = new_visitor()
    assert read_token("secret", make_token("secret", visitor)) == visitor
    assert read_token("another", make_token("secret", visitor)) is None
    assert new_visitor() != visitor


@given(st.one_of(st.text(max_size=220), st.none(), st.integers(), st.binary(), st.lists(st.text())))
def test_nothing_else_is_a_token(token: object) -> None:
    assert read_token("secret", token) is None


@pytest.mark.parametrize("token", ["\ud800", "a.\ud800", "a.b", ".", "", "a" * 201, "é.é"])
def test_a_broken_token_is_refused(token: str) -> None:
    assert read_token("secret", token) is None


@given(st.integers(0, 72), st.characters(codec="ascii"))
def test_a_changed_token_is_refused(at: int, letter: str) -> None:
    token = make_token("secret", "0" * 32)
    changed = token[:at] + letter + token[at + 1 :]
    assert changed == token or read_token("secret", changed) is None
