"""One turn of the bot, from a stored message to stored replies: the protocol of docs/decisions/0002-stateless-engine.md.

Everything a turn writes is written in one transaction, guarded by the dialogue's version and the conversation's owner. Whatever fails
before that leaves no trace, so the turn is simply run again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from bot import telemetry
from bot.channels.delivery import send
from bot.channels.messages import Outbound
from bot.client import Client
from bot.conversations import facts, service
from bot.conversations.courtesy import opening
from bot.conversations.ownership import Owner
from bot.conversations.records import conversations, messages
from bot.conversations.worker import done
from bot.customers import service as customers
from bot.dialogue.endpoint import ActionEndpoint
from bot.dialogue.engine import Engines, EngineUnavailable, StateNeeded
from bot.dialogue.records import dialogue_seeds, dialogue_turns
from bot.dialogue.replies import compose
from bot.dialogue.unit import Library, TurnMustRepeat, Unit
from bot.ids import new_id
from bot.store.database import Database, Tx
from bot.store.prepared import Prepared

log = logging.getLogger(__name__)
REPEATS = 3
SECRET_WARNING = (
    "Demi keamanan, mohon jangan pernah mengirimkan PIN, OTP, atau kata sandi kepada siapa pun, termasuk petugas kami. "
    "Bagian itu sudah kami sembunyikan dan tidak kami simpan; sebaiknya segera ganti PIN atau kata sandi Bapak/Ibu."
)
Guard = Callable[[Tx], Awaitable[bool]]


_MORE = Prepared(select(messages.c.id).where(messages.c.conversation_id == bindparam("of"), messages.c.todo == "answer").limit(1))


class _Refused(Exception):
    """The guard said no, or the message is answered already: the transaction is undone."""


class TurnConflict(Exception):
    """Every repeat met a change by somebody else."""


class Dialogue:
    """Answers messages with the bot. `callback`: where the engine finds this process's action endpoint."""

    def __init__(self, db: Database, engines: Engines, actions: ActionEndpoint, library: Library, callback: str) -> None:
        self._db = db
        self._engines = engines
        self._actions = actions
        self.library = library
        self._callback = callback

    @telemetry.measured(
        telemetry.TURNS, lambda wrote: "answered" if wrote else "nothing", conflict=TurnConflict, engine_unavailable=EngineUnavailable
    )
    async def answer(self, conversation_id: str, message: Mapping[str, Any], guard: Guard | None = None) -> bool:
        """Run one turn. `message`: id, text, payload (its meaning where it is known), secret (one was hidden in it).

        `guard` runs within the turn's transaction; if it says False nothing is written. Returns False when there is nothing to answer any
        more (somebody else owns the conversation, or the guard said so). Raises EngineUnavailable, TurnConflict: nothing was written.
        """
        for _ in range(REPEATS):
            unit = await self._begin(conversation_id, message["id"])
            if unit is None:
                return False
            try:
                result = await self._run(unit, message)
                return await self._commit(unit, message, result, guard)
            except _Refused:
                return False
            except (TurnMustRepeat, service.OwnerChanged):
                telemetry.turn_repeated()
                log.info("turn of conversation %s is run again", conversation_id)
        raise TurnConflict(conversation_id)

    async def _begin(self, conversation_id: str, message_id: str) -> Unit | None:
        async with self._db.read() as tx:
            row = await service.get(tx, conversation_id)
            if row is None or row.owner != Owner.BOT:
                return None
            known = await customers.identities_of(tx, row.customer_id)
            customer = await customers.get(tx, row.customer_id)
            return Unit(new_id(), self._db, self.library, row, message_id, tx.now, known, customer.name if customer else None)

    async def _run(self, unit: Unit, message: Mapping[str, Any]) -> dict[str, Any]:
        version = unit.conversation.dialogue_version
        body: dict[str, Any] = {
            "conversation_id": unit.conversation.id,
            "version": version,
            "message": {
                "id": message["id"],
                "text": message["text"],
                "payload": message.get("payload"),
                "metadata": message.get("metadata") or {},
            },
            "turn": unit.turn,
            "after": unit.conversation.dialogue_turn,
            "callback": self._callback,
        }
        if version == 0:
            body["slots"] = {"channel": unit.conversation.channel}
        self._actions.units[unit.turn] = unit
        try:
            try:
                return await self._engines.turn(body)
            except StateNeeded:
                body["state"] = await self._state(unit.conversation.id, version)
                return await self._engines.turn(body)
        finally:
            del self._actions.units[unit.turn]

    async def _state(self, conversation_id: str, version: int) -> list[Any]:
        async with self._db.read() as tx:
            seed = (await tx.execute(select(dialogue_seeds).where(dialogue_seeds.c.conversation_id == conversation_id))).first()
            after = seed.version if seed else 0
            where = (
                (dialogue_turns.c.conversation_id == conversation_id)
                & (dialogue_turns.c.version > after)
                & (dialogue_turns.c.version <= version)
            )
            rows = await tx.execute(select(dialogue_turns.c.events).where(where).order_by(dialogue_turns.c.version))
            return [*(seed.events if seed else []), *(event for row in rows for event in row.events)]

    async def _commit(self, unit: Unit, message: Mapping[str, Any], result: Mapping[str, Any], guard: Guard | None) -> bool:
        row = unit.conversation
        first = row.dialogue_version == 0
        insight = result.get("insight") or {}
        before = [opening(unit.client, unit.now, unit.customer_name)] if first else []
        before += [SECRET_WARNING] if message.get("secret") else []
        said = compose(result["responses"], "\n\n".join(before))
        unchanged = {
            "id": row.id,
            "dialogue_version": row.dialogue_version,
            "owner": Owner.BOT.value,
            "owner_version": row.owner_version,
        }
        async with self._db.write() as tx:
            swapped = await tx.update(
                conversations,
                unchanged,
                dialogue_version=result["version"],
                dialogue_turn=unit.turn,
                waiting_since=None,
                **({} if guard else {"failed_turns": row.failed_turns + 1 if unit.unanswered else 0}),
                **({"topic": unit.topic, "confidence": insight.get("confidence")} if unit.topic else {}),
            )
            if swapped != 1:
                raise service.OwnerChanged("the conversation changed during the turn")
            if guard is not None and not await guard(tx):
                raise _Refused
            await _store_dialogue(tx, row.id, result)
            await _finish_message(tx, message, result, unit.client)
            if first:
                unit.mark("salam")
            sent = [await send(tx, row, Outbound.from_json(o.to_json()), author="bot") for o in said]
            evidence = sent[-1]["id"] if sent else message["id"]
            await service.mark_steps(tx, row.id, dict.fromkeys(unit.marks, evidence), "bot", row.steps or {})
            for effect in unit.effects:
                await effect.apply(tx, unit)
            if sent:
                await self._then_wait(tx, unit)
            await facts.record(
                tx,
                "bot_answered",
                conversation=row.id,
                customer=row.customer_id,
                message=message["id"],
                intent=insight.get("intent"),
                topic=unit.topic,
                confidence=insight.get("confidence"),
                replies=len(sent),
                understood=not unit.unanswered,
            )
            tx.publish("conversation", id=row.id)
        return True

    async def _then_wait(self, tx: Tx, unit: Unit) -> None:
        """We have answered: from now on the customer is waited for, unless more of theirs waits, or an effect decided otherwise."""
        conversation_id = unit.conversation.id
        if unit.effects:
            row = await service.get(tx, conversation_id)
            if row is None or row.owner != Owner.BOT or row.idle_since is not None:
                return
        if await tx.run(_MORE, of=conversation_id):  # their wait begins anew: whoever has not heard anything yet comes first
            await tx.update(conversations, {"id": conversation_id}, waiting_since=tx.now)
        else:
            await service.wait_for_customer(tx, conversation_id, Owner.BOT, self.library.client, tx.now)


async def _store_dialogue(tx: Tx, conversation_id: str, result: Mapping[str, Any]) -> None:
    await tx.insert(
        dialogue_turns,
        conversation_id=conversation_id,
        version=result["version"],
        events=result["new_events"],
        model=result["model"],
        created_at=tx.now,
    )
    if result.get("seed") is not None:
        values = {"version": result["version"], "events": result["seed"]}
        if not await tx.update(dialogue_seeds, {"conversation_id": conversation_id}, **values):
            await tx.insert(dialogue_seeds, conversation_id=conversation_id, **values)


async def _finish_message(tx: Tx, message: Mapping[str, Any], result: Mapping[str, Any], client: Client) -> None:
    if "content" not in message:
        return  # a timer's turn answers no message
    content, insight = dict(message["content"]), result.get("insight") or {}
    if insight.get("intent"):
        content["insight"] = shown_insight(insight, client)
        if form := answered_form(result):
            content["insight"] |= {"form": form, "answers": _answers(result)}
    if not await done(tx, message["id"], content=content):
        raise _Refused  # the lease ran out during the turn, and another worker has answered


def shown_insight(insight: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """What desk and trainers see of a parse: the topic in words, how sure the model is, what else it took it for, a second opinion."""
    topic = client.topic_of(insight.get("intent"))
    shown = {
        "topic": {"id": topic, "label": client.topic_label(topic)},
        "intent": insight.get("intent"),
        "confidence": insight.get("confidence"),
    }
    if insight.get("ranking"):
        shown["ranking"] = list(insight["ranking"])[:3]
    if insight.get("second"):
        shown["second"] = insight["second"]
    return shown


def answered_form(result: Mapping[str, Any]) -> str | None:
    """The form whose question the message answered; None for one that came before any form, or began it."""
    begun = [event for event in result.get("new_events") or () if event.get("event") == "active_loop"]
    if begun:
        return "ended" if begun[0].get("name") is None else None
    form: str | None = result.get("form")
    return form


def _answers(result: Mapping[str, Any]) -> list[str]:
    """The slots that a turn filled."""
    filled = {e.get("name") for e in result.get("new_events") or () if e.get("event") == "slot" and e.get("value") is not None}
    return sorted(str(name) for name in filled - {"requested_slot"})


def parse_payload(choice: str) -> dict[str, Any] | None:
    """A choice id of ours, `/intent` or `/intent{"entity": value}`, as the engine takes it; None if it is none of ours."""
    if not choice.startswith("/"):
        return None
    intent, brace, rest = choice[1:].partition("{")
    try:
        entities = json.loads(brace + rest) if brace else {}
    except (ValueError, RecursionError):
        return None
    return {"intent": intent, "entities": entities} if intent and isinstance(entities, dict) else None
