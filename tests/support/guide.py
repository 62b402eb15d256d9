"""Following the guide before a conversation is closed, as an agent does who ticks by hand what nothing shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[[str, str, Any], Awaitable[tuple[int, Any]]]


async def follow_guide(call: Call, conversation: str, outcome: str) -> None:
    """Tick by hand every step that `outcome` still needs. `call(method, path, body)` gives status and answer."""
    one = f"/api/desk/conversations/{conversation}"
    status, shown = await call("GET", one, None)
    if status != 200:
        return
    for step in shown["procedure"]["missing"].get(outcome, []):
        await call("POST", f"{one}/steps", {"step": step, "reason": "disampaikan kepada nasabah"})
