"""The guide at the desk: what is done and missing, ticking by hand, verifying who it is, naming the topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from bot.assist.filling import fill, values_for
from bot.client import Client
from bot.client_desk import Level
from bot.conversations import facts
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations
from bot.conversations.secrets import hide_secrets
from bot.conversations.transcript import iso
from bot.customers.records import customers
from bot.desk.access import locked, require_desk, require_own_or_lead
from bot.desk.errors import DeskError, bad_field
from bot.desk.records import users
from bot.desk.sessions import User
from bot.dialogue.unit import Library
from bot.procedure.rules import missing
from bot.procedure.service import UnknownStep, checked, guide_of, tick_by_hand, topic_known, untick, verify
from bot.store.database import Database, Tx

REASON = 300  # most characters
OTHERS = {"bot": "Asisten virtual", "system": "Sistem", "customer": "Nasabah"}
Json = dict[str, Any]


class Guiding:
    """The guide's use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, library: Library) -> None:
        self._db = db
        self._client: Client = library.client

    async def tick(self, user: User, conversation: str, step: str, reason: str, undo: bool) -> Json:
        """Tick a step by hand with a reason, or take such a tick back."""
        require_desk(user)
        reason = hide_secrets(reason.strip())[0]
        if not undo and not 1 <= len(reason) <= REASON:
            raise bad_field(f"Isi alasan, paling banyak {REASON} karakter.")
        async with self._db.write() as tx:
            row = await self._mine(tx, user, conversation)
            try:
                if undo:
                    await untick(tx, row, step, user.id)
                else:
                    await tick_by_hand(tx, self._client, row, step, reason, user.id)
            except UnknownStep:
                raise bad_field("Langkah ini tidak dapat diubah.") from None
            return await self.present(tx, await locked(tx, conversation), user.name)

    async def verify(self, user: User, conversation: str, field: str, matched: bool) -> Json:
        """What the customer said of this field was compared."""
        async with self._db.write() as tx:
            row = await self._mine(tx, user, conversation)
            try:
                await verify(tx, self._client, row, field, matched, user.id)
            except UnknownStep:
                raise bad_field("Data yang dicocokkan tidak dikenal.") from None
            return await self.present(tx, await locked(tx, conversation), user.name)

    async def name_topic(self, user: User, conversation: str, topic: str) -> Json:
        """What it is about, in the agent's judgement."""
        async with self._db.write() as tx:
            row = await self._mine(tx, user, conversation)
            await self.set_topic(tx, row, topic, None, user.id)
            return await self.present(tx, await locked(tx, conversation), user.name)

    async def set_topic(self, tx: Tx, row: Row[Any], topic: str, sub_topic: str | None, by: str) -> None:
        """Set topic and sub-topic; the need is known. Raises `bad_field`."""
        if topic not in self._client.topics:
            raise bad_field("Pilih topik percakapan.")
        if sub_topic is not None and sub_topic not in self._client.procedures.sub_topics.get(topic, {}):
            raise bad_field("Pilih subtopik yang sesuai dengan topiknya.")
        if (row.topic, row.sub_topic) != (topic, sub_topic):
            await tx.execute(update(conversations).where(conversations.c.id == row.id).values(topic=topic, sub_topic=sub_topic))
            await facts.record(tx, "topic_named", conversation=row.id, customer=row.customer_id, agent=by, topic=topic, sub_topic=sub_topic)
            tx.publish("conversation", id=row.id)
        await topic_known(tx, self._client, row, topic, by)

    async def require_steps(self, tx: Tx, row: Row[Any], outcome: str, override: str, user: User, leads: bool) -> None:
        """Raises `steps_missing` unless every step the outcome needs is done, or a leader says why not."""
        lacking = missing(guide_of(self._client, row), set(row.steps or {}), outcome)
        if not lacking:
            return
        if override and leads:
            names = [step.step for step in lacking]
            await facts.record(
                tx, "steps_waived", conversation=row.id, customer=row.customer_id, agent=user.id, steps=names, outcome=outcome
            )
            return
        labels = {step.id: step.label for step in self._client.steps}
        told = ", ".join(labels[step.step] for step in lacking)
        shown = [
            {"id": step.step, "label": labels[step.step], "hint": await self._filled(tx, row, step.hint, user.name)} for step in lacking
        ]
        raise DeskError(422, "steps_missing", f"Langkah yang belum dilakukan: {told}.", missing=shown)

    async def _mine(self, tx: Tx, user: User, conversation: str) -> Row[Any]:
        require_desk(user)
        row = await locked(tx, conversation)
        require_own_or_lead(row, user)
        if row.owner == Owner.CLOSED:
            raise DeskError(409, "not_yours", "Percakapan ini sudah selesai.")
        return row

    # --- showing

    async def present(self, tx: Tx, row: Row[Any], writer: str) -> Json:
        """The guide as docs/protocols.md shows it; `writer`: whose name the hints are filled in with."""
        guide, done = guide_of(self._client, row), dict(row.steps or {})
        names = await _names(tx, (mark.get("by") for mark in done.values()))
        labels = {step.id: step.label for step in self._client.steps}
        places = await self.places(tx, row, writer)
        steps = []
        for step in guide.steps:
            mark = done.get(step.step) or {}
            by = mark.get("by")
            steps.append(
                {
                    "id": step.step,
                    "label": labels[step.step],
                    "hint": fill(step.hint, places),
                    "done": step.step in done,
                    "at": _utc(mark.get("at")),
                    "by": {"id": by, "name": names.get(by, "Petugas")} if by else None,
                    "how": (mark.get("how") or "evidence") if mark else None,
                    "reason": mark.get("reason"),
                    "evidence": mark.get("evidence") or None,
                    "required": step.required,
                }
            )
        lacking = {outcome: [s.step for s in missing(guide, done, outcome)] for outcome in self._client.handoff.outcomes}
        return {
            "guide": {"id": row.procedure, "label": guide.label},
            "steps": steps,
            "missing": {outcome: steps for outcome, steps in lacking.items() if steps},
            "verification": await self._verification(tx, row),
        }

    async def _verification(self, tx: Tx, row: Row[Any]) -> Json:
        rules = self._client.procedures.verification
        known = await checked(tx, row.id)
        return {
            "level": row.verified,
            "label": rules.levels[row.verified - 1].label if 0 < row.verified <= len(rules.levels) else "Belum diverifikasi",
            "fields": [
                {
                    "id": name,
                    "label": label,
                    "matched": known[name].matched if name in known else None,
                    "at": _utc(known[name].at.isoformat()) if name in known else None,
                }
                for name, label in rules.fields.items()
            ],
            "levels": [
                {
                    "level": number,
                    "label": level.label,
                    "needs": _needs(level, rules.fields),
                    "reached": row.verified >= number,
                    "unlocks": level.unlocks,
                }
                for number, level in enumerate(rules.levels, 1)
            ],
        }

    async def _filled(self, tx: Tx, row: Row[Any], text: str, writer: str) -> str:
        return fill(text, await self.places(tx, row, writer))

    async def places(self, tx: Tx, row: Row[Any], writer: str) -> dict[str, str | None]:
        """What texts of the client may be filled in with."""
        name = (await tx.execute(select(customers.c.name).where(customers.c.id == row.customer_id))).scalar()
        return values_for(self._client, tx.now, name=name, agent=writer)


def _needs(level: Level, fields: Mapping[str, str]) -> str:
    return f"{level.count} dari: {', '.join(fields[name] for name in level.of)}"


async def _names(tx: Tx, ids: Iterable[Any]) -> dict[str, str]:
    wanted = {each for each in ids if isinstance(each, str)} - set(OTHERS)
    if not wanted:
        return dict(OTHERS)
    rows = await tx.execute(select(users.c.id, users.c.name).where(users.c.id.in_(wanted)))
    return OTHERS | {row.id: row.name for row in rows}


def _utc(at: Any) -> str | None:
    return iso(datetime.fromisoformat(at)) if isinstance(at, str) else None
