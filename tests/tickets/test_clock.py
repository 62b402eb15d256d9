"""Clocks replayed from changes: the cases of docs/sla.md, and against a reference that walks second by second."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.client import Client, load_client
from bot.conversations.calendar import WorkCalendar
from bot.tickets.clock import Change, Clock, Clocks, Rules, replay
from bot.tickets.moments import moments
from tests.tickets.reference import Event, slow_clocks

CLIENT = load_client("clients/pegadaian")
RULES = Rules(CLIENT, WorkCalendar(CLIENT.calendar))
WIB = CLIENT.zone
OPEN = {
    "status": "open",
    "unit": "tier1",
    "hop": 1,
    "accepted": False,
    "assignee": None,
    "kind": "complaint",
    "topic": "keluhan_transaksi",
    "product": None,
    "category": None,
    "priority": "normal",
}


def at(text: str) -> datetime:
    """`23 10:00`: of November 2026 (30 to 60: December), in Jakarta."""
    day, clock = text.split()
    hour, minute, second = (int(part) for part in (clock + ":00").split(":")[:3])
    return datetime(2026, 11, 1, hour, minute, second, tzinfo=WIB) + timedelta(days=int(day) - 1)


def story(*changes: tuple[str, dict[str, Any]]) -> list[Change]:
    """Each change keeps what it does not name."""
    state, told = dict(OPEN), []
    for moment, changed in changes:
        state = {**state, **changed}
        told.append(Change(at(moment), "changed", dict(state)))
    return told


def clocks(now: str, *changes: tuple[str, dict[str, Any]]) -> Clocks:
    found = replay(story(*changes), RULES, at(now))
    assert found is not None
    return found


def shown(clock: Clock) -> dict[str, str | None]:
    return {
        name: moment and moment.astimezone(WIB).strftime("%d %H:%M:%S")
        for name, moment in (("due", clock.due_at), ("breached", clock.breached_at))
    }


TO_IT = {"unit": "div_ti", "hop": 2, "status": "escalated", "accepted": False}
WAIT, RESUME, SOLVE = {"status": "waiting_customer"}, {"status": "in_progress"}, {"status": "solved"}


def test_a_new_ticket_has_two_clocks() -> None:
    found = clocks("23 10:30", ("23 10:00", {}))
    assert shown(found.overall) == {"due": "07 10:00:00", "breached": None}
    assert shown(found.hop) == {"due": "23 14:00:00", "breached": None}
    assert found.hop.to_json() == {
        "limit": "4h",
        "due_at": at("23 14:00"),
        "breached_at": None,
        "elapsed_s": 1800,
        "left_s": int(3.5 * 3600),
        "paused_s": 0,
    }
    assert (found.overall.elapsed_s, found.overall.elapsed) == (1800, pytest.approx(1 / 16))


def test_a_hop_has_the_hours_and_the_limit_of_its_unit() -> None:
    found = clocks("23 16:00", ("23 10:00", {}), ("23 11:00", TO_IT))
    tier1, it = found.hops
    assert (tier1.ended_at, tier1.elapsed_s, tier1.due_at, tier1.breached_at) == (at("23 11:00"), 3600, None, None)
    assert (shown(it)["due"], it.elapsed_s, it.left_s) == ("26 11:00:00", 4 * 3600, 20 * 3600)
    assert found.hop is it


def test_waiting_for_the_customer_stops_both_clocks() -> None:
    waiting = clocks("24 12:00", ("23 10:00", {}), ("23 11:00", WAIT))
    assert [clock.due_at for clock in waiting] == [None, None]
    assert (waiting.hop.elapsed_s, waiting.hop.paused_s, waiting.hop.left_s) == (3600, 10 * 3600 + 5 * 3600, 3 * 3600)
    resumed = clocks("24 12:00", ("23 10:00", {}), ("23 11:00", WAIT), ("24 09:00", RESUME))
    assert shown(resumed.hop)["due"] == "24 12:00:00"
    assert (
        shown(resumed.overall)["due"] == "07 17:00:00"
    )  # six hours of its work were waited: Monday from 11 to 17 less the break, Tuesday from 8 to 9


def test_a_breach_is_the_second_at_which_the_limit_was_reached_whenever_one_looks() -> None:
    changes = (("23 10:00:07", {}), ("23 11:00:00", WAIT), ("23 12:00:00", RESUME))
    assert shown(clocks("23 15:00:06", *changes).hop) == {"due": "23 15:00:07", "breached": None}
    assert shown(clocks("23 15:00:07", *changes).hop) == {"due": "23 15:00:07", "breached": "23 15:00:07"}
    later = clocks("27 10:00", *changes, ("24 10:00", TO_IT))
    assert shown(later.hops[0]) == {"due": None, "breached": "23 15:00:07"}  # also after it has ended
    assert later.hops[0].left_s == -(6 * 3600 - 7 + 3 * 3600)
    assert shown(later.hop) == {
        "due": "27 09:52:30",
        "breached": "27 09:52:30",
    }  # two hours are a quarter of Tuesday, a quarter of Friday is less


def test_what_ends_at_the_very_second_has_reached_its_limit() -> None:
    """Whoever looks at that second must see the same as whoever looks later."""
    assert clocks("23 18:00", ("23 10:00", {}), ("23 14:00", TO_IT)).hops[0].breached_at == at("23 14:00")
    assert clocks("23 18:00", ("23 10:00", {}), ("23 13:59:59", TO_IT)).hops[0].breached_at is None


def test_a_closed_ticket_has_no_time_to_lose() -> None:
    found = clocks("40 10:00", ("23 10:00", {}), ("23 12:00", SOLVE))
    assert [(clock.due_at, clock.breached_at) for clock in found] == [(None, None)] * 2
    assert (found.hop.elapsed_s, found.hop.ended_at, found.hop.left_s) == (7200, at("23 12:00"), 7200)


def test_a_ticket_that_is_opened_again_goes_on_with_what_had_passed() -> None:
    again = {"status": "in_progress", "hop": 2, "unit": "tier1"}
    found = clocks("30 11:00", ("23 10:00", {}), ("25 10:00", SOLVE), ("30 10:00", again))
    assert shown(found.overall)["due"] == "10 10:00:00"  # eight of ten days are left
    assert found.overall.paused_s == 0  # closed is not paused: nobody waited
    assert shown(found.hop)["due"] == "30 14:00:00"
    same_hop = clocks("30 11:00", ("23 10:00", {}), ("23 12:00", SOLVE), ("30 10:00", RESUME))
    assert shown(same_hop.hop)["due"] == "30 12:00:00"


def test_a_changed_limit_is_about_the_whole_from_then_on() -> None:
    urgent = clocks("23 10:45", ("23 10:00", {}), ("23 10:30", {"priority": "urgent"}))
    assert shown(urgent.hop) == {"due": "23 11:00:00", "breached": None}
    too_late = clocks("23 12:30", ("23 10:00", {}), ("23 12:00", {"priority": "urgent"}))
    assert shown(too_late.hop) == {"due": "23 11:00:00", "breached": "23 12:00:00"}  # nobody could keep it before it was set
    topic = clocks("23 12:30", ("23 10:00", {}), ("23 12:00", {"topic": "keluhan_akun_dibobol"}))
    assert shown(topic.overall)["due"] == "30 10:00:00"
    kind = clocks("23 12:30", ("23 10:00", {}), ("23 12:00", {"kind": "outlet_problem"}))
    assert shown(kind.overall)["due"] == "25 10:00:00"


def test_a_breach_stays_when_the_limit_grows() -> None:
    found = clocks("23 12:30", ("23 10:00", {"priority": "urgent"}), ("23 12:00", {"priority": "normal"}))
    assert shown(found.hop) == {"due": "23 14:00:00", "breached": "23 11:00:00"}


def test_the_law_s_hours_run_day_and_night() -> None:
    found = clocks("20 18:00", ("20 16:00", {"topic": "data_pribadi"}))
    assert shown(found.overall)["due"] == "23 16:00:00"
    assert found.overall.left_s == 70 * 3600
    became = clocks("21 18:00", ("20 16:00", {}), ("20 16:30", {"topic": "data_pribadi"}))
    assert shown(became.overall)["due"] == "23 16:00:00"


def test_old_facts_without_a_state_are_taken_as_they_are() -> None:
    old = [
        Change(at("23 10:00"), "", {"topic": "keluhan_akun_dibobol", "priority": "high"}),
        Change(at("23 12:00"), "", {"status": "waiting_customer"}),
        Change(at("23 14:00"), "", {}),
        Change(at("23 14:00"), "", None),
    ]
    found = replay(old, RULES, at("24 10:00"))
    assert found is not None
    assert (found.overall.limit.amount, str(found.hop.limit), found.hop.unit) == (5, "2h", "tier1")
    assert (found.hop.due_at, found.hop.breached_at) == (None, at("23 12:00"))
    assert replay([], RULES, at("24 10:00")) is None


def test_what_the_client_s_data_no_longer_knows_has_the_defaults() -> None:
    found = clocks("23 11:00", ("23 10:00", {"unit": "gone", "kind": "gone", "topic": "gone", "priority": "gone"}))
    assert (str(found.overall.limit), str(found.hop.limit)) == ("10d", "1d")


def test_time_never_goes_back_though_machines_differ() -> None:
    changes = [*story(("23 10:00", {})), Change(at("23 09:59"), "changed", {**OPEN, **WAIT}), *story(("23 10:05", RESUME))]
    found = replay(changes, RULES, at("23 10:30"))
    assert found is not None
    assert (found.hop.elapsed_s, found.hop.paused_s) == (25 * 60, 300)


# What is told


def told(now: str, *changes: tuple[str, dict[str, Any]]) -> list[str]:
    return [
        f"{m.at.astimezone(WIB):%d %H:%M} {m.what} {m.scope} {m.hop} {m.mark}".strip()
        for m in moments(clocks(now, *changes), CLIENT.ticketing.sla)
    ]


def test_what_is_to_be_told_about_a_new_ticket() -> None:
    assert told("23 10:00", ("23 10:00", {})) == [
        "23 13:00 reminder hop 1 1h",
        "23 14:00 breach hop 1",
        "03 10:00 reminder overall 0 2d",
        "04 15:00 reminder overall 0 4h",
        "07 10:00 breach overall 0",
    ]


def test_a_limit_no_longer_than_the_reminder_has_none() -> None:
    assert [one for one in told("23 10:00", ("23 10:00", {"priority": "urgent"})) if "hop" in one] == ["23 11:00 breach hop 1"]


def test_who_was_not_accepted_is_escalated_and_who_was_is_not() -> None:
    changes = (("23 10:00", {}), ("23 11:00", TO_IT))
    assert "27 10:48 escalation hop 2 1d" in told("26 11:00", *changes)
    assert not any("escalation" in one for one in told("26 10:59", *changes))
    late, in_time = ("27 10:49", {"accepted": True, "status": "waiting_support"}), ("27 10:48", {"accepted": True})
    assert "27 10:48 escalation hop 2 1d" in told("30 11:00", *changes, late)
    assert not any("escalation" in one for one in told("30 11:00", *changes, in_time))
    assert not any("escalation" in one for one in told("30 11:00", *changes, ("27 10:00", SOLVE)))


def test_a_limit_that_was_over_before_it_was_set_reminds_nobody() -> None:
    assert not any("reminder hop" in one for one in told("23 12:30", ("23 10:00", {}), ("23 12:00", {"priority": "high"})))


# Against the slow reference

START = datetime(2026, 12, 21, 0, 0, tzinfo=UTC)
STATUSES = st.sampled_from(["open", "in_progress", "waiting_customer", "confirming", "escalated", "solved", "no_response"])


@st.composite
def a_client(draw: st.DrawFn) -> Client:
    """Two units of random hours, zones and limits."""

    def hours() -> dict[str, list[str]]:
        week = draw(
            st.lists(st.sampled_from(["", "08:00-12:00 13:00-17:00", "09:00-11:30", "00:00-24:00", "22:00-24:00"]), min_size=7, max_size=7)
        )
        days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        found = {day: said.split() for day, said in zip(days, week, strict=True)}
        return found if any(found.values()) else {"wed": ["08:00-12:00"]}

    def limit() -> str:
        return draw(st.sampled_from(["1m", "37m", "2h", "11h", "1d", "2d", "3d"]))

    data = CLIENT.ticketing.model_dump()
    for name in ("tier1", "cs_digital", "div_ti"):
        zone = draw(st.sampled_from([None, "Asia/Makassar", "Asia/Jayapura"]))
        limits = {"default": limit(), "urgent": limit()}
        data["units"][name] |= {"hours": hours(), "timezone": zone, "limit": limits, "holidays": draw(st.booleans())}
    data["sla"] |= {"overall": {"default": limit(), "keluhan_akun_dibobol": limit(), "data_pribadi": limit()}}
    return CLIENT.model_copy(update={"ticketing": type(CLIENT.ticketing).model_validate(data)})


@st.composite
def a_history(draw: st.DrawFn, step: int) -> list[Event]:
    """What happens to a ticket: it is opened, sent on, paused, closed, opened again, made urgent, of another topic."""
    at, hop, events = START + timedelta(seconds=step * draw(st.integers(0, 2000))), 1, []
    for number in range(draw(st.integers(1, 7))):
        if number and draw(st.booleans()):
            hop += 1
        state = {
            "status": draw(STATUSES) if number else "open",
            "hop": hop,
            "unit": ("tier1", "cs_digital", "div_ti")[hop % 3],
            "priority": draw(st.sampled_from(["normal", "urgent"])),
            "topic": draw(st.sampled_from(["keluhan_transaksi", "keluhan_akun_dibobol", "data_pribadi"])),
            "accepted": draw(st.booleans()),
        }
        events.append(Event(at, state))
        at += timedelta(seconds=step * draw(st.integers(0, 1500)))
    return [*events, Event(at, None)]


def compared(client: Client, off: set[date], history: list[Event], step: int) -> None:
    class Off:
        def day_off(self, day: date) -> str | None:
            return "libur" if day in off else None

    *events, end = history
    found = replay([Change(e.at, "changed", e.state) for e in events], Rules(client, Off()), end.at)
    assert found is not None
    slow = slow_clocks(events, end.at, client.ticketing, client.timezone, off, step)
    fast = {
        clock.hop: (clock.elapsed, clock.elapsed_s, clock.paused_s, clock.breached_at, clock.runs, clock.ended_at is not None)
        for clock in found
    }
    assert fast == {hop: (c.elapsed, c.elapsed_s, c.paused_s, c.breached_at, c.runs, c.over) for hop, c in slow.items()}
    for clock in found:
        if clock.due_at is not None and clock.due_at > end.at:  # if nothing happens, it is breached at that second and not before
            before, then = (
                replay([Change(e.at, "changed", e.state) for e in events], Rules(client, Off()), clock.due_at - timedelta(seconds=late))
                for late in (1, 0)
            )
            assert before is not None and then is not None
            assert clock.breached_at or [each.breached_at for each in before if each.hop == clock.hop] == [None]
            assert [each.breached_at for each in then if each.hop == clock.hop] == [clock.breached_at or clock.due_at]
            assert [each.left_s for each in then if each.hop == clock.hop] == [0]


OFF = st.sets(st.integers(0, 14).map(lambda n: date(2026, 12, 20) + timedelta(days=n)), max_size=5)


@given(a_client(), OFF, a_history(step=60))
@examples(max_examples=120)
def test_days_of_history_are_what_the_minutes_say(client: Client, off: set[date], history: list[Event]) -> None:
    compared(client, off, history, 60)


@given(a_client(), OFF, a_history(step=1))
@examples(max_examples=60)
def test_hours_of_history_are_what_the_seconds_say(client: Client, off: set[date], history: list[Event]) -> None:
    compared(client, off, history, 1)
