"""The dialogues an engine holds: live trackers, most recently used first, and how an old one is cut short.

A tracker is used only if conversation, model and the turn that made it all match what the service committed last: two turns may have raced
from the same state, and only one of them was committed. Anything else is a miss and the service sends the state.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Dict, List, Optional, Sequence, Tuple

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    ConversationPaused,
    ConversationResumed,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker

CUT_ABOVE = 80  # events; measured in docs/decisions/0002-stateless-engine.md
KEEP = 40


class LiveDialogues:
    """An LRU of (turn, model, tracker) by conversation. Taking one out removes it: it goes back only when the turn succeeded."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: "OrderedDict[str, Tuple[str, str, DialogueStateTracker]]" = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def take(self, conversation: str, turn: Optional[str], model: str) -> Optional[DialogueStateTracker]:
        entry = self._entries.pop(conversation, None)
        if entry and entry[0] == turn and entry[1] == model:
            return entry[2]
        return None

    def put(self, conversation: str, turn: str, model: str, tracker: DialogueStateTracker) -> None:
        self._entries[conversation] = (turn, model, tracker)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)


def new_dialogue(slots: Dict[str, Any]) -> List[Event]:
    """The events a conversation begins with. `slots`: what the service knows already."""
    begin: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    return begin + [SlotSet(name, value) for name, value in slots.items()] + [ActionExecuted(ACTION_LISTEN_NAME)]


def build(conversation: str, events: Sequence[Event], domain: Domain) -> DialogueStateTracker:
    """A tracker from its events."""
    return DialogueStateTracker.from_events(conversation, events, domain.slots)


def cut(events: Sequence[Event]) -> Optional[List[Event]]:
    """The shorter list of events that stands for `events`, or None where it is short enough or cannot be cut.

    It begins with a session start and the slots as of the cut, then goes on from an `action_listen` outside any loop and any pause.
    """
    if len(events) <= CUT_ABOVE:
        return None
    slots: Dict[str, Any] = {}
    in_loop = paused = False
    place: Optional[int] = None
    slots_at_place: Dict[str, Any] = {}
    for index, event in enumerate(events):
        if isinstance(event, SlotSet):
            slots[event.key] = event.value
        elif isinstance(event, (AllSlotsReset, Restarted)):
            slots.clear()
        elif isinstance(event, ActiveLoop):
            in_loop = event.name is not None
        elif isinstance(event, (ConversationPaused, ConversationResumed)):
            paused = isinstance(event, ConversationPaused)
        elif isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME and not in_loop and not paused:
            place, slots_at_place = index, dict(slots)
            if len(events) - index <= KEEP:
                break
    if place is None or place < 3:
        return None
    begin: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    kept = [SlotSet(name, value) for name, value in slots_at_place.items() if value is not None]
    return begin + kept + list(events[place:])
