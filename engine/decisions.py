"""The next action, remembered by everything the policies look at.

MemoizationPolicy and RulePolicy decide from the last few *states* of a dialogue (intent, entities, slots with influence, last action, active
form) and nothing else, but rebuild every state of the conversation several times for each prediction. Here the states that count are
read off the events in one pass; a prediction made before from the same states is given again, any other is made by Rasa's own policies.
engine/tests/test_decisions.py compares both on random dialogues, prediction by prediction.
"""

from __future__ import annotations

import base64
import copy
import json
import time
import zlib
from collections import OrderedDict
from typing import Any, Dict, Hashable, List, Optional, Tuple

from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_UNLIKELY_INTENT_NAME,
    RULE_ONLY_LOOPS,
    RULE_ONLY_SLOTS,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    AllSlotsReset,
    FollowupAction,
    LegacyForm,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from engine.graph import Path

REMEMBERED = 20_000  # predictions; a few hundred bytes each
TRACKER = "__tracker__"
State = Tuple[Hashable, ...]  # (user, last action, active form, slots with influence)


class Decisions:
    """Predictions for one model. Falls back to the graph for a model whose policies it does not know to be decided by these states."""

    def __init__(self, path: Path, domain: Domain) -> None:
        self._path = path
        self._memory: "OrderedDict[Hashable, PolicyPrediction]" = OrderedDict()
        self.view = view_for(path.components(), domain)

    def predict(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        """What the policies' ensemble predicts for `tracker`."""
        key = self.view.of(tracker) if self.view else None
        if key is None:
            return self._path.run(**{TRACKER: tracker})
        found = self._memory.get(key)
        if found is None:
            found = self._memory[key] = self._path.run(**{TRACKER: tracker})
            if len(self._memory) > REMEMBERED:
                self._memory.popitem(last=False)
        return _anew(found)


def _anew(prediction: PolicyPrediction) -> PolicyPrediction:
    """A prediction of its own: the caller applies its events to a tracker, which changes them, and they happen now."""
    again = copy.copy(prediction)
    again.events = [copy.copy(event) for event in prediction.events]
    for event in again.events:
        event.timestamp = time.time()
    return again


class View:
    """What the policies see of a tracker.

    `rules` and `memory`: how many last states RulePolicy and MemoizationPolicy can tell apart. `rule_only`: forms that stories do not know.
    """

    def __init__(self, domain: Domain, rules: int, memory: int, rule_only: frozenset) -> None:
        self._domain = domain
        self._rules = rules
        self._memory = memory
        self._rule_only = rule_only
        self._influential = frozenset(slot.name for slot in domain.slots if slot.has_features())
        self._users: Dict[Hashable, Hashable] = {}

    def of(self, tracker: DialogueStateTracker) -> Optional[Hashable]:
        """A key that is equal for two trackers only if the policies decide alike for both; None where that is not known."""
        found = self._states(tracker)
        if found is None:
            return None
        states, memory, _ = found
        loop = tracker.active_loop
        latest = tracker.latest_message
        return (
            tuple(states[-self._rules :]),
            tuple(memory[-self._memory :]),
            loop is not None and bool(loop.rejected),
            latest is not None and latest.intent.get("name"),
            _rejected(tracker),
        )

    def horizon(self, tracker: DialogueStateTracker) -> Optional[Hashable]:
        """A key that is equal for two trackers only if the policies decide alike for both whatever happens to both from now on."""
        found = self._states(tracker)
        if found is None:
            return None
        states, memory, carried = found
        slots = tuple((name, repr(slot.value)) for name, slot in tracker.slots.items())
        return tuple(states[-self._rules :]), tuple(memory[-self._memory :]), carried, slots, tracker.active_loop_name, tracker.is_paused()

    def _states(self, tracker: DialogueStateTracker) -> Optional[Tuple[List[State], List[State], Hashable]]:
        """All states; those left when turns known from rules only are hidden (Domain.states_for_tracker_history); what the next depend on."""
        user: Hashable = ()
        action: Optional[str] = None
        loop: Optional[str] = None
        followup = hidden = False
        slots: Dict[str, str] = {}
        states: List[State] = []
        memory: List[State] = []
        shown_action: Optional[str] = None

        def snapshot(hide: bool) -> None:
            nonlocal hidden, shown_action
            influence = tuple(sorted(slots.items())) if slots else ()
            states.append((user, action, loop, influence))
            if not hidden:
                shown_action = action
            if not followup and action != loop:
                hidden = hide
            if hidden:
                return
            kept = None if loop in self._rule_only else loop
            said = memory[-1][0] if memory and action != ACTION_LISTEN_NAME else user
            memory.append((said, shown_action or action, kept, influence))

        for event in tracker.applied_events():
            kind = type(event)  # events are no subclasses of each other, and isinstance asks an abstract base each time
            if kind is ActionExecuted:
                if event.action_name is None or event.action_name == ACTION_UNLIKELY_INTENT_NAME:
                    return None
                snapshot(event.hide_rule_turn)
                action, followup = event.action_name, False
            elif kind is UserUttered:
                user, followup = self._user(event), False
            elif kind is ActiveLoop or kind is LegacyForm:
                loop = event.name
            elif kind is FollowupAction:
                followup = event.action_name is not None
            elif kind is SlotSet:
                if event.key in self._influential:
                    slots[event.key] = repr(event.value)
            elif kind is AllSlotsReset:
                slots.clear()
        carried = (hidden, shown_action, followup)
        snapshot(False)
        return states, memory, carried

    def _user(self, event: UserUttered) -> Hashable:
        """The customer's part of a state. No lookup of the model knows a text, so it only counts whether one is shown."""
        entities = tuple((e.get("entity"), e.get("role"), e.get("group")) for e in event.entities)
        key = (event.intent_name, entities, event.use_text_for_featurization, bool(event.text))
        found = self._users.get(key)
        if found is None:
            state = dict(self._domain._get_user_sub_state(_Latest(event)))  # type: ignore[arg-type]
            if "text" in state:
                state["text"] = "*"
            found = self._users[key] = tuple(sorted(state.items()))
        return found


class _Latest:
    """As much of a tracker as `Domain._get_user_sub_state` reads."""

    def __init__(self, message: UserUttered) -> None:
        self.latest_message = message


def _rejected(tracker: DialogueStateTracker) -> Optional[str]:
    """The action that refused to run just before: the ensemble does not choose it again."""
    for event in reversed(tracker.events):
        if isinstance(event, ActionExecutionRejected):
            return event.action_name
        if isinstance(event, ActionExecuted):
            return None
    return None


def view_for(components: List[Any], domain: Domain) -> Optional[View]:
    """The view for these policies, or None when one is among them that may look at more."""
    rules = memory = 1
    rule_only: frozenset = frozenset()
    for component in components:
        if type(component) is MemoizationPolicy and component.featurizer.max_history:
            if any("text:" in _readable(key) for key in component.lookup):
                return None
            memory = max(memory, component.featurizer.max_history)
        elif type(component) is RulePolicy:
            lengths = [_length(key) for lookup in component.lookup.values() for key in lookup]
            if any('"text"' in str(key) for lookup in component.lookup.values() for key in lookup):
                return None
            rules = max([rules, *(length + 1 for length in lengths)])
            rule_only = frozenset(component.lookup.get(RULE_ONLY_LOOPS, []))
            if component.lookup.get(RULE_ONLY_SLOTS):
                return None
        elif type(component) is not DefaultPolicyPredictionEnsemble:
            return None
    return View(domain, rules, memory, rule_only)


def _readable(key: str) -> str:
    try:
        return zlib.decompress(base64.b64decode(key)).decode()
    except (ValueError, zlib.error):
        return key


def _length(key: Any) -> int:
    """How many states a rule's key speaks of; what is no key speaks of none."""
    try:
        states = json.loads(key)
    except (TypeError, ValueError):
        return 0
    return len(states) if isinstance(states, list) else 0
