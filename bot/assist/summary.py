"""The conversation so far in three to six lines, for the colleague who takes over. Built from what is stored; nothing is made up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CHANNELS = {
    "whatsapp": "WhatsApp",
    "livechat": "live chat",
    "phone": "telepon",
    "outlet_call": "telepon outlet",
    "walk_in": "tatap muka",
    "social": "media sosial",
}
QUOTE = 160  # characters of what the customer said


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, in words people read. Every part may be empty."""

    name: str | None
    channel: str
    topic: str | None = None
    said: Sequence[str] = ()  # the customer's messages that say something
    form: str | None = None
    given: Sequence[tuple[str, str]] = ()  # fields of the form: label, value
    missing: Sequence[str] = ()
    answered: Sequence[str] = ()  # titles of the articles that were given as answers
    replies: int = 0  # of colleagues
    made: Sequence[str] = ()  # tickets and reservations of this conversation
    done: Sequence[str] = ()  # steps of the guide
    open: Sequence[str] = ()
    verification: str | None = None
    flags: Sequence[str] = ()
    files: int = 0


def summary(story: Story) -> list[str]:
    """Three to six lines."""
    lines = [_who(story), _said(story), _form(story), _answered(story), _made(story), _steps(story)]
    return [line for line in lines if line]


def _who(story: Story) -> str:
    name = f" {story.name}" if story.name else ""
    topic = f" mengenai {story.topic}" if story.topic else ""
    return f"Bapak/Ibu{name} menghubungi kami melalui {CHANNELS.get(story.channel, story.channel)}{topic}."


def _said(story: Story) -> str:
    files = f" Nasabah mengirim {story.files} lampiran." if story.files else ""
    if not story.said:
        return f"Nasabah belum menyampaikan keperluannya.{files}"
    first, last = _quote(story.said[0]), _quote(story.said[-1])
    if len(story.said) == 1 or first == last:
        return f"Nasabah menyampaikan: {first}.{files}"
    return f"Pertama nasabah menyampaikan: {first}. Terakhir: {last}.{files}"


def _form(story: Story) -> str:
    if not story.form:
        return ""
    given = "; ".join(f"{label}: {_cut(value)}" for label, value in story.given) or "belum ada"
    missing = f" Belum ada: {', '.join(story.missing)}." if story.missing else ""
    return f"{story.form}, sudah diisi: {given}.{missing}"


def _answered(story: Story) -> str:
    parts = []
    if story.answered:
        parts.append(f"Bot sudah menjawab dengan: {', '.join(story.answered)}.")
    if story.replies:
        parts.append(f"Petugas sudah membalas {story.replies} kali.")
    return " ".join(parts)


def _made(story: Story) -> str:
    return f"Sudah dibuat: {', '.join(story.made)}." if story.made else ""


def _steps(story: Story) -> str:
    parts = [f"Langkah selesai: {', '.join(story.done)}." if story.done else "Belum ada langkah panduan yang selesai."]
    if story.open:
        parts.append(f"Belum: {', '.join(story.open)}.")
    parts.append(f"Verifikasi: {story.verification or 'belum'}.")
    if story.flags:
        parts.append(f"Mohon diperhatikan: {', '.join(story.flags)}.")
    return " ".join(parts)


def _quote(text: str) -> str:
    return f"“{_cut(text)}”"


def _cut(text: str) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= QUOTE else f"{line[: QUOTE - 1].rsplit(' ', 1)[0]}…"
