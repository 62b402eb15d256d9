"""`python -m engine --model models --port 5005`: serve the model in service of a folder (without one the newest), or the file named."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import warnings
from pathlib import Path

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

    from engine.actions import ServiceActions
    from engine.models import CannotLoad, beginning_with, load
    from engine.server import create_app

    gc.collect()
    gc.freeze()  # half a million objects of imports: spare the collector walking them in the middle of a turn. Models come and go.
    actions = ServiceActions(token)
    place = Path(options.model)
    processor = None
    for path in beginning_with(place):
        try:
            processor = load(path, actions)
            break
        except CannotLoad as error:
            logging.getLogger(__name__).error("not served: %s", error)
    if processor is None:
        sys.exit(f"engine: there is no model to serve in '{options.model}'. Train one first: make train")
    logging.getLogger(__name__).info("model %s", processor.model_filename)
    # Told to stop, it listens no more (services go on to the next engine) and finishes the turns under way.
    app = create_app(processor, actions, token, place.parent if place.is_file() else place)
    web.run_app(app, host=options.host, port=options.port, print=None, access_log=None, shutdown_timeout=FINISH_S)


if __name__ == "__main__":
    main()
