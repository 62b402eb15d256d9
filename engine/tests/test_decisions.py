"""Proof by comparison: on random dialogues every remembered prediction and every reading is the one that stock Rasa makes.

`DIALOGUES=3000` runs the long proof; CI a shorter one; SEED chooses other dialogues.
"""

from __future__ import annotations

import asyncio
import json as json_module
import os
import random
from pathlib import Path
from typing import Any, Dict, List

import pytest
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import DEFAULT_INTENTS
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError

from engine.actions import ServiceActions
from engine.dialogues import build, cut, due_for_cutting, new_dialogue
from engine.processor import TurnProcessor, user_message

MODEL = Path(__file__).parents[2] / "models/sapa.tar.gz"
DIALOGUES = int(os.environ.get("DIALOGUES", "60"))
SEED = int(os.environ.get("SEED", "0"))
pytestmark = pytest.mark.skipif(not MODEL.is_file(), reason="no model (make train)")


class RandomActions(ServiceActions):
    """An action endpoint that answers anything an action may answer."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__("unused")
        self.dice = dice
        self.slots: List[str] = []

    async def request(self, json: Dict[str, Any], **_kwargs: Any) -> Any:
        name, dice = json["next_action"], self.dice
        if name.startswith("validate_") and dice.random() < 0.15:
            raise ClientResponseError(400, "rejected", json_module.dumps({"error": "rejected", "action_name": name}))
        events: List[Dict[str, Any]] = []
        for slot in dice.sample(self.slots, dice.randint(0, 3)):
            events.append({"event": "slot", "name": slot, "value": dice.choice([None, "x", 7, True])})
        if name.startswith("validate_") and dice.random() < 0.3:
            events.append({"event": "slot", "name": "requested_slot", "value": None})
        if dice.random() < 0.08:
            events.append(dice.choice([{"event": "active_loop", "name": None}, {"event": "reset_slots"}]))
        if dice.random() < 0.05:
            events.append({"event": "followup", "name": dice.choice(["action_listen", "action_greet", "complaint_form"])})
        if dice.random() < 0.03:
            events.append(dice.choice([{"event": "rewind"}, {"event": "undo"}, {"event": "restart"}]))
        return {"events": events, "responses": [{"text": name}] * dice.randint(0, 2)}


class Compared(TurnProcessor):
    """Asks stock Rasa, too, for each prediction, and keeps what differs."""

    compared = 0

    def __init__(self, model: str, actions: ServiceActions) -> None:
        super().__init__(model, actions)
        self.different: List[Any] = []
        self.comparing = True

    def _predict_next_with_tracker(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        if tracker.followup_action or not self.comparing:
            return super()._predict_next_with_tracker(tracker)
        stock = MessageProcessor._predict_next_with_tracker(self, tracker)
        ours = super()._predict_next_with_tracker(tracker)
        self.compared += 1
        if told(ours) != told(stock):
            self.different.append((told(stock), told(ours), [str(e) for e in tracker.events]))
        return ours


def told(prediction: PolicyPrediction) -> Any:
    events = [{**event.as_dict(), "timestamp": None} for event in prediction.events]
    flags = (prediction.hide_rule_turn, prediction.is_end_to_end_prediction, prediction.is_no_user_prediction)
    return prediction.probabilities, prediction.policy_name, prediction.policy_priority, flags, events, prediction.action_metadata


@pytest.fixture(scope="module")
def processor() -> Compared:
    return Compared(str(MODEL), RandomActions(random.Random(SEED)))


def test_every_prediction_is_stocks(processor: Compared) -> None:
    actions = processor.action_endpoint
    assert isinstance(actions, RandomActions)
    actions.slots = [slot.name for slot in processor.domain.slots if slot.name != "requested_slot"]
    assert processor.decisions.view is not None, "this model's predictions are not remembered at all"

    async def dialogue(number: int) -> None:
        dice = actions.dice = random.Random(f"{SEED}-{number}")
        tracker = build(f"c{number}", new_dialogue({"channel": "web"}), processor.domain)
        intents = dice.choices(list(processor.domain.intents), k=dice.randint(2, 6))
        for _ in range(dice.randint(3, 25)):
            intent = {"name": dice.choice([*intents, "nlu_fallback", None]), "confidence": 1.0}
            entities = [{"entity": dice.choice(processor.domain.entities), "value": "v"} for _ in range(dice.choice([0, 0, 0, 1, 2]))]
            text = dice.choice(["", "halo", "mau tanya", "/x"])
            parsed = {"text": text, "intent": intent, "entities": entities}
            await processor.run_turn(tracker, user_message(text, tracker.sender_id, "m", parsed, {}))
            assert not processor.different, processor.different[0]
            if dice.random() < 0.3:
                tracker = cut(tracker, processor.domain, processor.decisions.view) or tracker

    async def main() -> None:
        for number in range(DIALOGUES):
            await dialogue(number)

    asyncio.run(main())
    remembered = len(processor.decisions._memory)
    print(f"{processor.compared} predictions compared, {remembered} distinct")
    assert processor.compared > DIALOGUES * 8
    assert remembered < processor.compared, "nothing was ever remembered"


class Stock(TurnProcessor):
    """Our turn with stock Rasa's own reading, predicting and running of actions."""

    _parse_message_with_graph = MessageProcessor._parse_message_with_graph
    _predict_next_with_tracker = MessageProcessor._predict_next_with_tracker
    _run_action = MessageProcessor._run_action


def test_every_turn_is_stocks() -> None:
    """The same messages and answers of actions: the same events, slots and replies."""
    ours, stock = TurnProcessor(str(MODEL), RandomActions(random.Random(0))), Stock(str(MODEL), RandomActions(random.Random(0)))
    texts = [
        "min syarat gadai emas apa",
        "aplikasi tring error terus",
        "setuju",
        "ya",
        "batal",
        "mau reservasi outlet",
        "bunga brp",
        "081234567890",
    ]
    turns = 0

    async def follow(number: int) -> None:
        nonlocal turns
        dice = random.Random(f"turn-{SEED}-{number}")
        trackers = {processor: build(f"c{number}", new_dialogue({}), processor.domain) for processor in (ours, stock)}
        for turn in range(dice.randint(3, 12)):
            text, parsed = dice.choice(texts), None
            if dice.random() < 0.6:
                intent = {"name": dice.choice(list(ours.domain.intents)), "confidence": 1.0}
                parsed = {"text": text, "intent": intent, "entities": []}
            told: List[Any] = []
            for processor, tracker in trackers.items():
                actions = processor.action_endpoint
                assert isinstance(actions, RandomActions)
                actions.dice = random.Random(f"{SEED}-{number}-{turn}")
                actions.slots = [slot.name for slot in processor.domain.slots if slot.name != "requested_slot"]
                said = await processor.run_turn(tracker, user_message(text, "c", "m", parsed, {}))
                told.append(([without_time(event) for event in tracker.events], {n: s.value for n, s in tracker.slots.items()}, said))
            assert told[0] == told[1], f"dialogue {number}, turn {turn}"
            turns += 1

    async def main() -> None:
        for number in range(DIALOGUES):
            await follow(number)

    asyncio.run(main())
    print(f"{turns} turns compared")


def without_time(event: Any) -> Any:
    """An event as stored, but for when it happened and for what nobody reads."""
    kept = {**event.as_dict(), "timestamp": None}
    kept.get("parse_data", {}).pop("text_tokens", None)
    return kept


def test_a_shortened_dialogue_goes_on_as_the_whole_one(processor: Compared) -> None:
    """The same messages and the same answers of actions, once with every event kept and once shortened as in service."""
    actions = processor.action_endpoint
    assert isinstance(actions, RandomActions)
    actions.slots = [slot.name for slot in processor.domain.slots if slot.name != "requested_slot"]
    view, processor.comparing = processor.decisions.view, False
    cuts, compared, longest = 0, 0, 0

    async def follow(number: int) -> None:
        nonlocal cuts, compared, longest
        dice = random.Random(f"cut-{SEED}-{number}")
        whole, short = (build(f"c{number}", new_dialogue({"channel": "web"}), processor.domain) for _ in range(2))
        said = [intent for intent in processor.domain.intents if intent not in DEFAULT_INTENTS]  # nobody goes back further than is kept
        intents = dice.choices(said, k=dice.randint(2, 8))
        for turn in range(60):
            intent = {"name": dice.choice([*intents, "nlu_fallback"]), "confidence": 1.0}
            told: List[Any] = []
            for tracker in (whole, short):
                actions.dice = random.Random(f"{SEED}-{number}-{turn}")
                before = len(tracker.events)
                await TurnProcessor.run_turn(
                    processor, tracker, user_message("x", "c", "m", {"text": "x", "intent": intent, "entities": []}, {})
                )
                new = list(tracker.events)[before:]
                done = [(e.action_name, e.policy) for e in new if isinstance(e, ActionExecuted)]
                told.append((done, tracker.active_loop_name, {name: slot.value for name, slot in tracker.slots.items()}))
                if tracker is short and due_for_cutting(before, len(short.events)):
                    shorter = cut(short, processor.domain, view)
                    cuts += shorter is not None
                    short = shorter or short
                longest = max(longest, len(short.events))
            assert told[0] == told[1], f"dialogue {number}, turn {turn}"
            compared += 1

    async def main() -> None:
        for number in range(max(4, DIALOGUES // 10)):
            await follow(number)

    asyncio.run(main())
    print(f"{compared} turns compared after {cuts} cuts, the longest shortened dialogue {longest} events")
    assert cuts > 0


def test_every_reading_is_stocks(processor: Compared) -> None:
    texts = [
        "min bunga gadai emas brp",
        "mau cetak emas 5 gram",
        "",
        "   ",
        "nomor saya 081234567890",
        "/setuju",
        "/batal{",
        "p" * 300,
        "😀",
        "SGI-2411-0001",
    ]
    tracker = build("c", new_dialogue({}), processor.domain)
    for text in [*texts, *texts]:
        message = user_message(text, "c", f"m{text[:3]}", None, {"a": 1})
        stock = MessageProcessor._parse_message_with_graph(processor, message, tracker)
        stock.pop("text_tokens", None)
        ours = processor._parse_message_with_graph(message, tracker)
        assert ours == stock
        ours["intent"]["name"] = "spoilt"
        for entity in ours["entities"]:
            entity["value"] = "spoilt"
