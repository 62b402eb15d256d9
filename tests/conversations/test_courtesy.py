"""Greetings by the clock and the calendar they follow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client import Calendar, Client, SpecialDay, load_client
from bot.conversations.calendar import WorkCalendar
from bot.conversations.closing import farewell
from bot.conversations.courtesy import closing_wish, opening, salutation

CLIENT: Client = load_client("clients/pegadaian")
CALENDAR = WorkCalendar(CLIENT.calendar)
PLAIN = WorkCalendar(Calendar(closing=[], open=[]))
WORK, REST, WEEKEND, HOLIDAY = CLIENT.closing.working_day, CLIENT.closing.evening, CLIENT.closing.weekend, CLIENT.closing.holiday
# SKB 3 Menteri 1497/2025, 2/2025, 5/2025
NATIONAL = ["01-01", "01-16", "02-17", "03-19", "03-21", "03-22", "04-03", "04-05", "05-01", "05-14", "05-27", "05-31", "06-01", "06-16"]
NATIONAL += ["08-17", "08-25", "12-25"]
COLLECTIVE = ["02-16", "03-18", "03-20", "03-23", "03-24", "05-15", "05-28", "12-24"]


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Jakarta")).astimezone(UTC)


def wish(text: str, calendar: WorkCalendar = CALENDAR) -> str:
    return closing_wish(CLIENT.closing, CLIENT.zone, wib(text), calendar)


def test_the_calendar_of_2026_is_the_decree_s() -> None:
    every = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [day for day in every if PLAIN.day_off(day)] == sorted(date.fromisoformat(f"2026-{day}") for day in NATIONAL + COLLECTIVE)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        # a Wednesday
        ("2026-11-18 05:59", REST),
        ("2026-11-18 05:59:59", REST),
        ("2026-11-18 06:00", WORK),
        ("2026-11-18 12:00", WORK),
        ("2026-11-18 18:00", WORK),
        ("2026-11-18 18:00:59", WORK),
        ("2026-11-18 18:01", REST),
        ("2026-11-18 23:59", REST),
        ("2026-11-18 00:00", REST),
        # Friday evening is no weekend yet, Monday 05.59 none any more
        ("2026-11-20 19:00", REST),
        ("2026-11-21 00:00", WEEKEND),
        ("2026-11-21 09:00", WEEKEND),
        ("2026-11-22 23:59", WEEKEND),
        ("2026-11-23 05:59", REST),
        # a holiday in the middle of the week
        ("2026-06-16 09:00", HOLIDAY),
        ("2026-06-16 21:00", HOLIDAY),
        ("2026-08-25 09:00", HOLIDAY),
        ("2026-03-19 09:00", WEEKEND),  # Thursday: Nyepi, cuti bersama on Friday, then the weekend
        # long weekends
        ("2026-05-01 09:00", WEEKEND),  # Friday
        ("2026-06-01 09:00", WEEKEND),  # Monday
        ("2026-05-14 09:00", WEEKEND),  # Thursday with cuti bersama on Friday
        ("2026-02-17 09:00", WEEKEND),  # Tuesday with cuti bersama on Monday
        ("2026-12-24 09:00", WEEKEND),
        ("2026-12-25 09:00", WEEKEND),
        ("2026-12-31 09:00", WEEKEND),  # the client's closing day joins New Year's Day and the weekend
        # holidays at a weekend
        ("2026-03-21 09:00", WEEKEND),
        ("2026-04-05 09:00", WEEKEND),
        # 27 and 28 May, Wednesday and Thursday: the working Friday keeps them from the weekend
        ("2026-05-27 09:00", HOLIDAY),
        ("2026-05-28 09:00", HOLIDAY),
    ],
)
def test_the_closing_wish(when: str, expected: str) -> None:
    assert wish(when) == expected


def test_the_wish_goes_by_the_client_s_zone() -> None:
    assert closing_wish(CLIENT.closing, ZoneInfo("Asia/Jayapura"), wib("2026-11-18 16:01"), CALENDAR) == REST
    assert closing_wish(CLIENT.closing, ZoneInfo("Asia/Jayapura"), wib("2026-11-20 22:30"), CALENDAR) == WEEKEND


def test_the_client_s_own_days_lie_over_the_public_ones() -> None:
    own = WorkCalendar(
        Calendar(closing=[SpecialDay(date=date(2026, 11, 18), name="Rapat kerja")], open=[SpecialDay(date=date(2026, 6, 16), name="Buka")])
    )
    assert own.day_off(date(2026, 11, 18)) == "Rapat kerja"
    assert own.day_off(date(2026, 6, 16)) is None
    assert wish("2026-11-18 09:00", own) == HOLIDAY
    assert wish("2026-06-16 09:00", own) == WORK
    assert wish("2026-11-18 09:00", PLAIN) == WORK


def test_working_days() -> None:
    assert CALENDAR.is_working(date(2026, 11, 18))
    assert not CALENDAR.is_working(date(2026, 11, 21))
    assert not CALENDAR.is_working(date(2026, 12, 24))
    assert CALENDAR.day_off(date(2026, 11, 21)) is None  # weekends are no holidays
    start = datetime(2026, 12, 23, 10, 0, tzinfo=CLIENT.zone)
    assert CALENDAR.add_working_days(start, 0) == start
    assert CALENDAR.add_working_days(start, 1) == datetime(2026, 12, 28, 10, 0, tzinfo=CLIENT.zone)
    assert CALENDAR.add_working_days(start, 4) == datetime(2027, 1, 4, 10, 0, tzinfo=CLIENT.zone)


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(1, 30))
def test_the_promised_day_is_a_working_day_with_as_many_between(day: date, days: int) -> None:
    start = datetime(day.year, day.month, day.day, 9, 30, tzinfo=CLIENT.zone)
    end = CALENDAR.add_working_days(start, days)
    assert CALENDAR.is_working(end.date())
    assert end.time() == start.time()
    assert sum(CALENDAR.is_working(day + timedelta(days=n)) for n in range(1, (end.date() - day).days + 1)) == days


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_a_long_weekend_is_a_day_off_beside_a_weekend(day: date) -> None:
    if CALENDAR.long_weekend(day):
        assert CALENDAR.day_off(day)
        assert any(not CALENDAR.is_working(day + timedelta(days=step)) for step in (1, -1)) or day.weekday() >= 5


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("03:59", "malam"),
        ("04:00", "pagi"),
        ("10:59", "pagi"),
        ("11:00", "siang"),
        ("14:59", "siang"),
        ("15:00", "sore"),
        ("17:59", "sore"),
        ("18:00", "malam"),
        ("00:00", "malam"),
    ],
)
def test_the_salutation(clock: str, expected: str) -> None:
    assert salutation(wib(f"2026-11-18 {clock}"), CLIENT.zone) == f"Selamat {expected}"


def test_the_opening_names_the_bot_and_the_way_to_a_person() -> None:
    said = opening(CLIENT, wib("2026-11-18 09:00"), "Budi {x}")
    assert said.startswith("Selamat pagi, Bapak/Ibu Budi {x}.")
    assert "bot" in said
    assert "petugas" in said
    assert opening(CLIENT, wib("2026-11-18 09:00"), None).startswith("Selamat pagi, Bapak/Ibu.")


def test_the_farewell_wishes_and_asks_in_one_message() -> None:
    said = farewell(CLIENT, CALENDAR, wib("2026-11-18 09:00"), "Baik.")
    assert said.text == f"Baik.\n\n{CLIENT.closing.thanks} {WORK}\n\n{CLIENT.survey.question}"
    assert [choice.id for choice in said.choices] == ["csi:5", "csi:4", "csi:3", "csi:2", "csi:1"]
    assert farewell(CLIENT, CALENDAR, wib("2026-11-18 09:00")).text.startswith(CLIENT.closing.thanks)
