"""read_when: what people type of days and times, as a table and as properties."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reservations.dates import When, read_when
from bot.wording import DAYS, MONTHS

WIB = ZoneInfo("Asia/Jakarta")
WEDNESDAY = datetime(2026, 11, 18, 9, 0, tzinfo=WIB)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2040, 12, 31)).map(lambda d: d.replace(tzinfo=WIB))


def d(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


DAYS_SAID = [
    # near days and how people write them
    ("hari ini", d(11, 18)),
    ("skrg", d(11, 18)),
    ("nanti siang", d(11, 18)),
    ("sore ini", d(11, 18)),
    ("besok", d(11, 19)),
    ("bsk", d(11, 19)),
    ("besuk pagi", d(11, 19)),
    ("esok hari", d(11, 19)),
    ("Besok aja kak", d(11, 19)),
    ("lusa", d(11, 20)),
    ("besok lusa", d(11, 20)),
    ("sehari lagi", d(11, 19)),
    ("3 hari lagi", d(11, 21)),
    ("dua hari lagi", d(11, 20)),
    ("dua belas hari lagi", d(11, 30)),
    # weeks
    ("seminggu lagi", d(11, 25)),
    ("satu minggu lagi", d(11, 25)),
    ("3 minggu lagi", d(12, 9)),
    ("2 mgg lagi", d(12, 2)),
    ("minggu depan", d(11, 25)),
    ("mgg dpn", d(11, 25)),
    # weekdays: the next one to come, today counts
    ("rabu", d(11, 18)),
    ("senin", d(11, 23)),
    ("hari senen", d(11, 23)),
    ("Jum'at", d(11, 20)),
    ("jum’at ini", d(11, 20)),
    ("jmt", d(11, 20)),
    ("hr sabtu", d(11, 21)),
    ("ahad", d(11, 22)),
    ("hari minggu", d(11, 22)),
    ("minggu", d(11, 22)),
    ("minggu besok", d(11, 22)),
    ("besok senin", d(11, 23)),
    ("nanti hari sabtu", d(11, 21)),
    ("sabtu minggu ini", d(11, 21)),
    # of the next calendar week
    ("senin depan", d(11, 23)),
    ("rabu depan", d(11, 25)),
    ("hari minggu depan", d(11, 29)),
    ("senin minggu depan", d(11, 23)),
    ("minggu depan hari jumat", d(11, 27)),
    ("selasa dpn jam 10", d(11, 24)),
    # "malam minggu" is Saturday night, "minggu malam" Sunday night
    ("malam minggu", d(11, 21)),
    ("minggu malam", d(11, 22)),
    # dates
    ("tgl 25", d(11, 25)),
    ("tgl25", d(11, 25)),
    ("tanggal 18", d(11, 18)),
    ("tgl. 5", d(12, 5)),
    ("tanggal 31", d(12, 31)),
    ("tgl 25 bulan depan", d(12, 25)),
    ("bulan depan tanggal 25", d(12, 25)),
    ("tanggal 25 bulan 12", d(12, 25)),
    ("bulan desember tgl 3", d(12, 3)),
    ("25 des", d(12, 25)),
    ("25 Desember 2026", d(12, 25)),
    ("20 nopember", d(11, 20)),
    ("1 januari", d(1, 1, 2027)),
    ("17 agustus", d(8, 17, 2027)),
    ("29 feb", d(2, 29, 2028)),
    ("hari kamis tgl 26 november 2026", d(11, 26)),
    ("25/12", d(12, 25)),
    ("25/12/26", d(12, 25)),
    ("25-12-2026", d(12, 25)),
    ("25.12.2026", d(12, 25)),
    ("25 / 12 / 2026", d(12, 25)),
    ("2026-12-25", d(12, 25)),
    ("3/4", d(4, 3, 2027)),
    ("24/7", d(7, 24, 2027)),
    ("tgl 24/7", d(7, 24, 2027)),
    ("10-11-2026", d(11, 10)),  # a full date may be past
    ("lahir 12/05/1990", d(5, 12, 1990)),
]


@pytest.mark.parametrize(("said", "day"), DAYS_SAID)
def test_a_day_is_read(said: str, day: date) -> None:
    assert read_when(said, WEDNESDAY).day == day


NO_DAYS = [
    "",
    "mau reservasi",
    "31 februari",
    "31/2",
    "30-02-2026",
    "32 desember",
    "tanggal 0",
    "tanggal 32",
    "2026-13-40",
    "99/99",
    "1/1/0000",
    "kemarin",
    "senin kemarin",
    "minggu lalu",
    "minggu ini",  # a week, no day
    "sudah 2 minggu belum cair",
    "beberapa minggu",
    "bulan depan",
    # numbers that are no dates
    "08123456789",
    "0812-3456-7890",
    "0812-11-12",
    "+62 812-11-12-2026",
    "021-5550123",
    "1.500.000",
    "Rp 1.500.000",
    "Rp12.500",
    "10-12 juta",
    "ARIA-260123",
    "RSV-12-11",
    "SBG 1234-56-7890",
    "no 11-12",
    "kode 12/34",
    "RT 03/04",
    "3174091205900001",
    "31.74.09.120590",
    "1/2 gram",
    "3/4 kg",
    "layanan 24/7",
    "apakah 24/7 bisa",
    "2-3 orang",
    "jam 10-11",
    "emas 24 karat",
    "10 juta",
    # places that are named like days
    "outlet pasar minggu",
    "di pasar senen",
    "mau ke senen",
]


@pytest.mark.parametrize("said", NO_DAYS)
def test_no_day_is_read(said: str) -> None:
    assert read_when(said, WEDNESDAY).day is None


TIMES_SAID = [
    ("jam 10", time(10), None),
    ("jm 10", time(10), None),
    ("pkl. 9", time(9), None),
    ("pukul 10.30 WIB", time(10, 30), None),
    ("jam 14:30", time(14, 30), None),
    ("jam 10,30", time(10, 30), None),
    ("jam10", time(10), None),
    ("jam 9an", time(9), None),
    ("sekitar jam 9-an", time(9), None),
    ("jam 10-11", time(10), None),
    ("jam 10.00-11.00", time(10), None),
    ("14.30", time(14, 30), None),
    ("besok 9:15", time(9, 15), None),
    ("2.30", time(14, 30), None),
    ("jam 3", time(15), None),
    ("jam 7", time(7), None),
    ("jam 12", time(12), None),
    ("jam 00.30", time(0, 30), None),
    ("jam 00.30 malam", time(0, 30), "malam"),
    ("jam sepuluh", time(10), None),
    ("jam dua belas siang", time(12), "siang"),
    ("jam 3 pagi", time(3), "pagi"),
    ("jam 5 subuh", time(5), "pagi"),
    ("jam 11 siang", time(11), "siang"),
    ("jam 1 siang", time(13), "siang"),
    ("jam 4 sore", time(16), "sore"),
    ("jam 7 malam", time(19), "malam"),
    ("jam 7 mlm", time(19), "malam"),
    ("jam 12 malam", time(0), "malam"),
    ("jam 1 malam", time(1), "malam"),
    ("jam 9pagi", time(9), "pagi"),
    ("10 pagi", time(10), "pagi"),
    ("2.30 siang", time(14, 30), "siang"),
    ("setengah 3", time(14, 30), None),
    ("setengah 3 sore", time(14, 30), "sore"),
    ("jam setengah tiga", time(14, 30), None),
    ("jam stgh 9", time(8, 30), None),
    ("jam setengah 1", time(12, 30), None),
    ("jam 2 lewat 15", time(14, 15), None),
    ("jam 10 kurang 15", time(9, 45), None),
    ("jam 9 lewat seperempat", time(9, 15), None),
    ("tgl 25 des jam setengah 3", time(14, 30), None),
    ("25.12.2026 jam 10", time(10), None),
    ("besok siang jam 2", time(14), "siang"),
    ("besok pagi", None, "pagi"),
    ("bsk mlm", None, "malam"),
    ("besok pagi atau jam 1 siang", time(13), "siang"),
    # a greeting is no part of the day of the visit
    ("Selamat pagi, besok jam 2 bisa?", time(14), None),
    ("pagi kak, besok jam 3", time(15), None),
    ("malam, mau reservasi besok jam 10", time(10), None),
    ("pagi jam 8", time(8), "pagi"),
    ("malam, jam 7", time(19), "malam"),
    # impossible, or no times at all
    ("jam 25", None, None),
    ("jam 24.00", None, None),
    ("2 jam lagi", None, None),
    ("jam buka", None, None),
    ("harga jam 1.500.000", None, None),
    ("1.500.000", None, None),
    ("12.500", None, None),
    ("Rp 10.50", None, None),
    ("kadar 9.15 %", None, None),
    ("10.25 juta", None, None),
    ("31.74.09.120590", None, None),
    ("08123456789", None, None),
    ("ARIA-260123", None, None),
    ("setengah 5 gram", None, None),
    ("25.12.2026", None, None),
]


@pytest.mark.parametrize(("said", "clock", "part"), TIMES_SAID)
def test_a_time_is_read(said: str, clock: time | None, part: str | None) -> None:
    found = read_when(said, WEDNESDAY)
    assert (found.time, found.part) == (clock, part)


def test_the_year_rolls_over() -> None:
    new_year_s_eve = datetime(2026, 12, 31, 23, 0, tzinfo=WIB)
    assert read_when("besok", new_year_s_eve).day == d(1, 1, 2027)
    assert read_when("tgl 5", new_year_s_eve).day == d(1, 5, 2027)
    assert read_when("2 januari", new_year_s_eve).day == d(1, 2, 2027)
    assert read_when("31 desember", new_year_s_eve).day == d(12, 31)
    assert read_when("tgl 5 bulan depan", new_year_s_eve).day == d(1, 5, 2027)


@pytest.mark.parametrize("today", range(1, 8))
def test_minggu_depan_is_a_week_and_hari_minggu_a_sunday_on_every_day(today: int) -> None:
    now = datetime(2026, 11, 15 + today, 9, 0, tzinfo=WIB)
    week, sunday = read_when("minggu depan", now).day, read_when("hari minggu", now).day
    assert week == now.date() + timedelta(days=7)
    assert sunday is not None
    assert sunday.weekday() == 6
    assert 0 <= (sunday - now.date()).days <= 6


WORDS = st.sampled_from(
    [
        "jam",
        "pukul",
        "tgl",
        "tanggal",
        "bulan",
        "besok",
        "lusa",
        "minggu",
        "depan",
        "hari",
        "ini",
        "lagi",
        "setengah",
        "kurang",
        "lewat",
        "pagi",
        "malam",
        "senin",
        "jumat",
        "des",
        "feb",
        "0",
        "1",
        "2",
        "3",
        "12",
        "31",
        "99",
        "25/12",
        "12-11",
        "14.30",
        "2026",
        "9999",
        "1.500.000",
        "0812",
        "satu",
        "sepuluh",
        "seminggu",
        "٣",
        "²",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=8).map(" ".join)), moments)
def test_no_text_raises(text: str, now: datetime) -> None:
    assert isinstance(read_when(text, now), When)


@given(
    st.sampled_from(["senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu", "ahad", "hari minggu", "malam minggu", "snn"]), moments
)
def test_a_day_name_never_lies_in_the_past(name: str, now: datetime) -> None:
    day = read_when(name, now).day
    assert day is not None
    assert 0 <= (day - now.date()).days <= 6


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), moments)
def test_a_full_date_is_read_back(day: date, now: datetime) -> None:
    for said in (
        f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}",
        f"{day.day:02}/{day.month:02}/{day.year}",
        f"{day.day}-{day.month}-{day.year}",
        f"{day.day:02}.{day.month:02}.{day.year}",
        f"{day.day}/{day.month}/{day.year % 100:02}",
        day.isoformat(),
    ):
        assert read_when(said, now) == When(day), said


@given(st.integers(0, 364), moments)
def test_a_date_without_its_year_is_the_next_one(ahead: int, now: datetime) -> None:
    day = now.date() + timedelta(days=ahead)
    assert read_when(f"{day.day} {MONTHS[day.month - 1]}", now).day == day
    assert read_when(f"{day.day}/{day.month}", now).day == day
    if ahead <= 27:
        assert read_when(f"tgl {day.day}", now).day == day
        assert read_when(f"{ahead} hari lagi", now).day == day


@given(st.integers(0, 23), st.integers(0, 59), st.sampled_from(["jam", "pukul", "pkl"]), st.sampled_from(".:"))
def test_a_time_is_read_back(hour: int, minute: int, word: str, mark: str) -> None:
    expected = time(hour + 12 if 1 <= hour <= 6 else hour, minute)
    assert read_when(f"{word} {hour:02}{mark}{minute:02}", WEDNESDAY) == When(None, expected)


@given(
    st.one_of(
        st.integers(10_000, 10**16).map(str),
        st.integers(1000, 10**12).map(lambda n: f"{n:,}".replace(",", ".")),
        st.from_regex(r"\A(?:ARIA|RSV|SBG)-\d{4,10}\Z"),
    )
)
def test_a_long_number_is_neither_a_date_nor_a_time(number: str) -> None:
    assert read_when(f"nomornya {number} kak", WEDNESDAY) == When()
