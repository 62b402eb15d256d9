"""One uploaded file over HTTP, from a customer's window or an agent's desk: read within a cap and a time, typed by its content, kept."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web
from sqlalchemy import insert

from bot.channels.files import Files, safe_name, sniff
from bot.channels.records import media
from bot.ids import new_id
from bot.store.database import Database

log = logging.getLogger(__name__)
UPLOAD_S = 120  # how long an upload may take
PARTS = 20  # of a body, at most, before the one named file


@dataclass(frozen=True, slots=True)
class UploadRefused(Exception):
    """The file is not taken: a status, a code for programs and a sentence for people."""

    status: int
    code: str
    message: str


async def take_upload(request: web.Request, db: Database, files: Files, most: int, **owner: Any) -> dict[str, Any]:
    """Read and keep the part named `file`, at most `most` bytes. `owner`: channel and whose it is, columns of `media`.

    Returns it as shown, its link signed. Raises UploadRefused: 400 unreadable, 413 too large, 415 type not taken.
    """
    try:
        async with asyncio.timeout(UPLOAD_S):
            name, data = await _read_file(request, most)
    except web.HTTPRequestEntityTooLarge:
        raise UploadRefused(413, "too_large", f"Berkas terlalu besar, paling besar {most // 2**20} MB.") from None
    except Exception as wrong:  # a broken multipart body raises a dozen kinds of error in aiohttp
        log.info("an upload could not be read: %s", type(wrong).__name__)
        raise UploadRefused(400, "bad_upload", "Unggahan tidak dapat dibaca.") from None
    found = sniff(data[:16], name)
    if found is None:
        told = "Jenis berkas ini tidak dapat diterima. Gunakan gambar, PDF, audio, video, atau dokumen Office."
        raise UploadRefused(415, "bad_type", told)
    mime, kind = found
    media_id = new_id()
    await asyncio.to_thread(files.write, media_id, data)
    values = {"id": media_id, "kind": kind, "name": name, "mime": mime, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    async with db.write() as tx:
        await tx.execute(insert(media).values(**values, **owner, state="stored", created_at=tx.now))
    return {"id": media_id, "kind": kind, "name": name, "mime": mime, "size": len(data), "url": files.sign(f"/media/{media_id}")}


async def _read_file(request: web.Request, most: int) -> tuple[str, bytes]:
    """The name and bytes of the part `file`. Raises ValueError where there is none, HTTPRequestEntityTooLarge."""
    if (request.content_length or 0) > most + 64 * 1024:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    reader = await request.multipart()
    for _ in range(PARTS):
        part = await reader.next()
        if isinstance(part, BodyPartReader) and part.name == "file":
            data = bytearray()
            while chunk := await part.read_chunk(64 * 1024):
                data += chunk
                if len(data) > most:
                    raise web.HTTPRequestEntityTooLarge(most, len(data))
            return safe_name(part.filename), bytes(data)
        if part is None:
            break
    raise ValueError("no part named file")
