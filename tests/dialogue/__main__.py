"""`python -m tests.dialogue`: the conversations with a given model, as JSON and Markdown. Ends with 1 when one went wrong, 2 when none could be played."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.store.migrate import upgrade
from tests.dialogue.player import Case, Failure, WentWrong, begins_at, cases, play
from tests.dialogue.report import conversations_part
from tests.support.servers import MODEL, ROOT, EngineProcess
from tests.support.stack import Stack

Json = dict[str, Any]


def main() -> int:
    """Play them one after another."""
    parser = argparse.ArgumentParser(prog="tests.dialogue", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL, help="the model file (default: the one in models/)")
    parser.add_argument("--json", type=Path, help="where the results go")
    parser.add_argument("--markdown", type=Path, help="where the report for people goes")
    parser.add_argument("-k", metavar="NAME", default="", help="only conversations whose file name and channel contain this")
    options = parser.parse_args()
    try:
        chosen = list(cases(containing=options.k))
    except ValueError as error:
        print(f"tests.dialogue: {error}", file=sys.stderr)
        return 2
    if not options.model.is_file() or not chosen:
        print(f"tests.dialogue: no conversation is called {options.k!r}, or there is no {options.model}", file=sys.stderr)
        return 2
    logging.disable(logging.CRITICAL)
    result = asyncio.run(play_all(chosen, options.model.resolve()))
    report = conversations_part(result)
    for path, text in ((options.json, json.dumps(result, ensure_ascii=False, indent=2)), (options.markdown, report)):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
    print(report)
    return 1 if result["failed"] else 0


async def play_all(chosen: list[tuple[str, str, Case]], model: Path) -> Json:
    """One engine for all; each conversation has a service, a clock and a database of its own."""
    begun, done = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="sapa-dialogue-") as name:
        folder = Path(name)
        engine = EngineProcess(folder / "engine.log", model=model)
        engine.start()
        try:
            await upgrade(f"sqlite+aiosqlite:///{folder / 'empty.db'}")
            await asyncio.to_thread(engine.wait_ready)
            for number, (file, channel, case) in enumerate(chosen):
                done.append(await _play(file, channel, case, engine.url, folder, number))
        finally:
            engine.kill()
    failed = sum(not one["passed"] for one in done)
    seconds = round(time.monotonic() - begun, 1)
    return {"model": model.name, "passed": len(done) - failed, "failed": failed, "seconds": seconds, "conversations": done}


async def _play(file: str, channel: str, case: Case, engine: str, folder: Path, number: int) -> Json:
    begun = time.monotonic()
    own = folder / str(number)
    own.mkdir()
    shutil.copy(folder / "empty.db", own / "sapa.db")
    failure: Failure | None = None
    stack = Stack(f"sqlite+aiosqlite:///{own / 'sapa.db'}", engine, own / "var", ROOT / "web/dist", begins_at(case))
    try:
        await stack.start()
        await play(case, channel, stack)
    except WentWrong as wrong:
        failure = wrong.failure
    except Exception as error:
        failure = Failure(0, "the conversation itself", "no fault", f"{type(error).__name__}: {error}")
    finally:
        await stack.stop()
    result: Json = {"file": file, "channel": channel, "name": case["name"], "passed": failure is None}
    result["seconds"] = round(time.monotonic() - begun, 2)
    return result | ({"failure": failure.to_json()} if failure else {})


if __name__ == "__main__":
    sys.exit(main())
