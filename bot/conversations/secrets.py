"""PIN, OTP and passwords that customers send: found, hidden before anything is stored, never asked for. Pure."""

from __future__ import annotations

import re

HIDDEN = "•••"

_LOGIN = r"(?:pas+w(?:or|o|r)?[dt]|pswd|pwd|pw|pass|kata\s*sandi|sandi)"
_PIN = r"m-?\s?pin|pin(?!\s*(?:lokasi|location|point|map|maps|bb)\b)"
_WORDS = rf"(?:{_PIN}|otp|kode\s+(?:verifikasi|rahasia|akses|keamanan)|cvv|cvc|{_LOGIN})"
_OWN = r"(?:-?\s?(?:nya|ny|ku))?"
# What people put between the word and the secret: "otp yang saya terima tadi", "pin tring saya yang lama"
_FILLER = (
    r"(?:(?:\s|[:=\-,])*\b(?:adalah|ialah|itu|yaitu|nya|ny|saya|sy|aku|ak|ku|gw|gue|gua|anda|aplikasi|tabungan|emas|app|apk|tring|pegadaian|digital|atm|kartu|"
    r"tadi|td|ini|ni|yang|yg|masuk|sudah|udah|udh|sdh|diterima|terima|dapat|dapet|dari|sms|wa|baru|lama|barusan|kode|salah|terus|kak|nasabah|beliau)\b){0,7}"
)
_GAP = r"(?:\s|[:=\-,])*(?:[a-z]-)?"  # "G-123456"
_RUN = r"\d(?:[ .\-/:]?\d)*"
_AMOUNT = re.compile(r"\s*(?:kali|x|rb|ribu|juta|jt|rupiah|menit|detik|gram|gr)(?!\w)", re.IGNORECASE)
# "PIN saya 123456", "otp: 88 12 34", "kode otp nya 4421"
_DIGITS = re.compile(rf"\b({_WORDS}{_OWN}(?:(?=\d)|\b{_FILLER}{_GAP}))({_RUN})", re.IGNORECASE)
# "ini kodenya 123456": six digits after a bare "kode" are an OTP; "kode pos 10430", "kode bayar 123456" are not
_CODE = re.compile(r"\b(kode(?:\s?nya)?(?:\s+(?:saya|sy|itu|ini|adalah))?\s*[:=]?\s*)(\d{6}|\d{3}[ \-]\d{3})(?![\w\-/.]?\d)", re.IGNORECASE)
# "password saya: rahasia99": a colon or 'adalah' says that the secret follows; without one only what nobody says otherwise, "pass budi1990"
_SAID = re.compile(rf"\b({_LOGIN}{_OWN}\b{_FILLER}\s*(?:[:=]|(?<=\badalah)|(?<=\bialah))\s*)([^\s•]\S{{3,}})", re.IGNORECASE)
_MIXED = re.compile(rf"\b({_LOGIN}{_OWN}\b{_FILLER}\s+)(?=\S*[a-z])(?=\S*\d)([^\s•:=]\S{{4,}})", re.IGNORECASE)
_NO_SECRET = frozenset(
    [
        "lupa",
        "apa",
        "apakah",
        "tidak",
        "tdk",
        "nggak",
        "ngga",
        "gak",
        "enggak",
        "belum",
        "blm",
        "sudah",
        "udah",
        "salah",
        "bagaimana",
        "gimana",
        "kenapa",
        "mengapa",
        "mohon",
        "tolong",
        "saya",
        "error",
        "invalid",
        "incorrect",
        "wrong",
        "terblokir",
        "diblokir",
        "harus",
        "minimal",
        "maksimal",
        "wajib",
        "yang",
        "kami",
        "rahasia",
        "data",
        "informasi",
        "kombinasi",
        "kata",
        "kode",
        "berapa",
        "bisa",
        "minta",
    ]
)
# "123456 itu otp saya"; without such a word only where the number begins the line, for "transfer 150000 pin ditolak" is an amount
_BEFORE = re.compile(rf"(?<![\w.,/\-])(\d{{4,8}})(\s*(?:itu|adalah|ini|=)\s*(?:kode\s+)?{_WORDS}{_OWN}\b)", re.IGNORECASE)
_FIRST = re.compile(
    r"((?:^|[\n,;:.!?(])\s*)(\d{4,8}|\d(?: \d){3,7})"
    rf"(\s+(?:kode\s+)?{_WORDS}(?:{_OWN}\s*(?:$|[\n.,;!?)])|-?\s?(?:nya|ku|saya|sy|aku|gw|gue)\b))",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?:0|62)8")
_DATE_OR_TIME = re.compile(r"(?:[0-2]?\d[.:][0-5]\d|(?:[0-2]?\d|3[01])([./\-])(?:0?\d|1[0-2])\1(?:19|20)\d\d)")
_MONEY = re.compile(r"\d{1,3}(?:\.\d{3})+")

_ASK_WORD = rf"\b{_WORDS}{_OWN}\b"
_ASKS = re.compile(
    r"(?:(?<!kami )(?<!akan )\bkirim(?:kan|in)?|\bsebut(?:kan|in)?|\bmasukk?an|\binfo(?:kan|in)?|\binformasikan|\bminta"
    r"|\bberi(?:kan|tahu(?:kan)?)?|\bketik(?:kan)?|\btulis(?:kan)?|\bisi(?:kan)?|\bkonfirmasi(?:kan)?|\bshare|\bbagi(?:kan)?|\btahu"
    r"|\b(?:bisa|boleh|mohon|tolong)\s+di(?:info|kirim|sebut|beri|konfirmasi)(?:kan)?)\b"
    rf"((?:(?!\b(?:apakah|bila|jika|kalau|cara|untuk)\b)[^.?!\n]){{0,40}}?){_ASK_WORD}"
    rf"|\b(?:berapa|apa|dibantu)\s+(?:kode\s+|nomor\s+)?{_ASK_WORD}(?!\s+(?:sudah|belum|telah|masih|bisa|dapat|salah))"
    rf"|{_ASK_WORD}(?:\s+(?:anda|kamu|bapak|ibu|bapak/ibu|kakak|tersebut))?\s*(?:berapa|apa|dong)\b",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:jangan|tidak|tdk|tanpa|bukan|rahasiakan|jaga|dilarang|waspada|waspadai|hati-hati|penipu|penipuan|oknum|abaikan|siapa\s?pun)\b",
    re.IGNORECASE,
)
# Said to calm, not to warn: "tidak apa-apa, sebutkan PIN Anda"
_CALMING = re.compile(
    r"\b(?:jangan|tidak\s+(?:perlu|usah))\s+(?:khawatir|ragu|takut|sungkan|lupa)\b|\btidak\s+(?:apa-apa|apa|masalah)\b", re.IGNORECASE
)
_IN_APP = re.compile(
    r"\b(?:masukkan|ketik|isi)\b.*\b(?:aplikasi|mesin|atm|edc)\b|\b(?:aplikasi|mesin|atm|edc)\b.*\b(?:masukkan|ketik|isi)\b", re.IGNORECASE
)


def hide_secrets(text: str) -> tuple[str, bool]:
    """The text with secrets replaced by •••, and whether there were any. Hiding twice changes nothing more."""
    hidden, before = _hide(text), text
    while hidden != before:  # what stands beside a hidden secret may be one as well; each round makes the text shorter
        hidden, before = _hide(hidden), hidden
    return hidden, hidden != text


def asks_for_secret(text: str) -> bool:
    """Whether a text of ours asks a customer for a PIN, OTP or password. A warning not to give one away is no asking, and neither is
    telling where in the app it is typed."""
    return any(_asks(_CALMING.sub(" ", sentence)) for sentence in re.split(r"[.?!\n]", text))


def _asks(sentence: str) -> bool:
    return any(not _warns(sentence, match) for match in _ASKS.finditer(sentence)) and not _IN_APP.search(sentence)


def _warns(sentence: str, asked: re.Match[str]) -> bool:
    """Whether the sentence warns. A "jangan" that comes after the question is about something else."""
    warning = _NEVER.search(sentence)
    return warning is not None and (warning.start() < asked.end() or warning[0].lower() not in ("jangan", "tidak", "tdk", "tanpa", "bukan"))


def _hide(text: str) -> str:
    text = _DIGITS.sub(_number, text)
    text = _CODE.sub(rf"\1{HIDDEN}", text)
    text = _SAID.sub(_word, text)
    text = _MIXED.sub(_word, text)
    text = _BEFORE.sub(rf"{HIDDEN}\2", text)
    return _FIRST.sub(rf"\1{HIDDEN}\3", text)


def _number(match: re.Match[str]) -> str:
    """Four to eight digits in all are a secret; of a longer row the first number, unless the row is a phone number, a date or an amount."""
    run, rest = match[2], ""
    if _AMOUNT.match(match.string, match.end()):  # "otp 123456 2 kali": the last number is a count
        *_, last = re.split(r"[ .\-/:]", run)
        cut = len(run[: -len(last)].rstrip(" .-/:"))
        run, rest = run[:cut], run[cut:]
    digits = re.sub(r"\D", "", run)
    if _DATE_OR_TIME.fullmatch(run) or _MONEY.fullmatch(run) or (_PHONE.match(digits) and len(digits) >= 9):
        return match[0]
    least = 3 if match[1].lower().startswith("cv") else 4
    if least <= len(digits) <= 8:
        return f"{match[1]}{HIDDEN}{rest}"
    first = re.match(r"\d+", run)
    if first and 4 <= len(first[0]) <= 8:
        return f"{match[1]}{HIDDEN}{run[first.end() :]}{rest}"
    return match[0]


def _word(match: re.Match[str]) -> str:
    if match[2].lower().strip("\"'.,;!?") in _NO_SECRET:
        return match[0]
    return f"{match[1]}{HIDDEN}"
