"""`python -m bench`: Sapa against stock Rasa on this machine, now. Prints Markdown, writes var/bench/latest.json."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from bench import phases, report
from bench.crowd import crowd
from bench.ours import OurEngine, Ours
from bench.phases import WORKLOADS, Findings, Sizes
from bench.processes import ENGINE_PYTHON, ROOT, DidNotStart
from bench.soak import soak
from bench.stock import DOCUMENTED, Stock
from bench.whatsapp import GraphSink
from bot.store.migrate import upgrade

NOTES = [
    "A ratio is the median of the rounds' own ratios (A B, then B A), a cell the median of the rounds with least and greatest in brackets; "
    "rates in the ratios are those at 8 at once.",
    "One engine process against one Rasa process on the same model file; load generator, service and action server share the machine's "
    "other core(s).",
    "Ours: from the frame sent on the live chat's socket to the bot's message on it; message, dialogue, replies, tickets and facts are "
    "committed by then. Setting up each new visitor counts in the rates.",
    "Stock: POST /webhooks/rest/webhook, SQL tracker store on SQLite; `rasa run actions` as `python -m rasa_sdk --actions actions` in the "
    "service's environment, because the actions need it; each action commits by itself.",
    "Stock Rasa runs with the jsonschema that `pip install rasa==3.6.21` brings (4.17.3); `--stock-jsonschema locked` gives it 3.2.0, which "
    "makes its form turns two to three times faster and which no documentation of Rasa names.",
    "Every customer writes a question in words of their own, so a reading kept from before seldom helps.",
    "Floor: processor time in one process without HTTP and database, actions answering at once (bench/floor.py).",
    "Idle questions are moved to a day later (a copy of the client's data, for both sides), since stock Rasa has none; timers are measured "
    "by customers who closed their window.",
    "Empty, wrong or missing answers are counted and listed, never timed.",
]


def main() -> int:
    """Read the options, run, print. 1 when something did not start, 2 when there is no model."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works: do not quote its figures")
    parser.add_argument("--turns", type=int, help="turns a measurement at concurrency 1 (three times as many at 8 and 16)")
    parser.add_argument("--out", type=Path, default=Path("var/bench"), help="where latest.json goes")
    parser.add_argument(
        "--stock-jsonschema",
        choices=("documented", "locked"),
        default="documented",
        help="stock Rasa with the jsonschema that pip brings (4.17.3), or with the faster one of the engine's lock (3.2.0)",
    )
    parser.add_argument("--open", type=int, help="open conversations with running timers (100,000; --quick: 5,000)")
    parser.add_argument("--soak", type=int, default=0, help="conversations to serve for the memory curve, for example 50000; takes minutes")
    parser.add_argument("--model", type=Path, help="default: the newest of models/")
    options = parser.parse_args()
    sizes = Sizes(36, 2, 2, 5, 20, 30, 1) if options.quick else Sizes(120, 5, 4, 8, 40, 60, 3)
    if options.turns:
        sizes.turns = options.turns
    sizes.opened = options.open or (5_000 if options.quick else 100_000)
    sizes.soak = options.soak
    if options.stock_jsonschema == "documented" and not DOCUMENTED.is_dir():
        print("bench: stock Rasa's packages are missing. Run: make bench", file=sys.stderr)
        return 1
    model = options.model or _newest_model()
    if model is None:
        print("bench: there is no model yet. Run: make train", file=sys.stderr)
        return 2
    try:
        result = asyncio.run(_interruptible(_run(sizes, model, options.quick, options.stock_jsonschema)))
    except DidNotStart as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except (asyncio.CancelledError, KeyboardInterrupt):
        print("bench: interrupted; everything started was stopped", file=sys.stderr)
        return 130
    path = report.write(result, options.out)
    draw = subprocess.run([ENGINE_PYTHON, "bench/charts.py", str(path), str(options.out)], cwd=ROOT, check=False)
    if draw.returncode:
        _say("the charts could not be drawn")
    print(report.table(result))
    _say(f"written to {path}")
    return 0


async def _interruptible(work: Any) -> Any:
    """Ended by SIGTERM as by Ctrl-C, so that no child is left behind."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


async def _run(sizes: Sizes, model: Path, quick: bool, jsonschema: str) -> dict[str, Any]:
    began, load_before = time.time(), os.getloadavg()[0]
    folder = Path(tempfile.mkdtemp(prefix="sapa-bench-"))
    kept_model = folder / model.name
    shutil.copy2(model, kept_model)  # somebody may train meanwhile
    client_folder = _client_without_idle_questions(folder)
    found, sink = Findings(), GraphSink()
    sides: list[Ours | Stock] = []
    engines: list[OurEngine] = []
    try:
        await sink.start()
        token = secrets.token_hex(16)
        _say("starting service and engine")
        first = OurEngine("engine-1", kept_model, token, folder)
        engines.append(first)
        ours = Ours("ours", [first], token, folder, client_folder, sink.url)
        sides.append(ours)
        our_start = await ours.start()
        _say("starting stock Rasa")
        actions_database = f"sqlite+aiosqlite:///{folder / 'stock-actions.db'}"
        await upgrade(actions_database)
        stock = Stock(kept_model, folder, client_folder, actions_database, jsonschema)
        sides.append(stock)
        stock_start = await stock.start()
        await phases.warm_up([ours, stock], found)
        await phases.turns(ours, stock, sizes, found, _say)
        await phases.growth(ours, stock, sizes, found, _say)
        floor = await asyncio.to_thread(_floor, kept_model)
        stock_memory = {p.name: round(p.rss_mb()) for p in stock.processes}
        errors = {p.name: p.errors() for p in stock.processes}
        await stock.stop()
        _say("starting a second engine")
        second = OurEngine("engine-2", kept_model, token, folder)
        engines.append(second)
        await second.ready()
        both = Ours("ours-2-engines", [first, second], token, folder, client_folder, sink.url)
        sides.append(both)
        await both.start()
        await phases.warm_up([both], found)
        await phases.engine_cpu(ours, both, sizes, found, _say)
        await both.stop()
        found.values["ours"] |= await phases.channel(ours, sizes, found, _say)
        _say(f"{sizes.opened} open conversations with running timers")
        found.values["ours"]["open_timers"] = await crowd(ours, sizes.opened, sizes.due, 25.0)
        soaked = await soak(ours, sizes.soak, _say) if sizes.soak else None
        our_memory = {"engine-1": round(first.process.rss_mb()), "service": round(ours.service.rss_mb())}
        errors |= {p.name: p.errors() for p in (first.process, second.process, ours.service, both.service)}
        await ours.stop()
    finally:
        for side in sides:
            await side.stop()
        for engine in engines:
            engine.process.stop()
        await sink.stop()
    digest = hashlib.sha256(kept_model.read_bytes()).hexdigest()
    if not any(errors.values()) and not any(found.failures.values()):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        _say(f"logs kept in {folder}")
    quotients, spreads = report.ratios(found)
    channel = found.values["ours"]
    _add(found, "ours", start_s=round(our_start, 1), rss_mb=our_memory)
    _add(found, "stock", start_s=round(stock_start, 1), rss_mb=stock_memory)
    return {
        "machine": report.machine(),
        "commit": report.commit(),
        "ratios": quotients,
        "ack_p99_ms": channel["ack"]["p99_ms"],
        "ack_batch_1000_s": channel["ack_batch_1000_s"]["median"],
        "timer_late_p99_s": channel["open_timers"]["late_s"]["p99"],
        "floor": floor,
        **({"soak": soaked} if soaked else {}),
        "ratio_spreads": spreads,
        "paired_ratios": {name: [round(x, 3) for x in of_it] for name, of_it in found.paired.items()},
        "quick": quick,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "took_s": round(time.time() - began),
        "load_average": [round(load_before, 2), round(os.getloadavg()[0], 2)],
        "model": {
            "file": model.name,
            "sha256": digest,
        },
        "versions": report.versions(jsonschema),
        "ours": found.values["ours"],
        "stock": found.values["stock"],
        "tracebacks_in_logs": errors,
        "notes": NOTES,
    }


def _add(found: Findings, side: str, **values: Any) -> None:
    failures = found.failures[side]
    found.values[side] |= {**values, "answered": found.answered[side], "failed": len(failures), "failures": failures[:1000]}


def _floor(model: Path) -> dict[str, dict[str, float]]:
    """What the model's own computing costs in process, by workload (bench/floor.py)."""
    found = {}
    for name, (make, _) in WORKLOADS.items():
        scripts = "\n".join(json.dumps([turn.text for turn in script]) for script in itertools.islice(make(), 60))
        command = [ENGINE_PYTHON, "-m", "bench.floor", str(model)]
        done = subprocess.run(command, input=scripts, cwd=ROOT, capture_output=True, text=True, check=False)
        found[name] = json.loads(done.stdout) if done.returncode == 0 else {}
    return found


def _client_without_idle_questions(folder: Path) -> Path:
    """A copy of the client's data whose idle questions come a day later: stock Rasa asks none, so neither side may be busy with them."""
    copy = folder / "client"
    shutil.copytree(ROOT / os.environ.get("SAPA_CLIENT", "clients/pegadaian"), copy)
    data = yaml.safe_load((copy / "client.yml").read_text())
    data["idle"] |= {"first_after_s": 86_400, "again_after_s": 86_400, "close_after_s": 86_400}
    (copy / "client.yml").write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    return copy


def _newest_model(wait_s: float = 120) -> Path | None:
    """The newest model; a moment's patience, since training replaces it."""
    end = time.monotonic() + wait_s
    while True:
        found = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda p: p.stat().st_mtime)
        if found or time.monotonic() > end:
            return found[-1] if found else None
        time.sleep(2)


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
