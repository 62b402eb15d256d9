"""The dialogues an engine holds: live trackers, most recently used first, and how an old one is cut short.

A tracker is used only if conversation, model and the turn that made it all match what the service committed last: two turns may have raced
from the same state, and only one of them was committed. Anything else is a miss and the service sends the state.
"""

from __future__ import annotations

import itertools
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

from engine.decisions import View

CUT_ABOVE, TRY_EVERY = 80, 40  # events; measured in docs/decisions/0002-stateless-engine.md
KEEP = 40  # events of the latest turns that stay as they are
AT_MOST = 400  # events; longer dialogues are cut even if a policy might notice
VISIBLE = 6  # earlier turns that stay because policies may see them


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

    def clear(self) -> None:
        """Hold nothing."""
        self._entries.clear()


def new_dialogue(slots: Dict[str, Any]) -> List[Event]:
    """The events a conversation begins with. `slots`: what the service knows already."""
    begin: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    return begin + [SlotSet(name, value) for name, value in slots.items()] + [ActionExecuted(ACTION_LISTEN_NAME)]


def build(conversation: str, events: Sequence[Event], domain: Domain) -> DialogueStateTracker:
    """A tracker from its events."""
    return DialogueStateTracker.from_events(conversation, events, domain.slots)


def due_for_cutting(before: int, after: int) -> bool:
    """Whether a turn that took a dialogue from `before` to `after` events is one after which shortening it is tried."""
    return after > CUT_ABOVE and before // TRY_EVERY != after // TRY_EVERY


def cut(tracker: DialogueStateTracker, domain: Domain, view: Optional[View]) -> Optional[DialogueStateTracker]:
    """The same dialogue with fewer events: later turns are predicted as they would have been without the cut, or it is left alone (None).

    The latest turns stay. Of earlier ones those stay that MemoizationPolicy still sees; what rules alone decided is gone, but for the slots.
    Beyond AT_MOST events the earlier turns go in any case: a conversation that long must not slow down its engine.
    """
    events = list(tracker.events)
    turns = _turns(events)
    if turns is None:
        return None
    head, complete, latest = turns
    seen = [turn for turn in complete if any(isinstance(e, ActionExecuted) and not e.hide_rule_turn for e in turn[:-1])][-VISIBLE:]
    for kept in ([], seen):
        shorter = build(tracker.sender_id, _seed(head, kept, complete, latest), domain)
        if view is not None and view.horizon(shorter) == view.horizon(tracker):
            return shorter
    return shorter if len(events) > AT_MOST else None


Turn = List[Event]


def _turns(events: Sequence[Event]) -> Optional[Tuple[Turn, List[Turn], Turn]]:
    """The beginning up to the first listening, the complete turns outside forms and pauses, and the latest events, which stay.

    None where there is nothing to leave out.
    """
    in_loop = paused = False
    places: List[int] = []  # after which events a turn ends: the bot listens, outside any form and pause
    for index, event in enumerate(events):
        if isinstance(event, ActiveLoop):
            in_loop = event.name is not None
        elif isinstance(event, (ConversationPaused, ConversationResumed)):
            paused = isinstance(event, ConversationPaused)
        elif isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME and not in_loop and not paused:
            places.append(index + 1)
    kept_from = next((place for place in reversed(places) if len(events) - place >= KEEP), None)
    if kept_from is None or len(places) < 2 or kept_from <= places[0]:
        return None
    before = [place for place in places if place <= kept_from]
    complete = [list(events[start:end]) for start, end in itertools.pairwise(before)]
    return list(events[: before[0]]), complete, list(events[kept_from:])


def _seed(head: Turn, kept: List[Turn], complete: List[Turn], latest: Turn) -> List[Event]:
    """A session start, the turns kept, every slot as it was when the latest events began, then those."""
    begin: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME)]
    slots: Dict[str, Any] = {}
    for event in itertools.chain(head, *complete):
        if isinstance(event, SlotSet):
            slots[event.key] = event.value
        elif isinstance(event, (AllSlotsReset, Restarted)):
            slots = dict.fromkeys(slots)
    return [*begin, *itertools.chain(*kept), *(SlotSet(name, value) for name, value in slots.items()), *latest]
