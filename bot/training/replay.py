"""A closed conversation as a conversation test (tests/dialogue/README.md): what the customer did, and one stable phrase of each answer. Pure.

Refuses what would not play again: files, people, late messages, numbers of tickets that the test will not have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.engine import Row

from bot.training.masking import masked, plain

WAITED = 20.0  # seconds after which a message of ours came by itself, and was no answer
PAUSE = 30.0  # a shorter pause of the customer changes nothing
_NUMBERED = re.compile(r"\b(?:ARIA|ARIANA)[-\s]?\d|\bRSV-", re.IGNORECASE)
_SENTENCE = re.compile(r"[.?!:;\n•*_()\"]+|Bapak/Ibu")
_PASSING = re.compile(r"\d|selamat|bapak/ibu|asisten virtual|%|\[", re.IGNORECASE)
_OURS = ("bot", "system")
Step = dict[str, Any]


class CannotReplay(Exception):
    """The conversation cannot be made a test; the message is a sentence for trainers."""


@dataclass
class _Talk:
    """The test as far as it is written."""

    names: Sequence[str]
    steps: list[Step] = field(default_factory=list)
    last_at: datetime | None = None

    def wait(self, until: datetime, least: float) -> bool:
        assert self.last_at is not None
        seconds = (until - self.last_at).total_seconds()
        if seconds < least:
            return False
        self.steps.append({"waits": round(seconds)})
        self.last_at = until
        return True

    def hear(self, said: Sequence[str], key: str = "hears") -> None:
        phrase = next((phrase for text in said for phrase in stable_phrases(text, self.names)), None)
        if phrase and self.steps:
            self.steps[-1].setdefault(key, [phrase])


def conversation_test(
    conversation: Row[Any], rows: Sequence[Row[Any]], names: Sequence[str], misread: Mapping[str, str], zone: ZoneInfo
) -> tuple[str, str]:
    """The test's file name and text. `misread`: messages that trainers called misread; the first of them ends the test with what Sapa must
    not say again. Raises CannotReplay."""
    if conversation.owner != "closed":
        raise CannotReplay("Percakapan belum ditutup.")
    refuse(rows)
    talk, wrong = _Talk(names), None
    for at, row in enumerate(rows):
        if row.author in _OURS:
            if talk.last_at is not None and talk.wait(row.created_at, WAITED):
                talk.hear(_said(rows, at))
            continue
        if talk.last_at is not None:
            talk.wait(row.created_at, PAUSE)
        talk.last_at = row.created_at
        tapped = bool((row.content or {}).get("choice"))
        talk.steps.append({"taps": row.text} if tapped else {"says": plain(masked(row.text, names))})
        if row.id in misread:
            wrong = misread[row.id]
            talk.hear(_said(rows, at + 1), "not")
            break
        talk.hear(_said(rows, at + 1))
    began = conversation.opened_at.astimezone(zone)
    short = conversation.id[-6:].lower()
    test: dict[str, Any] = {
        "name": f"Percakapan nyata {began:%Y-%m-%d} {short}" + (f", sebelumnya salah dibaca: {wrong}" if wrong else ""),
        "channels": [conversation.channel],
        "at": f"{began:%Y-%m-%d %H:%M}",
        "steps": talk.steps,
    }
    if wrong is None:
        test["then"] = {key: getattr(conversation, key) for key in ("owner", "topic") if getattr(conversation, key)}
    text = yaml.safe_dump(test, allow_unicode=True, sort_keys=False, width=140, default_flow_style=None)
    return f"nyata_{began:%Y-%m-%d}_{short}.yml", text


def refuse(rows: Sequence[Row[Any]]) -> None:
    """Raises CannotReplay for what a test could not do again."""
    if not any(row.author == "customer" for row in rows):
        raise CannotReplay("Nasabah tidak menulis apa pun.")
    for row in rows:
        content = row.content or {}
        if row.author == "agent":
            raise CannotReplay("Percakapan ini dilayani petugas; hanya percakapan dengan bot yang dapat diuji ulang.")
        if row.author != "customer":
            continue
        if row.skipped in ("late", "engine_down", "person"):
            raise CannotReplay("Ada pesan yang tidak dijawab bot (terlambat atau sistem terganggu).")
        if row.edited or row.revoked:
            raise CannotReplay("Nasabah mengubah atau menghapus pesannya.")
        if row.kind not in ("text", "choice") or content.get("media"):
            raise CannotReplay("Nasabah mengirim berkas, lokasi, atau kontak.")
        if content.get("secret_hidden"):
            raise CannotReplay("Ada PIN, OTP, atau kata sandi yang sudah kami hapus dari pesan nasabah.")
        if _NUMBERED.search(row.text):
            raise CannotReplay("Nasabah menyebut nomor tiket atau kode reservasi, yang tidak ada dalam uji.")


def stable_phrases(text: str, names: Sequence[str]) -> list[str]:
    """Phrases of an answer of ours that come again word by word: no numbers, names or greetings of the hour."""
    found = []
    for sentence in _SENTENCE.split(text):
        for part in sentence.split(","):
            words = part.split()
            phrase = " ".join(words[:7])
            steady = len(words) >= 3 and phrase in text and not _PASSING.search(phrase)
            if steady and masked(phrase, names, ours=True) == phrase:
                found.append(phrase)
    return found


def _said(rows: Sequence[Row[Any]], start: int) -> list[str]:
    """What we said from here on until the customer did something, or time went by."""
    said: list[str] = []
    last: datetime | None = None
    for row in rows[start:]:
        if row.author not in _OURS or (last is not None and (row.created_at - last).total_seconds() >= WAITED):
            break
        said.append(row.text)
        last = row.created_at
    return said
