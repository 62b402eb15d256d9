"""One desk's socket: what it shows, and the frames that wait to be written to it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from bot.channels.wire import Wire
from bot.conversations.ownership import Owner
from bot.desk.access import DESK, LEADS
from bot.desk.sessions import Session
from bot.desk.views import BOXES

WAITING = 256  # frames a slow socket may be behind
Frame = dict[str, Any]
Signal = tuple[str, dict[str, Any]]


class Line:
    """One socket. Frames wait in a bounded queue; one that falls behind is told to fetch everything again."""

    def __init__(self, wire: Wire, session: Session) -> None:
        self.wire = wire
        self.session = session
        self.user = session.user
        self.watched: str | None = None
        self.everything = True  # the box of all conversations is on the screen, or the page has not said
        self.told: list[Signal] = []  # what this desk looks at, to be told to the others
        self.concerned: set[str] = set()  # in the queue, or this agent's, as far as this desk was told
        self._frames: asyncio.Queue[str] = asyncio.Queue(WAITING)

    def put(self, text: str) -> None:
        """Send soon, or drop everything and have the desk refresh."""
        try:
            self._frames.put_nowait(text)
        except asyncio.QueueFull:
            while not self._frames.empty():
                self._frames.get_nowait()
            self._frames.put_nowait(REFRESH)

    async def write(self) -> None:
        """Until cancelled or the socket is gone."""
        while True:
            text = await self._frames.get()
            try:
                await self.wire.send(text)
            except ConnectionError:
                return

    def hear(self, text: str) -> None:
        """Answer one frame of the client."""
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError):
            frame = None
        kind = frame.get("type") if isinstance(frame, dict) else None
        if kind == "ping":
            self.put(PONG)
        elif self.user.role not in DESK:
            self.put(dump({"type": "error", "code": "forbidden", "message": "Anda tidak berhak melakukan tindakan ini."}))
        elif kind == "watch" and _conversation(frame.get("conversation")):
            self._look_at(frame.get("conversation"))
        elif kind == "look" and frame.get("box") in BOXES:
            self.everything = frame["box"] == "all"
        elif kind == "writing" and isinstance(frame.get("conversation"), str):
            if frame["conversation"] == self.watched:
                self.told.append(self._view("writing"))
        elif kind in ("watch", "look") or not isinstance(kind, str):
            self.put(dump({"type": "error", "code": "bad_frame", "message": "Pesan tidak dapat dibaca."}))
        else:
            self.put(dump({"type": "error", "code": "unknown_type", "message": "Jenis pesan tidak dikenal."}))

    def _look_at(self, conversation: str | None) -> None:
        if self.watched and self.watched != conversation:
            self.told.append(self._view("gone"))
        self.watched = conversation
        if conversation:
            self.told.append(self._view("here"))

    def _view(self, state: str) -> Signal:
        """What the others are told of this desk's screen."""
        return "viewing", {"conversation": self.watched, "agent": self.user.id, "name": self.user.name, "state": state}

    def leave(self) -> None:
        """The desk is gone."""
        self._look_at(None)

    def say_again(self) -> None:
        """Still there."""
        self._look_at(self.watched)

    def tell_conversation(self, summary: Frame, text: str) -> None:
        """It is new or changed; an agent whom it concerned and does not any more hears that it is gone. What is neither in the queue nor this
        desk's, nor on its screen, it does not hear of."""
        held = summary["owner"] == Owner.AGENT or summary["wrapup_until"] is not None
        mine = held and summary["agent"] is not None and summary["agent"]["id"] == self.user.id
        concerned = mine or summary["owner"] == Owner.QUEUE
        before = summary["id"] in self.concerned
        (self.concerned.add if concerned else self.concerned.discard)(summary["id"])
        left = before and not concerned and self.user.role not in LEADS
        if left:
            self.put(dump({"type": "gone", "id": summary["id"]}))
        elif concerned or before or self.everything or self.watched == summary["id"]:
            self.put(text)


def _conversation(given: object) -> bool:
    """Whether it may be a conversation's id; None is none. It is told to other processes: no longer than an id is."""
    return given is None or (isinstance(given, str) and given.isascii() and given.isalnum() and len(given) <= 26)


def dump(frame: Frame) -> str:
    """A frame as it is sent."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


REFRESH = dump({"type": "refresh"})
PEOPLE = dump({"type": "people"})
PONG = dump({"type": "pong"})
