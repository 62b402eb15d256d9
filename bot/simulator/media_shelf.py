"""The files the stand-in keeps, for as long as Meta would."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.graph_errors import GraphError
from bot.simulator.graph_rules import upload_limit
from bot.simulator.phone import Attachment
from bot.simulator.samples import Sample

FROM_WEBHOOK = timedelta(days=7)
FROM_UPLOAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Shelved:
    """One file under its media id."""

    id: str
    data: bytes
    mime: str
    name: str | None
    until: datetime

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def attachment(self) -> Attachment:
        """How a webhook names the file; there the digest is in base64."""
        digest = base64.b64encode(hashlib.sha256(self.data).digest()).decode()
        return Attachment(self.id, self.mime, digest, self.name)


class MediaShelf:
    """Media by id; ids count up from a number no message or phone has."""

    def __init__(self) -> None:
        self._files: dict[str, Shelved] = {}

    def put(self, file: Sample, until: datetime) -> Shelved:
        """Keeps a file until then."""
        shelved = Shelved(str(900000000000001 + len(self._files)), file.data, file.mime, file.name, until)
        self._files[shelved.id] = shelved
        return shelved

    def upload(self, file: Sample, now: datetime) -> Shelved:
        """Keeps a file of ours for 30 days; raises 131053 for an empty or too large one."""
        if not file.data or len(file.data) > upload_limit(file.mime):
            raise GraphError(131053, f"Media of type {file.mime} must have 1 to {upload_limit(file.mime)} bytes.")
        return self.put(file, now + FROM_UPLOAD)

    def get(self, media_id: str, now: datetime) -> Shelved:
        """The file; raises 100 (subcode 33) if there is none or its time is over."""
        found = self._files.get(media_id)
        if found is None or now >= found.until:
            details = f"Unsupported get request. Object with ID '{media_id}' does not exist or its time is over."
            raise GraphError(100, details, subcode=33)
        return found
