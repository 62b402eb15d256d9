"""What was found, as JSON for machines and a Markdown table for people."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measure import spread
from bench.phases import CONCURRENCIES, LENGTHS, WORKLOADS, Findings
from bench.processes import ENGINE_PYTHON, ROOT

SHOWN_FAILURES = 20


def machine() -> str:
    """This machine in one line."""
    cpu = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB, {platform.system()} {platform.release()}"


def commit() -> str | None:
    """The commit measured, with '+' if the working tree differs; None outside a repository or before its first commit."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return None if not head else head + ("+" if _git("status", "--porcelain", "-uno") else "")


def versions(stock_jsonschema: str) -> dict[str, str]:
    """What decides most about speed on either side."""
    packages = "('rasa', 'rasa_sdk', 'jsonschema', 'sqlalchemy')"
    code = f"import importlib.metadata as m, sys; print(sys.version.split()[0], *(m.version(n) for n in {packages}))"
    found = subprocess.run([ENGINE_PYTHON, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False).stdout.split()
    names = ("engine_python", "rasa", "engine_rasa_sdk", "engine_jsonschema", "engine_sqlalchemy")
    stock = "4.17.3" if stock_jsonschema == "documented" else "the engine's"
    return {"stock_jsonschema": stock, "service_python": platform.python_version(), **dict(zip(names, found, strict=False))}


def ratios(found: Findings) -> tuple[dict[str, float | None], dict[str, Any]]:
    """Ours by stock's, each the median of the rounds' own ratios, and their spreads. Rates at 8 at once, latencies at one."""
    taken = {
        "form_turns_per_s": "form_c8_turns_per_s",
        "info_turns_per_s": "info_c8_turns_per_s",
        "form_p50": "form_c1_p50",
        "info_p50": "info_c1_p50",
        "cpu_per_turn_2_engines_vs_1": "cpu_per_turn_2_engines_vs_1",
    }
    all_of = {name: found.paired.get(key) or [] for name, key in taken.items()}
    values: dict[str, float | None] = {name: round(statistics.median(of_it), 3) if of_it else None for name, of_it in all_of.items()}
    after = found.values["ours"].get("after_events", {})
    long, short = (after.get(str(n), {}).get("p50_ms") for n in (LENGTHS[-1], LENGTHS[0]))
    values["turn_1000_vs_20_events"] = round(long / short, 3) if long and short else None
    return values, {name: [round(min(of_it), 3), round(max(of_it), 3)] for name, of_it in all_of.items() if of_it}


def write(result: dict[str, Any], folder: Path) -> Path:
    """var/bench/latest.json, replaced in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh, latest = folder / "latest.json.new", folder / "latest.json"
    fresh.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    fresh.replace(latest)
    return latest


def table(result: dict[str, Any]) -> str:
    """The Markdown."""
    lines = [
        f"Machine: {result['machine']}. Commit: {result['commit'] or 'none yet'}. "
        f"Model: {result['model']['file']} ({result['model']['sha256'][:12]}).",
        f"Load average at start and end: {result['load_average'][0]:.2f}, {result['load_average'][1]:.2f}. "
        f"Rasa {result['versions'].get('rasa')} on both sides, stock with jsonschema {result['versions']['stock_jsonschema']}.",
        "",
        "| | ours | stock Rasa | ours ÷ stock |",
        "| --- | ---: | ---: | ---: |",
        *("| " + " | ".join(row) + " |" for row in (*_turn_rows(result), *_growth_rows(result), *_own_rows(result), *_last_rows(result))),
        "",
        *(f"* {note}" for note in result["notes"]),
    ]
    for side in ("ours", "stock"):
        if kinds := Counter(result[side]["failures"]):
            lines += ["", f"Not answered by {side}:", *(f"* {n}× {one}" for one, n in kinds.most_common(SHOWN_FAILURES))]
    return "\n".join(lines)


def _turn_rows(result: dict[str, Any]) -> Iterator[list[str]]:
    for workload, concurrency in ((w, c) for w in WORKLOADS for c in CONCURRENCIES):
        a, b = (result[side][workload][f"c{concurrency}"] for side in ("ours", "stock"))
        said = "information" if workload == "info" else "form"
        if concurrency == 1:
            yield [f"{said} turn, one at a time, p50 (ms)", *_compared(result, a, b, "p50_ms", f"{workload}_c1_p50")]
            yield [f"{said} turn, one at a time, p95 (ms)", _cell(a["p95_ms"]), _cell(b["p95_ms"]), ""]
            continue
        rate = f"{workload}_c{concurrency}_turns_per_s"
        yield [f"{said} turns/s per engine core, {concurrency} at once", *_compared(result, a, b, "turns_per_s", rate)]
        yield ["… p50 / p95 (ms)", _pair(a), _pair(b), ""]
        if concurrency == 8:
            yield ["… CPU a turn (ms): engine", _cell(a["engine_cpu_ms_per_turn"]), _cell(b["engine_cpu_ms_per_turn"]), ""]
            yield ["… CPU a turn (ms): service / actions", _cell(a["service_cpu_ms_per_turn"]), _cell(b["service_cpu_ms_per_turn"]), ""]


def _growth_rows(result: dict[str, Any]) -> Iterator[list[str]]:
    for length in LENGTHS:
        a, b = (result[side]["after_events"][str(length)] for side in ("ours", "stock"))
        quotient = f"{a['p50_ms'] / b['p50_ms']:.2f}" if a["p50_ms"] and b["p50_ms"] else ""
        yield [f"information turn after {length} events, p50 (p95) ms", _plain(a), _plain(b), quotient]
    cold = result["ours"]["cold_after_events"]
    first, last = (cold[str(n)]["p50_ms"] for n in (LENGTHS[0], LENGTHS[-1]))
    yield ["first turn in a new engine after 20 / 1000 events, p50 ms", f"{_show(first)} / {_show(last)} ({_show(last / first)} ×)", "", ""]
    yield ["… 1000 events ÷ 20 events", _show(result["ratios"]["turn_1000_vs_20_events"]), _show(_growth(result["stock"])), ""]


def _own_rows(result: dict[str, Any]) -> Iterator[list[str]]:
    ours = result["ours"]
    for count, of_it in ours["engines"].items():
        name = "1 engine" if count == "1" else f"{count} engines"
        yield [f"{name}, mixed turns/s, 16 at once", _cell(of_it["turns_per_s"]), "", ""]
        yield ["… engine CPU a turn (ms)", _cell(of_it["engine_cpu_ms_per_turn"]), "", ""]
    yield ["… CPU a turn, 2 engines ÷ 1", _show(result["ratios"]["cpu_per_turn_2_engines_vs_1"]), "", ""]
    ack, timer = ours["ack"], ours["timer_late_s"]
    under = f"{ack['webhooks']} at {ack['per_s']:.0f}/s beside 8 chats, {ack['failed']} failed"
    yield [f"webhook acknowledged under load, p50 / p99 (ms); {under}", f"{ack['p50_ms']} / {ack['p99_ms']}", "", ""]
    yield ["one webhook of 1000 messages: seconds to its 200", _cell(ours["ack_batch_1000_s"]), "", ""]
    yield ["… until all are answered and sent (s more)", _cell(ours["batch_1000_answered_and_sent_s"]), "", ""]
    yield [f"timers late under load, p50 / p99 (s); {timer['fired']} of {timer['set']} fired", f"{timer['p50']} / {timer['p99']}", "", ""]
    crowd = ours["open_timers"]
    late, resting = crowd["late_s"], crowd["service_cpu_ms_per_s_resting"]
    what = f"idle questions late with {crowd['open']:,} open conversations, p50 / p99 (s); {crowd['fired']} of {crowd['due']} asked"
    yield [what, f"{late['p50']} / {late['p99']}", "", ""]
    yield [
        "… service's CPU at rest, ms a second: none open / all open",
        f"{_cell(resting['before'])} / {_cell(resting['with_open_timers'])}",
        "",
        "",
    ]


def _last_rows(result: dict[str, Any]) -> Iterator[list[str]]:
    a, b = result["ours"], result["stock"]
    yield ["start to ready (s)", str(a["start_s"]), str(b["start_s"]), ""]
    yield ["memory after: engine + service / Rasa + actions (MB)", _memory(a), _memory(b), ""]
    for workload, parts in result["floor"].items():
        said = "information" if workload == "info" else "form"
        path = result["ours"][workload]["c1"]
        total = (path["engine_cpu_ms_per_turn"]["median"] or 0) + (path["service_cpu_ms_per_turn"]["median"] or 0)
        times = f"{total / parts['turn_ms']:.1f} × as much" if parts.get("turn_ms") else "–"
        yield [
            f"floor, {said} turn: reading / predicting / whole turn in process (ms)",
            " / ".join(f"{v:.3g}" for v in parts.values()),
            "",
            "",
        ]
        yield ["… CPU of the full path, engine + service (ms)", f"{total:.3g} ({times})", "", ""]
    if soaked := result.get("soak"):
        rows, grown = soaked["rss_mb"], soaked["kb_per_conversation_second_half"]
        memory = f"{rows[len(rows) // 2 - 1]['engine']:.0f} → {rows[-1]['engine']:.0f} / {rows[len(rows) // 2 - 1]['service']:.0f} → {rows[-1]['service']:.0f}"
        yield [
            f"memory from {rows[len(rows) // 2 - 1]['conversations']:,} to {rows[-1]['conversations']:,} conversations, engine / service (MB)",
            memory,
            "",
            "",
        ]
        yield ["… growth for each of them (KB), engine / service", f"{grown['engine']} / {grown['service']}", "", ""]
    yield ["turns answered / failed", f"{a['answered']} / {a['failed']}", f"{b['answered']} / {b['failed']}", ""]


def _compared(result: dict[str, Any], a: dict[str, Any], b: dict[str, Any], key: str, paired: str) -> list[str]:
    of_rounds = result["paired_ratios"].get(paired)
    return [_cell(a[key]), _cell(b[key]), _cell(spread(of_rounds)) if of_rounds else ""]


def _cell(value: dict[str, Any]) -> str:
    if value["median"] is None:
        return "–"
    return f"{value['median']:.3g}" if value["n"] < 2 else f"{value['median']:.3g} ({value['min']:.3g}–{value['max']:.3g})"


def _pair(value: dict[str, Any]) -> str:
    return f"{_show(value['p50_ms']['median'])} / {_show(value['p95_ms']['median'])}"


def _plain(value: dict[str, Any]) -> str:
    return f"{_show(value['p50_ms'])} ({_show(value['p95_ms'])})"


def _growth(side: dict[str, Any]) -> float | None:
    long, short = (side["after_events"][str(n)]["p50_ms"] for n in (LENGTHS[-1], LENGTHS[0]))
    return long / short if long and short else None


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _memory(side: dict[str, Any]) -> str:
    return " + ".join(f"{mb:.0f}" for mb in side["rss_mb"].values())


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
