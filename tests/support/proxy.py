"""A TCP proxy that stands between two processes and can cut, hold or refuse their connections."""

from __future__ import annotations

import asyncio

from tests.support.servers import lasting_port

Pair = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


class TcpProxy:
    """Listens on `port` and passes bytes on to `target_port`, as long as it is let."""

    def __init__(self, target_port: int) -> None:
        self.port = lasting_port()
        self.target_port = target_port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._refusing = False
        self._pairs: set[Pair] = set()
        self._lost: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        self.heal()
        self.cut()

    def cut(self) -> None:
        """Every connection breaks at once; new ones are possible."""
        for pair in list(self._pairs):
            for writer in pair:
                writer.transport.abort()

    def stall(self) -> None:
        """Nothing passes any more, and nothing breaks: the other side seems to hang."""
        self._flowing.clear()

    def lose(self, questions: bool = True) -> None:
        """Present connections pass nothing any more (answers only: `questions` False) and never break. New ones work.

        A network that swallows packets does so, and a process that stands still looks like it.
        """
        self._lost |= {writer for pair in self._pairs for writer in (pair if questions else pair[:1])}

    @property
    def losing(self) -> bool:
        """Whether any connection passes nothing."""
        return bool(self._lost)

    def refuse(self) -> None:
        """Every connection breaks, and new ones do too."""
        self._refusing = True
        self.cut()

    def heal(self) -> None:
        """As before: what was held passes on."""
        self._refusing = False
        self._flowing.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._refusing:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, far_writer)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pass(pair, reader, far_writer), self._pass(pair, far_reader, writer))
        finally:
            self._pairs.discard(pair)
            self._lost -= set(pair)
            for each in pair:
                each.close()

    async def _pass(self, pair: Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flowing.wait()
                if writer in self._lost:
                    continue
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
        except OSError:  # a reset, as by a killed process with unread data: the other side must learn of it
            for each in pair:
                each.transport.abort()
