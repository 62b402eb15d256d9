"""Files of conversations: typed by their content, capped, kept under an id, served by signed links that do not run anything.

A link is good for a day and a half; whoever shows a transcript signs anew.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import select

from bot.channels.records import media
from bot.store.database import Database

LINK_HOURS = 36
# By their first bytes; what a browser could run (HTML, SVG, scripts) is in nobody's list.
_SIGNATURES: tuple[tuple[bytes, int, str, str], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg", "image"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", "image"),
    (b"GIF8", 0, "image/gif", "image"),
    (b"WEBP", 8, "image/webp", "image"),
    (b"%PDF-", 0, "application/pdf", "document"),
    (b"OggS", 0, "audio/ogg", "audio"),
    (b"ID3", 0, "audio/mpeg", "audio"),
    (b"ftyp", 4, "video/mp4", "video"),
    (b"PK\x03\x04", 0, "application/zip", "document"),
)
# The brand of an ISO media file says what is in it; any other brand is a film.
_BRANDS = {
    b"M4A ": ("audio/mp4", "audio"),
    b"M4B ": ("audio/mp4", "audio"),
    **dict.fromkeys((b"heic", b"heix", b"mif1", b"msf1"), ("image/heic", "image")),
    b"avif": ("image/avif", "image"),
}
_OFFICE = {".docx": "wordprocessingml.document", ".xlsx": "spreadsheetml.sheet", ".pptx": "presentationml.presentation"}


def sniff(head: bytes, name: str) -> tuple[str, str] | None:
    """(mime, kind) of an upload by its first 16 bytes, None if its type is not taken. Archives only as Office documents."""
    for magic, offset, mime, kind in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            if mime == "application/zip":
                office = _OFFICE.get(Path(name).suffix.lower())
                return (f"application/vnd.openxmlformats-officedocument.{office}", kind) if office else None
            return _BRANDS.get(head[8:12], (mime, kind)) if magic == b"ftyp" else (mime, kind)
    return None


def safe_name(name: str | None, fallback: str = "berkas") -> str:
    """A file name without path or control characters, at most 120 characters."""
    cleaned = re.sub(r"[^\w .()\-]", "_", Path((name or "").replace("\\", "/")).name).strip(" .")
    return cleaned[-120:].lstrip(" .") or fallback


class Files:
    """Where the bytes are, and who may fetch them."""

    def __init__(self, folder: Path, secret: str, db: Database) -> None:
        self._folder = folder
        self._secret = hashlib.sha256(f"media:{secret}".encode()).digest()
        self._db = db

    def path(self, media_id: str) -> Path:
        """The file of a media id."""
        return self._folder / media_id[-2:] / media_id

    def write(self, media_id: str, data: bytes) -> None:
        """Store the bytes; a half-written file never has the final name."""
        path = self.path(media_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(path)

    def sign(self, url: str) -> str:
        """`/media/ID` with its expiry and signature."""
        media_id = url.rsplit("/", 1)[-1]
        expires = int((self._db.clock.now() + timedelta(hours=LINK_HOURS)).timestamp()) // 3600 * 3600  # same link all hour: cached
        return f"{url}?e={expires}&s={self._signature(media_id, expires)}"

    def signed(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Messages as shown, their media links signed."""
        for message in messages:
            for file in message.get("media", ()):
                file["url"] = self.sign(file["url"])
        return messages

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /media/{id}: 403 for a bad or old link, 404 for nothing there."""
        media_id = request.match_info["id"]
        try:
            expires = int(request.query.get("e", "0"))
        except ValueError:
            expires = 0
        good = hmac.compare_digest(request.query.get("s", "").encode(), self._signature(media_id, expires).encode())
        if not good or datetime.fromtimestamp(expires, self._db.clock.now().tzinfo) < self._db.clock.now():
            raise web.HTTPForbidden(text="Tautan tidak berlaku lagi.")
        async with self._db.read() as tx:
            row = (await tx.execute(select(media).where(media.c.id == media_id))).first()
        path = self.path(media_id)
        if row is None or row.state != "stored" or not path.is_file():
            raise web.HTTPNotFound(text="Berkas tidak ditemukan.")
        inline = row.mime.startswith(("image/", "audio/", "video/")) or row.mime == "application/pdf"
        headers = {
            "Content-Type": row.mime,
            "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{safe_name(row.name)}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "Cache-Control": "private, max-age=3600",
        }
        return web.FileResponse(path, headers=headers)

    def _signature(self, media_id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{media_id}:{expires}".encode(), hashlib.sha256).hexdigest()[:32]
