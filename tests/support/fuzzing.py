"""What the fuzz tests share: how many examples, strange values, and a door that stands without an engine.

Without more said a run is the same each time and takes seconds; `HYPOTHESIS_PROFILE=long` looks further, at random.
"""

from __future__ import annotations

import copy
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot.logs import Strangers

_SAID = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
settings.register_profile("fuzz", max_examples=60, derandomize=True, **_SAID)  # type: ignore[arg-type]
settings.register_profile("long", max_examples=3000, **_SAID)  # type: ignore[arg-type]
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
NO_ENGINE = "http://127.0.0.1:9"  # nobody listens there: what comes in is stored and waits


def fuzz(examples: int = 60) -> settings:
    """The settings of a fuzz test; `examples` in an ordinary run."""
    return settings.get_profile("long") if LONG else settings(settings.get_profile("fuzz"), max_examples=examples)


# Texts a database, an encoder or a parser may stumble over: NUL, halves of characters, control characters, direction marks, very long ones.
nasty_texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["\x00", "a\x00b", "\ud800", "x\udfff", "\u202e", "\ufeff", "﷽" * 50, "\r\n", "' OR 1=1 --", "{salam}", "%s%n", "../../etc/passwd"]
    ),
    st.sampled_from(["/restart", "/pilih{", "<script>", "a" * 5000, "1" * 5000, "\\ud800", "٣", "", " "]),
    st.text(st.characters(categories=["Cc", "Cs", "Co", "Cn", "Zl"]), max_size=8),
)
nasty_numbers = st.one_of(st.integers(), st.sampled_from([0, -1, 2**31, 2**63, -(2**63) - 1, 10**400]), st.floats(), st.booleans())
json_values = st.recursive(
    st.none() | nasty_numbers | nasty_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(nasty_texts | st.sampled_from(["type", "id", "text"]), inner, max_size=4),
    max_leaves=12,
)


def nested(depth: int) -> bytes:
    """JSON that a recursive reader does not survive."""
    return b"[" * depth + b"]" * depth


@st.composite
def mutated(draw: st.DrawFn, original: Any, times: int = 3) -> Any:
    """A copy of a JSON value with up to `times` places replaced, removed, doubled or added to."""
    root = {"value": copy.deepcopy(original)}
    for _ in range(draw(st.integers(1, times))):
        holder, key = draw(st.sampled_from(list(_places(root))))
        how = draw(st.sampled_from(["replace", "replace", "remove", "double", "add"]))
        if how == "double" and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif how == "add" and isinstance(holder[key], dict):
            holder[key][draw(nasty_texts)] = draw(json_values)
        elif how == "remove" and holder is not root:
            del holder[key]
        else:
            holder[key] = draw(json_values)
    return root["value"]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


class Complaints(logging.Handler):
    """Tracebacks that were logged: whatever a stranger sends, there must be none."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.addFilter(Strangers())
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[0] is not None:
            self.found.append(f"{record.name}: {record.getMessage()}: {self.format(record)[-1500:]}")


@contextmanager
def no_tracebacks() -> Iterator[None]:
    """Fails if a traceback is logged meanwhile."""
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(complaints)
    assert complaints.found == []
