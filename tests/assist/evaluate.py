"""`python -m tests.assist.evaluate FILE.jsonl [--engine [URL]]`: how often the right answer is among the three that the desk is offered.

A line: {"conversation": [["customer"|"agent"|"bot", "text"], …], "form": {"id", "slots"} or null, "right": ["k:…", "r:…", "q:…"], "about": "…"}; the last text is
the customer's message to answer, and any of `right` counts. Without `--engine` words alone decide, as when the engine fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.assist.ranking import Ask, Shelf, Suggestion
from bot.assist.shelf import next_question, of_client, topics_of
from bot.assist.words import client_words
from bot.client import Client, load_client
from bot.dialogue.engine import Engines
from tests.support.servers import MODEL, ROOT, TOKEN, EngineProcess

Json = dict[str, Any]


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="tests.assist.evaluate", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--engine", nargs="?", const="", help="use the engine's reading: one that runs at URL, or one started for this")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--missed", action="store_true", help="show the lines whose right answer was not among the three")
    options = parser.parse_args()
    lines = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    client = load_client(ROOT / "clients/pegadaian")
    found = asyncio.run(_suggest(lines, client, options.engine, options.model))
    if options.missed:
        _show_missed(lines, found)
    print(json.dumps(score(lines, found), ensure_ascii=False, indent=2))
    return 0


def score(lines: Sequence[Json], found: Sequence[Sequence[Suggestion]]) -> Json:
    """The shares over all lines, and by what they are about."""
    by_kind: dict[str, list[bool]] = defaultdict(list)
    among, first, nothing = 0, 0, 0
    for line, offered in zip(lines, found, strict=True):
        ids, right = [each.id for each in offered], set(line["right"])
        hit = bool(right.intersection(ids)) or (not right and not ids)
        by_kind[str(line.get("kind") or line.get("about", ""))].append(hit)
        among += hit
        first += bool(ids) and ids[0] in right
        nothing += not ids
    total = max(1, len(lines))
    return {
        "lines": len(lines),
        "right_among_three": round(among / total, 4),
        "right_first": round(first / total, 4),
        "nothing_offered": round(nothing / total, 4),
        "by_kind": {
            kind: {"lines": len(hits), "right_among_three": round(sum(hits) / len(hits), 4)} for kind, hits in sorted(by_kind.items())
        },
    }


async def _suggest(lines: Sequence[Json], client: Client, engine: str | None, model: Path) -> list[list[Suggestion]]:
    shelf = Shelf(of_client(client), client_words())
    if engine is None:
        return [shelf.suggest(ask(line, None, None, client)) for line in lines]
    process = None
    with tempfile.TemporaryDirectory() as folder:
        if not engine:
            process = EngineProcess(Path(folder) / "engine.log", model=model)
            process.start()
            await asyncio.to_thread(process.wait_ready)
        engines = Engines(engine or (process.url if process else ""), TOKEN, 20)
        await engines.open()
        try:
            found = []
            for line in lines:
                said = [text for author, text in line["conversation"] if author == "customer"]
                readings = [await engines.parse("evaluation", text[:1000]) for text in said]
                found.append(shelf.suggest(ask(line, readings[-1], _topic(readings[:-1], client), client)))
            return found
        finally:
            await engines.close()
            if process:
                process.kill()


def ask(line: Json, insight: Json | None, topic: str | None, client: Client) -> Ask:
    """A line as the desk would ask."""
    said = [text for author, text in line["conversation"] if author == "customer"]
    form = line.get("form") or {}
    question = next_question(form.get("id"), form.get("slots") or {}, client)
    ours = next((text for author, text in reversed(line["conversation"][:-1]) if author != "customer"), "")
    return Ask(said[-1], said[:-1], topics_of(insight, client) if insight else {}, topic, question, ours=ours)


def _topic(readings: Sequence[Json], client: Client) -> str | None:
    """The conversation's topic before its last message: the last one that was clear and is about something."""
    for reading in reversed(readings):
        topic = client.topic_of(reading.get("intent"))
        if topic.startswith(("info_", "keluhan_", "reservasi", "cek_", "data_")) and (reading.get("confidence") or 0) >= 0.5:
            return topic
    return None


def _show_missed(lines: Sequence[Json], found: Sequence[Sequence[Suggestion]]) -> None:
    for line, offered in zip(lines, found, strict=True):
        ids = [each.id for each in offered]
        if not set(line["right"]).intersection(ids):
            print(f"{line['conversation'][-1][1]!r}: wanted {line['right']}, offered {ids}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
