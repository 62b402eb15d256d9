"""The WhatsApp sender against the stand-in: pace, refusals, uncertain outcomes, and a person who took over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.channels.delivery import send
from bot.channels.messages import Outbound, TemplateCall
from bot.channels.records import halts, media, outbox
from bot.channels.whatsapp.graph import NotSent, Uncertain
from bot.channels.whatsapp.pacing import resume
from bot.channels.whatsapp.sender import Sender
from bot.conversations.facts import record
from bot.conversations.records import conversations, messages
from bot.handoff.service import accept, enqueue
from tests.conftest import StackFactory
from tests.support.stack import NUMBER, Phone, Stack, until

pytestmark = pytest.mark.engine


async def begin(stack: Stack) -> tuple[Phone, Any]:
    """A customer who has just been answered, and the conversation."""
    phone = stack.phone()
    await phone.say("halo")
    return phone, await row_of(stack)


async def row_of(stack: Stack) -> Any:
    async with stack.db.read() as tx:
        return (await tx.execute(select(conversations))).one()


async def tell(stack: Stack, text: str, author: str = "system") -> str:
    """Send something of ours; returns the message's id."""
    async with stack.db.write() as tx:
        row = (await tx.execute(select(conversations))).one()
        return str((await send(tx, row, Outbound(text), author=author))["id"])


async def delivery(stack: Stack, message: str) -> Any:
    async with stack.db.read() as tx:
        return (
            await tx.execute(select(messages.c.delivery, messages.c.error_code, messages.c.content).where(messages.c.id == message))
        ).one()


async def becomes(stack: Stack, message: str, *wanted: str) -> None:
    async def there() -> bool:
        return (await delivery(stack, message)).delivery in wanted

    await until(there, f"the message did not become {wanted}")


async def put_back(stack: Stack, message: str, tries: int) -> None:
    """Wait until the message was tried so often and waits for its next turn."""

    async def there() -> bool:
        async with stack.db.read() as tx:
            row = (await tx.execute(select(outbox).where(outbox.c.message_id == message))).first()
            return row is not None and row.tries == tries and row.sending_since is None

    await until(there, f"the message was not tried {tries} times")


async def gone(stack: Stack, message: str) -> None:
    async def there() -> bool:
        async with stack.db.read() as tx:
            return (await tx.execute(select(outbox).where(outbox.c.message_id == message))).first() is None

    await until(there, "the message still waits to be sent")


def texts(stack: Stack) -> list[str]:
    return [r["body"].get("text", {}).get("body", "") for r in stack.graph.record]


async def test_messages_of_a_conversation_leave_in_order(start_stack: StackFactory, database_url: str) -> None:
    stack = await start_stack(database_url)
    await begin(stack)
    for n in range(8):
        last = await tell(stack, f"pesan {n}")
    await becomes(stack, last, "read")
    assert texts(stack)[-8:] == [f"pesan {n}" for n in range(8)]


async def test_the_pair_rate_holds_a_chatty_side_back(stack: Stack) -> None:
    await begin(stack)
    for n in range(50):
        last = await tell(stack, f"pesan {n}")
    await until(lambda: len(stack.graph.record) >= 45, "the burst did not leave")
    assert len(stack.graph.record) < 51
    await stack.advance(60)
    await becomes(stack, last, "read")
    assert [t for t in texts(stack) if t.startswith("pesan")] == [f"pesan {n}" for n in range(50)]


async def test_a_pair_refusal_delays_that_customer_only(stack: Stack) -> None:
    await begin(stack)
    other = stack.phone(1)
    stack.graph.set_faults(fail_code=131056, fail_times=1)
    held = await tell(stack, "tertahan")
    await until(lambda: stack.graph.faults.fail_times == 0, "the refusal did not happen")
    assert "asisten virtual" in (await _answer(stack, other, "halo"))
    await becomes(stack, held, "queued")
    await stack.advance(10)
    await becomes(stack, held, "read")


async def _answer(stack: Stack, phone: Phone, words: str) -> str:
    await stack.graph.customer_sends(phone.customer, "text", text=words)
    await until(lambda: bool(phone.from_us()), "no answer")
    return str(phone.from_us()[-1]["text"])


@pytest.mark.parametrize("code", [131000, 131016, 1, 2])
async def test_what_may_pass_is_tried_again(stack: Stack, code: int) -> None:
    await begin(stack)
    stack.graph.set_faults(fail_code=code, fail_times=2)
    message = await tell(stack, "coba lagi")
    await put_back(stack, message, 1)  # when it is due again counts from then
    await stack.advance(2)
    await put_back(stack, message, 2)
    await stack.advance(4)
    await becomes(stack, message, "read")


@pytest.mark.parametrize("code", [131026, 131047, 131049, 131051, 131009, 100])
async def test_what_is_final_is_shown_with_its_reason(stack: Stack, code: int) -> None:
    await begin(stack)
    stack.graph.set_faults(fail_code=code, fail_times=1)
    message = await tell(stack, "tidak terkirim")
    await becomes(stack, message, "failed")
    found = await delivery(stack, message)
    assert found.error_code == code
    assert found.content["error"].endswith(".")
    async with stack.db.read() as tx:
        assert (await tx.execute(select(outbox))).first() is None


@pytest.mark.parametrize("code", [190, 131031, 368])
async def test_an_error_of_the_account_stops_and_keeps_the_queue(stack: Stack, code: int) -> None:
    await begin(stack)
    stack.graph.set_faults(fail_code=code, fail_times=1)
    first, second = await tell(stack, "satu"), await tell(stack, "dua")

    async def halted() -> bool:
        async with stack.db.read() as tx:
            return (await tx.execute(select(halts))).first() is not None

    await until(halted, "sending was not stopped")
    await stack.advance(120)
    assert (await delivery(stack, second)).delivery == "queued"
    async with stack.db.write() as tx:
        assert await resume(tx, NUMBER)
        tx.publish("outbox")
    await becomes(stack, first, "read")
    await becomes(stack, second, "read")
    assert [t for t in texts(stack) if t in ("satu", "dua")] == ["satu", "dua"]


async def test_outside_the_window_nothing_is_sent(stack: Stack) -> None:
    await begin(stack)
    stack.clock.advance(24 * 3600 + 1)
    message = await tell(stack, "terlambat")
    await becomes(stack, message, "failed")
    assert (await delivery(stack, message)).error_code == 131047
    assert "terlambat" not in texts(stack)


@pytest.mark.parametrize("fault", ["drop_connection_times", "gateway_error_times"])
async def test_an_uncertain_send_that_arrived_is_not_repeated(stack: Stack, fault: str) -> None:
    await begin(stack)
    stack.graph.set_faults(**{fault: 1, "accept_first": True})
    message = await tell(stack, "sekali saja")
    await becomes(stack, message, "read")
    await stack.advance(25)
    await gone(stack, message)
    assert texts(stack).count("sekali saja") == 1


async def test_an_uncertain_send_is_repeated_only_where_statuses_prove_it_did_not_arrive(stack: Stack) -> None:
    await begin(stack)
    stack.graph.set_faults(drop_connection_times=1, accept_first=False)
    message = await tell(stack, "hilang di jalan")
    await becomes(stack, message, "uncertain")
    await stack.advance(25)
    assert texts(stack).count("hilang di jalan") == 0, "no status came since: nothing proves anything"
    await _answer(stack, stack.phone(1), "halo")
    await stack.graph.settle()
    await stack.advance(10)
    await becomes(stack, message, "read")
    assert texts(stack).count("hilang di jalan") == 1


async def test_an_uncertain_send_without_any_sign_stays_uncertain(stack: Stack) -> None:
    await begin(stack)
    stack.graph.set_faults(drop_connection_times=1, accept_first=False, drop_statuses=True)
    message = await tell(stack, "entah")
    await becomes(stack, message, "uncertain")
    stack.clock.advance(700)
    await gone(stack, message)
    assert (await delivery(stack, message)).delivery == "uncertain"
    assert "entah" not in texts(stack)


async def test_no_message_of_the_bot_leaves_after_a_person_took_over(stack: Stack) -> None:
    await begin(stack)
    async with stack.db.write() as tx:
        await tx.execute(halts.insert().values(account=NUMBER, code=4, at=tx.now, until=None))
    message = await tell(stack, "dari bot", author="bot")
    async with stack.db.write() as tx:
        row = (await tx.execute(select(conversations))).one()
        await enqueue(tx, row, stack.service.client, reason="requested", by="bot")
        await accept(tx, row.id, 1, "AGENT", "Rani")
        await resume(tx, NUMBER)
        tx.publish("outbox")
    await becomes(stack, message, "dropped")
    assert "dari bot" not in texts(stack)


async def test_the_customer_sees_that_it_was_read_and_that_we_write(stack: Stack) -> None:
    await stack.phone().say("halo")
    await until(lambda: any(r["typing"] for r in stack.graph.reads), "no typing indicator")


async def test_a_long_message_with_an_uncertain_part_is_completed(stack: Stack) -> None:
    await begin(stack)
    stack.graph.set_faults(drop_connection_times=1, accept_first=False)
    message = await tell(stack, "satu " * 900 + "akhir")
    await becomes(stack, message, "uncertain")
    await stack.advance(15)
    await _answer(stack, stack.phone(1), "halo")
    await stack.graph.settle()
    await stack.advance(10)
    await becomes(stack, message, "read")
    assert [t.strip().endswith("akhir") for t in texts(stack) if t.startswith("satu")] == [False, True]


async def test_nobody_is_asked_whether_they_are_there_before_our_answer_left(stack: Stack) -> None:
    phone, _ = await begin(stack)
    async with stack.db.write() as tx:
        await tx.execute(halts.insert().values(account=NUMBER, code=4, at=tx.now, until=None))
    await stack.graph.customer_sends(phone.customer, "text", text="apa itu tabungan emas")
    await until_facts(stack, "bot_answered", 2)
    await stack.advance(100)
    assert await stack.facts("idle_asked") == []


async def until_facts(stack: Stack, kind: str, count: int) -> None:
    async def there() -> bool:
        return len(await stack.facts(kind)) >= count

    await until(there, f"not {count} facts of kind {kind}")


class Frozen(Sender):
    """The sender of a process that stands still after it has taken a message, `before` or `after` its request."""

    def __init__(self, stack: Stack, where: str) -> None:
        assert stack.service.sender is not None
        super().__init__(stack.db, stack.service.sender._graph, NUMBER, stack.service.files)
        self.stands, self.goes_on = asyncio.Event(), asyncio.Event()
        inner, where_ = self._graph, where

        class Graph:
            async def send(_, body: dict[str, Any]) -> Any:
                result = await inner.send(body) if where_ == "before" else NotSent("nothing left")
                if where_ == "after":
                    await self._stand()
                return result

        self._graph = Graph()  # type: ignore[assignment]
        self._before = where == "before"

    async def _stand(self) -> None:
        self.stands.set()
        await self.goes_on.wait()

    async def _claim(self, row: Any) -> Any:
        claimed = await super()._claim(row)
        if self._before:
            await self._stand()
        return claimed


class Gate:
    """A way to the Graph API that lets nothing through before it is open."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self.open = asyncio.Event()

    async def send(self, body: dict[str, Any]) -> Any:
        await self.open.wait()
        return await self._graph.send(body)


@pytest.mark.parametrize("where", ["before", "after"])
async def test_who_stood_still_does_not_send_what_others_took_over(start_stack: StackFactory, database_url: str, where: str) -> None:
    stack = await start_stack(database_url)
    await begin(stack)
    assert stack.service.sender is not None
    stack.service.sender.stop()  # until the frozen one has taken the message
    await stack.service.sender.drain()
    frozen = Frozen(stack, where)
    message = await tell(stack, "sekali saja")
    assert await frozen.step() == 1
    await frozen.stands.wait()
    gate = Gate(stack.service.sender._graph)
    other = Sender(stack.db, gate, NUMBER, stack.service.files)  # type: ignore[arg-type]
    running = asyncio.create_task(other.run())
    try:
        await stack.advance(31)
        await becomes(stack, message, "uncertain")
        await stack.advance(15)
        async with stack.db.write() as tx:  # before the others look again: without it they put the message off
            await record(tx, "message_status", message="another")
        await stack.advance(8)
        await becomes(stack, message, "sending")
        if where == "before":
            gate.open.set()
            await becomes(stack, message, "read")
            frozen.goes_on.set()
            await frozen.drain()
        else:  # it wakes while the other one is at it
            frozen.goes_on.set()
            await frozen.drain()
            gate.open.set()
            await becomes(stack, message, "read")
        await stack.advance(5)
        await stack.graph.settle()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await other.drain()
    assert texts(stack).count("sekali saja") == 1


async def test_a_part_whose_status_overtakes_its_request_is_not_sent_again(start_stack: StackFactory, database_url: str) -> None:
    """The request hangs until it times out; meanwhile the status says that the part arrived."""
    stack = await start_stack(database_url)
    await begin(stack)
    assert stack.service.sender is not None
    stack.service.sender.stop()
    await stack.service.sender.drain()
    answers, hangs = asyncio.Event(), asyncio.Event()

    class Silent:
        async def send(self, body: dict[str, Any]) -> Any:
            result = await stack.service.sender._graph.send(body)  # type: ignore[union-attr]
            if hangs.is_set():
                return result
            hangs.set()
            await answers.wait()
            return Uncertain("no answer")

    sender = Sender(stack.db, Silent(), NUMBER, stack.service.files)  # type: ignore[arg-type]
    running = asyncio.create_task(sender.run())
    try:
        message = await tell(stack, "satu " * 900 + "akhir")
        await hangs.wait()

        async def told() -> bool:
            return any(f.data["message"] == message and f.data.get("part") == 0 for f in await stack.facts("message_status"))

        await until(told, "no status of the first part")
        answers.set()
        await becomes(stack, message, "uncertain")
        await stack.advance(15)
        async with stack.db.write() as tx:
            await record(tx, "message_status", message="another")
        await stack.advance(8)
        await becomes(stack, message, "read")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await sender.drain()
    assert [t.strip().endswith("akhir") for t in texts(stack) if t.startswith("satu")] == [False, True]


async def keep(stack: Stack, data: bytes, name: str = "bukti.png", mime: str = "image/png", kind: str = "image") -> str:
    """A stored file of the conversation; its id."""
    stack.service.files.write("M" * 26, data)
    async with stack.db.write() as tx:
        row = (await tx.execute(select(conversations))).one()
        values = {"channel": "whatsapp", "conversation_id": row.id, "kind": kind, "name": name, "mime": mime, "size": len(data)}
        await tx.execute(insert(media).values(id="M" * 26, **values, state="stored", created_at=tx.now))
    return "M" * 26


async def say(stack: Stack, outbound: Outbound) -> str:
    async with stack.db.write() as tx:
        row = (await tx.execute(select(conversations))).one()
        return str((await send(tx, row, outbound, author="agent"))["id"])


async def test_a_file_is_handed_to_meta_and_sent_with_its_caption(start_stack: StackFactory, database_url: str) -> None:
    stack = await start_stack(database_url)
    await begin(stack)
    message = await say(stack, Outbound("Ini buktinya.", media_id=await keep(stack, b"\x89PNG\r\n\x1a\n" + b"0" * 100)))
    await becomes(stack, message, "read")
    body = stack.graph.record[-1]["body"]
    assert (body["type"], body["image"]["caption"]) == ("image", "Ini buktinya.")
    shelved = stack.graph.media.get(body["image"]["id"], stack.clock.now())
    assert (shelved.data[:4], shelved.mime) == (b"\x89PNG", "image/png")


async def test_a_file_that_meta_refuses_fails_with_a_sentence(stack: Stack) -> None:
    await begin(stack)
    sent = len(stack.graph.record)
    message = await say(stack, Outbound("", media_id=await keep(stack, b"x" * (6 * 2**20))))  # an image may have 5 MB
    await becomes(stack, message, "failed")
    row = await delivery(stack, message)
    assert (row.error_code, bool(row.content["error"]), len(stack.graph.record)) == (131053, True, sent)


async def test_a_template_leaves_after_the_window_closed(start_stack: StackFactory, database_url: str) -> None:
    stack = await start_stack(database_url)
    await begin(stack)
    stack.clock.advance(25 * 3600)
    late = await say(stack, Outbound("terlambat"))
    await becomes(stack, late, "failed")
    call = TemplateCall("sapa_kabar_tiket", "id", ("Budi", "ARIA-260001"))
    message = await say(stack, Outbound("Bapak/Ibu Budi, ada kabar.", template=call))
    await becomes(stack, message, "read")
    body = stack.graph.record[-1]["body"]
    assert (body["type"], body["template"]["name"]) == ("template", "sapa_kabar_tiket")
    assert [p["text"] for p in body["template"]["components"][0]["parameters"]] == ["Budi", "ARIA-260001"]
