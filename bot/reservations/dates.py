"""Reading Indonesian days and times as people type them: "besok jam 10", "lusa", "Senin depan siang", "tgl 25 des jam setengah 3". Pure.

No library serves: the usual one takes "jam 10" for the tenth of the month (docs/decisions/0004-own-date-parser.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_WEEKDAYS = {
    **dict.fromkeys(("senin", "senen", "snn"), 0),
    **dict.fromkeys(("selasa", "sls"), 1),
    **dict.fromkeys(("rabu", "rebo", "rbu"), 2),
    **dict.fromkeys(("kamis", "kms", "kemis"), 3),
    **dict.fromkeys(("jumat", "jum'at", "jmt", "jumaat"), 4),
    **dict.fromkeys(("sabtu", "sbt"), 5),
    **dict.fromkeys(("minggu", "ahad", "mggu", "mgg"), 6),
}
_MONTH_NAMES = (
    ("januari", "jan"), ("februari", "feb", "pebruari"), ("maret", "mar", "mrt"), ("april", "apr"), ("mei",), ("juni", "jun"),
    ("juli", "jul"), ("agustus", "agu", "ags", "agt"), ("september", "sep", "sept"), ("oktober", "okt"),
    ("november", "nov", "nop", "nopember"), ("desember", "des"),
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"]
    )
} | {"dua belas": 12}
_PARTS = {
    **dict.fromkeys(("pagi", "pgi", "subuh", "dini hari"), "pagi"),
    "siang": "siang",
    **dict.fromkeys(("sore", "petang"), "sore"),
    **dict.fromkeys(("malam", "mlm", "malem"), "malam"),
}

_DAY_NAME = "|".join(sorted(map(re.escape, _WEEKDAYS), key=len, reverse=True))
_MONTH_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NUMBER_WORD = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_PART_NAME = "|".join(_PARTS)
_WEEK = "minggu|mggu|mgg"
_NEXT = "depan|dpn"
_COUNT = rf"(?:\d{{1,2}}|{_NUMBER_WORD})"
_YEAR = r"(?:19|20)\d{2}"
_UNITS = (
    "gram|gr|g|kg|karat|juta|jt|ribu|rb|k|m|persen|%|kali|x|orang|buah|unit|tahun|thn|th|bulan|bln|hari|hr|jam|menit|mnt|detik|"
    "meter|cm|km|tenor|poin|rupiah|minggu"
)
# What an amount, a share or a measure is followed by: "1/2 gram", "10-12 juta", "9.15 %"
_NO_UNIT = rf"(?!\s*(?:{_UNITS})(?!\w))"

_WRITTEN_DATE = re.compile(rf"(?<![\w/.\-])(\d{{1,2}})\s*({_MONTH_NAME})\b\.?(?:\s*({_YEAR})(?!\d))?")
# Two numbers are a date unless what stands around them makes them a house number, a span of hours, a part of a longer number …
_NUMERIC_DATE = re.compile(
    rf"(?<![\w/.,\-])(\d{{1,2}})(?:\s*/\s*|-)(\d{{1,2}})(?:(?:\s*/\s*|-)({_YEAR}|\d{{2}}))?(?![\w/]|[.,\-]\d){_NO_UNIT}"
)
_DOTTED_DATE = re.compile(rf"(?<![\w/.,\-])(\d{{1,2}})[. ](\d{{1,2}})[. ]({_YEAR})(?![\w/]|[.,\-]\d){_NO_UNIT}")
_NO_DATE_BEFORE = re.compile(r"\b(?:jam|jm|pukul|pkl|no|nomor|nomer|kode|rt|rw|rp|blok|tiket|resi|sbg|layanan|buka)\b[\s.:]*$")
_ISO_DATE = re.compile(rf"(?<![\w/\-])({_YEAR})-(\d{{2}})-(\d{{2}})(?!\d|-\d)")
_DAY_OF_MONTH = re.compile(r"\b(?:tanggal|tggl|tgl)\.?\s*(\d{1,2})\b")
_MONTH_SAID = re.compile(rf"\b(?:bulan|bln)\s+(?:({_NEXT})|({_MONTH_NAME})|(\d{{1,2}}))\b")
_IN_DAYS = re.compile(rf"\b(?:({_COUNT})\s*(hari|{_WEEK})|(sehari|seminggu))\s*lagi\b")
_NAMED_DAY = re.compile(rf"\b(hari\s+)?({_DAY_NAME})\b(\s+(?:(?:{_WEEK})\s+)?(?:{_NEXT}|ini|lalu|kemarin|kemaren|kmrn)\b)?")
_PLACE_BEFORE = re.compile(r"\bpasar\s*$")  # Pasar Senen, Pasar Minggu, Pasar Rebo are places, and so is "di Senen"
_SENEN_BEFORE = re.compile(r"\b(?:di|ke|cp|outlet|cabang|kantor|daerah|area|unit)\s*$")
_COUNTED = re.compile(rf"\b(?:{_COUNT}|beberapa|tiap|setiap|per)\s*$")
_NEXT_WEEK = re.compile(rf"(?<!hari )\b(?:{_WEEK})\s+(?:{_NEXT})\b")
_TODAY = re.compile(rf"\b(?:hari ini|(?:{_PART_NAME})\s+ini)\b")
_CLOCK = re.compile(rf"(?<![\w/.,:\-])(?<!rp )([01]?\d|2[0-3])\s?[:.]\s?([0-5]\d)(?![\w/]|[.,:]\d){_NO_UNIT}")
_HOUR = re.compile(
    rf"\b(?:jam|jm|pukul|pkl)\.?\s*(setengah\s*)?({_COUNT})(?:\s?[:.,]\s?([0-5]\d))?(?![\w/]|[.,:]\d)"
    r"(?:\s*(lewat|lebih|kurang|krg)\s*(\d{1,2}|seperempat)\b)?"
)
_HALF = re.compile(rf"\b(setengah\s*)({_COUNT})\b()()(){_NO_UNIT}")  # the groups of _HOUR
_HOUR_PART = re.compile(rf"(?<![\w/.,:\-])({_COUNT})\s*(?={_PART_NAME})")
_PART = re.compile(rf"\b({_PART_NAME})\b")
_PART_AFTER = re.compile(rf"\s*(?:wib|wita|wit)?\s*\b({_PART_NAME})\b")
# "Selamat pagi", "pagi kak", "siang, mau tanya": a greeting says nothing of the visit.
_GREETING = re.compile(
    rf"\b(?:selamat|slamat|slmt|met|mat)\s+(?:{_PART_NAME})\b"
    rf"|^\s*(?:{_PART_NAME})\b(?=\s+(?:kak|ka|kakak|pak|bu|bapak|ibu|min|admin|mas|mba|mbak|gan|sis|bos|sob|semua)\b|\s*[,.!](?!\s*(?:jam|jm|pukul|pkl|\d)))"
)


@dataclass(frozen=True, slots=True)
class When:
    """What a text says of a day and a time; None where it says nothing. `part`: pagi, siang, sore or malam."""

    day: date | None = None
    time: time | None = None
    part: str | None = None


def read_when(text: str, now: datetime) -> When:
    """Read `text` as of `now` (aware, in the zone that the answer is meant in).

    A day without a year or month is the next one to come, never a past one, except where the text names a full date. Impossible dates
    (31 February) are no dates. Hours 1 to 6 without a part of the day mean the afternoon: outlets are closed at night.
    """
    said = _tidy(text)
    day, rest = _read_day(said, now.date())
    found, part = _read_time(rest)
    return When(day, found, part)


def _tidy(text: str) -> str:
    said = re.sub(r"\s+", " ", re.sub(r"[’‘`´]", "'", text.lower()))
    said = _GREETING.sub(" ", said)
    said = re.sub(r"\b(?:bsk|bsok|besk|besuk|mbesuk|mbesok|esok|isuk|isukan|sesuk)\b", "besok", said)
    said = re.sub(r"\bhr\b", "hari", said)
    said = re.sub(r"\b(?:skrg|skrng|sekarang)\b", "hari ini", said)
    said = re.sub(r"\b(?:stgh|stngh|setgh)(?![a-z])", "setengah", said)
    said = re.sub(rf"(?<=\d)(?=(?:{_PART_NAME})\b)", " ", said)  # "9pagi"
    said = re.sub(r"(\b(?:jam|jm|pukul|pkl)\.? ?[\d.:]+) ?-?an\b", r"\1", said)  # "jam 9an"
    return re.sub(r"\s+", " ", said)


def _read_day(said: str, today: date) -> tuple[date | None, str]:
    """The day, and the text without the words that named it."""
    for pattern, read in ((_ISO_DATE, _iso), (_WRITTEN_DATE, _written), (_DOTTED_DATE, _numeric)):
        if match := pattern.search(said):
            return read(match, today), _without(match)
    for match in _NUMERIC_DATE.finditer(said):
        if _is_date(match) and (found := _numeric(match, today)):
            return found, _without(match)
    for pattern, read in ((_DAY_OF_MONTH, _of_month), (_IN_DAYS, _in_days)):
        if match := pattern.search(said):
            return read(match, today), _without(match)
    if re.search(r"\blusa\b", said):
        return today + timedelta(days=2), said
    named = _named(said, today)
    if re.search(r"\bbesok\b", said) and not (named and re.search(rf"\bbesok (?:hari )?(?:{_DAY_NAME})\b|\b(?:{_DAY_NAME}) besok\b", said)):
        return today + timedelta(days=1), said
    if _TODAY.search(said):
        return today, said
    if named:
        return named, said
    if _NEXT_WEEK.search(said):
        return today + timedelta(days=7), said
    if re.search(r"\b(?:nanti|ntar|tar)\b", said):
        return today, said
    return None, said


def _named(said: str, today: date) -> date | None:
    """The day a weekday's name means; None where the word is a week ("minggu depan", "3 minggu"), a habit or past."""
    week = _NEXT_WEEK.search(said)
    for match in _NAMED_DAY.finditer(said):
        suffix, before = (match[3] or "").strip(), said[: match.start()]
        if not match[1] and (_PLACE_BEFORE.search(before) or (match[2] == "senen" and _SENEN_BEFORE.search(before))):
            continue
        if _WEEKDAYS[match[2]] == 6 and not match[1] and (suffix in ("depan", "dpn", "ini") or _COUNTED.search(before)):
            continue
        if not suffix.endswith(("lalu", "kemarin", "kemaren", "kmrn")):
            return _weekday(match, today, bool(week))
    return None


def _without(match: re.Match[str]) -> str:
    return match.string[: match.start()] + " " + match.string[match.end() :]


def _is_date(match: re.Match[str]) -> bool:
    """Whether two numbers stand where a date stands: with a year or after "tgl" always, else not as hours, house or file numbers."""
    before = match.string[: match.start()]
    if match[3] or re.search(r"\b(?:tanggal|tggl|tgl)\.? ?$", before):
        return True
    around_the_clock = match[0].replace(" ", "") in ("24/7", "24-7") and match.string.strip() != match[0].strip()
    return not (_NO_DATE_BEFORE.search(before) or around_the_clock)


def _iso(match: re.Match[str], _today: date) -> date | None:
    return _date(int(match[1]), int(match[2]), int(match[3]))


def _written(match: re.Match[str], today: date) -> date | None:
    return _full(int(match[1]), _MONTHS[match[2]], match[3], today)


def _numeric(match: re.Match[str], today: date) -> date | None:
    return _full(int(match[1]), int(match[2]), match[3], today)


def _full(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    years = range(today.year, today.year + 9)  # 29 February may be eight years away
    return next((found for y in years if (found := _date(y, month, day)) and found >= today), None)


def _of_month(match: re.Match[str], today: date) -> date | None:
    year, month, day = today.year, today.month, int(match[1])
    if said := _MONTH_SAID.search(match.string):
        if not said[1]:
            return _full(day, _MONTHS[said[2]] if said[2] else int(said[3]), None, today)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return _date(year, month, day)
    for _ in range(12):  # the next month that has this day and in which it is still to come
        found = _date(year, month, day)
        if found and found >= today:
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _in_days(match: re.Match[str], today: date) -> date | None:
    if match[3]:
        return today + timedelta(days=1 if match[3] == "sehari" else 7)
    return today + timedelta(days=_number(match[1]) * (1 if match[2] == "hari" else 7))


def _weekday(match: re.Match[str], today: date, next_week: bool) -> date:
    wanted, suffix = _WEEKDAYS[match[2]], (match[3] or "").strip()
    if not match[1] and re.search(r"\b(?:malam|malem|mlm) $", match.string[: match.start()]):
        wanted = (wanted - 1) % 7  # "malam minggu" is Saturday night
    if next_week or suffix.endswith(("depan", "dpn")):
        return today + timedelta(days=7 - today.weekday() + wanted)  # of the next calendar week, Monday first
    return today + timedelta(days=(wanted - today.weekday()) % 7)


def _read_time(said: str) -> tuple[time | None, str | None]:
    """The time and the part of the day. The part right after an hour belongs to it, whatever else the text names."""
    general = _PARTS[match[1]] if (match := _PART.search(said)) else None
    for pattern in (_HOUR, _HALF):
        if match := pattern.search(said):
            part = _part_after(match) or general
            return _spoken(match, part), part
    if match := _CLOCK.search(said):
        part = _part_after(match) or general
        return _time(_in_part(int(match[1]), part), int(match[2])), part
    if match := _HOUR_PART.search(said):
        part = _part_after(match)
        return _time(_in_part(_number(match[1]), part), 0), part
    return None, general


def _part_after(match: re.Match[str]) -> str | None:
    after = _PART_AFTER.match(match.string, match.end())
    return _PARTS[after[1]] if after else None


def _spoken(match: re.Match[str], part: str | None) -> time | None:
    hour = _number(match[2])
    if match[1]:  # "setengah 3" is half past two
        return _time(_in_part(hour - 1 if hour > 1 else 12, part), 30)
    hour = _in_part(hour, part)
    minute = int(match[3] or 0)
    if match[4]:
        extra = 15 if match[5] == "seperempat" else int(match[5])
        if match[4] in ("kurang", "krg"):
            return _time((hour - 1) % 24, 60 - extra) if 0 < extra < 60 else None
        minute += extra
    return _time(hour, minute)


def _in_part(hour: int, part: str | None) -> int:
    """The hour of 24. Without a part of the day 1 to 6 are the afternoon."""
    if hour == 0 or hour > 12:
        return hour
    if part in ("pagi", "malam") and hour == 12:
        return 0
    if part == "pagi":
        return hour
    if part == "malam":
        return hour + 12 if hour >= 6 else hour  # "jam 1 malam" is an hour after midnight
    if part == "sore":
        return hour + 12 if hour < 12 else 12
    return hour + 12 if hour <= 6 else hour


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(hour: int, minute: int) -> time | None:
    try:
        return time(hour, minute)
    except ValueError:
        return None
