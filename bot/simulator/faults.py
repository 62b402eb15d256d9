"""What the stand-in does wrong on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(slots=True)
class Faults:
    """All faults; the `*_times` count down as they happen.

    `fail_code` refuses the next `fail_times` sends. `fail_status_code` accepts them and reports `failed` later, also `fail_times`
    times. `hang_times`, `drop_connection_times` and `gateway_error_times` leave the caller without an answer; with `accept_first`
    the message was taken all the same. `delay_ms` holds every answer to a send. `drop_statuses`, `duplicate` (of everything posted)
    and `reorder` (statuses newest first) spoil the webhooks. `corrupt_media` serves files with one byte changed.
    """

    fail_code: int | None = None
    fail_times: int = 1
    fail_status_code: int | None = None
    hang_times: int = 0
    drop_connection_times: int = 0
    gateway_error_times: int = 0
    accept_first: bool = True
    delay_ms: int = 0
    drop_statuses: bool = False
    duplicate: bool = False
    reorder: bool = False
    corrupt_media: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Faults:
        """Faults from a JSON object; unknown keys are ignored. Raises ValueError for a value of the wrong type or below zero."""
        given: dict[str, Any] = {}
        for known in fields(cls):
            if known.name not in data:
                continue
            value = data[known.name]
            optional = known.name in ("fail_code", "fail_status_code")
            wants_bool = isinstance(known.default, bool)
            # In Python True is an int too; here the two must not be mixed up.
            fits = isinstance(value, int) and isinstance(value, bool) is wants_bool and value >= 0
            if not fits and not (optional and value is None):
                raise ValueError(f"{known.name} must be {'a boolean' if wants_bool else 'a number from 0'}")
            given[known.name] = value
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        """All faults with what is left of their counts."""
        return asdict(self)

    def next_refusal(self) -> int | None:
        """The code to refuse the present send with; counts down."""
        if self.fail_code is None or not self._fail():
            return None
        return self.fail_code

    def next_failed_status(self) -> int | None:
        """The code the present message fails with after it was accepted; counts down."""
        if self.fail_status_code is None or not self._fail():
            return None
        return self.fail_status_code

    def next_silence(self) -> str | None:
        """How the present send is left without an answer: hang, drop, gateway or None; counts down."""
        if self.hang_times > 0:
            self.hang_times -= 1
            return "hang"
        if self.drop_connection_times > 0:
            self.drop_connection_times -= 1
            return "drop"
        if self.gateway_error_times > 0:
            self.gateway_error_times -= 1
            return "gateway"
        return None

    def _fail(self) -> bool:
        if self.fail_times <= 0:
            return False
        self.fail_times -= 1
        return True
