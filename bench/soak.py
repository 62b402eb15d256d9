"""Many conversations, one after the other: does memory grow with them?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.measure import Run, load
from bench.ours import Ours
from bench.workloads import varied_question


async def soak(ours: Ours, conversations: int, say: Callable[[str], None], steps: int = 10) -> dict[str, Any]:
    """Resident memory (MB) of engine and service after each tenth of `conversations`, each of one turn by a new customer.

    The engine keeps the latest 5,000 dialogues; what it holds beyond them would show as growth in the second half.
    """
    questions = varied_question(11)
    measured: list[dict[str, float]] = []
    total = Run()
    for step in range(steps):
        run = await load(ours, ([next(questions)] for _ in range(conversations // steps)), 16)
        total.seconds += run.seconds
        total.failures += run.failures
        done = (step + 1) * (conversations // steps)
        measured.append(
            {"conversations": done, "engine": round(ours.engines[0].process.rss_mb(), 1), "service": round(ours.service.rss_mb(), 1)}
        )
        say(
            f"soak: {done} conversations, engine {measured[-1]['engine']} MB, service {measured[-1]['service']} MB, {run.per_s:.0f} turns/s"
        )
    half, last = measured[len(measured) // 2 - 1], measured[-1]
    later = last["conversations"] - half["conversations"]
    growth = {name: round((last[name] - half[name]) * 1024 / later, 3) for name in ("engine", "service")}
    return {"rss_mb": measured, "kb_per_conversation_second_half": growth, "answered": len(total.seconds), "failed": len(total.failures)}
