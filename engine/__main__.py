"""`python -m engine --model models --port 5005`: serve the newest model of a folder, or the file named."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings

FINISH_S = 15  # longer than a turn may take


def main() -> None:
    """Load the model, then listen on loopback. Exits with one clear line when something needed is missing."""
    for name, value in (("RASA_TELEMETRY_ENABLED", "false"), ("SQLALCHEMY_SILENCE_UBER_WARNING", "1"), ("TF_CPP_MIN_LOG_LEVEL", "3")):
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(prog="engine", description=__doc__)
    parser.add_argument("--model", default="models")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    options = parser.parse_args()
    token = os.environ.get("ENGINE_TOKEN", "")
    if not token:
        sys.exit("engine: ENGINE_TOKEN is not set; it must be the same as the service's")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s engine %(levelname)s %(message)s")
    for noisy in ("rasa", "aiohttp.access", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))  # Rasa copies events for debug lines
    from aiohttp import web
    from rasa.exceptions import ModelNotFound

    from engine.actions import ServiceActions
    from engine.processor import TurnProcessor
    from engine.server import create_app

    actions = ServiceActions(token)
    try:
        processor = TurnProcessor(options.model, actions)
    except ModelNotFound as error:
        sys.exit(f"engine: {error} Train one first: make train")
    logging.getLogger(__name__).info("model %s", processor.model_filename)
    # Told to stop, it listens no more (services go on to the next engine) and finishes the turns under way.
    app = create_app(processor, actions, token)
    web.run_app(app, host=options.host, port=options.port, print=None, access_log=None, shutdown_timeout=FINISH_S)


if __name__ == "__main__":
    main()
