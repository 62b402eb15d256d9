"""The choice of who is offered what, as a pure rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.language import language_of
from bot.handoff.routing import Agent, Match, Waiting, match, may_take
from bot.handoff.rules import Floor, expected_wait, queue_notice

T0 = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


def agent(name: str, minute: int = 0, **more: object) -> Agent:
    return Agent(**{"id": name, "team": "tier1", "capacity": 1, "load": 0, "free_since": at(minute), **more})  # type: ignore[arg-type]


def waits(name: str, minute: int = 0, **more: object) -> Waiting:
    return Waiting(**{"id": name, "team": "tier1", "since": at(minute), **more})  # type: ignore[arg-type]


CASES = [
    ("the longest idle first", [waits("c")], [agent("a", 5), agent("b", 1)], [("c", "b")]),
    ("first come, first served", [waits("c2", 2), waits("c1", 1)], [agent("a")], [("c1", "a")]),
    ("urgent before all", [waits("c1", 1, reason="agent_gone"), waits("c2", 2, urgent=True)], [agent("a")], [("c2", "a")]),
    ("handed on before new ones", [waits("c1", 1), waits("c2", 2, reason="transfer")], [agent("a")], [("c2", "a")]),
    ("the team's own", [waits("c", team="helpdesk")], [agent("a"), agent("b", 9, team="helpdesk")], [("c", "b")]),
    ("who can do nothing holds up nobody", [waits("c1", 1, team="helpdesk"), waits("c2", 2)], [agent("a")], [("c2", "a")]),
    ("the topic is known", [waits("c", topic="emas")], [agent("a", topics=["gadai"]), agent("b", 9, topics=["emas"])], [("c", "b")]),
    ("no topic yet: anybody", [waits("c")], [agent("a", topics=["gadai"])], [("c", "a")]),
    ("the language is spoken", [waits("c", language="en")], [agent("a", languages=["id"]), agent("b", 9)], [("c", "b")]),
    ("full is full", [waits("c")], [agent("a", capacity=2, load=2)], []),
    ("over full is full", [waits("c")], [agent("a", capacity=2, load=3)], []),
    ("who served them today", [waits("c", served_by="b")], [agent("a"), agent("b", 9)], [("c", "b")]),
    ("but not when full", [waits("c", served_by="b")], [agent("a"), agent("b", 9, load=1)], [("c", "a")]),
    ("a colleague by name, of any team", [waits("c", for_agent="b")], [agent("a"), agent("b", 9, team="helpdesk")], [("c", "b")]),
    ("the team where the colleague is full", [waits("c", for_agent="b")], [agent("a"), agent("b", load=1)], [("c", "a")]),
    ("never back to who gave it away", [waits("c", not_for="a")], [agent("a")], []),
    ("who declined comes after all others", [waits("c", asked={"a": 1})], [agent("a"), agent("b", 9)], [("c", "b")]),
    ("and again when everybody was asked", [waits("c", asked={"a": 1, "b": 1})], [agent("a"), agent("b", 9)], [("c", "a")]),
    ("but nobody is asked again at once", [waits("c", asked={"a": 1}, resting={"a"})], [agent("a")], []),
    ("the declined sticky one too", [waits("c", asked={"a": 1}, served_by="a")], [agent("a"), agent("b", 9)], [("c", "b")]),
    (
        "spread before doubling",
        [waits("c1", 1), waits("c2", 2)],
        [agent("a", capacity=4), agent("b", 9, capacity=4)],
        [("c1", "a"), ("c2", "b")],
    ),
]


@pytest.mark.parametrize(("queue", "agents", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_who_is_offered_what(queue: list[Waiting], agents: list[Agent], expected: list[tuple[str, str]]) -> None:
    assert match(queue, agents) == [Match(*pair) for pair in expected]


def test_sticky_can_be_turned_off() -> None:
    assert match([waits("c", served_by="b")], [agent("a"), agent("b", 9)], sticky=False) == [Match("c", "a")]


_TEAMS = st.sampled_from(["tier1", "helpdesk"])
_TOPICS = st.sampled_from([None, "gadai", "emas"])
_SKILLS = st.one_of(st.none(), st.lists(st.sampled_from(["gadai", "emas"]), unique=True))
_AGENTS = st.builds(
    lambda team, capacity, load, minute, topics: {
        "team": team,
        "capacity": capacity,
        "load": load,
        "free_since": at(minute),
        "topics": topics,
    },
    _TEAMS,
    st.integers(1, 4),
    st.integers(0, 5),
    st.integers(0, 5),
    _SKILLS,
)
_QUEUE = st.builds(
    lambda team, minute, urgent, reason, topic, asked: {
        **{"team": team, "since": at(minute), "urgent": urgent, "reason": reason, "topic": topic},
        "asked": {f"a{number}": times for number, times in asked.items()},
    },
    _TEAMS,
    st.integers(0, 9),
    st.booleans(),
    st.sampled_from(["requested", "transfer"]),
    _TOPICS,
    st.dictionaries(st.integers(0, 7), st.integers(1, 3)),
)


@given(st.lists(_QUEUE, max_size=12), st.lists(_AGENTS, max_size=8))
def test_what_holds_for_every_floor(queued: list[dict[str, object]], staffed: list[dict[str, object]]) -> None:
    queue = [Waiting(id=f"c{number:02}", **each) for number, each in enumerate(queued)]  # type: ignore[arg-type]
    agents = [Agent(id=f"a{number}", **each) for number, each in enumerate(staffed)]  # type: ignore[arg-type]
    found = match(queue, agents)
    by_agent = {each.id: each for each in agents}
    by_id = {each.id: each for each in queue}
    got = {each.agent: sum(other.agent == each.agent for other in found) for each in found}
    assert len({each.conversation for each in found}) == len(found), "offered to two"
    assert all(got[name] <= by_agent[name].room for name in got), "above capacity"
    assert all(may_take(by_agent[each.agent], by_id[each.conversation]) for each in found), "not their work"
    left = {each.id: each.room - got.get(each.id, 0) for each in agents}
    unserved = [each for each in queue if each.id not in {pair.conversation for pair in found}]
    for waiting in unserved:
        assert not any(left[each.id] and may_take(each, waiting) for each in agents), "somebody idle could take it"
        for pair in found:  # nobody whom the same people may serve was taken before an earlier one
            other = by_id[pair.conversation]
            same = all(may_take(each, waiting) == may_take(each, other) for each in agents)
            assert not same or other.order < waiting.order, "out of turn"


FLOOR = Floor(ready=2, room=0, waiting=3, in_hours=True, places=8, handling_s=300)


@pytest.mark.parametrize(
    ("floor", "position", "expected"),
    [
        (FLOOR, 1, (1, 2)),
        (FLOOR, 8, (2, 8)),
        (FLOOR, 16, (5, 15)),
        (Floor(2, 3, 0, True, 0, 8, 300), 3, None),
        (Floor(2, 3, 0, True, 0, 8, 300), 4, (1, 2)),
        (Floor(0, 0, 3, True, 0, 0, 300), 1, None),
        (Floor(2, 0, 3, True), 1, None),
    ],
)
def test_the_wait_is_a_range_or_nothing(floor: Floor, position: int, expected: tuple[int, int] | None) -> None:
    assert expected_wait(floor, position) == expected


def test_the_notice_names_the_wait_only_where_somebody_is_ready() -> None:
    assert "Perkiraan waktu tunggu 2 sampai 8 menit." in queue_notice(FLOOR, 8, "")
    assert "menit" not in queue_notice(Floor(0, 0, 3, True, 0, 8, 300), 8, "")
    assert "menit" not in queue_notice(Floor(0, 0, 3, False, 0, 8, 300), 8, "setiap hari")


@given(st.integers(1, 500), st.integers(0, 40), st.integers(1, 200), st.floats(1, 3600))
def test_further_back_never_waits_less(position: int, room: int, places: int, handling: float) -> None:
    floor = Floor(1, room, 0, True, 0, places, handling)
    here, behind = expected_wait(floor, position), expected_wait(floor, position + 1)
    assert here is None or (behind is not None and behind >= here and here[0] < here[1])


@pytest.mark.parametrize(
    ("said", "language"),
    [
        (["Mau bicara dengan petugas"], "id"),
        (["I want to speak to an agent", "my gold is still not there"], "en"),
        (["help"], "id"),
        (["cicil emas via app error, please dibantu ya kak, saya tidak bisa login"], "id"),
        ([], "id"),
        (["123", "👍"], "id"),
    ],
)
def test_the_language_of_the_customers_words(said: list[str], language: str) -> None:
    assert language_of(said) == language
