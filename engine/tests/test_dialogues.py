"""Which dialogues an engine holds, and how an old one is cut."""

from __future__ import annotations

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, ConversationPaused, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from engine.decisions import View
from engine.dialogues import AT_MOST, CUT_ABOVE, KEEP, LiveDialogues, build, cut, due_for_cutting, new_dialogue

SLOT = {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
DOMAIN = Domain.from_dict(
    {
        "slots": {name: dict(SLOT) for name in ("slot0", "slot1", "slot2", "channel")},
        "intents": ["salam"],
        "entities": [],
        "actions": ["action_greet"],
    }
)
VIEW = View(DOMAIN, rules=4, memory=5, rule_only=frozenset())


def turn(slot: str, value: int) -> list:
    """A turn that rules alone decided."""
    greet, listen = (ActionExecuted(name, hide_rule_turn=True) for name in ("action_greet", "action_listen"))
    return [UserUttered("hai", {"name": "salam"}), greet, SlotSet(slot, value), listen]


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


def dialogue(events: list) -> DialogueStateTracker:
    return build("c", events, DOMAIN)


def test_shortening_is_tried_now_and_then() -> None:
    assert not due_for_cutting(70, 80)
    assert due_for_cutting(79, 83)
    assert not due_for_cutting(83, 90)
    assert due_for_cutting(118, 121)


def test_a_short_dialogue_is_left_alone() -> None:
    assert cut(dialogue(new_dialogue({"channel": "web"})), DOMAIN, VIEW) is None


def test_a_cut_keeps_every_slot_as_it_was_and_the_latest_events() -> None:
    events = new_dialogue({"channel": "web"})
    for number in range(30):
        events += turn(f"slot{number % 3}", number)
    shorter = cut(dialogue(events), DOMAIN, VIEW)
    assert shorter is not None
    assert len(shorter.events) < 60 < len(events)
    assert isinstance(shorter.events[1], SessionStarted)
    assert {n: s.value for n, s in shorter.slots.items()} == {n: s.value for n, s in dialogue(events).slots.items()}
    assert list(shorter.events)[-KEEP:] == events[-KEEP:]


def test_nothing_is_cut_inside_a_form_or_a_pause() -> None:
    for lock in (ActiveLoop("complaint_form"), ConversationPaused()):
        events = [*new_dialogue({}), UserUttered("x", {"name": "salam"}), lock]
        for number in range(40):
            events += turn("slot1", number)
        assert len(events) > CUT_ABOVE
        assert cut(dialogue(events), DOMAIN, VIEW) is None


def test_a_cut_that_a_policy_would_notice_is_not_made_unless_it_must() -> None:
    shown = [e for number in range(30) for e in turn("slot1", number)]
    for event in shown:
        if isinstance(event, ActionExecuted):
            event.hide_rule_turn = False
    everything = View(DOMAIN, rules=1000, memory=1000, rule_only=frozenset())
    assert cut(dialogue([*new_dialogue({}), *shown]), DOMAIN, everything) is None
    assert len([*new_dialogue({}), *shown * 4]) > AT_MOST
    longest = cut(dialogue([*new_dialogue({}), *shown * 4]), DOMAIN, everything)
    assert longest is not None
    assert len(longest.events) < 100
