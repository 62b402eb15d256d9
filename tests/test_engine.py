"""Runs the engine's own tests in the engine's own environment (Python 3.10)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.support.servers import ENGINE_PYTHON, MODEL, ROOT


@pytest.mark.engine
def test_the_engine_passes_its_own_tests() -> None:
    if not ENGINE_PYTHON.is_file():
        missing("the engine's environment (make engine-env)")
    command = [str(ENGINE_PYTHON), "-m", "pytest", "-q", "-c", "engine/pytest.ini", "engine/tests"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert " skipped" not in done.stdout or not os.environ.get("CI"), done.stdout[-2000:]


@pytest.mark.engine
def test_the_stories_are_predicted(tmp_path: Path) -> None:
    rasa = ENGINE_PYTHON.with_name("rasa")
    if not rasa.is_file() or not MODEL.is_file():
        missing("the engine's environment or a model (make train)")
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "TQDM_DISABLE": "1"}
    command = [str(rasa), "test", "core", "--stories", "tests/dialogue/stories", "--model", str(MODEL), "--out", str(tmp_path)]
    command += ["--fail-on-prediction-errors"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **quiet}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
