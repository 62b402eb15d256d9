"""What a ticket promises and how it is spoken of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client import load_client
from bot.conversations.calendar import WorkCalendar
from bot.tickets.clock import promised_at
from bot.tickets.rules import summary_of
from bot.wording import say_date

CLIENT = load_client("clients/pegadaian")
CALENDAR = WorkCalendar(CLIENT.calendar)
WIB = CLIENT.zone


@pytest.mark.parametrize(
    ("created", "topic", "promised"),
    [
        ("2026-11-18 10:15", "keluhan_layanan", "2026-12-02 10:15"),  # ten working days, two weekends
        ("2026-11-18 10:15", "keluhan_akun_dibobol", "2026-11-25 10:15"),  # five
        ("2026-11-18 10:15", "a topic nobody knows", "2026-12-02 10:15"),
        ("2026-11-21 23:30", "keluhan_akun_dibobol", "2026-11-27 17:00"),  # made on a Saturday: Monday to Friday
        ("2026-12-21 09:00", "keluhan_akun_dibobol", "2026-12-30 09:00"),  # over Christmas and its collective leave
        ("2026-12-29 09:00", "keluhan_akun_dibobol", "2027-01-08 08:56:15"),  # closing day, New Year, a weekend, Isra Mikraj on the 5th
        ("2026-03-17 09:00", "keluhan_akun_dibobol", "2026-03-31 09:00"),  # over Nyepi, Idul Fitri and their leave
        ("2026-11-20 16:00", "data_pribadi", "2026-11-23 16:00"),  # the law's 3 x 24 hours: a weekend makes no difference
    ],
)
def test_the_promise_counts_working_days(created: str, topic: str, promised: str) -> None:
    start = datetime.fromisoformat(created).replace(tzinfo=WIB).astimezone(UTC)
    found = promised_at(start, topic, CLIENT, CALENDAR)
    assert found == datetime.fromisoformat(promised).replace(tzinfo=WIB)
    assert found.tzinfo is UTC


def test_the_day_is_the_local_one() -> None:
    late = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)  # Wednesday 01.00 in Jakarta: Wednesday is the first of the five
    assert promised_at(late, "keluhan_akun_dibobol", CLIENT, CALENDAR).astimezone(WIB).isoformat() == "2026-11-24T17:00:00+07:00"


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda d: d.replace(tzinfo=WIB)), st.sampled_from([5, 10]))
def test_the_promised_day_is_so_many_working_days_after_the_day_of_opening(opened: datetime, days: int) -> None:
    """What customers have always been told, except that who writes before the day begins has the whole of it, and so an answer a day earlier."""
    day = promised_at(opened, {5: "keluhan_akun_dibobol", 10: "keluhan_layanan"}[days], CLIENT, CALENDAR).astimezone(WIB).date()
    assert CALENDAR.is_working(day)
    early = CALENDAR.is_working(opened.date()) and opened.hour < 8
    whole = early or not CALENDAR.is_working(opened.date()) or opened.hour >= 17  # no part of the day of opening counts, or all of it
    if whole:
        assert day == CALENDAR.add_working_days(opened, days - early).date()
    else:  # the day may be longer or shorter (Friday) than the one it is due on, never so that another is told
        assert day == CALENDAR.add_working_days(opened, days).date()


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda d: d.replace(tzinfo=UTC)), st.sampled_from(sorted(CLIENT.topics))
)
def test_a_promise_is_never_due_on_a_day_off(created: datetime, topic: str) -> None:
    found = promised_at(created, topic, CLIENT, CALENDAR)
    assert topic == "data_pribadi" or CALENDAR.is_working(found.astimezone(WIB).date())
    assert found - created > timedelta(days=3, seconds=-1)  # time is counted in whole seconds


def test_a_date_is_said_in_indonesian() -> None:
    assert say_date(datetime(2026, 11, 30, 3, 0, tzinfo=UTC), WIB) == "Senin, 30 November 2026"
    assert say_date(datetime(2026, 11, 30, 18, 0, tzinfo=UTC), WIB) == "Selasa, 1 Desember 2026"
    assert say_date(datetime(2026, 11, 30, 14, 0, tzinfo=UTC), ZoneInfo("Asia/Jayapura")) == "Senin, 30 November 2026"


@given(st.text(max_size=400))
def test_a_summary_is_short_and_on_one_line(detail: str) -> None:
    summary = summary_of(detail)
    assert len(summary) <= 120
    assert "\n" not in summary
    whole = " ".join(detail.split())
    assert whole.startswith(summary.removesuffix("…")) or summary == whole
    assert summary == whole or summary.endswith("…")


def test_a_summary_is_cut_at_a_word() -> None:
    assert summary_of("  saldo emas\n tidak bertambah ") == "saldo emas tidak bertambah"
    assert summary_of("kata " * 40) == "kata " * 22 + "kata" + "…"
    assert summary_of("x" * 300) == "x" * 119 + "…"
