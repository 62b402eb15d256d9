"""Which dialogues an engine holds, and how an old one is cut."""

from __future__ import annotations

from rasa.shared.core.events import ActionExecuted, ActiveLoop, ConversationPaused, SessionStarted, SlotSet, UserUttered

from engine.dialogues import CUT_ABOVE, LiveDialogues, cut, new_dialogue


def turn(slot: str, value: int) -> list:
    return [UserUttered("hai", {"name": "salam"}), ActionExecuted("action_greet"), SlotSet(slot, value), ActionExecuted("action_listen")]


def test_only_the_tracker_of_the_turn_committed_last_is_used() -> None:
    held = LiveDialogues(2)
    held.put("a", "turn-1", "model", "tracker")
    assert held.take("a", "turn-2", "model") is None  # two turns raced, and the other one was committed
    held.put("a", "turn-1", "model", "tracker")
    assert held.take("a", "turn-1", "other model") is None
    held.put("a", "turn-1", "model", "tracker")
    assert held.take("a", "turn-1", "model") == "tracker"
    assert held.take("a", "turn-1", "model") is None, "taking one out removes it"


def test_the_least_recently_used_goes_first() -> None:
    held = LiveDialogues(2)
    for name in ("a", "b", "c"):
        held.put(name, "t", "m", name)
    assert len(held) == 2
    assert held.take("a", "t", "m") is None
    assert held.take("c", "t", "m") == "c"


def test_a_short_dialogue_is_left_alone() -> None:
    assert cut(new_dialogue({"channel": "web"})) is None


def test_a_cut_keeps_every_slot_as_it_was_and_begins_at_a_listen() -> None:
    events = new_dialogue({"channel": "web"})
    for number in range(30):
        events += turn(f"slot{number % 3}", number)
    shorter = cut(events)
    assert shorter is not None
    assert len(shorter) < len(events)
    assert isinstance(shorter[1], SessionStarted)
    final: dict = {}
    for event in events:
        if isinstance(event, SlotSet):
            final[event.key] = event.value
    kept: dict = {}
    for event in shorter:
        if isinstance(event, SlotSet):
            kept[event.key] = event.value
    assert kept == final
    first_listen = next(e for e in shorter[2:] if not isinstance(e, SlotSet))
    assert isinstance(first_listen, ActionExecuted)
    assert first_listen.action_name == "action_listen"


def test_nothing_is_cut_inside_a_form_or_a_pause() -> None:
    for lock in (ActiveLoop("complaint_form"), ConversationPaused()):
        events = [*new_dialogue({}), UserUttered("x", {"name": "salam"}), lock]
        for number in range(40):
            events += turn("slot", number)
        assert len(events) > CUT_ABOVE
        assert cut(events) is None
