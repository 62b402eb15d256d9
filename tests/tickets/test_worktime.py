"""Working time, by the clocks of real units on the days of 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.client import load_client
from bot.client_tickets import Limit
from bot.client_values import WEEKDAYS
from bot.conversations.calendar import WorkCalendar
from bot.tickets.clock import Rules
from bot.tickets.worktime import Measure, WorkTime, measured
from tests.tickets.reference import FAR, Days, slow_after, slow_spent

CLIENT = load_client("clients/pegadaian")
CALENDAR = WorkCalendar(CLIENT.calendar)
WIB, WITA, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura")
RULES = Rules(CLIENT, CALENDAR)


def at(text: str, zone: ZoneInfo = WIB) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone)


def work(unit: str) -> WorkTime:
    return RULES.hop(unit, "normal").work


@pytest.mark.parametrize(
    ("unit", "start", "limit", "due"),
    [
        # The examples of docs/sla.md
        ("cs_digital", "11-23 10:00", "5d", "11-30 10:00"),  # Monday to Monday
        ("cs_digital", "11-23 11:30", "2h", "11-23 14:30"),  # the break at noon does not count
        ("cs_digital", "11-27 11:00", "1h", "11-27 13:30"),  # on Friday it is from 11.30 to 13.00
        ("cs_digital", "11-27 16:30", "1h", "11-30 08:30"),  # over the weekend
        ("cs_digital", "03-17 16:00", "1d", "03-25 16:00"),  # over Nyepi, Idul Fitri and their leave: from the 18th to the 24th
        ("cs_digital", "12-30 16:00", "2h", "2027-01-04 09:00"),  # the closing day, New Year, the weekend
        ("helpdesk", "11-28 12:00", "2h", "11-30 08:30"),  # Saturday to 13.00, from Monday 07.30 on
        ("helpdesk", "11-27 16:30", "1d", "11-28 13:00"),  # half a Saturday is a whole working day, and due at its end
        ("kanwil_makassar", "11-23 07:30", "1h", "11-23 08:30"),  # in Jakarta's time; Makassar's hours began at 07.00
        ("kanwil_makassar", "11-23 15:30", "1h", "11-24 07:30"),  # and end at 16.00
        ("tier1", "12-25 20:30", "1h", "12-26 07:30"),  # Tier 1 is there on holidays, too
        # Edges
        ("cs_digital", "11-23 08:00", "8h", "11-23 17:00"),  # the earliest instant: the end of a day, not the beginning of the next
        ("cs_digital", "11-23 08:00", "4h", "11-23 12:00"),
        ("cs_digital", "11-23 08:00", "1d", "11-23 17:00"),
        ("cs_digital", "11-23 17:00", "1m", "11-24 08:01"),
        ("cs_digital", "11-23 12:30", "1m", "11-23 13:01"),
        ("cs_digital", "11-22 10:00", "1d", "11-23 17:00"),  # a Sunday
        ("cs_digital", "11-26 10:00", "1d", "11-27 09:52:30"),  # a quarter of Thursday's eight hours, of Friday's seven and a half
        ("cs_digital", "11-26 10:00:01", "1d", "11-27 09:52:31"),  # 0.9375 of a second: rounded up
        ("cs_digital", "11-27 09:52:30", "1d", "11-30 10:00"),
        ("tier1", "11-23 20:59:59", "1m", "11-24 07:00:59"),
    ],
)
def test_when_so_much_has_passed(unit: str, start: str, limit: str, due: str) -> None:
    wanted = datetime.fromisoformat(due).replace(tzinfo=WIB) if due.startswith("2027") else at(due)
    found = work(unit).after(at(start), *measured(Limit.parse(limit)))
    assert found.astimezone(WIB) == wanted
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("unit", "start", "end", "seconds", "days"),
    [
        ("cs_digital", "11-23 10:00", "11-23 14:00", 3 * 3600, Fraction(3, 8)),
        ("cs_digital", "11-23 00:00", "11-30 00:00", int(39.5 * 3600), 5),
        ("cs_digital", "03-18 00:00", "03-25 00:00", 0, 0),  # Nyepi, Idul Fitri and their leave
        ("helpdesk", "11-28 00:00", "11-29 00:00", int(5.5 * 3600), 1),
        ("cs_digital", "11-23 14:00", "11-23 10:00", 0, 0),  # backwards nothing passes
        ("cs_digital", "11-23 14:00", "11-23 14:00", 0, 0),
        ("tier1", "01-01 00:00", "12-31 00:00", 364 * 14 * 3600, 364),
    ],
)
def test_what_has_passed(unit: str, start: str, end: str, seconds: int, days: Fraction) -> None:
    assert work(unit).seconds(at(start), at(end)) == seconds
    assert work(unit).spent(at(start), at(end), "days") == days


def test_the_same_hours_in_three_zones_begin_an_hour_apart() -> None:
    office = {day: ["08:00-17:00"] for day in WEEKDAYS[:5]}
    starts = [WorkTime(office, zone).after(at("11-22 12:00"), 60, "seconds").astimezone(WIB) for zone in (WIT, WITA, WIB)]
    assert starts == [at("11-23 06:01"), at("11-23 07:01"), at("11-23 08:01")]


def test_the_day_is_the_unit_s_own() -> None:
    """At 23.30 in Jakarta it is the next day in Jayapura."""
    sunday = WorkTime({"sun": ["00:00-24:00"]}, WIT)
    assert sunday.after(at("11-21 21:30"), 3600, "seconds") == at("11-21 23:00")


def test_day_and_night_is_a_stretch_without_a_break() -> None:
    always = WorkTime({day: ["00:00-24:00"] for day in WEEKDAYS}, WIB)
    assert always.after(at("11-20 16:00"), 3, "days") == at("11-23 16:00")
    assert always.seconds(at("01-01 00:00"), at("02-01 00:00")) == 31 * 86400


def test_hours_that_never_come_are_refused() -> None:
    with pytest.raises(ValueError, match="no working hours"):
        WorkTime({"mon": []}, WIB)


@pytest.mark.parametrize(
    ("hours", "day", "seconds"),
    [
        ("00:00-24:00", date(2026, 3, 29), 23 * 3600),  # an hour is missing
        ("00:00-24:00", date(2026, 10, 25), 25 * 3600),  # an hour comes twice
        ("01:00-04:00", date(2026, 3, 29), 2 * 3600),
        ("01:00-04:00", date(2026, 10, 25), 4 * 3600),
        ("02:15-02:45", date(2026, 3, 29), 1800),  # within the hour that is missing: after it
    ],
)
def test_where_clocks_are_set_the_time_that_was_there_counts(hours: str, day: date, seconds: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = WorkTime({weekday: [hours] for weekday in WEEKDAYS}, berlin)
    start = datetime(day.year, day.month, day.day, tzinfo=berlin)
    end = datetime.combine(day + timedelta(days=1), start.time(), berlin)
    assert found.seconds(start, end) == seconds
    assert found.spent(start, end, "days") == 1
    assert found.after(start, 1, "days") <= end


def test_years_are_quick() -> None:
    """Counted, not timed: every day is looked up once."""
    looked: list[date] = []

    class Counting:
        def day_off(self, day: date) -> None:
            looked.append(day)

    found = WorkTime({day: ["08:00-16:00"] for day in WEEKDAYS}, WIB, Counting())
    for _ in range(3):
        assert found.after(at("01-01 00:00"), 3650, "days").astimezone(WIB).year == 2035
    assert len(looked) == len(set(looked)) <= 3651


# Against the slow reference: minute by minute, weekdays and hours written down differently.

MINUTES = st.integers(0, 24 * 4).map(lambda quarter: quarter * 15)


@st.composite
def a_day(draw: st.DrawFn) -> list[tuple[int, int]]:
    marks = sorted(draw(st.sets(MINUTES, max_size=6)))
    return list(zip(marks[::2], marks[1::2], strict=False))


WEEKS = st.lists(a_day(), min_size=7, max_size=7).filter(any)
ZONES = st.sampled_from([WIB, WITA, WIT, ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata")])
STARTS = st.integers(0, 14 * 24 * 60).map(lambda minutes: datetime(2026, 12, 21, tzinfo=UTC) + timedelta(minutes=minutes))
HOLIDAYS = st.sets(st.integers(0, 20).map(lambda n: date(2026, 12, 20) + timedelta(days=n)), max_size=8)


def built(week: list[list[tuple[int, int]]], zone: ZoneInfo, off: set[date]) -> tuple[WorkTime, Days]:
    def said(minutes: int) -> str:
        return f"{minutes // 60:02}:{minutes % 60:02}"

    class Off:
        def day_off(self, day: date) -> str | None:
            return "libur" if day in off else None

    hours = {day: [f"{said(a)}-{said(b)}" for a, b in intervals] for day, intervals in zip(WEEKDAYS, week, strict=True)}
    return WorkTime(hours, zone, Off()), Days(week, zone, off)


@given(WEEKS, ZONES, HOLIDAYS, STARTS, st.integers(0, 4 * 24 * 60), st.sampled_from(["seconds", "days"]))
@examples(max_examples=150)
def test_what_has_passed_is_what_the_minutes_add_up_to(
    week: list[list[tuple[int, int]]], zone: ZoneInfo, off: set[date], start: datetime, minutes: int, measure: Measure
) -> None:
    fast, slow = built(week, zone, off)
    end = start + timedelta(minutes=minutes)
    assert fast.spent(start, end, measure) == slow_spent(slow, start, end, measure)


@given(WEEKS, ZONES, HOLIDAYS, STARTS, st.integers(1, 30), st.sampled_from(["m", "h", "d"]))
@examples(max_examples=150)
def test_a_deadline_is_the_second_that_the_minutes_find(
    week: list[list[tuple[int, int]]], zone: ZoneInfo, off: set[date], start: datetime, amount: int, unit: str
) -> None:
    fast, slow = built(week, zone, off)
    wanted, measure = measured(Limit.parse(f"{min(amount, 4) if unit == 'd' else amount}{unit}"))
    found = fast.after(start, wanted, measure)
    slowly = slow_after(slow, start, wanted, measure)
    assert found == slowly if slowly is not None else found >= start + timedelta(days=FAR)
    assert fast.spent(start, found, measure) >= wanted
    assert fast.spent(start, found - timedelta(seconds=1), measure) < wanted


@given(WEEKS, ZONES, HOLIDAYS, STARTS, st.lists(st.integers(0, 10**6), min_size=2, max_size=4), st.sampled_from(["seconds", "days"]))
def test_parts_add_up_to_the_whole(
    week: list[list[tuple[int, int]]], zone: ZoneInfo, off: set[date], start: datetime, steps: list[int], measure: Measure
) -> None:
    fast, _ = built(week, zone, off)
    marks = [start + timedelta(seconds=sum(steps[:n])) for n in range(len(steps) + 1)]
    parts = [fast.spent(a, b, measure) for a, b in pairwise(marks)]
    assert sum(parts) == fast.spent(marks[0], marks[-1], measure)
