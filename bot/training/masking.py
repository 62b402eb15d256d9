"""Personal data in messages: hidden before a trainer sees them, and out of every example. Pure.

`masked` is what people read: "nama saya [NAMA], wa [TELEPON]". `plain` makes of it what is trained: brackets are Rasa's own marks, so a
made-up value of the same form stands there, the same one each time. Ticket numbers, amounts, dates and times are kept: they say something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from bot.conversations.secrets import hide_secrets
from bot.training.names import ALSO_NAMES, COMMON_NAMES, ORDINARY

MADE_UP = {
    "[NAMA]": "Fulan",
    "[TELEPON]": "081200000000",
    "[NIK]": "1234567890123456",
    "[KONTRAK]": "1111222233334444",
    "[REKENING]": "1234567890",
    "[KARTU]": "1234123412341234",
    "[NOMOR]": "12345678",
    "[EMAIL]": "nama@contoh.id",
    "[ALAMAT]": "jalan mawar",
    "[TANGGAL LAHIR]": "1 januari 1990",
}
ROUNDS = 5
_PLACE = re.compile("|".join(re.escape(place) for place in MADE_UP))
_EMAIL = re.compile(r"[\w.+\-]+\s?(?:@|\(at\)|\[at\])\s?[\w\-]+(?:\.[\w\-]+)+")
_KEPT = re.compile(r"\b(?:ARIA|ARIANA)[-\s]?\d{5,7}\b|\bRSV-[A-Z0-9]{5}\b|\b1500[ \-]?\d{3}\b", re.IGNORECASE)
_RUN = re.compile(r"(?<![\w.,])\+?\(?\d(?:[ .\-/()]{0,3}\d){3,}(?!\w)")
_DATE = re.compile(r"(?:[0-3]?\d[ ./\-][01]?\d[ ./\-](?:19|20)?\d\d|(?:19|20)\d\d[ ./\-][01]?\d[ ./\-][0-3]?\d)")
_CLOCKS = re.compile(r"[0-2]?\d[.:][0-5]\d(?:\s?-\s?[0-2]?\d[.:][0-5]\d)?")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_UNIT = re.compile(
    r"\s*(?:kali|x|rb|rbu|ribu|k|juta|jt|m|miliar|milyar|rupiah|perak|gram|gr|g|persen|%|hari|bulan|tahun)(?!\w)", re.IGNORECASE
)
_MONEY_BEFORE = re.compile(
    r"(?:\brp\.?|\b(?:transfer|tf|bayar|pinjam|pinjaman|cicil|angsuran|saldo|sebesar|senilai|nominal|limit|uang|harga|biaya|total|topup|top up))\s*(?:rp\.?)?\s*$",
    re.IGNORECASE,
)
# What a number is, by the word before it: "no hp ku 0812…", "nik saya: 3201…", "sbg 1104…"
_FILLER = r"(?:\s*(?:nya|ny|ku|saya|sy|aku|gw|gue|sya|adalah|yaitu|itu|ini|no|nomor|nomer|nmr|aktif|mandiri|bca|bri|bni|bsi|btn|an|ke|di|yg|yang|[:=.,\-]))*\s*$"
_CUES = [
    (re.compile(rf"\b(?:nik|no\.?\s?ktp|ktp|e-?ktp|kk|npwp){_FILLER}", re.IGNORECASE), "[NIK]", 6),
    (re.compile(rf"\b(?:kontrak|sbg|surat bukti gadai|kredit|no\.?\s?gadai|akad){_FILLER}", re.IGNORECASE), "[KONTRAK]", 5),
    (re.compile(rf"\b(?:kartu|atm|debit|debet|cc){_FILLER}", re.IGNORECASE), "[KARTU]", 8),
    (re.compile(rf"\b(?:rek|rekening|norek|va|virtual account|cif|tabungan){_FILLER}", re.IGNORECASE), "[REKENING]", 5),
    (
        re.compile(
            rf"\b(?:hp|hape|wa|whatsapp|telp|tlp|tlpn|telpon|telepon|telfon|kontak|hub|hubungi|nope|nohp|handphone){_FILLER}", re.IGNORECASE
        ),
        "[TELEPON]",
        7,
    ),
    (re.compile(rf"\b(?:id|nasabah|pelanggan|akun|member|user|referensi|reff?|transaksi){_FILLER}", re.IGNORECASE), "[NOMOR]", 5),
]
_BIRTH = re.compile(r"\b(?:ttl|lahir|tgl lahir|tanggal lahir)\W*(?:\w+\W+){0,2}?$", re.IGNORECASE)
_PHONE = re.compile(r"(?:0|62)?8[1-9]\d{6,11}|0[2-9]\d{7,10}")
_SPELT = re.compile(r"\b(?:(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan)\b[\s\-,]*){7,}", re.IGNORECASE)
_BIRTHDAY = re.compile(r"(\b(?:ttl|lahir|tgl lahir|tanggal lahir)\b[^\n\d]{0,25})(\d{1,2}\s+[a-z]{3,9}\s+(?:19|20)?\d\d)\b", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(\balamat(?:\s?(?:nya|saya|sy|ku|rumah|lengkap))*\s*[:=]?\s*(?:di\s+)?)((?:jl|jln|jalan|gg|gang|perum|komplek|kp|dusun|desa|rt|blok)\b[^,.?!\n]*(?:,?\s*(?:rt|rw|no|blok)\b[^,.?!\n]*)*)"
    r"|(\b)((?:jl|jln)\b\.?\s+[^,.?!\n]*?\b(?:no|nomor|blok|rt|rw)\b\.?\s*[\w/\-]+(?:\s*(?:rt|rw)\b\.?\s*[\w/\-]+)*)",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_][^\W\d_'’.\-]*(?:['’\-][^\W\d_]+)*"
_TITLE = r"(?:(?:bpk|bapak|pak|ibu|bu|sdr|sdri|saudara|saudari|tn|ny|nn|h|hj|kak|mas|mbak|mba)\b\.?\s*)?"
_NEXT = re.compile(rf"[\s:=]*{_TITLE}({_WORD})", re.IGNORECASE)
_BESIDE = re.compile(rf"[ \t:]*{_TITLE}({_WORD})", re.IGNORECASE)  # a new line is a new thought
# After these a name follows, whatever it looks like, unless it is a word of every day.
_STRONG = re.compile(
    r"\b(?:nama(?:\s?(?:lengkap|asli|panggilan|pemilik|nasabah|penerima|ibu kandung|ibu|suami|istri|ayah))*(?:\s?(?:saya|sy|sya|aku|gw|gue|ku|nya))?"
    r"(?:\s?(?:adalah|yaitu|itu|ialah))?|namaku|namanya|bernama|a\s?/\s?n|a\.\s?n\.?|atas nama|ibu kandung(?:\s?(?:saya|nya))?"
    r"|dipanggil|panggil saja|perkenalkan(?:\s+saya)?)(?=[\s:=,]|$),?",
    re.IGNORECASE,
)
# After these a name may follow: one that begins with a capital or is a common one.
_WEAK = re.compile(
    r"\b(?:saya|sy|aku|bapak|pak|ibu|bu|saudara|saudari|nn|hj|kak|mas|mbak|mba|bapak/ibu|dgn|dengan|suami|istri|(?:bpk|sdr|sdri|tn|ny)\b\.?)(?![\w.])",
    re.IGNORECASE,
)
# "cabang Sudirman", "jl ahmad yani": a place
_PLACED = re.compile(
    r"\b(?:jl|jln|jalan|cabang|outlet|kantor|upc|cpp?s?|unit|stasiun|pasar|gang|gg)\b\.?\s+(?:[^\W\d_]+\s+)?$", re.IGNORECASE
)


def masked(text: str, names: Iterable[str] = (), *, ours: bool = False) -> str:
    """The text without personal data. Masking twice changes nothing more.

    `names`: what the customer is called, hidden wherever it stands. `ours`: we wrote it, so a capital begins a sentence, not a name.
    """
    names = list(names)
    for _ in range(ROUNDS):  # what is hidden may bring to light what stands behind it ("lahir 1-2-1990 Budi 1-2-1990")
        before, text = text, _once(text, names, ours)
        if text == before:
            break
    return text


def _once(text: str, names: Sequence[str], ours: bool) -> str:
    text, _ = hide_secrets(_outside(text, _neutral))
    text = _outside(text, lambda part: _EMAIL.sub("[EMAIL]", part))
    text = _BIRTHDAY.sub(r"\1[TANGGAL LAHIR]", text)
    text = _ADDRESS.sub(lambda m: f"{m[1] or m[3] or ''}[ALAMAT]", text)
    text = _SPELT.sub("[NOMOR] ", text).rstrip() if _SPELT.search(text) else text
    text = _numbers(text)
    for name in names:
        text = _known(text, name)
    return _names(text, ours)


def plain(text: str) -> str:
    """A masked text as it is trained: made-up values, no square brackets, one line."""
    return " ".join(made_up(text).split())


def made_up(text: str) -> str:
    """The same with its spaces as they are."""
    return _neutral(_PLACE.sub(lambda place: MADE_UP[place[0]], text))


def _neutral(text: str) -> str:
    """Square brackets are Rasa's marks; a customer's own become round ones. As long as before."""
    return text.replace("[", "(").replace("]", ")")


def _outside(text: str, change: Callable[[str], str]) -> str:
    """`change` on what is no placeholder."""
    parts, at = [], 0
    for place in _PLACE.finditer(text):
        parts += [change(text[at : place.start()]), place[0]]
        at = place.end()
    return "".join([*parts, change(text[at:])])


def _numbers(text: str) -> str:
    kept = [(m.start(), m.end()) for m in _KEPT.finditer(text)]

    def hide(run: re.Match[str]) -> str:
        if any(start < run.end() and run.start() < end for start, end in kept):
            return run[0]
        return _number(run)

    return _RUN.sub(hide, text)


def _number(run: re.Match[str]) -> str:
    before, digits = run.string[max(0, run.start() - 60) : run.start()], re.sub(r"\D", "", run[0])
    if _DATE.fullmatch(run[0]):
        return "[TANGGAL LAHIR]" if _BIRTH.search(before) else run[0]
    if _CLOCKS.fullmatch(run[0]) or _MONEY_BEFORE.search(before) or _UNIT.match(run.string, run.end()):
        return run[0]
    if _PHONE.fullmatch(digits) and len(digits) < 15:
        whole = digits.startswith(("0", "6"))  # "8812345678" is as well anything else
        return next((place for cue, place, _ in _CUES if cue.search(before) and not (whole and place == "[NOMOR]")), "[TELEPON]")
    for cue, place, least in _CUES:
        if len(digits) >= least and cue.search(before):
            return place
    if _THOUSANDS.fullmatch(run[0]) or (digits.endswith("000") and len(digits) <= 9):
        return run[0]
    if len(digits) < 7:
        return run[0]
    return "[NIK]" if len(digits) == 16 and 11 <= int(digits[:2]) <= 94 and 1 <= int(digits[8:10]) <= 12 else "[NOMOR]"


def _known(text: str, name: str) -> str:
    words = [w for w in re.findall(_WORD, name) if len(w) >= 3 and w.lower() not in ORDINARY]
    if not words:
        return text
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    run = re.compile(rf"(?<![\w\[])(?:{either})(?:\s+(?:{either}))*(?![\w\]])", re.IGNORECASE)
    return _outside(text, lambda part: run.sub("[NAMA]", part))


def _names(text: str, ours: bool) -> str:
    shouted = text.upper() == text
    spans: list[tuple[int, int]] = []
    for cue, strong in ((_STRONG, True),) if ours else ((_STRONG, True), (_WEAK, False)):
        for found in cue.finditer(text):
            span = _after(text, found.end(), strong, shouted)
            if span and not any(start < span[1] and span[0] < end for start, end in spans):
                spans.append(span)
    for found in () if ours else re.finditer(_WORD, text):
        if (
            found[0].lower() in COMMON_NAMES
            and not _PLACED.search(text, 0, found.start())
            and not any(start <= found.start() < end for start, end in spans)
        ):
            spans.append(_run_on(text, found.start(), found.end(), shouted))
    return _cut(text, spans)


def _after(text: str, at: int, strong: bool, shouted: bool) -> tuple[int, int] | None:
    first = (_NEXT if strong else _BESIDE).match(text, at)
    if not first or first.end() == at:
        return None
    word = first[1]
    if text[first.start(1) - 1 : first.start(1)] == "[" or not _may_be_name(word):
        return None
    if not strong and not _looks_like_name(word, shouted):
        return None
    return _run_on(text, first.start(1), first.end(1), shouted, loose=strong)


def _run_on(text: str, start: int, end: int, shouted: bool, loose: bool = False) -> tuple[int, int]:
    """The name from its first word on: up to three more words that look like one; after a strong cue one more of any form."""
    for number in range(3):
        more = re.compile(rf"\.?[ ]+({_WORD})").match(text, end)
        if not more or not _may_be_name(more[1]):
            break
        if not (_looks_like_name(more[1], shouted) or (loose and number == 0)):
            break
        end = more.end(1)
    return start, end


def _may_be_name(word: str) -> bool:
    word = word.lower()
    return len(word) >= 2 and word not in ORDINARY and word.removesuffix("nya") not in ORDINARY


def _looks_like_name(word: str, shouted: bool) -> bool:
    known = word.lower() in COMMON_NAMES or word.lower() in ALSO_NAMES
    return known or (word[0].isupper() and not shouted and not word.isupper())


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> str:
    last = len(text) + 1
    for start, end in sorted(spans, reverse=True):
        if end <= last:
            text, last = f"{text[:start]}[NAMA]{text[end:]}", start
    return text
