"""`sapa nlu score FILE.jsonl`: how well the model in models/ understands, by topic. Prints one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.client import Client, load_client
from bot.understanding import Reading, score

ENGINE_PYTHON = Path("engine/.venv/bin/python")


def add_commands(commands: Any) -> None:
    """Register the commands."""
    parts = commands.add_parser("nlu", help="understanding").add_subparsers(required=True, metavar="COMMAND")
    scoring = parts.add_parser("score", help="score the newest model on lines of {text, intent, alt, kind}")
    scoring.add_argument("file", type=Path)
    scoring.add_argument("--model", default="models")
    scoring.add_argument("--errors", action="store_true", help="list the lines that were misread on standard error")
    scoring.set_defaults(run=_score)


def _score(options: argparse.Namespace) -> int:
    try:
        lines = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        print(f"sapa: {options.file}: {error}", file=sys.stderr)
        return 2
    client = load_client(os.environ.get("SAPA_CLIENT", "clients/pegadaian"))
    # The model lives in the engine's environment; this process never imports rasa.
    command = [str(ENGINE_PYTHON), "-m", "engine.reading", "--model", options.model]
    texts = "\n".join(json.dumps(line["text"]) for line in lines)
    done = subprocess.run(
        command, input=texts, text=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}, check=False
    )
    if done.returncode:
        print(f"sapa: the engine could not read the lines: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return 2
    readings = [_reading(line, json.loads(read), client) for line, read in zip(lines, done.stdout.splitlines(), strict=True)]
    if options.errors:
        for reading in (r for r in readings if not r.right):
            print(f"{reading.wanted} <- {reading.got} ({reading.confidence:.2f}) {reading.text[:120]}", file=sys.stderr)
    print(json.dumps(score(readings), ensure_ascii=False, indent=2))
    return 0


def _reading(line: dict[str, Any], read: dict[str, Any], client: Client) -> Reading:
    fallback = read["intent"] in (None, "nlu_fallback")
    return Reading(
        text=line["text"],
        wanted=line["intent"],
        also=tuple(line.get("alt") or ()),
        kind=line.get("kind", ""),
        got=client.topic_of(read["ranking"][1]["name"] if fallback and len(read["ranking"]) > 1 else read["intent"]),
        fallback=fallback,
        confidence=read["confidence"],
        seconds=read["seconds"],
    )
