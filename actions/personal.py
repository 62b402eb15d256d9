"""Questions about the person: consent first, then name and contact. Shared by every form that stores personal data."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers

from actions.choices import YES
from actions.form import Field
from actions.turn import Turn
from bot.channels.messages import Choice
from bot.consent.service import RecordConsent, latest

AGREE, DISAGREE = Choice("/setuju", "Setuju"), Choice("/tolak", "Tidak setuju")
_NOT_NAMES = re.compile(r"\d|\?|http", re.IGNORECASE)
# "Rahayu" greets, too, but is a name here: a greeting or a yes counts as one only if it begins like one.
_COURTESY = re.compile(
    r"(?:ha?[il]+o*|h[ae]i+|hi|p[ae]rmisi|misi|ass?al\w*|selamat|met|pagi|siang|sore|malam|ya+|iya+|y|ok\w*|oke\w*|baik|boleh|setuju|lanjut|siap"
    r"|tidak|t?da?k|ng+a?k?|ga+k?|g|en+g+a\w*|jangan|jgn|kagak|terima|makasi\w*|thanks?|thx|tks|trims|suwun|nuhun|min|admin|kak|gan|bos\w*|test?)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:nama|nm)\s*(?:lengkap)?\s*(?:saya|sy|aku)?|saya|aku|sy|dengan|atas\s+nama|an\.?|a/n)\b[\s:,.-]*(?:adalah|ialah)?\s*",
    re.IGNORECASE,
)


async def _ask_consent(turn: Turn) -> None:
    turn.say(turn.client.consent.text.strip(), [AGREE, DISAGREE])


async def _read_consent(turn: Turn) -> Any:
    if turn.intent == "setuju":
        turn.stage(RecordConsent("granted"))
        return "granted"
    if turn.intent in ("tolak", "batal"):
        turn.stage(RecordConsent("declined"))
        return "declined"
    return None


async def _known_consent(turn: Turn) -> Any:
    async with turn.unit.db.read() as tx:
        row = await latest(tx, turn.unit.conversation.customer_id, turn.client.consent.purpose)
    return "granted" if row is not None and row.decision == "granted" and row.text_version == turn.client.consent.version else None


async def _ask_name(turn: Turn) -> None:
    turn.say("Mohon tuliskan *nama lengkap* Bapak/Ibu.")


async def _read_name(turn: Turn) -> Any:
    name = " ".join(_LEAD.sub("", turn.text.strip()).split())
    if (
        not 2 <= len(name) <= 60
        or len(name.split()) > 6
        or _NOT_NAMES.search(name)
        or (turn.intent in ("setuju", "tolak", "salam", "terima_kasih") and _COURTESY.match(name))
    ):
        return None
    return name.title() if name.islower() or name.isupper() else name


async def _ask_contact(turn: Turn) -> None:
    turn.say("Mohon tuliskan *nomor telepon* yang dapat kami hubungi, contoh 0812xxxxxxxx.")


async def _read_contact(turn: Turn) -> Any:
    return read_phone(turn.text)


async def _known_contact(turn: Turn) -> Any:
    wa_id = turn.unit.identities.get("wa_id")
    return f"+{wa_id}" if wa_id else None


def read_phone(text: str) -> str | None:
    """The first valid Indonesian or international number in a text, as +62…; None if there is none."""
    for match in phonenumbers.PhoneNumberMatcher(text, "ID"):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    return None


CONSENT = Field(
    "consent_given",
    _ask_consent,
    _read_consent,
    "Mohon pilih *Setuju* atau *Tidak setuju* terlebih dahulu.",
    _known_consent,
)
NAME = Field("reporter", _ask_name, _read_name, "Mohon maaf, kami memerlukan nama lengkap Bapak/Ibu tanpa angka.", loose=True)
CONTACT = Field("contact", _ask_contact, _read_contact, "Mohon maaf, nomor tersebut belum dapat kami kenali.", _known_contact, exact=True)
CONFIRM_CHOICES = [YES, Choice("/tolak", "Ubah"), Choice("/batal", "Batal")]
