"""`sapa nlu score FILE.jsonl`: how well the model in models/ understands, by topic, as one JSON object; `sapa nlu curve`: its fallback's cost."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.client import Client, load_client
from bot.understanding import Point, Reading, confusions, curve, score

WRONG_COSTS = 3.0  # a wrong answer sends the customer the wrong way, and costs an agent's time or a complaint; a question costs a tap
ENGINE_PYTHON = Path("engine/.venv/bin/python")


def add_commands(commands: Any) -> None:
    """Register the commands."""
    parts = commands.add_parser("nlu", help="understanding").add_subparsers(required=True, metavar="COMMAND")
    scoring = parts.add_parser("score", help="score the newest model on lines of {text, intent, alt, kind}")
    scoring.add_argument("file", type=Path)
    scoring.add_argument("--model", default="models")
    scoring.add_argument("--errors", action="store_true", help="list the lines that were misread on standard error")
    scoring.set_defaults(run=_score)
    drawing = parts.add_parser("curve", help="what each threshold of the fallback would cost, and what is confused with what")
    drawing.add_argument("file", type=Path)
    drawing.add_argument("--model", default="models")
    drawing.add_argument("--wrong-costs", type=float, default=WRONG_COSTS, metavar="N", help="questions that a wrong answer is as bad as")
    drawing.add_argument("--svg", type=Path, help="draw it there")
    drawing.set_defaults(run=_curve)


def _score(options: argparse.Namespace) -> int:
    try:
        readings = read_lines(options.file, options.model)
    except CannotRead as error:
        print(f"sapa: {error}", file=sys.stderr)
        return 2
    if options.errors:
        for reading in (r for r in readings if not r.right):
            print(f"{reading.wanted} <- {reading.got} ({reading.confidence:.2f}) {reading.text[:120]}", file=sys.stderr)
    print(json.dumps(score(readings), ensure_ascii=False, indent=2))
    return 0


def _curve(options: argparse.Namespace) -> int:
    try:
        readings = read_lines(options.file, options.model)
    except CannotRead as error:
        print(f"sapa: {error}", file=sys.stderr)
        return 2
    points = curve(readings, [step / 50 for step in range(15, 49)], options.wrong_costs)
    print("| threshold | answered wrongly | asked back | cost | macro F1 |\n| --- | --- | --- | --- | --- |")
    for p in points:
        print(f"| {p.threshold:.2f} | {p.wrong:.3f} | {p.asked:.3f} | {p.cost:.3f} | {p.macro_f1:.3f} |")
    print("\n| wanted | read as | lines |\n| --- | --- | --- |")
    for wanted, got, count in confusions(readings):
        print(f"| {wanted} | {got} | {count} |")
    if options.svg:
        options.svg.write_text(drawn(points, options.wrong_costs), encoding="utf-8")
    return 0


class CannotRead(Exception):
    """The lines, or the model that should read them, are not what they should be."""


def read_lines(file: Path, model: str) -> list[Reading]:
    """Each line of a JSONL file as `model` reads it. Raises CannotRead."""
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise CannotRead(f"{file}: {error}") from error
    client = load_client(os.environ.get("SAPA_CLIENT", "clients/pegadaian"))
    # The model lives in the engine's environment; this process never imports rasa.
    command = [str(ENGINE_PYTHON), "-m", "engine.reading", "--model", model]
    texts = "\n".join(json.dumps(line["text"]) for line in lines)
    done = subprocess.run(
        command, input=texts, text=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}, check=False
    )
    if done.returncode:
        raise CannotRead(f"the engine could not read the lines: {done.stderr.strip().splitlines()[-1:]}")
    return [_reading(line, json.loads(read), client) for line, read in zip(lines, done.stdout.splitlines(), strict=True)]


def _reading(line: dict[str, Any], read: dict[str, Any], client: Client) -> Reading:
    fallback = read["intent"] in (None, "nlu_fallback")
    best: dict[str, Any] = next((r for r in read["ranking"] if r["name"] != "nlu_fallback"), {"name": None, "confidence": 0.0})
    return Reading(
        text=line["text"],
        wanted=line["intent"],
        also=tuple(line.get("alt") or ()),
        kind=line.get("kind", ""),
        got=client.topic_of(best["name"]),
        fallback=fallback,
        confidence=best["confidence"],
        seconds=read["seconds"],
    )


def drawn(points: Sequence[Point], wrong_costs: float) -> str:
    """The curve as an SVG: shares and cost over the threshold."""
    width, height, left, top = 640, 320, 50, 20
    highest = max(max(p.cost, p.asked) for p in points)
    first, last = points[0].threshold, points[-1].threshold

    def path(value: Callable[[Point], float]) -> str:
        spots = ((left + (p.threshold - first) / (last - first) * width, top + height * (1 - value(p) / highest)) for p in points)
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)

    best = min(points, key=lambda p: p.cost)
    at = left + (best.threshold - first) / (last - first) * width
    lines: list[tuple[str, str, Callable[[Point], float]]] = [
        ("#b3261e", "answered wrongly", lambda p: p.wrong),
        ("#1f6feb", "asked back", lambda p: p.asked),
        ("#1a7f37", f"cost of a line (a wrong answer costs {wrong_costs:g} questions)", lambda p: p.cost),
    ]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 20} {top + height + 90}" font-family="sans-serif" font-size="12">',
        f'<rect width="100%" height="100%" fill="#ffffff"/><path d="M{left},{top} v{height} h{width}" fill="none" stroke="#57606a"/>',
        f'<path d="M{at:.1f},{top} v{height}" stroke="#57606a" stroke-dasharray="4 4"/><text x="{at + 4:.1f}" y="{top + 10}">least at {best.threshold:.2f}</text>',
    ]
    for step in range(5):
        level, y = highest * step / 4, top + height * (1 - step / 4)
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{level:.2f}</text>')
        threshold = first + (last - first) * step / 4
        parts.append(f'<text x="{left + width * step / 4:.1f}" y="{top + height + 16}" text-anchor="middle">{threshold:.2f}</text>')
    for number, (colour, name, value) in enumerate(lines):
        parts.append(f'<polyline points="{path(value)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = top + height + 36 + 18 * number
        parts.append(f'<path d="M{left},{y - 4} h24" stroke="{colour}" stroke-width="2"/><text x="{left + 30}" y="{y}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])
