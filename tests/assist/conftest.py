"""The desk of tests/desk, with the assist on it."""

from __future__ import annotations

from tests.desk.conftest import bench, db_url, library, quick_passwords

__all__ = ["bench", "db_url", "library", "quick_passwords"]
