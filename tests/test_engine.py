"""Runs the engine's own tests in the engine's own environment (Python 3.10)."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.conftest import missing
from tests.support.servers import ENGINE_PYTHON, ROOT


@pytest.mark.engine
def test_the_engine_passes_its_own_tests() -> None:
    if not ENGINE_PYTHON.is_file():
        missing("the engine's environment (make engine-env)")
    command = [str(ENGINE_PYTHON), "-m", "pytest", "-q", "-c", "engine/pytest.ini", "engine/tests"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert " skipped" not in done.stdout or not os.environ.get("CI"), done.stdout[-2000:]
