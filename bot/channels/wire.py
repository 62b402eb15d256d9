"""A socket to somebody who may read slowly, or not at all: what we hold for them is bounded in bytes and in time."""

from __future__ import annotations

import asyncio

from aiohttp import web

SEND_S = 10.0  # a client that takes nothing for so long is dropped; what it missed it fetches when it comes back
CLOSE_S = 1.0
TOO_SLOW = 4408  # close code: the client did not read
TOO_MANY = 4429  # close code: too many sockets


class Wire:
    """One WebSocket. Frames leave in order; a few tens of kilobytes wait in our buffers, then `send` waits, and not for long."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, seconds: float | None = None) -> None:
        self._transport = request.transport
        self._seconds = seconds
        self.socket = socket

    async def send(self, text: str) -> None:
        """Raises ConnectionError once the socket is gone, also because its client did not read."""
        try:
            async with asyncio.timeout(self._seconds or SEND_S):
                await self.socket.send_str(text)
        except TimeoutError:
            await self.drop(TOO_SLOW, b"too slow")
            raise ConnectionAbortedError("the client does not read") from None
        except RuntimeError as error:  # aiohttp's way to say that it is closed
            raise ConnectionResetError(str(error)) from None

    async def drop(self, code: int, why: bytes) -> None:
        """Close without trusting the other side to take part in it."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.socket.close(code=code, message=why)
        except (TimeoutError, ConnectionError, RuntimeError):
            pass
        if self._transport is not None:
            self._transport.abort()
