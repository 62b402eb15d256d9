"""What this process counts as it works, for /metrics: kept in memory, gone with the process. Outcomes and durations, no personal data.

What everybody shares (queue, inbox, outbox) is counted from the database instead: bot/metrics.py. Each name is explained in docs/operations.md.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics, generate_latest

Function = TypeVar("Function", bound=Callable[..., Coroutine[Any, Any, Any]])

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)
TURNS = Histogram("sapa_turn_seconds", "Turns of the bot, from begin to commit", ["outcome"], registry=REGISTRY, buckets=_SLOW)
WEBHOOKS = Histogram("sapa_webhook_seconds", "WhatsApp webhooks until acknowledged", ["outcome"], registry=REGISTRY, buckets=_QUICK)
ENGINE = Histogram("sapa_engine_call_seconds", "Calls of an engine", ["outcome"], registry=REGISTRY, buckets=_QUICK)
SENDS = Histogram("sapa_whatsapp_send_seconds", "Messages handed to WhatsApp", ["outcome"], registry=REGISTRY, buckets=_SLOW)
_REPEATED = Counter("sapa_turns_repeated", "Turns run again because somebody else changed the conversation", registry=REGISTRY)
_SOCKETS = Gauge("sapa_sockets_open", "WebSockets open in this process", ["kind"], registry=REGISTRY)
KNOWN = (
    (TURNS, ("answered", "nothing", "engine_unavailable", "conflict", "failed")),
    (WEBHOOKS, ("stored", "refused", "failed")),
    (ENGINE, ("answered", "state_needed", "unreachable", "failed")),
    (SENDS, ("sent", "refused", "not_sent", "uncertain", "failed")),
)
for _histogram, _outcomes in KNOWN:  # each is there from the start, at zero: a rate needs a value before the first event
    for _outcome in _outcomes:
        _histogram.labels(_outcome)
for _kind in ("chat", "desk"):
    _SOCKETS.labels(_kind)


def measured(histogram: Histogram, told: Callable[[Any], str], **errors: type[Exception]) -> Callable[[Function], Function]:
    """Time a coroutine function. Its outcome is what `told` makes of its result, the name in `errors` of what it raised, or `failed`."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        async def timed(*args: Any, **kwargs: Any) -> Any:
            begun, outcome = time.perf_counter(), "failed"
            try:
                result = await function(*args, **kwargs)
                outcome = told(result)
                return result
            except Exception as error:
                outcome = next((name for name, kind in errors.items() if isinstance(error, kind)), "failed")
                raise
            finally:
                histogram.labels(outcome).observe(time.perf_counter() - begun)

        return cast(Function, timed)

    return decorate


def turn_repeated() -> None:
    """A turn met a change by somebody else and is run again."""
    _REPEATED.inc()


def sockets(kind: str, number: int) -> None:
    """So many WebSockets of a kind (chat, desk) are open now."""
    _SOCKETS.labels(kind).set(number)


def exposition() -> bytes:
    """Everything in Prometheus' text format."""
    return generate_latest(REGISTRY)
