"""`python -m engine.reading`: reads JSON strings, one a line, and writes what the model makes of each, with the seconds it took.

Several models are asked one after the other: all lines of the first, then all of the next.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
import warnings


def main() -> None:
    """Read standard input or a file, write standard output."""
    for name, value in (("RASA_TELEMETRY_ENABLED", "false"), ("SQLALCHEMY_SILENCE_UBER_WARNING", "1"), ("TF_CPP_MIN_LOG_LEVEL", "3")):
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(prog="engine.reading", description=__doc__)
    parser.add_argument("--model", action="append", help="a file, or a folder whose newest is taken; may be given again")
    parser.add_argument("--texts", type=argparse.FileType(encoding="utf-8"), default=sys.stdin)
    options = parser.parse_args()

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    from engine.actions import ServiceActions
    from engine.processor import TurnProcessor, user_message
    from engine.server import insight

    lines = options.texts.read().splitlines()

    async def read_all() -> None:
        for model in options.model or ["models"]:
            processor = TurnProcessor(model, ServiceActions("unused"))
            for line in lines:
                text = json.loads(line)
                begun = time.perf_counter()
                parsed = await processor.parse_message(user_message(text.lstrip("/ "), "read", "read", None, {}))
                seconds = time.perf_counter() - begun
                print(json.dumps({**insight(parsed), "seconds": seconds}))

    asyncio.run(read_all())


if __name__ == "__main__":
    main()
