"""The service's router, which offers what waits: it looks when the rest of the instant is done, so that what it offers does not depend on who was quicker."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.handoff.router import Router


class GatedRouter(Router):
    """The real router, held between two looks until it is its turn."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open, self._still = asyncio.Event(), asyncio.Event()
        self._look_for_the_gone, self._watch.look = self._watch.look, self._wait  # type: ignore[method-assign]

    async def turn(self) -> None:
        """Let it look until it finds nothing more to do."""
        self._still.clear()
        self._open.set()
        self._woken.set()
        await self._still.wait()

    def stop(self) -> None:
        super().stop()
        self._open.set()

    async def _wait(self) -> None:
        await self._open.wait()
        await self._look_for_the_gone()

    async def _rest(self) -> None:
        if not self._woken.is_set():
            self._open.clear()
            self._still.set()
        await self._woken.wait()
