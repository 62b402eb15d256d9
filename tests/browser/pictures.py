"""`python -m tests.browser.pictures --out DIR [--size laptop]`: pictures of everything the desk and the page for tickets show, from the real service, in both themes."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    """Walk the tour and keep its pictures; the status of the walk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--size", default="", help="laptop, layar or ponsel; all if not given")
    given = parser.parse_args()
    os.environ["BROWSER_SHOTS"] = str(given.out.resolve())
    return int(
        pytest.main(["-q", "-k", given.size or "test_every", "tests/browser/test_desk_looks.py", "tests/browser/test_tickets_looks.py"])
    )


if __name__ == "__main__":
    sys.exit(main())
