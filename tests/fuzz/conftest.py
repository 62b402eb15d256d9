"""A service without an engine: everything a stranger can reach stands, and what is stored waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.fuzzing import NO_ENGINE
from tests.support.servers import ROOT
from tests.support.stack import Stack

RATES = ("CHAT_FRAMES_PER_SOCKET_S", "CHAT_FRAMES_PER_ADDRESS_S", "CHAT_VISITORS_PER_ADDRESS_MIN", "CHAT_UPLOADS_PER_ADDRESS_MIN")


@pytest.fixture
async def door(database_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    """On SQLite and on PostgreSQL: what one takes (NUL, halves of characters, numbers), the other may not."""
    stack = Stack(database_url, NO_ENGINE, tmp_path / "var", ROOT / "web/dist", **dict.fromkeys(RATES, "1000000"))
    await stack.start()
    yield stack
    await asyncio.sleep(0)
    await stack.stop()
