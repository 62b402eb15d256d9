"""`make test-dialogue`: is the data sound, do the stories hold, do conversations go as written, is nothing understood worse than before?

The report goes to var/test-dialogue.md. Ends with 1 when anything failed. Two things run at a time, one for each core: the
cross-validation beside all the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.dialogue import f1
from tests.dialogue.report import Part, conversations_part, f1_part, failed_part, whole
from tests.support.servers import ENGINE_PYTHON, MODEL, ROOT

REPORT = ROOT / "var/test-dialogue.md"
RESULTS = ROOT / "var/test-dialogue.json"
RASA = ENGINE_PYTHON.with_name("rasa")
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONPATH": str(ROOT),
}


def data_part() -> Part:
    """`rasa data validate`: a warning is a failure."""
    passed, output, seconds = _run([str(RASA), "data", "validate", "--fail-on-warnings"])
    return Part("data", passed, seconds, "rasa data validate", "" if passed else failed_part("Data", output))


def stories_part() -> Part:
    """`rasa test core` on tests/dialogue/stories."""
    command = [str(RASA), "test", "core", "--stories", "tests/dialogue/stories", "--model", str(MODEL), "--out", "var/test-stories"]
    passed, output, seconds = _run([*command, "--fail-on-prediction-errors"])
    return Part("cerita", passed, seconds, "rasa test core", "" if passed else failed_part("Cerita", output))


def talks_part() -> Part:
    """`python -m tests.dialogue`."""
    RESULTS.unlink(missing_ok=True)
    _, output, seconds = _run([sys.executable, "-m", "tests.dialogue", "--json", str(RESULTS)])
    if not RESULTS.is_file():
        return Part("percakapan", False, seconds, "tidak berjalan", failed_part("Percakapan", output))
    result = json.loads(RESULTS.read_text(encoding="utf-8"))
    figure = f"{result['passed']} dari {result['passed'] + result['failed']}"
    return Part("percakapan", not result["failed"], seconds, figure, conversations_part(result))


def understanding_part() -> Part:
    """Macro-F1 against the baseline."""
    begun = time.monotonic()
    try:
        now, before = f1.measure(jobs=1), f1.baseline()
    except (RuntimeError, OSError, ValueError) as error:
        return Part("pemahaman", False, time.monotonic() - begun, "tidak terukur", failed_part("Pemahaman", str(error)))
    lowest = f1.floor(before)
    figure = f"macro-F1 {now['macro_f1'] * 100:.1f} (acuan {before['macro_f1'] * 100:.1f}, batas {lowest * 100:.1f})"
    return Part("pemahaman", now["macro_f1"] >= lowest, time.monotonic() - begun, figure, f1_part(now, before, lowest))


def _run(command: list[str]) -> tuple[bool, str, float]:
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr, time.monotonic() - begun


def _one_after_another(*parts: Callable[[], Part]) -> list[Part]:
    return [part() for part in parts]


def main() -> int:
    """Run all parts, write the report, print its table."""
    parser = argparse.ArgumentParser(prog="tests.dialogue.gate", description=__doc__)
    parser.add_argument("--report", type=Path, default=REPORT)
    options = parser.parse_args()
    with ThreadPoolExecutor(2) as lanes:
        understanding = lanes.submit(understanding_part)
        parts = [*lanes.submit(_one_after_another, data_part, stories_part, talks_part).result(), understanding.result()]
    text = whole(parts)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(text + "\n", encoding="utf-8")
    for part in parts:
        print(f"{part.name:<12} {'lulus' if part.passed else 'GAGAL'}  {part.figure}, {part.seconds:.0f} s")
    if not all(part.passed for part in parts):
        print(text)
    print(f"laporan: {options.report}")
    return 0 if all(part.passed for part in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
