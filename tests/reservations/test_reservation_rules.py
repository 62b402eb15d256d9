"""Slots lie in opening hours, in the outlet's own time; texts name outlets."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client import Calendar, Client, Outlet, SpecialDay, load_client
from bot.conversations.calendar import WorkCalendar
from bot.reservations.rules import capacity, free_slots, intervals, last_day, match_outlets, slots

CLIENT: Client = load_client("clients/pegadaian")
RULES = CLIENT.reservations
CALENDAR = WorkCalendar(CLIENT.calendar)
SENEN, DENPASAR, JAYAPURA = (CLIENT.outlet_by_id[name] for name in ("cp-senen", "cp-denpasar", "cp-jayapura"))
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)


def clocks(outlet: Outlet, day: date, now: datetime = LONG_AGO, calendar: WorkCalendar = CALENDAR) -> list[str]:
    return [slot.strftime("%H:%M") for slot in slots(outlet, day, RULES, calendar, now)]


def test_a_weekday_has_a_slot_every_half_hour_until_closing() -> None:
    found = clocks(SENEN, date(2026, 11, 24))
    assert (found[0], found[-1], len(found)) == ("08:00", "14:30", 14)


def test_no_slot_runs_into_the_friday_break() -> None:
    found = clocks(SENEN, date(2026, 11, 27))
    assert "11:00" in found
    assert not {"11:30", "12:00", "12:30"} & set(found)
    assert found[-1] == "14:30"


def test_saturday_ends_at_noon_and_sunday_is_closed() -> None:
    assert clocks(SENEN, date(2026, 11, 28))[-1] == "12:00"
    assert clocks(SENEN, date(2026, 11, 29)) == []


@pytest.mark.parametrize("day", [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 1)])
def test_holidays_collective_leave_and_closing_days_have_no_slots(day: date) -> None:
    assert intervals(SENEN, day, CALENDAR) == []
    assert clocks(SENEN, day, datetime(2026, 12, 20, tzinfo=UTC)) == []


def test_a_day_that_the_client_opens_is_open() -> None:
    open_on = WorkCalendar(Calendar(closing=[], open=[SpecialDay(date=date(2026, 12, 24), name="Buka")]))
    assert clocks(SENEN, date(2026, 12, 24), datetime(2026, 12, 20, tzinfo=UTC), open_on)[0] == "08:00"


def test_slots_need_their_lead_time() -> None:
    day = date(2026, 11, 24)
    nine = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert clocks(SENEN, day, nine)[0] == "09:30"
    assert clocks(SENEN, day, nine + timedelta(minutes=1))[0] == "10:00"
    assert clocks(SENEN, day, nine.replace(hour=15)) == []
    assert clocks(SENEN, date(2026, 11, 23), nine) == []


def test_the_horizon_is_the_last_day_that_has_slots() -> None:
    now = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
    last = last_day(SENEN, RULES, now)
    assert last == date(2026, 12, 2)
    assert clocks(SENEN, last, now)
    assert clocks(SENEN, last + timedelta(days=1), now) == []


def test_each_outlet_lives_in_its_own_zone() -> None:
    day = date(2026, 11, 24)
    first = [slots(outlet, day, RULES, CALENDAR, LONG_AGO)[0].astimezone(UTC) for outlet in (SENEN, DENPASAR, JAYAPURA)]
    assert [moment.hour for moment in first] == [1, 0, 23]  # 08.00 WIB, WITA and WIT
    assert first[2].date() == date(2026, 11, 23)
    late = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # 23.00 in Jakarta, already the 24th in Jayapura
    assert last_day(JAYAPURA, RULES, late) - last_day(SENEN, RULES, late) == timedelta(days=1)


def test_the_lead_time_is_counted_across_zones() -> None:
    now = datetime(2026, 11, 24, 0, 45, tzinfo=UTC)  # 07.45 WIB, 08.45 WITA, 09.45 WIT
    assert [clocks(outlet, date(2026, 11, 24), now)[0] for outlet in (SENEN, DENPASAR, JAYAPURA)] == ["08:30", "09:30", "10:30"]


def test_a_full_slot_is_not_free_and_the_outlet_s_capacity_wins() -> None:
    found = slots(SENEN, date(2026, 11, 24), RULES, CALENDAR, LONG_AGO)
    assert capacity(SENEN, RULES) == RULES.capacity == 2
    assert capacity(SENEN.model_copy(update={"capacity": 0}), RULES) == 0
    taken = {found[0].astimezone(UTC): 2, found[1].astimezone(UTC): 1}
    assert free_slots(found, taken, 2) == found[1:]
    assert free_slots(found, taken, 1) == found[2:]


def test_an_outlet_that_never_closes_has_intervals() -> None:
    always = SENEN.model_copy(update={"hours": {"tue": ["00:00-24:00"]}})
    assert intervals(always, date(2026, 11, 24), CALENDAR) == [(time(0), time.max)]
    assert intervals(always, date(2026, 11, 25), CALENDAR) == []


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=UTC)),
    st.sampled_from(CLIENT.outlets),
)
def test_every_slot_keeps_every_promise(day: date, now: datetime, outlet: Outlet) -> None:
    found = slots(outlet, day, RULES, CALENDAR, now)
    assert found == sorted(set(found))
    for slot in found:
        end = slot + timedelta(minutes=RULES.slot_minutes)
        assert slot.date() == day <= last_day(outlet, RULES, now)
        assert slot >= now + timedelta(minutes=RULES.lead_minutes)
        assert CALENDAR.day_off(day) is None
        assert any(start <= slot.time() and end.time() <= stop for start, stop in intervals(outlet, day, CALENDAR))


MATCHES = [
    ("CP Pasar Senen", ["cp-senen"]),
    ("pasar senen", ["cp-senen"]),
    ("di senen aja", ["cp-senen"]),
    ("di senen jam 10", ["cp-senen"]),
    ("Jakarta Selatan", ["cp-kebayoran", "cps-tebet"]),
    ("jaksel", ["cp-kebayoran", "cps-tebet"]),
    ("tebet, jakarta selatan", ["cps-tebet"]),
    ("outlet bekasi timur dong", ["cp-bekasi"]),
    ("BANDUNG", ["cp-bandung"]),
    ("sby kak", ["cp-surabaya"]),
    ("jogja", ["cp-jogja"]),
    ("bali", ["cp-denpasar"]),
    ("depok besok jam 10", ["cp-depok"]),
    # "senen" is also Monday
    ("hari senen ke outlet bandung", ["cp-bandung"]),
    ("senen depan di tebet", ["cps-tebet"]),
    ("bandung senen jam 9", ["cp-bandung"]),
    ("surabayaan", []),
    ("di bulan", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), MATCHES)
def test_a_text_names_outlets(text: str, expected: list[str]) -> None:
    assert [outlet.id for outlet in match_outlets(text, CLIENT.outlets)] == expected


@pytest.mark.parametrize("outlet", CLIENT.outlets, ids=lambda o: o.id)
def test_every_outlet_is_found_by_its_name(outlet: Outlet) -> None:
    assert match_outlets(f"mau ke {outlet.name} besok", CLIENT.outlets) == [outlet]
    for alias in outlet.aliases:
        assert outlet in match_outlets(alias, CLIENT.outlets), alias


@given(st.text(max_size=80))
def test_matching_never_raises(text: str) -> None:
    assert isinstance(match_outlets(text, CLIENT.outlets), list)
