"""Running the engine's environment beside the service: lines as they come, stopped by a cancellation, killed with the service."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

TAIL = 40  # lines kept for the fault's sentence
LINE = 2**22
SECRETS = (
    "SECRET_KEY",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_VERIFY_TOKEN",
    "ENGINE_TOKEN",
    "DATABASE_URL",
)  # not needed
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
QUIET = {
    "PYTHONWARNINGS": "ignore",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
    # One core: the others answer customers.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}


class CommandFailed(Exception):
    """It ended with an error; `tail` is what it said last."""

    def __init__(self, code: int, tail: str) -> None:
        super().__init__(f"exit code {code}")
        self.code = code
        self.tail = tail


async def run(command: Sequence[str], cwd: Path | None = None, heard: Callable[[str], None] = lambda _line: None) -> str:
    """Run it to its end; `heard` gets each line as it comes. Returns standard output. Raises CommandFailed. Cancelled, it is killed."""
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(Path.cwd())}
    for secret in SECRETS:
        environment.pop(secret, None)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.training.tied", *command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=cwd,
        env=environment,
        limit=LINE,
    )
    tail: deque[str] = deque(maxlen=TAIL)
    out: list[str] = []
    assert process.stdin is not None

    async def listen(stream: asyncio.StreamReader | None, kept: list[str] | None) -> None:
        assert stream is not None
        async for raw in stream:
            line = _COLOUR.sub("", raw.decode("utf-8", "replace").rstrip())
            tail.append(line)
            if kept is not None:
                kept.append(line)
            heard(line)

    try:
        await asyncio.gather(listen(process.stdout, out), listen(process.stderr, None))
        code = await process.wait()
    finally:
        process.stdin.close()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await asyncio.shield(process.wait())
    if code != 0:
        raise CommandFailed(code, "\n".join(tail))
    return "\n".join(out)
