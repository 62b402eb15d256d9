"""Identifiers: sortable by time, safe in URLs, never guessable in sequence."""

from __future__ import annotations

import hashlib
import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L: codes are read out aloud


def new_id() -> str:
    """26 characters: 48 bits of time in milliseconds, then 80 random bits (the ULID layout)."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def derived_code(length: int, *parts: str) -> str:
    """A code of `length` letters that is the same for the same `parts`: repeating a turn repeats its codes."""
    number = int.from_bytes(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest(), "big")
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(_CODE_ALPHABET))
        letters.append(_CODE_ALPHABET[rest])
    return "".join(letters)
