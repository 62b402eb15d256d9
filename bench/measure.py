"""Closed-loop load, latencies, and the arithmetic of medians. Knows neither side, only what a dialogue can do."""

from __future__ import annotations

import asyncio
import math
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bench.workloads import Script, Turn

T = TypeVar("T")


class NoAnswer(Exception):
    """A turn brought no answer; the message says what came instead."""


class Dialogue(Protocol):
    """One customer's conversation."""

    async def say(self, text: str) -> tuple[float, str]:
        """Send a message; the seconds until the bot's answer was here, and the answer. Raises NoAnswer."""

    async def close(self) -> None:
        """The customer is done."""


class Side(Protocol):
    """A system under test."""

    name: str

    async def dialogue(self) -> Dialogue:
        """A new customer."""

    def engine_cpu_s(self) -> float:
        """CPU seconds of its engine process(es) so far."""

    def beside_cpu_s(self) -> float:
        """CPU seconds so far of the process beside: our service, stock's action server."""


@dataclass
class Run:
    """What one piece of load showed. Only real answers are timed."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    per_s: float = 0.0
    engine_cpu_ms: float = 0.0  # per answered turn
    beside_cpu_ms: float = 0.0

    def p_ms(self, share: float) -> float:
        return percentile(self.seconds, share) * 1000


async def answered(dialogue: Dialogue, turn: Turn, run: Run) -> bool:
    """One turn, timed if it was really answered, else counted as a failure."""
    try:
        seconds, answer = await dialogue.say(turn.text)
    except NoAnswer as error:
        run.failures.append(f"{turn.text!r}: {error}")
        return False
    if not turn.answered_by(answer):
        run.failures.append(f"{turn.text!r}: not the expected answer: {answer[:160]!r}")
        return False
    run.seconds.append(seconds)
    return True


async def load(side: Side, scripts: Iterable[Script], concurrency: int) -> Run:
    """`concurrency` customers at a time until the scripts run out.

    The rate counts what was answered while every customer was still busy. A failed turn ends its conversation.
    """
    run, feed = Run(), iter(scripts)
    done_at: list[float] = []
    dry_at: list[float] = []

    async def customer() -> None:
        for script in feed:
            dialogue = await side.dialogue()
            for turn in script:
                if not await answered(dialogue, turn, run):
                    break
                done_at.append(time.perf_counter())
            await dialogue.close()
        dry_at.append(time.perf_counter())

    cpu, beside, start = side.engine_cpu_s(), side.beside_cpu_s(), time.perf_counter()
    await asyncio.gather(*(customer() for _ in range(concurrency)))
    first_dry = min(dry_at)
    in_time = sum(1 for at in done_at if at <= first_dry)
    run.per_s = in_time / (first_dry - start)
    run.engine_cpu_ms = (side.engine_cpu_s() - cpu) * 1000 / max(1, len(run.seconds))
    run.beside_cpu_ms = (side.beside_cpu_s() - beside) * 1000 / max(1, len(run.seconds))
    return run


def for_seconds(items: Iterator[T], seconds: float) -> Iterator[T]:
    """The items, until the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield next(items)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed (nearest rank); NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def spread(values: Iterable[float]) -> dict[str, Any]:
    """Median, least and greatest of repeated measurements."""
    known = [v for v in values if not math.isnan(v)]
    if not known:
        return {"median": None, "min": None, "max": None, "n": 0}
    return {"median": round(statistics.median(known), 3), "min": round(min(known), 3), "max": round(max(known), 3), "n": len(known)}
