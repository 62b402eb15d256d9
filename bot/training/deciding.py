"""Deciding about a message and its group, and undoing it: the row and the line in data/nlu come and go together.

The rows are written first, so that of two trainers at once one meets the other's; the line is written before the commit. Should the
process die between the two, the line stands without a row, and the same decision made again finds it there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.client import Client
from bot.conversations import facts
from bot.conversations.records import messages
from bot.desk.access import LEADS
from bot.desk.errors import DeskError, bad_field, conflict, not_found
from bot.desk.sessions import User
from bot.store.database import Database, Tx
from bot.training.examples import AlreadyThere, CannotWrite, Examples
from bot.training.marks import Mark, written
from bot.training.masking import masked
from bot.training.messages import DECISIONS, names_in, review_json, review_of
from bot.training.messages import written as written_message
from bot.training.queue import ALSO, reviewable
from bot.training.records import reviews
from bot.training.usefulness import Guess

OUT_OF_TOPIC = "di_luar_topik"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a trainer chose. `text`: the example in place of the message's own words; `also`: the others of its group."""

    decision: str
    intent: str = ""
    label: str = ""
    text: str | None = None
    marks: Sequence[Mark] = ()
    also: Sequence[str] = ()


class Deciding:
    """Decides and undoes. Every refusal is a DeskError with a sentence."""

    def __init__(self, db: Database, client: Client, examples: Examples) -> None:
        self._db = db
        self._client = client
        self._examples = examples

    async def decide(self, user: User, message: str, choice: Choice) -> Json:
        """Keep the decision for the message and its group, and write the example. 409 `conflict` with who decided before."""
        if choice.decision not in DECISIONS:
            raise bad_field("Keputusan tidak dikenal.")
        async with self._db.write() as tx:
            row = await written_message(tx, message)
            if not reviewable(row):
                raise bad_field("Pesan ini bukan tulisan yang dibaca model.")
            guess = Guess.of(row.content["insight"])
            intent = self._intent(choice, guess)
            example = self._example(row, choice, await names_in(tx, row)) if intent else None
            group = await self._claim(tx, user, row, choice, guess, intent)
            place, wrote = None, False
            if intent and example:
                place, wrote = await asyncio.to_thread(self._write, choice, intent, example)
                kept = {"example": example, "written": wrote, "entities": [[m.start, m.end, m.entity] for m in choice.marks]}
                await tx.execute(update(reviews).where(reviews.c.message_id == message).values(**kept))
            await facts.record(
                tx,
                "review_decided",
                conversation=row.conversation_id,
                agent=user.id,
                message=message,
                decision=choice.decision,
                intent=intent,
                guess=guess.intent,
                messages=len(group),
            )
            kept_row = await review_of(tx, message)
            assert kept_row is not None
            review = review_json(self._client, kept_row)
        return {
            "review": review,
            "messages": group,
            "example": {"text": example, "place": place, "written": wrote} if example else None,
        }

    async def undo(self, user: User, message: str) -> Json:
        """Take back the decision of the message's group, and the line it wrote. A trainer takes back their own, leaders anybody's."""
        async with self._db.write() as tx:
            mine = await review_of(tx, message)
            if mine is None:
                raise not_found()
            if mine.by_id != user.id and user.role not in LEADS:
                raise DeskError(403, "forbidden", f"Keputusan ini milik {mine.by_name}; hanya ia atau ketua tim yang dapat membatalkannya.")
            gone = await tx.execute(delete(reviews).where(reviews.c.group_id == mine.group_id).returning(*reviews.c))
            rows = gone.all()
            if not rows:
                raise not_found()
            removed = False
            for row in rows:
                if row.written and row.intent and row.example:
                    removed = await asyncio.to_thread(self._remove, row.intent, row.example)
            await facts.record(tx, "review_undone", agent=user.id, message=mine.group_id, messages=len(rows), by=mine.by_id)
        return {"messages": [row.message_id for row in rows], "removed": removed}

    # --- inside

    def _intent(self, choice: Choice, guess: Guess) -> str | None:
        if choice.decision == "skip":
            return None
        if choice.decision == "out_of_topic":
            return OUT_OF_TOPIC
        if choice.decision == "right":
            if guess.intent is None or (choice.intent and choice.intent != guess.intent):
                raise bad_field("Tebakan model sudah berubah. Mohon pilih topiknya.")
            return guess.intent
        if not choice.intent:
            raise bad_field("Pilih topiknya.")
        return choice.intent

    def _example(self, row: Row[Any], choice: Choice, names: Sequence[str]) -> str:
        text = masked(row.text, names) if choice.text is None else choice.text
        hidden = masked(text, names)
        if hidden != text:
            told = "Contoh masih memuat data pribadi. Bagian itu sudah disamarkan; mohon periksa lagi."
            raise DeskError(422, "personal_data", told, text=hidden)
        try:
            return written(text, choice.marks)
        except ValueError as error:
            raise bad_field(str(error)) from None

    async def _claim(self, tx: Tx, user: User, row: Row[Any], choice: Choice, guess: Guess, intent: str | None) -> list[str]:
        """Write a row for the message and for each other that nobody has decided; of the message itself it must be the first."""
        found = await tx.execute(select(messages).where(messages.c.id.in_(list(choice.also)[:ALSO]), messages.c.author == "customer"))
        ids = sorted({row.id, *(other.id for other in found if reviewable(other))})
        insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
        common = {
            "group_id": row.id,
            "decision": choice.decision,
            "guess": guess.intent,
            "intent": intent,
            "entities": [],
            "written": False,
            "by_id": user.id,
            "by_name": user.name,
            "at": tx.now,
        }
        fresh = (
            insert(reviews).values([{"message_id": each, **common} for each in ids]).on_conflict_do_nothing(index_elements=["message_id"])
        )
        claimed = [each.message_id for each in await tx.execute(fresh.returning(reviews.c.message_id))]
        if row.id not in claimed:
            before = await review_of(tx, row.id)
            if before is None:
                raise conflict("Pesan ini baru saja diputuskan orang lain. Mohon muat ulang.")
            review = review_json(self._client, before)
            at = before.at.astimezone(self._client.zone).strftime("%H.%M")
            raise conflict(f"Pesan ini sudah diputuskan {before.by_name} pukul {at}: {review['label']}.", review=review)
        return sorted(claimed)

    def _write(self, choice: Choice, intent: str, example: str) -> tuple[str, bool]:
        """Where the example stands now, and whether it was written now."""
        try:
            if choice.decision == "new":
                return self._examples.begin(intent, choice.label, example).place, True
            return self._examples.add(intent, example).place, True
        except AlreadyThere as there:
            if there.intent == intent and choice.decision != "new":
                return there.place, False
            raise DeskError(409, "already_there", str(there), intent=there.intent, place=there.place) from None
        except LookupError:
            raise bad_field(f"Intent '{intent}' belum memiliki berkas contoh.") from None
        except CannotWrite as error:
            raise DeskError(409, "cannot_write", str(error)) from None

    def _remove(self, intent: str, example: str) -> bool:
        try:
            return self._examples.remove(intent, example)
        except CannotWrite as error:
            raise DeskError(409, "cannot_write", str(error)) from None
