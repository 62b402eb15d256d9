"""Refusals of the desk: a status, a code for programs and a sentence for people."""

from __future__ import annotations

from typing import Any


class DeskError(Exception):
    """What was asked for is refused. `extra` goes into the answer beside `error`."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The answer as docs/protocols.md shows it."""
        return {"error": {"code": self.code, "message": self.message}, **self.extra}


def not_found() -> DeskError:
    """There is no such thing, or the caller may not know of it."""
    return DeskError(404, "not_found", "Data tidak ditemukan.")


def bad_field(message: str) -> DeskError:
    """A value that makes no sense."""
    return DeskError(422, "bad_field", message)


def forbidden() -> DeskError:
    """The role does not allow it."""
    return DeskError(403, "forbidden", "Anda tidak berhak melakukan tindakan ini.")


def conflict(message: str, **extra: Any) -> DeskError:
    """Somebody was faster."""
    return DeskError(409, "conflict", message, **extra)
