"""How a ticket travels: who may do what when, and where it is afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client import load_client
from bot.tickets.flow import CLOSED, Actor, Refused, State, after, allowed, asker, opened, speaks

CLIENT = load_client("clients/pegadaian")
RULES = CLIENT.ticketing
TIER1 = Actor("rani", "Rani", "tier1")
TIER2 = Actor("bagus", "Bagus", "cs_digital")
DIVISION = Actor("wulan", "Wulan", "div_ti")
LEADER = Actor("sari", "Sari", "tier1", leads=True)
ACTIONS = "accept work resume confirm no_response wait propose return dispatch assign solve reopen merge split link".split()


def test_the_whole_way() -> None:
    """Bot → Tier 1 → Tier 2 → division → Tier 2 → solved."""
    state = opened(RULES, "complaint", None, "bot", topic="keluhan_aplikasi")
    assert (state.status, state.unit, state.accepted) == ("open", "tier1", False)
    state = after(state, "accept", TIER1, RULES, None, {})
    assert (state.status, state.assignee) == ("in_progress", "rani")
    state = after(state, "dispatch", TIER1, RULES, None, {"to": "cs_digital"})
    assert (state.status, state.unit, state.hop, state.accepted, state.assignee) == ("escalated", "cs_digital", 2, False, None)
    state = after(state, "accept", TIER2, RULES, "tier1", {})
    assert state.status == "analysis"
    state = after(state, "dispatch", TIER2, RULES, "tier1", {"to": "div_ti"})
    state = after(state, "accept", DIVISION, RULES, "cs_digital", {})
    assert state.status == "waiting_support"
    state = after(state, "return", DIVISION, RULES, "cs_digital", {})
    assert (state.status, state.unit, state.hop) == ("escalated", "cs_digital", 4)
    state = after(state, "accept", TIER2, RULES, "tier1", {})
    state = after(state, "propose", TIER2, RULES, "tier1", {})
    assert state.status == "confirming"
    state = after(state, "confirm", TIER2, RULES, "tier1", {})
    assert state.status == "solved"
    again = after(state, "reopen", TIER2, RULES, "tier1", {})
    assert (again.status, again.unit, again.hop, again.assignee) == ("in_progress", "cs_digital", 5, "bagus")


def test_who_makes_a_ticket_in_their_own_unit_has_it_in_hand() -> None:
    mine = opened(RULES, "complaint", "tier1", "rani")
    assert (mine.accepted, mine.assignee, mine.status) == (True, "rani", "open")
    theirs = opened(RULES, "break_in", "tier1", "rani")
    assert (theirs.unit, theirs.accepted, theirs.assignee) == ("cs_digital", False, None)


@pytest.mark.parametrize(
    ("state", "action", "actor", "said"),
    [
        (State("open", "tier1"), "dispatch", TIER1, "Terima tiket"),
        (State("open", "tier1"), "accept", TIER2, "unit lain"),
        (State("in_progress", "tier1", accepted=True), "accept", TIER1, "sudah diterima"),
        (State("in_progress", "tier1", accepted=True), "return", TIER1, "tidak diteruskan"),
        (State("in_progress", "tier1", accepted=True), "confirm", TIER1, "tidak sedang menunggu"),
        (State("waiting_support", "div_ti", accepted=True), "solve", DIVISION, "Divisi mengembalikan"),
        (State("waiting_support", "div_ti", accepted=True), "propose", DIVISION, "Divisi mengembalikan"),
        (State("solved", "tier1", accepted=True), "work", TIER1, "sudah selesai"),
        (State("in_progress", "tier1", accepted=True), "reopen", TIER1, "belum selesai"),
    ],
)
def test_what_is_refused_says_why(state: State, action: str, actor: Actor, said: str) -> None:
    with pytest.raises(Refused) as refused:
        after(state, action, actor, RULES, None, {"to": "helpdesk"})
    assert said in str(refused.value)


def test_a_ticket_is_not_sent_where_it_is() -> None:
    with pytest.raises(Refused):
        after(State("in_progress", "tier1", accepted=True), "dispatch", TIER1, RULES, None, {"to": "tier1"})


@pytest.mark.parametrize(
    ("hops", "returns_to"),
    [
        ([("tier1", None)], None),
        ([("tier1", "dispatched"), ("cs_digital", None)], "tier1"),
        ([("tier1", "dispatched"), ("cs_digital", "dispatched"), ("div_ti", None)], "cs_digital"),
        ([("tier1", "dispatched"), ("cs_digital", "dispatched"), ("div_ti", "returned"), ("cs_digital", None)], "tier1"),
        ([("tier1", "dispatched"), ("cs_digital", "returned"), ("tier1", None)], None),
        ([("tier1", "dispatched"), ("cs_digital", "closed"), ("cs_digital", None)], "tier1"),
    ],
)
def test_it_returns_to_who_asked(hops: list[tuple[str, str | None]], returns_to: str | None) -> None:
    assert asker(hops) == returns_to


states = st.builds(
    State,
    status=st.sampled_from(sorted(CLIENT.tickets.statuses)),
    unit=st.sampled_from(sorted(RULES.units)),
    hop=st.integers(1, 9),
    accepted=st.booleans(),
    kind=st.sampled_from(sorted(RULES.kinds)),
)
actors = st.sampled_from([TIER1, TIER2, DIVISION, LEADER, Actor("x", "X", None)])
froms = st.sampled_from([None, *sorted(RULES.units)])


@given(states, actors, froms, st.sampled_from(ACTIONS), st.sampled_from(sorted(RULES.units)))
def test_what_is_allowed_works_and_nothing_else(state: State, actor: Actor, came: str | None, action: str, to: str) -> None:
    offered = allowed(state, actor, RULES, came)
    if action in ("split", "link"):  # they leave the state as it is
        return
    given_to = to if action == "dispatch" else "somebody"
    try:
        then = after(state, action, actor, RULES, came, {"to": given_to})
    except Refused:
        assert action not in offered or (action == "dispatch" and to == state.unit)
        return
    assert action in offered
    assert then.hop == state.hop + (then.unit != state.unit or action in ("return", "dispatch", "reopen"))
    assert then.closed == (then.status in CLOSED)
    if then.unit != state.unit and action != "reopen":
        assert not then.accepted and then.assignee is None and then.status == "escalated"
    if then.closed:
        assert state.closed is False
        assert speaks(state.unit, RULES)


@given(states, froms)
def test_strangers_may_do_nothing_and_leaders_something(state: State, came: str | None) -> None:
    assert allowed(state, Actor("x", "X", None), RULES, came) == []
    assert allowed(state, LEADER, RULES, came)
    assert allowed(replace(state, assignee="x"), Actor("x", "X", None), RULES, came)


def test_a_division_ends_no_ticket() -> None:
    held = State("waiting_support", "div_ti", hop=3, accepted=True, assignee="wulan")
    assert "merge" not in allowed(held, DIVISION, RULES, "cs_digital")
    with pytest.raises(Refused):
        after(held, "merge", LEADER, RULES, "cs_digital", {})
    assert "merge" not in allowed(replace(held, accepted=False), DIVISION, RULES, "cs_digital")
    assert "merge" in allowed(replace(held, unit="cs_digital"), TIER2, RULES, "tier1")
    waiting = replace(held, status="waiting_customer")
    assert "resume" in allowed(waiting, DIVISION, RULES, "cs_digital") and "no_response" not in allowed(
        waiting, DIVISION, RULES, "cs_digital"
    )
    assert "no_response" in allowed(replace(waiting, unit="cs_digital"), TIER2, RULES, "tier1")
