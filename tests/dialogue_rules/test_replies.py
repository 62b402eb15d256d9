"""What the engine said becomes few messages, choices last."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.messages import Choice, Outbound
from bot.client import load_client
from bot.dialogue.replies import MOST, compose
from bot.dialogue.service import answered_form, parse_payload, shown_insight


def button(payload: str = "/a", title: str = "A", **more: str) -> dict[str, str]:
    return {"payload": payload, "title": title, **more}


CASES: list[tuple[str, list[dict[str, Any]], str | None, list[Outbound]]] = [
    ("nothing", [], None, []),
    ("only the opening", [], "Halo", [Outbound("Halo")]),
    ("texts of a turn are joined", [{"text": "A"}, {"text": " B "}], None, [Outbound("A\n\nB")]),
    ("the opening joins the first", [{"text": "A"}], "Halo", [Outbound("Halo\n\nA")]),
    ("empty texts vanish", [{"text": ""}, {"text": None}, {}, {"text": "  "}], None, []),
    (
        "choices end a message",
        [{"text": "A", "buttons": [button()]}, {"text": "B"}],
        None,
        [Outbound("A", (Choice("/a", "A"),)), Outbound("B")],
    ),
    (
        "a text before a question joins it",
        [{"text": "A"}, {"text": "B?", "buttons": [button()]}],
        None,
        [Outbound("A\n\nB?", (Choice("/a", "A"),))],
    ),
    ("choices need words", [{"buttons": [button()]}], None, [Outbound("Silakan pilih:", (Choice("/a", "A"),))]),
    ("half a button is none", [{"text": "A", "buttons": [button(payload=""), button(title="")]}], None, [Outbound("A")]),
    ("no buttons", [{"text": "A", "buttons": None}, {"text": "B", "buttons": []}], None, [Outbound("A\n\nB")]),
    (
        "descriptions and the list's label are kept",
        [{"text": "A", "buttons": [button(description="d"), button("/b", "B", list_label="Pilih jam")]}],
        None,
        [Outbound("A", (Choice("/a", "A", "d"), Choice("/b", "B")), "Pilih jam")],
    ),
    ("a number is a text", [{"text": 5}], None, [Outbound("5")]),
    ("what is no text or choice is left out", [{"image": "x"}, {"custom": {}}, {"text": "A"}], None, [Outbound("A")]),
]


@pytest.mark.parametrize(("responses", "first", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_compose(responses: list[dict[str, Any]], first: str | None, expected: list[Outbound]) -> None:
    assert compose(responses, first) == expected


def test_texts_are_joined_only_as_far_as_a_message_holds() -> None:
    found = compose([{"text": "a" * 2500}, {"text": "b" * 1498}, {"text": "c"}])
    assert [len(message.text) for message in found] == [MOST, 1]


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "text": st.text(max_size=3000).map(str.strip),
                "buttons": st.lists(st.builds(button, st.just("/a"), st.just("A")), max_size=4),
            },
        ),
        max_size=8,
    ),
    st.one_of(st.none(), st.just("Halo")),
)
def test_nothing_is_lost_and_nothing_too_long(responses: list[dict[str, Any]], first: str | None) -> None:
    found = compose(responses, first)
    said = "".join(message.text for message in found).replace("\n\n", "")
    for response in responses:
        assert response.get("text", "").replace("\n\n", "") in said
    assert sum(len(message.choices) for message in found) == sum(len(r.get("buttons", [])) for r in responses)
    assert all(message.text and len(message.text) <= MOST for message in found)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("/setuju", {"intent": "setuju", "entities": {}}),
        ('/pilih{"nilai": "cp-senen"}', {"intent": "pilih", "entities": {"nilai": "cp-senen"}}),
        ('/pilih{"nilai": "a{b}"}', {"intent": "pilih", "entities": {"nilai": "a{b}"}}),
        ("/pilih{}", {"intent": "pilih", "entities": {}}),
        ("/", None),
        ('/{"a": 1}', None),
        ("", None),
        ("setuju", None),
        ("csi:5", None),
        ("/pilih{", None),
        ('/pilih{"a": 1}x', None),
        ('/pilih{"a"}', None),
        ("/pilih" + '{"a":' * 5000, None),
        ("/pilih" + '{"a":' * 100_000 + "1" + "}" * 100_000, None),
    ],
)
def test_a_payload_is_read_or_refused(choice: str, expected: dict[str, Any] | None) -> None:
    assert parse_payload(choice) == expected


@given(st.one_of(st.text(max_size=60), st.text(max_size=60).map("/a{".__add__)))
def test_reading_a_payload_never_raises(choice: str) -> None:
    found = parse_payload(choice)
    assert found is None or (found["intent"] and isinstance(found["entities"], dict))


def test_the_desk_sees_the_topic_in_words() -> None:
    client = load_client("clients/pegadaian")
    assert shown_insight({"intent": "ubah_reservasi", "confidence": 0.9}, client) == {
        "topic": {"id": "reservasi_outlet", "label": "Reservasi outlet"},
        "intent": "ubah_reservasi",
        "confidence": 0.9,
    }
    assert shown_insight({}, client)["topic"]["id"] == "tidak_jelas"


def test_trainers_see_what_else_it_was_taken_for() -> None:
    client = load_client("clients/pegadaian")
    ranking = [{"name": name, "confidence": 0.2} for name in ("nlu_fallback", "info_emas", "info_gadai", "salam")]
    shown = shown_insight({"intent": "nlu_fallback", "confidence": 0.2, "ranking": ranking, "second": "info_gadai"}, client)
    assert shown["ranking"] == ranking[:3]
    assert shown["second"] == "info_gadai"


@pytest.mark.parametrize(
    ("events", "form", "answered"),
    [
        ([], None, None),
        ([], "complaint_form", "complaint_form"),
        ([{"event": "active_loop", "name": "complaint_form"}], "complaint_form", None),
        ([{"event": "slot"}, {"event": "active_loop", "name": None}], None, "ended"),
        ([{"event": "active_loop", "name": "a"}, {"event": "active_loop", "name": None}], None, None),
    ],
)
def test_an_answer_in_a_form_is_known_as_one(events: list[dict[str, Any]], form: str | None, answered: str | None) -> None:
    assert answered_form({"new_events": events, "form": form}) == answered
