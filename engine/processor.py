"""TurnProcessor: Rasa's message processor without its store, its locks, its reminders and its forgiveness of failed actions.

It overrides private methods of Rasa 3.6.21, which is pinned; engine/tests/test_pinned.py fails when they change.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any, Dict, List, Optional

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, Event
from rasa.shared.core.trackers import DialogueStateTracker

from engine.actions import ServiceActions, remember_digest, trim_action_calls
from engine.decisions import Decisions
from engine.graph import Path

READ_BEFORE, SHORT = 5000, 200  # texts whose reading is kept, and the longest of them in characters


class ActionFailed(Exception):
    """A custom action could not be run: the turn is void and its tracker must be thrown away."""


class TurnProcessor(MessageProcessor):
    """Runs a turn on a tracker it is given."""

    def __init__(self, model: str, actions: ServiceActions) -> None:
        super().__init__(
            model_path=model,
            tracker_store=InMemoryTrackerStore(None),  # never used: trackers are given and taken
            lock_store=InMemoryLockStore(),
            generator=TemplatedNaturalLanguageGenerator({}),
            action_endpoint=actions,
        )
        self.nlg = TemplatedNaturalLanguageGenerator(self.domain.responses)
        self.model_id = self.model_metadata.model_id
        trim_action_calls()
        remember_digest(self.domain)
        self._reading = Path(self.graph_runner, self.model_metadata.nlu_target, (PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER))
        self.decisions = Decisions(Path(self.graph_runner, self.model_metadata.core_target, (PLACEHOLDER_TRACKER,)), self.domain)
        self._read: "OrderedDict[str, Dict[str, Any]]" = OrderedDict()
        self._fills_slots = fills_slots(self.domain)

    async def run_turn(self, tracker: DialogueStateTracker, message: UserMessage) -> List[Dict[str, Any]]:
        """Understand `message`, predict and run actions until the bot listens. Returns what it says, in order.

        Raises ActionFailed; the tracker is then half way through the turn and of no use.
        """
        output = CollectingOutputChannel()
        await self._handle_message_with_tracker(message, tracker)
        if self._fills_slots:
            await self.run_action_extract_slots(output, tracker)
        await self._run_prediction_loop(output, tracker)
        return output.messages

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        # Stock copies the tracker, event by event, in case the policies' events must be discarded; here they are taken back.
        interrupted = tracker.active_loop is not None and tracker.active_loop.is_interrupted
        tracker.update_with_events(prediction.events, self.domain)
        try:
            events: List[Event] = await action.run(output_channel, nlg, tracker, self.domain)
        except ActionExecutionRejection:
            _take_back(tracker, prediction.events, interrupted)
            tracker.update(ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence))
            return self.should_predict_another_action(action.name())
        except Exception as error:
            raise ActionFailed(f"{action.name()}: {type(error).__name__}: {error}") from error
        if any(isinstance(event, ActionExecutionRejected) for event in events):
            _take_back(tracker, prediction.events, interrupted)
        applied = copy.copy(prediction)
        applied.events = []
        self._log_action_on_tracker(tracker, action, events, applied)
        await self._send_bot_messages(events, tracker, output_channel)
        return self.should_predict_another_action(action.name())

    def _parse_message_with_graph(
        self, message: UserMessage, tracker: DialogueStateTracker, only_output_properties: bool = True
    ) -> Dict[str, Any]:
        """What stock gives, without dask, and without reading again what somebody wrote before: many customers write the same short texts."""
        text = message.text or ""
        found = self._read.get(text)
        if found is None:
            parsed = self._reading.run(**{PLACEHOLDER_MESSAGE: [message], PLACEHOLDER_TRACKER: tracker})[0]
            found = {"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []}
            found.update(parsed.as_dict(only_output_properties=True))
            found.pop("text_tokens", None)  # places of normalised words: nobody reads them, and they would be stored with every turn
            if len(text) <= SHORT:
                self._read[text] = found
                if len(self._read) > READ_BEFORE:
                    self._read.popitem(last=False)
        return {**found, "intent": dict(found["intent"]), "entities": [dict(e) for e in found["entities"]]}

    def _predict_next_with_tracker(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        """What stock predicts, from memory where the policies have seen the like."""
        if tracker.followup_action:
            return super()._predict_next_with_tracker(tracker)
        return self.decisions.predict(tracker)

    def _check_for_unseen_features(self, parse_data: Dict[str, Any]) -> None:
        """Stock warns for each message about entities the domain lacks; `rasa data validate` says it once."""


def _take_back(tracker: DialogueStateTracker, events: List[Event], interrupted: bool) -> None:
    """Undo the policies' events, the latest on the tracker. What they say of the message (DefinePrevUserUtteredFeaturization) stays, as in stock."""
    for _ in events:
        tracker.events.pop()
    if tracker.active_loop is not None:
        tracker.active_loop.is_interrupted = interrupted


def fills_slots(domain: Domain) -> bool:
    """Whether anything in the domain fills slots from what customers write; where only actions set them, looking is in vain."""
    mappings = [mapping for slot in domain.slots for mapping in slot.mappings]
    return ACTION_VALIDATE_SLOT_MAPPINGS in domain.user_actions or any(m.get("type") != "custom" or m.get("action") for m in mappings)


def user_message(
    text: Optional[str], conversation: str, message_id: str, parse_data: Optional[Dict[str, Any]], metadata: Dict[str, Any]
) -> UserMessage:
    """What Rasa takes. `parse_data` given (a tapped button, a timer): nothing is left to understand."""
    return UserMessage(
        text=text or "", sender_id=conversation, message_id=message_id, parse_data=parse_data, metadata=metadata, input_channel="sapa"
    )
