"""`python -m engine.reading`: reads JSON strings, one a line, and writes what the model makes of each, with the seconds it took."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
import warnings


def main() -> None:
    """Read standard input, write standard output."""
    for name, value in (("RASA_TELEMETRY_ENABLED", "false"), ("SQLALCHEMY_SILENCE_UBER_WARNING", "1"), ("TF_CPP_MIN_LOG_LEVEL", "3")):
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(prog="engine.reading", description=__doc__)
    parser.add_argument("--model", default="models")
    options = parser.parse_args()

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    from engine.actions import ServiceActions
    from engine.processor import TurnProcessor, user_message
    from engine.server import insight

    processor = TurnProcessor(options.model, ServiceActions("unused"))

    async def read_all() -> None:
        for line in sys.stdin:
            text = json.loads(line)
            begun = time.perf_counter()
            parsed = await processor.parse_message(user_message(text.lstrip("/ "), "read", "read", None, {}))
            seconds = time.perf_counter() - begun
            print(json.dumps({**insight(parsed), "seconds": seconds}))

    asyncio.run(read_all())


if __name__ == "__main__":
    main()
