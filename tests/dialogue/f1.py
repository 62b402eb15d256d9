"""The F1 gate: cross-validated macro-F1 of data/nlu against the baseline that was recorded.

`python -m tests.dialogue.f1 --record "why"` records a new one in baseline.json, with the reason: after a change that is meant to move it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.servers import ENGINE_PYTHON, ROOT

BASELINE = Path(__file__).with_name("baseline.json")
KEPT = ("macro_f1", "fold_spread", "folds", "accuracy", "examples", "seed", "by_intent")

CHANCE = 0.005  # what another order of the examples alone does to the mean
Json = dict[str, Any]


def measure(jobs: int = 2) -> Json:
    """What `engine.crossvalidate` says of the data and pipeline as they lie here. Raises RuntimeError with its complaint."""
    command = [str(ENGINE_PYTHON), "-m", "engine.crossvalidate", "--jobs", str(jobs)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: Json = json.loads(done.stdout)
    return figures


def baseline() -> Json:
    """The recorded figures."""
    recorded: Json = json.loads(BASELINE.read_text(encoding="utf-8"))
    return recorded


def floor(before: Json) -> float:
    """The lowest macro-F1 that is no loss: the baseline less the standard error of its folds' mean, and at least less `CHANCE`. The folds'
    spread alone would let three such steps down pass for luck; folds that happen to agree would let none be made at all."""
    return float(before["macro_f1"] - max(before["fold_spread"] / len(before["folds"]) ** 0.5, CHANCE))


def main() -> int:
    """Record a baseline."""
    parser = argparse.ArgumentParser(prog="tests.dialogue.f1", description=__doc__)
    parser.add_argument("--record", metavar="WHY", required=True, help="the reason, one sentence; it stands in reports")
    options = parser.parse_args()
    figures = measure()
    recorded = {"reason": options.record, "recorded": f"{datetime.now(UTC):%Y-%m-%d}"} | {name: figures[name] for name in KEPT}
    BASELINE.write_text(json.dumps(recorded, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"macro-F1 {figures['macro_f1']:.4f}, spread {figures['fold_spread']:.4f}; floor from now on {floor(recorded):.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
