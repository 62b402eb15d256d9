"""How the engine calls the service's action endpoint: one kept connection, a small body, and a failure that fails the turn.

Stock Rasa opens a connection a call, sends every event of the conversation and its whole domain, validates the answer with a schema it
re-validates each time, and carries on with a silent bot when a call failed. See docs/decisions/0002-stateless-engine.md.
"""

from __future__ import annotations

import contextvars
import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Dict, Optional

import aiohttp
import rasa
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig


@dataclass(frozen=True)
class TurnCall:
    """Which turn is under way and where its service listens."""

    turn: str
    callback: str


current_call: contextvars.ContextVar[Optional[TurnCall]] = contextvars.ContextVar("current_call", default=None)


class ServiceActions(EndpointConfig):
    """The action endpoint of whichever service process posted the turn under way."""

    def __init__(self, token: str, timeout_s: float = 10.0) -> None:
        super().__init__(url="http://service.invalid")
        self._token = token
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: Optional[aiohttp.ClientSession] = None

    async def open(self) -> None:
        """Open the connection pool; call it within the running loop."""
        self._session = aiohttp.ClientSession(timeout=self._timeout, headers={"Authorization": f"Bearer {self._token}"})

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def request(self, json: Dict[str, Any], **_kwargs: Any) -> Any:
        """Run one action. Raises rasa's ClientResponseError with the status for any answer but 200 (400: the action rejects)."""
        call = current_call.get()
        if call is None or self._session is None:
            raise RuntimeError("an action was called outside a turn")
        domain = json.pop("_domain")
        json["turn"] = call.turn
        for body in (json, {**json, "domain": domain.as_dict()}):
            async with self._session.post(call.callback, json=body) as answer:
                if answer.status == 449 and "domain" not in body:
                    continue  # the service has not seen this domain yet: once more, with it
                if answer.status != 200:
                    raise ClientResponseError(answer.status, answer.reason or "", await answer.text())
                return await answer.json()
        raise ClientResponseError(449, "domain refused", "")


def remember_digest(domain: Domain) -> None:
    """Work out a domain's fingerprint once; two models have two domains, and each call names that of its own."""
    domain.digest = domain.fingerprint()  # type: ignore[attr-defined]


def trim_action_calls() -> None:
    """Make RemoteAction send only what an action of ours reads: slots, the loop, and the events since the customer's last message."""

    def call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> Dict[str, Any]:
        return {
            "next_action": self._name,
            "sender_id": tracker.sender_id,
            "tracker": _recent(tracker),
            "version": rasa.__version__,
            "domain_digest": domain.digest,  # type: ignore[attr-defined]
            "_domain": domain,
        }

    def validate(self: RemoteAction, result: Any) -> bool:
        if isinstance(result, dict) and isinstance(result.get("events", []), list) and isinstance(result.get("responses", []), list):
            return True
        raise ValueError(f"action '{self._name}' answered with something else than events and responses")

    if not hasattr(Event.resolve_by_type, "cache_info"):  # stock walks all classes
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))  # type: ignore[method-assign]
    RemoteAction._action_call_format = call_format  # type: ignore[method-assign]
    RemoteAction._validate_action_result = validate  # type: ignore[method-assign]


def _recent(tracker: DialogueStateTracker) -> Dict[str, Any]:
    recent = []
    for event in reversed(tracker.events):
        recent.append(event.as_dict())
        if isinstance(event, UserUttered):
            break
    loop = tracker.active_loop
    return {
        "sender_id": tracker.sender_id,
        "slots": {name: slot.value for name, slot in tracker.slots.items()},
        "latest_message": tracker.latest_message.as_dict().get("parse_data", {}) if tracker.latest_message else {},
        "latest_event_time": recent[0].get("timestamp") if recent else None,
        "followup_action": tracker.followup_action,
        "paused": tracker.is_paused(),
        "events": list(itertools.chain(reversed(recent))),
        "latest_input_channel": None,
        "active_loop": {"name": loop.name, "is_interrupted": loop.is_interrupted, "rejected": loop.rejected} if loop else {},
        "latest_action": tracker.latest_action or {},
        "latest_action_name": tracker.latest_action_name,
    }
