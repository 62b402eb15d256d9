"""The parts of a benchmark. Both sides take turns within each (A B, then B A), so that whatever else the machine does hits both."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bench.measure import NoAnswer, Run, Side, answered, for_seconds, load, percentile, spread
from bench.ours import ChatDialogue, Ours
from bench.stock import Stock, StockDialogue
from bench.whatsapp import body_of, post, post_at_rate
from bench.workloads import Script, form, information, mixed, one_question

WORKLOADS: dict[str, tuple[Callable[[], Iterator[Script]], int]] = {"info": (information, 6), "form": (form, 5)}  # and turns a conversation
CONCURRENCIES = (1, 8, 16)
LENGTHS = (20, 200, 1000)
WEBHOOKS_PER_S = 20.0


@dataclass
class Sizes:
    """How much of everything."""

    turns: int  # a measurement at concurrency 1; three times as many at 8 and 16
    rounds: int
    long_conversations: int
    samples: int  # turns measured in each long conversation at each length
    ack_s: float
    leavers: int
    batches: int
    opened: int = 100_000  # conversations whose timers run
    due: int = 500  # of them fall due while it is measured
    soak: int = 0  # conversations for the memory curve


@dataclass
class Findings:
    """Everything measured, by side; and what failed."""

    values: dict[str, dict[str, Any]] = field(default_factory=lambda: {"ours": {}, "stock": {}})
    failures: dict[str, list[str]] = field(default_factory=lambda: {"ours": [], "stock": []})
    answered: dict[str, int] = field(default_factory=lambda: {"ours": 0, "stock": 0})
    runs: dict[tuple[str, str, int], list[Run]] = field(default_factory=dict)
    paired: dict[str, list[float]] = field(default_factory=dict)

    def count(self, side: str, run: Run) -> Run:
        """Keep account of what was answered and what was not."""
        self.answered[side] += len(run.seconds)
        self.failures[side] += run.failures
        return run


def conversations(script: str, turns: int, concurrency: int) -> Iterator[Script]:
    """As many whole conversations as `turns` turns need; two for each customer at least, or the rate would be that of an emptying room."""
    make, length = WORKLOADS[script]
    return itertools.islice(make(), max(2 * concurrency, -(-turns // length)))


async def warm_up(sides: list[Side], found: Findings) -> None:
    """Untimed, but answers are checked: what cannot be answered here will be listed."""
    for side in sides:
        for workload in WORKLOADS:
            found.count(_key(side), await load(side, conversations(workload, 24, 1), 1))


async def turns(ours: Ours, stock: Stock, sizes: Sizes, found: Findings, say: Callable[[str], None]) -> None:
    """Latency and rate of information and form turns at each concurrency."""
    for number in range(sizes.rounds):
        say(f"round {number + 1} of {sizes.rounds}")
        for workload, concurrency in itertools.product(WORKLOADS, CONCURRENCIES):
            wanted = sizes.turns if concurrency == 1 else sizes.turns * 3
            this: dict[str, Run] = {}
            order: list[Side] = [ours, stock] if number % 2 == 0 else [stock, ours]
            for side in order:
                run = found.count(side.name, await load(side, conversations(workload, wanted, concurrency), concurrency))
                found.runs.setdefault((side.name, workload, concurrency), []).append(run)
                this[side.name] = run
            if all(run.seconds for run in this.values()):
                a, b = this["ours"], this["stock"]
                found.paired.setdefault(f"{workload}_c{concurrency}_turns_per_s", []).append(a.per_s / b.per_s)
                found.paired.setdefault(f"{workload}_c{concurrency}_p50", []).append(a.p_ms(0.5) / b.p_ms(0.5))
    for side_name in ("ours", "stock"):
        for workload in WORKLOADS:
            of_it = found.values[side_name].setdefault(workload, {})
            for concurrency in CONCURRENCIES:
                runs = found.runs[side_name, workload, concurrency]
                of_it[f"c{concurrency}"] = {
                    "p50_ms": spread(run.p_ms(0.5) for run in runs),
                    "p95_ms": spread(run.p_ms(0.95) for run in runs),
                    "turns_per_s": spread(run.per_s for run in runs),
                    "engine_cpu_ms_per_turn": spread(run.engine_cpu_ms for run in runs),
                    "service_cpu_ms_per_turn": spread(run.beside_cpu_ms for run in runs),
                    "turns": sum(len(run.seconds) for run in runs),
                    "failed": sum(len(run.failures) for run in runs),
                }


async def growth(ours: Ours, stock: Stock, sizes: Sizes, found: Findings, say: Callable[[str], None]) -> None:
    """A turn after 20, 200, 1000 events of one conversation. The length is made by real turns; only the turns around it are timed."""
    pairs = [(await ours.dialogue(), await stock.dialogue()) for _ in range(sizes.long_conversations)]
    measured: dict[tuple[str, int], Run] = {}
    events: dict[tuple[str, int], list[int]] = {}
    for length in LENGTHS:
        say(f"conversations of {length} events")
        work = [_lengthen("ours", ours, d, length, n, found) for n, (d, _) in enumerate(pairs)]
        work += [_lengthen("stock", stock, d, length, n, found) for n, (_, d) in enumerate(pairs)]
        await asyncio.gather(*work)
        for (number, (our, their)), again in itertools.product(enumerate(pairs), range(sizes.samples)):
            question = next(itertools.islice(one_question(1000 + number), again, None))
            both: list[tuple[str, Any, Callable[[Any], int]]] = [("ours", our, ours.events_of), ("stock", their, stock.events_of)]
            for name, dialogue, count in both if again % 2 == 0 else both[::-1]:
                run = measured.setdefault((name, length), Run())
                if length == LENGTHS[0]:  # short conversations are soon longer: a fresh one for each sample
                    side: Any = ours if name == "ours" else stock
                    dialogue = await side.dialogue()
                    await _lengthen(name, side, dialogue, length, again, found)
                events.setdefault((name, length), []).append(count(dialogue))
                await answered(dialogue, question, run)
                if length == LENGTHS[0]:
                    await dialogue.close()
    await _cold(ours, [our for our, _ in pairs], sizes, found, say)
    for our, _ in pairs:
        await our.close()
    for (name, length), run in measured.items():
        found.count(name, run)
        found.values[name].setdefault("after_events", {})[str(length)] = {
            "p50_ms": _ms(run.seconds, 0.5),
            "p95_ms": _ms(run.seconds, 0.95),
            "min_ms": _ms(run.seconds, 0.0),
            "events": spread(events[name, length]),
            "turns": len(run.seconds),
        }


async def _cold(ours: Ours, long: list[ChatDialogue], sizes: Sizes, found: Findings, say: Callable[[str], None]) -> None:
    """The first turn after the engine was lost: it holds no dialogue and is sent the state."""
    say("the engine is ended; first turns in a new one")
    runs = {str(LENGTHS[0]): Run(), str(LENGTHS[-1]): Run()}
    for again in range(max(2, sizes.samples // 2)):
        short = []
        for number in range(len(long)):
            short.append(await ours.dialogue())
            await _lengthen("ours", ours, short[-1], LENGTHS[0], 50 + number, found)
        await ours.engines[0].restart()
        warm = await ours.dialogue()
        await answered(warm, next(one_question(99)), Run())  # whatever a new process makes at its first turn
        await warm.close()
        both = [(str(LENGTHS[0]), dialogue) for dialogue in short] + [(str(LENGTHS[-1]), dialogue) for dialogue in long]
        for length, dialogue in both if again % 2 == 0 else both[::-1]:
            await answered(dialogue, next(one_question(200 + again)), runs[length])
        for dialogue in short:
            await dialogue.close()
    for run in runs.values():
        found.count("ours", run)
    found.values["ours"]["cold_after_events"] = {
        n: {"p50_ms": _ms(run.seconds, 0.5), "p95_ms": _ms(run.seconds, 0.95)} for n, run in runs.items()
    }


async def _lengthen(name: str, side: Any, dialogue: ChatDialogue | StockDialogue, length: int, seed: int, found: Findings) -> None:
    run, misses = Run(), 0
    for turn in one_question(seed):
        if run.seconds and side.events_of(dialogue) >= length - 4:
            break
        misses = 0 if await answered(dialogue, turn, run) else misses + 1
        if misses >= 3:
            break
    found.count(name, run)


async def engine_cpu(one: Ours, two: Ours, sizes: Sizes, found: Findings, say: Callable[[str], None]) -> None:
    """Engine CPU for an answered turn, one engine and two, the same mixed load."""
    runs: dict[str, list[Run]] = {"1": [], "2": []}
    for number in range(sizes.rounds):
        say(f"one and two engines, round {number + 1} of {sizes.rounds}")
        pair = [("1", one), ("2", two)]
        for count, side in pair if number % 2 == 0 else pair[::-1]:
            scripts = itertools.islice(mixed(), max(48, sizes.turns * 3 // 5))
            runs[count].append(found.count("ours", await load(side, scripts, 16)))
    for count, of_it in runs.items():
        found.values["ours"].setdefault("engines", {})[count] = {
            "engine_cpu_ms_per_turn": spread(run.engine_cpu_ms for run in of_it),
            "service_cpu_ms_per_turn": spread(run.beside_cpu_ms for run in of_it),
            "turns_per_s": spread(run.per_s for run in of_it),
            "turns": sum(len(run.seconds) for run in of_it),
        }
    found.paired["cpu_per_turn_2_engines_vs_1"] = [b.engine_cpu_ms / a.engine_cpu_ms for a, b in zip(runs["1"], runs["2"], strict=True)]


async def channel(ours: Ours, sizes: Sizes, found: Findings, say: Callable[[str], None]) -> dict[str, Any]:
    """Webhook acknowledgements and timers while information turns run, then batches of a thousand."""
    for socket in ours.sockets:
        await socket.close()
    ours.sockets.clear()
    say("webhooks and timers under load")
    due = await _leave(ours, sizes.leavers, found)
    running = asyncio.create_task(load(ours, for_seconds(information(), sizes.ack_s), 8))
    posted = await post_at_rate(ours, WEBHOOKS_PER_S, sizes.ack_s)
    turns_meanwhile = found.count("ours", await running)
    settled = await ours.settle()
    late = _lateness(ours, due)
    batches, answered_after = [], []
    for number in range(sizes.batches):
        say(f"a batch of 1000 messages, {number + 1} of {sizes.batches}")
        seconds, status = await post(ours, body_of(1000))
        if status == 200:
            batches.append(seconds)
        answered_after.append(await ours.settle())
    return {
        "ack": {
            "p50_ms": _ms(posted["seconds"], 0.5),
            "p99_ms": _ms(posted["seconds"], 0.99),
            "webhooks": len(posted["seconds"]),
            "failed": posted["failed"],
            "per_s": WEBHOOKS_PER_S,
            "info_turns_per_s_meanwhile": round(turns_meanwhile.per_s, 1),
            "backlog_answered_after_s": round(settled, 1),
        },
        "ack_batch_1000_s": spread(batches),
        "batch_1000_answered_and_sent_s": spread(answered_after),
        "timer_late_s": {"p50": _round(percentile(late, 0.5)), "p99": _round(percentile(late, 0.99)), "fired": len(late), "set": len(due)},
    }


async def _leave(ours: Ours, count: int, found: Findings) -> dict[str, str]:
    """Customers who ask one thing and close their window: when each one's timer is due, by conversation."""
    left, run = [], Run()
    for turn in itertools.islice(one_question(7), count):
        dialogue = await ours.dialogue()
        try:
            if await answered(dialogue, turn, run):
                left.append(dialogue.conversation)
        except NoAnswer:
            continue
        finally:
            await dialogue.socket.close()
    found.count("ours", run)
    await asyncio.sleep(0.3)
    return {subject: at for subject, at in ours.rows("SELECT subject, due_at FROM timers WHERE kind = 'gone'") if subject in left}


def _lateness(ours: Ours, due: dict[str, str]) -> list[float]:
    fired = dict(ours.rows("SELECT conversation_id, min(at) FROM facts WHERE kind = 'idle_asked' GROUP BY conversation_id"))
    return [(datetime.fromisoformat(fired[c]) - datetime.fromisoformat(at)).total_seconds() for c, at in due.items() if c in fired]


def _ms(seconds: list[float], share: float) -> float | None:
    return round(percentile(seconds, share) * 1000, 2) if seconds else None


def _round(value: float) -> float | None:
    return None if value != value else round(value, 3)


def _key(side: Side) -> str:
    return "stock" if side.name == "stock" else "ours"
