"""The sender: takes the outbox in order per conversation, keeps Meta's pace, and decides on each answer.

A row is marked before the request leaves. Found marked after a crash, or after a time-out, its outcome is unknown, and it is never
repeated blindly: a status that names our own id shows that it arrived; only where statuses of other messages keep coming and none for
this one is it sent again (docs/decisions/0005-uncertain-sends.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select, update
from sqlalchemy.engine import Row

from bot.channels.files import Files
from bot.channels.messages import Delivery, Outbound
from bot.channels.records import media, outbox
from bot.channels.statuses import apply_parked, climbs, part_token
from bot.channels.whatsapp.errors import Action, classify, explain
from bot.channels.whatsapp.graph import GraphClient, NotSent, Refused, SendResult, Sent, Uncertain, Uploaded
from bot.channels.whatsapp.pace import window_open
from bot.channels.whatsapp.pacing import Pacing, halt, halted
from bot.channels.whatsapp.render import Recipient, render, render_media
from bot.conversations import facts
from bot.conversations.records import conversations, messages
from bot.conversations.records import facts as facts_table
from bot.customers.service import identities_of
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)
POLL_S = 1.0
AT_ONCE = 16
ABANDONED_S = 30  # a send that was begun so long ago belongs to a process that died; longer than a request may take
OURS_S = 10  # who has not sent by then stood still: by the time the request leaves, others may have taken it
UNCERTAIN_S = 20  # how long a status may take that shows an uncertain message arrived
GIVE_UP_S = 600  # without any sign of statuses for so long, an uncertain message stays uncertain
TRIES = 8
ACCOUNT_PAUSE_S = 60


class Sender:
    """Sends what the outbox holds for one WhatsApp number."""

    def __init__(self, db: Database, graph: GraphClient, account: str, files: Files) -> None:
        self._db = db
        self._graph = graph
        self._files = files
        self._account = account
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._pacing = Pacing(account)
        self._stopping = False
        self.halted = False

    async def run(self) -> None:
        """Until `stop` or cancelled; what is under way is finished by `drain`."""
        unsubscribe = self._db.subscribe(self._heard)
        try:
            while not self._stopping:
                self._wake.clear()
                started = 0
                try:
                    started = await self.step()
                except Exception:
                    log.exception("the sender stumbled; going on")
                if not started:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL_S):  # unlike wait_for, never swallows a cancellation (Python 3.11)
                            await self._wake.wait()
        finally:
            unsubscribe()

    def stop(self) -> None:
        """Begin no more sends."""
        self._stopping = True
        self._wake.set()

    async def drain(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _heard(self, topic: str, _data: dict[str, Any]) -> None:
        if topic in ("outbox", "refresh"):
            self._wake.set()

    async def step(self) -> int:
        """Start sending what is due; how many were started."""
        free = AT_ONCE - len(self._running)
        if free <= 0 or await self._halted():
            return 0
        async with self._db.read() as tx:
            due = await self._due(tx, free)
        for row in due:
            task = asyncio.create_task(self._send(row), name=f"send {row.message_id}")
            self._running.add(task)
            task.add_done_callback(self._done)
        if due:
            await asyncio.sleep(0)
        return len(due)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception():
            log.error("sending failed", exc_info=task.exception())
        self._wake.set()

    async def _halted(self) -> bool:
        async with self._db.read() as tx:
            self.halted = await halted(tx, self._account)
        return self.halted

    async def _due(self, tx: Tx, limit: int) -> list[Row[Any]]:
        """The first waiting message of each conversation, where it is due and nobody is at it."""
        earlier = outbox.alias("earlier")
        is_first = ~exists().where(and_(earlier.c.conversation_id == outbox.c.conversation_id, earlier.c.seq < outbox.c.seq))
        abandoned = tx.now - timedelta(seconds=ABANDONED_S)
        free = or_(outbox.c.sending_since.is_(None), outbox.c.sending_since < abandoned)
        running = {task.get_name().removeprefix("send ") for task in self._running}
        rows = await tx.execute(
            select(outbox)
            .where(outbox.c.account == self._account, outbox.c.due_at <= tx.now, is_first, free)
            .order_by(outbox.c.due_at)
            .limit(limit + len(running))
        )
        return [row for row in rows if row.message_id not in running][:limit]

    async def _send(self, row: Row[Any]) -> None:
        if row.body.get("media_id") and not row.body.get("uploaded") and not await self._upload(row):
            return
        claimed = await self._claim(row)
        if claimed is None:
            return
        bodies, since = claimed
        result: SendResult = Sent("")
        for part in range(row.part, len(bodies)):
            if self._db.clock.now() - since > timedelta(seconds=OURS_S):
                log.warning("message %s: we stood still after taking it; it is left to whoever has it now", row.message_id)
                return
            result = await self._graph.send(bodies[part])
            if not isinstance(result, Sent):
                break
            if part + 1 < len(bodies):
                async with self._db.write() as tx:
                    step = {"part": part + 1, "sending_since": tx.now}
                    if (await tx.execute(update(outbox).where(_held(row, since)).values(**step))).rowcount != 1:
                        return
                    since = tx.now
        await self._settle(row, since, result)

    async def _upload(self, row: Row[Any]) -> bool:
        """Hand the message's file to Meta first. False: it is tried again later, or the message failed. Two processes that both do it
        only leave a file at Meta that nobody names."""
        async with self._db.read() as tx:
            file = (await tx.execute(select(media).where(media.c.id == row.body["media_id"]))).first()
        result: Uploaded | Refused | NotSent = Refused(None, 404, "file is gone")
        if file is not None and self._files.path(file.id).is_file():
            data = await asyncio.to_thread(self._files.path(file.id).read_bytes)
            result = await self._graph.upload(data, file.mime, file.name or file.id)
        async with self._db.write() as tx:
            still = (outbox.c.message_id == row.message_id) & outbox.c.sending_since.is_(None)
            now = (await tx.execute(select(outbox).where(still).with_for_update())).first()
            if now is None:
                return False
            match result:
                case Uploaded(media_id):
                    body = {**now.body, "uploaded": media_id, "file": {"kind": file.kind, "name": file.name}} if file else now.body
                    await tx.execute(update(outbox).where(still).values(body=body))
                    return True
                case NotSent(reason):
                    await self._again(tx, now, min(60, 2**now.tries), reason)
                case Refused(code):
                    await self._end(tx, now, Delivery.FAILED, code, explain(code) if code else "Berkas tidak dapat dikirim ke WhatsApp.")
        return False

    async def _claim(self, row: Row[Any]) -> tuple[list[dict[str, Any]], datetime] | None:
        """Take the row in hand and render it; since when we hold it. None when it must wait, may not be sent, or somebody else has it."""
        async with self._db.write() as tx:
            mine = outbox.c.message_id == row.message_id
            now = (await tx.execute(select(outbox).where(mine).with_for_update())).first()
            conversation = (await tx.execute(select(conversations).where(conversations.c.id == row.conversation_id))).one()
            if now is None or now.sending_since != row.sending_since:
                return None
            if now.sending_since is not None:
                await self._doubt(tx, row, now.sending_since)
                return None
            if now.uncertain_since is not None and not await self._may_repeat(tx, row, now.uncertain_since):
                return None
            if row.author == "bot" and conversation.owner == "agent":
                await self._end(tx, row, Delivery.DROPPED, None, None)
                return None
            outbound = Outbound.from_json(now.body)
            if outbound.template is None and not window_open(conversation.last_customer_at, tx.now):
                await self._end(tx, row, Delivery.FAILED, 131047, explain(131047))
                return None
            known = await identities_of(tx, conversation.customer_id)
            to = Recipient(known.get("wa_id"), known.get("bsuid"))
            if wait := await self._pacing.wait(tx, to):
                await tx.execute(update(outbox).where(mine).values(due_at=tx.now + timedelta(seconds=wait)))
                return None
            bodies = _bodies(outbound, now.body, to, row.message_id)
            if not bodies:
                await self._end(tx, row, Delivery.DROPPED, None, None)
                return None
            await tx.execute(update(outbox).where(mine).values(sending_since=tx.now, uncertain_since=None))
            await tx.execute(update(messages).where(messages.c.id == row.message_id).values(delivery=Delivery.SENDING))
            # Each part says which it is: its status must not speak for the others.
            tokens = [part_token(row.message_id, part, len(bodies)) for part in range(len(bodies))]
            return [{**body, "biz_opaque_callback_data": token} for body, token in zip(bodies, tokens, strict=True)], tx.now

    async def _settle(self, row: Row[Any], since: datetime, result: SendResult) -> None:
        async with self._db.write() as tx:
            ours = (await tx.execute(select(outbox.c.message_id).where(_held(row, since)).with_for_update())).first()
            if ours is None and not isinstance(result, Sent):
                return  # somebody else has it in hand; only that it did arrive is news to them
            match result:
                case Sent(wamid):
                    await self._end(tx, row, Delivery.SENT, None, None, wamid)
                case Uncertain(reason):
                    log.warning("message %s: outcome of the send unknown (%s)", row.message_id, reason)
                    await self._doubt(tx, row, tx.now)
                case NotSent(reason):
                    await self._again(tx, row, min(60, 2**row.tries), reason)
                case Refused():
                    await self._refused(tx, row, result)

    async def _doubt(self, tx: Tx, row: Row[Any], since: datetime) -> None:
        """The outcome of a send is unknown: show it, and look again once a status has had its time."""
        later = {"sending_since": None, "uncertain_since": since, "due_at": max(tx.now, since + timedelta(seconds=UNCERTAIN_S))}
        await tx.execute(update(outbox).where(outbox.c.message_id == row.message_id).values(**later))
        await tx.execute(
            update(messages).where(messages.c.id == row.message_id, messages.c.delivery == "sending").values(delivery=Delivery.UNCERTAIN)
        )
        await facts.record(tx, "message_uncertain", conversation=row.conversation_id, message=row.message_id)
        tx.publish("message", conversation=row.conversation_id, seq=row.seq)

    async def _may_repeat(self, tx: Tx, row: Row[Any], since: datetime) -> bool:
        """Whether an uncertain message may be sent again: statuses of others keep coming, none for this one. Ends it where it arrived."""
        message = (await tx.execute(select(messages.c.delivery).where(messages.c.id == row.message_id))).one()
        if climbs(Delivery.UNCERTAIN, message.delivery):
            await tx.execute(delete(outbox).where(outbox.c.message_id == row.message_id))
            return False
        if await self._part_arrived(tx, row, since):
            further = {"part": row.part + 1, "uncertain_since": None, "due_at": tx.now}
            await tx.execute(update(outbox).where(outbox.c.message_id == row.message_id).values(**further))
            return False
        signs = (facts_table.c.kind == "message_status") & (facts_table.c.at > since + timedelta(seconds=UNCERTAIN_S / 2))
        if (await tx.execute(select(facts_table.c.id).where(signs).limit(1))).first() is not None:
            return True
        if tx.now - since > timedelta(seconds=GIVE_UP_S):
            await self._end(tx, row, Delivery.UNCERTAIN, None, "Pengiriman terputus; belum pasti sampai.")
        else:
            await tx.execute(update(outbox).where(outbox.c.message_id == row.message_id).values(due_at=tx.now + timedelta(seconds=5)))
        return False

    async def _part_arrived(self, tx: Tx, row: Row[Any], since: datetime) -> bool:
        """Whether a status spoke of the doubted part of a long message while its request was still under way, and so before the doubt."""
        told = (facts_table.c.kind == "message_status") & (facts_table.c.at > since - timedelta(seconds=2 * ABANDONED_S))
        found = await tx.execute(select(facts_table.c.data).where(told))
        return any(data.get("message") == row.message_id and data.get("part") == row.part for (data,) in found)

    async def _refused(self, tx: Tx, row: Row[Any], result: Refused) -> None:
        action = classify(result.code, result.http_status, result.details)
        log.warning("message %s refused: code %s, %s", row.message_id, result.code, action)
        if action == Action.RETRY:
            await self._again(tx, row, result.retry_after or min(60, 2**row.tries), f"code {result.code}")
        elif action == Action.DELAY_RECIPIENT:
            await self._put_back(tx, row, await self._pacing.refused(tx, await self._customer(tx, row)))
        elif action in (Action.BACK_OFF_ACCOUNT, Action.STOP_AND_ALARM):
            stop = action == Action.STOP_AND_ALARM
            until = None if stop else tx.now + timedelta(seconds=result.retry_after or ACCOUNT_PAUSE_S)
            if stop:
                log.error(
                    "WhatsApp sending is stopped (code %s): mend the account, then run `sapa whatsapp resume`. The queue is kept.",
                    result.code,
                )
            await halt(tx, self._account, result.code, until)
            await self._put_back(tx, row, 0)
        else:
            await self._end(tx, row, Delivery.FAILED, result.code, explain(result.code))

    async def _customer(self, tx: Tx, row: Row[Any]) -> str:
        owner = select(conversations.c.customer_id).where(conversations.c.id == row.conversation_id)
        return str((await tx.execute(owner)).scalar_one())

    async def _again(self, tx: Tx, row: Row[Any], seconds: float, why: str) -> None:
        if row.tries + 1 >= TRIES:
            await self._end(tx, row, Delivery.FAILED, None, "Pesan belum berhasil dikirim setelah beberapa kali percobaan.")
            return
        log.info("message %s: once more in %s s (%s)", row.message_id, seconds, why)
        await self._put_back(tx, row, seconds, tries=row.tries + 1)

    async def _put_back(self, tx: Tx, row: Row[Any], seconds: float, **columns: Any) -> None:
        due = tx.now + timedelta(seconds=seconds)
        await tx.execute(update(outbox).where(outbox.c.message_id == row.message_id).values(sending_since=None, due_at=due, **columns))
        await tx.execute(update(messages).where(messages.c.id == row.message_id).values(delivery=Delivery.QUEUED))

    async def _end(self, tx: Tx, row: Row[Any], delivery: Delivery, code: int | None, why: str | None, wamid: str | None = None) -> None:
        await tx.execute(delete(outbox).where(outbox.c.message_id == row.message_id))
        message = (await tx.execute(select(messages).where(messages.c.id == row.message_id))).one()
        changes: dict[str, Any] = {"error_code": code}
        if climbs(message.delivery, delivery) or delivery in (Delivery.DROPPED, Delivery.FAILED):
            changes |= {"delivery": delivery, "delivery_at": tx.now}
        if why:
            changes["content"] = {**(message.content or {}), "error": why}
        if wamid and message.external_id is None:
            changes["external_id"] = wamid
        await tx.execute(update(messages).where(messages.c.id == row.message_id).values(**changes))
        await facts.record(tx, f"message_{delivery}_to_channel", conversation=row.conversation_id, message=row.message_id, code=code)
        if wamid:
            await apply_parked(tx, wamid)
            await self._pacing.taken(tx, await self._customer(tx, row))
        tx.publish("message", conversation=row.conversation_id, seq=row.seq)


def _bodies(outbound: Outbound, stored: dict[str, Any], to: Recipient, token: str) -> list[dict[str, Any]]:
    """The request bodies of a message; of a file by the id Meta gave it, with the text as its caption."""
    if not stored.get("uploaded"):
        return render(outbound, to=to, token=token)
    file = stored["file"]
    return render_media(file["kind"], to=to, token=token, media_id=stored["uploaded"], caption=outbound.text, filename=file["name"])


def _held(row: Row[Any], since: datetime) -> Any:
    """Whether the message is still in the hands of who took it at `since`."""
    return (outbox.c.message_id == row.message_id) & (outbox.c.sending_since == since)
