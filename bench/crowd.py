"""A hundred thousand open conversations whose idle timers run: how late the due ones fire, and what the others cost."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.measure import percentile, spread
from bench.ours import Ours

IDLE_S = 86_400  # what the bench's copy of the client's data says (bench/__main__.py)
FORMAT = "%Y-%m-%d %H:%M:%S.%f"


async def crowd(ours: Ours, opened: int, due: int, per_s: float) -> dict[str, Any]:
    """Open `opened` conversations; the idle question of `due` of them falls due at `per_s` a second. Lateness in seconds, by the event log."""
    empty = await _resting_cpu(ours)
    start = datetime.now(UTC) + timedelta(seconds=10 + opened / 20_000)
    moments = [start + timedelta(seconds=n / per_s) for n in range(due)]
    moments += [start + timedelta(hours=12, seconds=n % 3600) for n in range(opened - due)]
    await asyncio.to_thread(_insert, str(ours.var / "sapa.db"), moments)
    await _make_it_look(ours)
    full = await _resting_cpu(ours)
    late: list[float] = []
    asked = (
        "SELECT conversation_id, min(at) FROM facts WHERE kind = 'idle_asked' AND conversation_id LIKE 'crowd%' GROUP BY conversation_id"
    )
    end = time.monotonic() + (start - datetime.now(UTC)).total_seconds() + due / per_s + 30
    while time.monotonic() < end and len(late) < due:
        await asyncio.sleep(1)
        late = [(_parsed(at) - moments[int(name[5:])]).total_seconds() for name, at in ours.rows(asked)]
    return {
        "open": opened,
        "due": due,
        "fired": len(late),
        "per_s": per_s,
        "late_s": {
            "p50": _rounded(percentile(late, 0.5)),
            "p99": _rounded(percentile(late, 0.99)),
            "max": _rounded(max(late, default=0.0)),
        },
        "service_cpu_ms_per_s_resting": {"before": empty, "with_open_timers": full},
    }


async def _make_it_look(ours: Ours) -> None:
    """Rows put in from outside announce themselves to nobody. A customer who leaves sets a timer that is due sooner than what is known."""
    dialogue = await ours.dialogue()
    await dialogue.say("min syarat gadai emas apa saja")
    await dialogue.socket.close()


async def _resting_cpu(ours: Ours, seconds: float = 5) -> dict[str, Any]:
    """Processor time of the service while nothing happens, ms a second."""
    values = []
    for _ in range(3):
        before = ours.beside_cpu_s()
        await asyncio.sleep(seconds / 3)
        values.append((ours.beside_cpu_s() - before) * 1000 / (seconds / 3))
    return spread(values)


def _insert(path: str, moments: list[datetime]) -> None:
    with sqlite3.connect(path, timeout=30) as db:
        now = datetime.now(UTC).strftime(FORMAT)
        for first in range(0, len(moments), 2000):
            part = list(enumerate(moments))[first : first + 2000]
            db.executemany("INSERT INTO customers (id, created_at) VALUES (?, ?)", [(f"crowd{n}", now) for n, _ in part])
            db.executemany(
                "INSERT INTO conversations (id, channel, account, customer_id, owner, owner_version, episode, opened_at, last_seq, last_at, unread,"
                " read_seq, idle_stage, idle_since, dialogue_version, failed_turns, steps, urgent, late)"
                " VALUES (?, 'livechat', 'web', ?, 'bot', 0, 0, ?, 0, ?, 0, 0, 0, ?, 0, 0, '{}', 0, 0)",
                [(f"crowd{n}", f"crowd{n}", now, now, (at - timedelta(seconds=IDLE_S)).strftime(FORMAT)) for n, at in part],
            )
            db.executemany(
                "INSERT INTO timers (kind, subject, due_at, tries) VALUES ('idle', ?, ?, 0)",
                [(f"crowd{n}", at.strftime(FORMAT)) for n, at in part],
            )
            db.commit()


def _parsed(at: str) -> datetime:
    return datetime.strptime(at, FORMAT).replace(tzinfo=UTC)


def _rounded(value: float) -> float | None:
    return None if value != value else round(value, 3)
