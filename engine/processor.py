"""TurnProcessor: Rasa's message processor without its store, its locks, its reminders and its forgiveness of failed actions.

It overrides private methods of Rasa 3.6.21, which is pinned; engine/tests/test_pinned.py fails when they change.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.events import ActionExecutionRejected, Event
from rasa.shared.core.trackers import DialogueStateTracker

from engine.actions import ServiceActions, trim_action_calls


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
        trim_action_calls(self.domain.fingerprint())

    async def run_turn(self, tracker: DialogueStateTracker, message: UserMessage) -> List[Dict[str, Any]]:
        """Understand `message`, predict and run actions until the bot listens. Returns what it says, in order.

        Raises ActionFailed; the tracker is then half way through the turn and of no use.
        """
        output = CollectingOutputChannel()
        await self._handle_message_with_tracker(message, tracker)
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
        try:
            acting = tracker
            if prediction.events:
                acting = tracker.copy()
                acting.update_with_events(prediction.events, self.domain)
            events: List[Event] = await action.run(output_channel, nlg, acting, self.domain)
        except ActionExecutionRejection:
            tracker.update(ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence))
            return self.should_predict_another_action(action.name())
        except Exception as error:
            raise ActionFailed(f"{action.name()}: {type(error).__name__}: {error}") from error
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self._send_bot_messages(events, tracker, output_channel)
        return self.should_predict_another_action(action.name())

    def _check_for_unseen_features(self, parse_data: Dict[str, Any]) -> None:
        """Stock warns for each message about entities the domain lacks; `rasa data validate` says it once."""


def user_message(
    text: Optional[str], conversation: str, message_id: str, parse_data: Optional[Dict[str, Any]], metadata: Dict[str, Any]
) -> UserMessage:
    """What Rasa takes. `parse_data` given (a tapped button, a timer): nothing is left to understand."""
    return UserMessage(
        text=text or "", sender_id=conversation, message_id=message_id, parse_data=parse_data, metadata=metadata, input_channel="sapa"
    )
