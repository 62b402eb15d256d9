"""A bell that rings at most once a second, however often it is rung: the first time at once, the last time surely."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PAUSE_S = 1.0


class Bell:
    """Calls `strike` in the running loop."""

    def __init__(self, strike: Callable[[], None]) -> None:
        self._strike = strike
        self._pause: asyncio.TimerHandle | None = None
        self._again = False

    def ring(self) -> None:
        """Strike now, or at the end of the pause after the last stroke."""
        if self._pause is not None:
            self._again = True
            return
        self._strike()
        self._pause = asyncio.get_running_loop().call_later(PAUSE_S, self._paused)

    def _paused(self) -> None:
        self._pause, again, self._again = None, self._again, False
        if again:
            self.ring()

    def still(self) -> None:
        """Strike no more."""
        if self._pause is not None:
            self._pause.cancel()
