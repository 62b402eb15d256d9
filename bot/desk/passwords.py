"""Passwords: Argon2id, computed off the event loop by a few threads, with the same work for users that do not exist."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 8, 256  # characters
_HASHER = PasswordHasher()
# Each computation takes 64 MiB: a burst of logins must not take all memory.
_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="argon2")


async def hash_password(password: str) -> str:
    """The hash to store. Raises ValueError for a password too short or too long."""
    if not LEAST <= len(password) <= MOST:
        raise ValueError(f"a password has {LEAST} to {MOST} characters")
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, _bytes(password))


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password is right. `stored` is None for an unknown user: the work is done all the same."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, stored, password)


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _verify(stored: str | None, password: str) -> bool:
    try:
        _HASHER.verify(stored or _nobody(), _bytes(password[:MOST]))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None and len(password) <= MOST


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


_nobody()  # at start, so that the first unknown user takes no longer than the second
