"""What a ticket promises and how it is spoken of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client import load_client
from bot.conversations.calendar import WorkCalendar
from bot.tickets.rules import promised_at, summary_of
from bot.wording import say_date

CLIENT = load_client("clients/pegadaian")
CALENDAR = WorkCalendar(CLIENT.calendar)
WIB = CLIENT.zone


@pytest.mark.parametrize(
    ("created", "topic", "promised"),
    [
        ("2026-11-18 10:15", "keluhan_layanan", "2026-12-02 10:15"),  # ten working days, two weekends
        ("2026-11-18 10:15", "keluhan_akun_dibobol", "2026-11-25 10:15"),  # five
        ("2026-11-18 10:15", "data_pribadi", "2026-11-23 10:15"),  # three
        ("2026-11-18 10:15", "a topic nobody knows", "2026-12-02 10:15"),
        ("2026-11-21 23:30", "data_pribadi", "2026-11-25 23:30"),  # made on a Saturday
        ("2026-12-23 09:00", "data_pribadi", "2026-12-30 09:00"),  # over Christmas and its collective leave
        ("2026-12-29 09:00", "data_pribadi", "2027-01-06 09:00"),  # closing day, New Year, a weekend, Isra Mikraj on the 5th
        ("2026-03-17 09:00", "data_pribadi", "2026-03-27 09:00"),  # over Nyepi, Idul Fitri and their leave
    ],
)
def test_the_promise_counts_working_days(created: str, topic: str, promised: str) -> None:
    start = datetime.fromisoformat(created).replace(tzinfo=WIB).astimezone(UTC)
    found = promised_at(start, topic, CLIENT.tickets, CALENDAR, WIB)
    assert found == datetime.fromisoformat(promised).replace(tzinfo=WIB)
    assert found.tzinfo is UTC


def test_the_day_is_the_local_one() -> None:
    late = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)  # Wednesday 01.00 in Jakarta
    assert promised_at(late, "data_pribadi", CLIENT.tickets, CALENDAR, WIB).astimezone(WIB).date().isoformat() == "2026-11-23"


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda d: d.replace(tzinfo=UTC)), st.sampled_from(sorted(CLIENT.topics))
)
def test_a_promise_is_never_due_on_a_day_off(created: datetime, topic: str) -> None:
    found = promised_at(created, topic, CLIENT.tickets, CALENDAR, WIB)
    assert CALENDAR.is_working(found.astimezone(WIB).date())
    assert found - created >= timedelta(days=3)


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
