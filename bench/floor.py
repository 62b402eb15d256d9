"""The floor, run by the engine's Python: what a turn costs in one process, without HTTP, without a database, with actions that answer at once.

Reads conversations (lists of texts, one JSON list a line) and prints one JSON object: milliseconds of processor time a turn for reading a text
nobody wrote before, for the predictions, and for the whole turn.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import warnings
from typing import Any

for name, value in (("RASA_TELEMETRY_ENABLED", "false"), ("SQLALCHEMY_SILENCE_UBER_WARNING", "1"), ("TF_CPP_MIN_LOG_LEVEL", "3")):
    os.environ.setdefault(name, value)
warnings.filterwarnings("ignore")


def main() -> None:
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    from engine.actions import ServiceActions
    from engine.dialogues import build, new_dialogue
    from engine.processor import TurnProcessor, user_message

    class Prompt(ServiceActions):
        async def request(self, json: dict[str, Any], **_kwargs: Any) -> Any:
            return {"events": [], "responses": [{"text": "jawaban"}]}

    processor = TurnProcessor(sys.argv[1], Prompt("unused"))
    scripts: list[list[str]] = [json.loads(line) for line in sys.stdin]

    async def run() -> dict[str, float]:
        turns = sum(map(len, scripts))
        for text in ("halo min", "aplikasi tring tidak bisa dibuka"):  # whatever is made at the first use
            await processor.run_turn(build("warm", new_dialogue({}), processor.domain), user_message(text, "warm", "m", None, {}))
        begun = time.process_time()
        for script in scripts:
            for text in script:
                processor._reading.run(__message__=[user_message(text, "floor", "m", None, {})], __tracker__=None)
        reading = time.process_time() - begun
        spent = {"predicting": 0.0}
        predict = processor._predict_next_with_tracker

        def timed(tracker: Any) -> Any:
            before = time.process_time()
            prediction = predict(tracker)
            spent["predicting"] += time.process_time() - before
            return prediction

        processor._predict_next_with_tracker = timed  # type: ignore[method-assign]
        begun = time.process_time()
        for number, script in enumerate(scripts):
            tracker = build(f"floor{number}", new_dialogue({}), processor.domain)
            for text in script:
                await processor.run_turn(tracker, user_message(text, tracker.sender_id, "m", None, {}))
        whole = time.process_time() - begun
        each = {"reading_ms": reading, "predicting_ms": spent["predicting"], "turn_ms": whole}
        return {key: round(seconds * 1000 / turns, 3) for key, seconds in each.items()}

    print(json.dumps(asyncio.run(run())))


if __name__ == "__main__":
    main()
