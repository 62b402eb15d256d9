"""`@action("action_name")` makes an async function a Rasa action that speaks of turns instead of trackers.

    @action("action_greet")
    async def greet(turn: Turn) -> None:
        turn.say("Selamat datang.")

In the service a turn's unit of work is under way and what is staged is written with the turn. Under stock Rasa (`rasa shell`,
`rasa run actions`) there is none, and each action commits by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.standalone import standalone_unit
from bot.channels.messages import Choice
from bot.client import Client
from bot.dialogue.unit import Effect, Unit, current_unit


class Turn:
    """What an action reads and does."""

    def __init__(self, unit: Unit, tracker: Tracker, dispatcher: CollectingDispatcher) -> None:
        self.unit = unit
        self._tracker = tracker
        self._dispatcher = dispatcher
        self._slots: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        message = tracker.latest_message or {}
        self.text: str = message.get("text") or ""
        self.intent: str = (message.get("intent") or {}).get("name") or ""
        self.confidence: float = (message.get("intent") or {}).get("confidence") or 0.0
        self.ranking: list[dict[str, Any]] = message.get("intent_ranking") or []
        self.needs: list[dict[str, Any]] = message.get("needs") or []
        self._entities: list[dict[str, Any]] = message.get("entities") or []

    @property
    def client(self) -> Client:
        return self.unit.client

    @property
    def topic(self) -> str:
        """The topic of the customer's message."""
        return self.client.topic_of(self.intent)

    @property
    def form(self) -> str | None:
        """The form under way."""
        return (self._tracker.active_loop or {}).get("name")

    def entity(self, name: str) -> str | None:
        """The first value of an entity in the message."""
        return next((str(e["value"]) for e in self._entities if e.get("entity") == name), None)

    def slot(self, name: str) -> Any:
        """A slot's value, as set by this action if it set it."""
        return self._slots[name] if name in self._slots else self._tracker.get_slot(name)

    def slots(self) -> dict[str, Any]:
        """Every slot that has a value."""
        return {k: v for k, v in {**self._tracker.slots, **self._slots}.items() if v is not None}

    def set(self, name: str, value: Any) -> None:
        """Set a slot."""
        self._slots[name] = value
        self.events.append(SlotSet(name, value))

    def follow_with(self, action_name: str) -> None:
        """Have another action, or a form, go on from here."""
        self.events.append(FollowupAction(action_name))

    def say(self, text: str, choices: Sequence[Choice] = (), label: str = "Pilih") -> None:
        """Say something; up to three `choices` become buttons, more a list opened by `label`."""
        buttons = [{"title": c.title, "payload": c.id, "description": c.description, "list_label": label} for c in choices]
        self._dispatcher.utter_message(text=text, buttons=buttons)

    def stage(self, effect: Effect) -> None:
        """Have an effect written with the turn."""
        self.unit.stage(effect)

    def came_back(self) -> bool:
        """Whether another action has already answered the customer's message: the form is only asked to go on."""
        for event in reversed(self._tracker.events):
            if event.get("event") == "user":
                return False
            if event.get("event") == "action" and event.get("name") not in ("action_listen", "action_extract_slots", self.form):
                return True
        return False


Run = Callable[[Turn], Awaitable[None]]


def action(name: str) -> Callable[[Run], type[Action]]:
    """Make a function the action `name`. It returns nothing: what it says and sets is kept by its turn."""

    def decorate(run: Run) -> type[Action]:
        async def run_action(
            self: Action, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
        ) -> list[dict[str, Any]]:
            unit = current_unit.get()
            if unit is not None:
                turn = Turn(unit, tracker, dispatcher)
                await run(turn)
                return turn.events
            async with standalone_unit(tracker) as unit:
                turn = Turn(unit, tracker, dispatcher)
                await run(turn)
                return turn.events

        run_action.__name__ = "run"  # stock Rasa's action server pickles its actions by this name
        return type(
            run.__name__, (Action,), {"name": lambda self: name, "run": run_action, "__module__": run.__module__, "__doc__": run.__doc__}
        )

    return decorate
