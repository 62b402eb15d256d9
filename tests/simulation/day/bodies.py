"""How a customer acts and hears: on WhatsApp through the stand-in of the Graph API, on the live chat over a real WebSocket."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.simulator.phone import Customer as Person
from tests.simulation.day.steps import Step

if TYPE_CHECKING:
    from tests.simulation.day.day import Day

PATIENCE_S = 30.0  # real seconds; only a service that is broken takes so long


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that reached the customer."""

    id: str
    text: str
    choices: tuple[tuple[str, str], ...]  # (id, title)


class Body:
    """What both channels have in common. `label` names the customer in the plan, the ledger and the digest."""

    channel = ""

    def __init__(self, day: Day, label: str) -> None:
        self.day = day
        self.label = label
        self.identity = ""  # what the service knows the customer by
        self._count = 0

    def heard(self) -> list[Heard]:
        """Everything that reached the customer, in order."""
        raise NotImplementedError

    async def act(self, step: Step) -> None:
        """Do a step."""
        await getattr(self, step.kind)(step)

    async def nothing(self, _step: Step) -> None:
        """Wait."""

    async def leave(self, _step: Step) -> None:
        """No window to close."""

    async def come_back(self, _step: Step) -> None:
        """No window to open."""

    async def end(self, _step: Step) -> None:
        """No button for it."""

    async def say_all(self, step: Step) -> None:
        for text in step.texts:
            await self.say(Step("say", text=text))

    async def say(self, step: Step) -> None:
        raise NotImplementedError

    async def tap(self, step: Step) -> None:
        raise NotImplementedError

    def _choice(self, title: str) -> tuple[Heard, str, str] | None:
        """The newest message that offers a choice with `title` in it."""
        for message in reversed(self.heard()[-6:]):
            for choice, named in message.choices:
                if title.lower() in named.lower():
                    return message, choice, named
        return None


class PhoneBody(Body):
    """On WhatsApp."""

    channel = "whatsapp"

    def __init__(self, day: Day, label: str, number: int) -> None:
        super().__init__(day, label)
        wa_id = None if number % 17 == 0 else f"62813{number:08}"  # some hide their number
        self.person = Person(f"ID.{number:020}", f"Nasabah {number}", wa_id, f"nasabah.{number}" if wa_id is None else None)
        self.identity = self.person.bsuid
        day.standin.customer(self.person)

    def heard(self) -> list[Heard]:
        found = []
        for item in self.day.standin.thread(self.person.bsuid).view(self.day.clock.now())["messages"]:
            if item["from"] == "sapa":
                rows = [r for s in (item.get("list") or {}).get("sections", []) for r in s["rows"]]
                choices = tuple((c["id"], c["title"]) for c in item.get("buttons") or rows)
                found.append(Heard(item["wamid"], item["text"], choices))
        return found

    async def say(self, step: Step) -> None:
        await self._post(step.text, age_s=step.age_s)

    async def say_twice(self, step: Step) -> None:
        await self._post(step.text, duplicate=True)

    async def say_swapped(self, step: Step) -> None:
        first, second = step.texts
        await self._post(second)
        await self._post(first, age_s=3)

    async def send(self, step: Step) -> None:
        target = None
        if step.more == "reaction":
            target = next((m.id for m in reversed(self.heard())), None)
        await self._post(step.text, kind=step.more, reply_to=target)

    async def tap(self, step: Step) -> None:
        found = self._choice(step.text)
        if found is None:
            await self._post(step.text)
            return
        message, choice, title = found
        kind = "button" if len(message.choices) <= 3 else "list"
        await self._post(title, kind=kind, choice_id=choice, reply_to=message.id)

    async def _post(self, text: str, kind: str = "text", age_s: float = 0, **more: Any) -> None:
        entry = self.day.ledger.add("sent", customer=self.label, channel="whatsapp", text=text, kind=kind, id=None, acked=None, age_s=age_s)
        status, wamid = await self.day.standin.customer_sends(self.person, kind, text=text, age_s=age_s, **more)
        entry["id"] = wamid
        while status != 200:  # Meta goes on; what was not taken comes again, in the background
            await self.day.standin.settle()
            status = 200
        entry["acked"] = self.day.ledger.number()


class ChatBody(Body):
    """On the live chat, in one browser window."""

    channel = "livechat"

    def __init__(self, day: Day, label: str, number: int) -> None:
        super().__init__(day, label)
        self._address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.token: str | None = None
        self.conversation: str | None = None
        self.seq = 0
        self.open = False  # the customer has the window open
        self.connected = asyncio.Event()
        self._seen: dict[str, Heard] = {}
        self._waiting: dict[str, tuple[dict[str, Any], asyncio.Event, dict[str, Any]]] = {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._connections = 0

    def heard(self) -> list[Heard]:
        return list(self._seen.values())

    # --- what the customer does

    async def say(self, step: Step) -> None:
        await self._write(step.text)

    async def say_twice(self, step: Step) -> None:
        await self._write(step.text, twice=True)

    async def say_swapped(self, step: Step) -> None:
        for text in step.texts:  # a socket keeps the order
            await self._write(text)

    async def send(self, step: Step) -> None:
        await self._write(step.text or "ini ya")

    async def tap(self, step: Step) -> None:
        found = self._choice(step.text)
        if found is None:
            await self._write(step.text)
        else:
            await self._write(found[2], payload=found[1])

    async def leave(self, _step: Step) -> None:
        if not self.open:
            return
        self.open = False
        self.day.ledger.add("doors", customer=self.label, what="leave")
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket is not None and not self._socket.closed:
            await self._socket.close()
        self.connected.clear()
        await self.day.window_closed(self.conversation)

    async def shut(self) -> None:
        """The end of the simulation: no trace of it in the day."""
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def come_back(self, _step: Step) -> None:
        await self._have_window()

    async def end(self, _step: Step) -> None:
        await self._have_window()
        before = self.seq
        self.day.ledger.add("doors", customer=self.label, what="end")
        assert self._socket is not None
        with _gone_is_fine():
            await self._socket.send_json({"type": "end"})
            await self._socket.send_json({"type": "ping"})  # frames are answered in order
        await self.day.until(lambda: self._pongs > 0 or not self.connected.is_set() or self.seq > before, "no answer to 'end'")
        self._pongs = 0

    _pongs = 0

    # --- the socket

    async def _have_window(self) -> None:
        if not self.open:
            self.open = True
            self.day.ledger.add("doors", customer=self.label, what="come_back")
            self._reader = asyncio.create_task(self._live(), name=f"window {self.label}")
        async with asyncio.timeout(PATIENCE_S):
            await self.connected.wait()

    async def _write(self, text: str, payload: str | None = None, twice: bool = False) -> None:
        await self._have_window()
        self._count += 1
        client_id = f"{self.label}-{self._count:03}-client"
        frame = {"type": "message", "client_id": client_id, "text": text, "payload": payload}
        entry = self.day.ledger.add(
            "sent",
            customer=self.label,
            channel="livechat",
            text=text,
            kind="choice" if payload else "text",
            id=client_id,
            acked=None,
            age_s=0,
        )
        acked = asyncio.Event()
        self._waiting[client_id] = (frame, acked, entry)
        assert self._socket is not None
        with _gone_is_fine():
            await self._socket.send_json(frame)
            if twice:
                await self._socket.send_json(frame)
        async with asyncio.timeout(PATIENCE_S):
            await acked.wait()

    async def _live(self) -> None:
        """The window's script: connect, read, connect again when the line breaks."""
        while True:
            try:
                headers = {"X-Forwarded-For": self._address}
                self._socket = await self.day.http.ws_connect(f"{self.day.url}/ws/chat", headers=headers, autoping=True)
                self._connections += 1
                hello = {"type": "hello", "token": self.token, "after": self.seq, "conversation": self.conversation, "inbox": "web"}
                await self._socket.send_json(hello)
                async for message in self._socket:
                    if message.type != aiohttp.WSMsgType.TEXT:
                        break
                    await self._take(json.loads(message.data))
            except (aiohttp.ClientError, ConnectionError):
                pass
            self.connected.clear()
            await asyncio.sleep(0.02)

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "welcome":
            self.token = frame["token"]
            self.identity = frame["token"].partition(".")[0]
            if frame["conversation"] != self.conversation:
                self.conversation, self.seq = frame["conversation"], 0
            for message in frame["messages"]:
                self._show(frame["conversation"], message)
            self.connected.set()
            assert self._socket is not None
            for waiting, _, _ in list(self._waiting.values()):
                with _gone_is_fine():
                    await self._socket.send_json(waiting)
        elif kind == "message":
            self._show(frame["conversation"], frame["message"])
        elif kind == "ack":
            if frame["client_id"] in self._waiting:
                _, acked, entry = self._waiting.pop(frame["client_id"])
                entry["acked"], entry["stored"] = self.day.ledger.number(), frame["id"]
                acked.set()
        elif kind == "refused":
            if frame["client_id"] in self._waiting:
                _, acked, entry = self._waiting.pop(frame["client_id"])
                entry["refused"] = frame["code"]
                acked.set()
        elif kind == "pong":
            self._pongs += 1

    def _show(self, conversation: str, message: dict[str, Any]) -> None:
        if conversation != self.conversation:
            self.conversation, self.seq = conversation, 0
        self.seq = max(self.seq, message["seq"])
        self.day.ledger.add(
            "received",
            customer=self.label,
            connection=self._connections,
            conversation=conversation,
            id=message["id"],
            seq=message["seq"],
            author=message["author"],
            text=message["text"],
        )
        if message["author"] != "customer" and message["id"] not in self._seen:
            rows = [r for s in (message.get("list") or {}).get("sections", []) for r in s["rows"]]
            choices = tuple((c["id"], c["title"]) for c in message.get("buttons") or rows)
            self._seen[message["id"]] = Heard(message["id"], message["text"], choices)


class _gone_is_fine:
    """The line may break while we write: what was not acknowledged is sent again."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: object, _trace: object) -> bool:
        return isinstance(error, aiohttp.ClientError | ConnectionError | RuntimeError)


def plain(text: str) -> str:
    """A text without what a race within one second may change: numbers given out in order, places in the queue."""
    text = re.sub(r"ARIA-\d+", "ARIA-…", text)
    text = re.sub(r"RSV-\w+", "RSV-…", text)
    text = re.sub(r"kepada Petugas \d+", "kepada …", text)
    text = re.sub(r" Perkiraan waktu tunggu \d+ sampai \d+ menit\.", "", text)
    return re.sub(r"antrean nomor \d+|ada \d+ nasabah", "antrean …", text)
