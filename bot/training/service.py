"""What trainers see and do with messages. Every use case asks for the role first."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.client import Client
from bot.conversations.transcript import iso
from bot.desk.errors import DeskError, bad_field
from bot.desk.sessions import User
from bot.settings import Settings
from bot.store.database import Database
from bot.training.access import require_trainer
from bot.training.deciding import Choice, Deciding
from bot.training.examples import BrokenData, Examples
from bot.training.masking import masked
from bot.training.messages import around, names_in, review_json, review_of, whole, written
from bot.training.queue import Queue, Wanted, intent_label, reviewable
from bot.training.readiness import entities, missing
from bot.training.records import reviews
from bot.training.replay import CannotReplay, conversation_test
from bot.training.usefulness import REASONS, Guess

RECENT = 30
TESTS = "tests/dialogue/conversations"
_NOT_CHOSEN = ("EXTERNAL_",)  # what only the service says
CHANNELS = {"whatsapp": "WhatsApp", "livechat": "Obrolan web"}
ENTITIES = {"produk": "Produk", "kota": "Kota", "nominal": "Nominal", "telepon": "Telepon"}
Json = dict[str, Any]


class Training:
    """The use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, client: Client, settings: Settings) -> None:
        self._db = db
        self._client = client
        self._data = settings.data_folder
        self.examples = Examples(settings.data_folder, settings.var)
        self.queue = Queue(db, client)
        self.deciding = Deciding(db, client, self.examples)

    async def options(self, user: User) -> Json:
        """What the page offers to choose from."""
        require_trainer(user)
        try:
            counts, broken = await asyncio.to_thread(self.examples.intents), None
        except BrokenData as error:
            counts, broken = {}, str(error)
        chosen = [intent for intent in counts if not intent.startswith(_NOT_CHOSEN)]
        named = [{"id": each, "label": intent_label(self._client, each), "examples": counts[each]} for each in chosen]
        return {
            "intents": sorted(named, key=lambda each: str(each["label"]).lower()),
            "entities": [{"id": e, "label": ENTITIES.get(e, e.replace("_", " ").capitalize())} for e in entities(self._data)],
            "reasons": _choices(REASONS),
            "topics": _choices(self._client.topics),
            "channels": _choices(CHANNELS),
            "broken": broken,
        }

    async def page(self, user: User, wanted: Wanted) -> Json:
        """One page of the queue."""
        require_trainer(user)
        return await self.queue.page(wanted)

    async def group_of(self, user: User, message: str) -> list[str]:
        """The other messages that stand with this one when nothing is filtered; none if it does not lead a group."""
        wanted, group = Wanted(), None
        while group is None:
            page = await self.page(user, wanted)
            group = next((each for each in page["groups"] if each["id"] == message), None)
            if page["next"] is None:
                break
            wanted = Wanted(after=page["next"])
        return list(group["also"]) if group else []

    async def open(self, user: User, message: str) -> Json:
        """One message with the conversation around it."""
        require_trainer(user)
        async with self._db.read() as tx:
            row = await written(tx, message)
            names = await names_in(tx, row)
            near, review = await around(tx, row, names), await review_of(tx, message)
        guess = Guess.of((row.content or {}).get("insight") or {})
        return {
            "message": {
                "id": row.id,
                "text": "" if row.revoked else masked(row.text, names),
                "at": iso(row.created_at),
                "channel": row.channel,
                "guess": self.queue.guess_json(guess),
                "reviewable": reviewable(row),
            },
            "conversation": {"id": row.conversation_id, "closed": row.owner == "closed"},
            "around": near,
            "review": review_json(self._client, review) if review else None,
        }

    async def decide(self, user: User, message: str, choice: Choice) -> Json:
        """Decide about a message and its group; tells what is still needed where the decision began a new intent."""
        require_trainer(user)
        if {mark.entity for mark in choice.marks} - set(entities(self._data)):
            raise bad_field("Jenis tanda tidak dikenal.")
        decided = await self.deciding.decide(user, message, choice)
        return {**decided, "missing": await self._missing() if choice.decision == "new" else []}

    async def undo(self, user: User, message: str) -> Json:
        """Take a decision back."""
        require_trainer(user)
        return await self.deciding.undo(user, message)

    async def recent(self, user: User) -> Json:
        """The latest decisions, the newest first, one entry a group."""
        require_trainer(user)
        leaders = (
            select(reviews)
            .where(reviews.c.message_id == reviews.c.group_id)
            .order_by(reviews.c.at.desc(), reviews.c.message_id.desc())
            .limit(RECENT)
        )
        async with self._db.read() as tx:
            rows = (await tx.execute(leaders)).all()
        return {"reviews": [{"message": row.message_id, **review_json(self._client, row)} for row in rows]}

    async def diff(self, user: User) -> Json:
        """What the decisions changed in data/nlu, and what keeps it from being trained."""
        require_trainer(user)
        text = await asyncio.to_thread(self.examples.diff)
        lines = text.splitlines()
        return {
            "diff": text,
            "added": sum(line.startswith("+") and not line.startswith("+++") for line in lines),
            "removed": sum(line.startswith("-") and not line.startswith("---") for line in lines),
            "missing": await self._missing(),
        }

    async def make_test(self, user: User, conversation: str) -> Json:
        """A closed conversation becomes a file of tests/dialogue/conversations; asked again, it is the same file. 409 `cannot_replay`."""
        require_trainer(user)
        async with self._db.read() as tx:
            talk, rows, misread = await whole(tx, self._client, conversation)
            names = await names_in(tx, talk)
        try:
            name, text = conversation_test(talk, rows, names, misread, self._client.zone)
            created = await asyncio.to_thread(_keep, self._data.parent / TESTS / name, text)
        except CannotReplay as error:
            raise DeskError(409, "cannot_replay", f"Tidak dapat dijadikan uji. {error}") from None
        return {"file": f"{TESTS}/{name}", "test": text, "created": created}

    async def _missing(self) -> list[str]:
        try:
            return await asyncio.to_thread(missing, self.examples, self._data, self._client)
        except BrokenData as error:
            return [str(error)]
        except OSError:
            raise DeskError(503, "busy", "Berkas data latih tidak dapat dibaca. Mohon hubungi admin.") from None


def _keep(path: Path, text: str) -> bool:
    """Write the file unless it is there; one that was changed by hand stays as it is."""
    if not path.parent.is_dir():
        raise CannotReplay(f"Folder {TESTS} tidak ada di pemasangan ini.")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _choices(named: dict[str, str]) -> list[Json]:
    return [{"id": key, "label": label} for key, label in named.items()]
