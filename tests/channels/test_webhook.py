"""POST /webhooks/whatsapp over HTTP, on both databases: what is signed is stored once, what is not is refused."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.channels.records import media, parked_statuses
from bot.channels.whatsapp import web as whatsapp_web
from bot.channels.whatsapp.signature import HEADER, sign
from bot.conversations.records import conversations, messages
from bot.conversations.transcript import read
from bot.customers.records import customers, identities
from bot.simulator import phone
from bot.simulator.phone import PHONES, Customer
from tests.conftest import StackFactory
from tests.support.stack import NUMBER, SECRET, Stack, until

pytestmark = pytest.mark.engine
BUDI = PHONES[0]
NO_PHONE = next(person for person in PHONES if person.wa_id is None)


async def post(stack: Stack, body: Any, header: str | None = "sign") -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if header is None else {HEADER: sign(SECRET, raw) if header == "sign" else header}
    async with stack.http.post(f"{stack.url}/webhooks/whatsapp", data=io.BytesIO(raw), headers=headers) as answer:
        return answer.status


def text(stack: Stack, wamid: str, words: str, person: Customer = BUDI, age_s: float = 0) -> dict[str, Any]:
    return phone.message(person, "text", wamid, stack.clock.now() - timedelta(seconds=age_s), text=words)


def body(*found: dict[str, Any], person: Customer = BUDI, statuses: Any = ()) -> dict[str, Any]:
    return phone.webhook(NUMBER, messages=found, contacts=[phone.contact(person)] if found else [], statuses=statuses)


async def count(stack: Stack, table: Any, *where: Any) -> int:
    async with stack.db.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(table).where(*where))).scalar_one())


async def test_the_address_is_verified_by_its_token(stack: Stack) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "12345", "hub.verify_token": "verify"}
    async with stack.http.get(f"{stack.url}/webhooks/whatsapp", params=query) as answer:
        assert (answer.status, await answer.text()) == (200, "12345")
    async with stack.http.get(f"{stack.url}/webhooks/whatsapp", params={**query, "hub.verify_token": "wrong"}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha256=00", "sha1=abc", "sha256=" + "f" * 64])
async def test_what_is_not_signed_is_refused_and_not_stored(stack: Stack, header: str | None) -> None:
    assert await post(stack, body(text(stack, "wamid.1", "halo")), header) == 401
    assert await count(stack, messages) == 0


async def test_the_signature_is_over_the_raw_bytes(stack: Stack) -> None:
    raw = json.dumps(body(text(stack, "wamid.1", "café / ✓"))).replace("/", "\\/").encode()
    assert await post(stack, raw) == 200
    assert await post(stack, raw.replace(b"\\/", b"/"), sign(SECRET, raw)) == 401


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"entry": 7}', b'{"entry": [{"changes": "x"}]}'])
async def test_a_signed_body_of_no_use_is_not_sent_again_for_seven_days(stack: Stack, junk: bytes) -> None:
    assert await post(stack, junk) == 200


async def test_a_body_of_three_megabytes_is_taken_and_one_over_four_is_not(stack: Stack) -> None:
    assert await post(stack, b" " * (3 * 2**20) + json.dumps(body(text(stack, "wamid.1", "halo"))).encode()) == 200
    assert await count(stack, messages, messages.c.author == "customer") == 1
    assert await post(stack, b" " * (4 * 2**20 + 1)) == 413


async def test_a_duplicate_is_a_no_op_even_at_the_same_moment(start_stack: StackFactory, database_url: str) -> None:
    stack = await start_stack(database_url)
    once = body(text(stack, "wamid.1", "apa itu tabungan emas"))
    assert await asyncio.gather(*(post(stack, once) for _ in range(8))) == [200] * 8
    await stack.quiet()
    assert await count(stack, messages, messages.c.author == "customer") == 1
    assert await count(stack, conversations) == await count(stack, customers) == 1
    assert len(await stack.facts("bot_answered")) == 1


async def test_every_message_and_status_of_a_batch_counts(start_stack: StackFactory, database_url: str) -> None:
    stack = await start_stack(database_url)
    await stack.phone().say("halo")
    ours = stack.graph.record[-1]["wamid"]
    stack.graph.set_faults(drop_statuses=True)
    found = [text(stack, f"wamid.b{n}", f"pertanyaan {n}") for n in range(3)]
    broken = {"id": 7, "type": "text"}
    statuses = [phone.status(ours, "read", stack.clock.now(), {"recipient_id": BUDI.wa_id}, None), {"status": "sent"}]
    assert await post(stack, body(*found, broken, statuses=statuses)) == 200
    await stack.quiet()
    assert await count(stack, messages, messages.c.external_id.like("wamid.b%")) == 3
    assert await count(stack, messages, messages.c.external_id == ours, messages.c.delivery == "read") == 1


async def test_one_that_cannot_be_stored_keeps_nobody_else_out(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    real = whatsapp_web.accept

    async def accept(tx: Any, item: Any, client: Any) -> Any:
        if item.text == "racun":
            raise ValueError("a fault of ours")
        return await real(tx, item, client)

    monkeypatch.setattr(whatsapp_web, "accept", accept)
    batch = body(text(stack, "wamid.1", "halo"), text(stack, "wamid.2", "racun"), text(stack, "wamid.3", "apa itu gadai"))
    assert await post(stack, batch) == 500, "Meta sends it again, nothing is lost"
    assert await count(stack, messages, messages.c.external_id.in_(["wamid.1", "wamid.3"])) == 2
    monkeypatch.undo()
    assert await post(stack, batch) == 200
    assert await count(stack, messages, messages.c.author == "customer") == 3


async def test_messages_of_one_customer_are_answered_in_their_order(stack: Stack) -> None:
    found = [
        phone.message(BUDI, "text", f"wamid.{n}", stack.clock.now() - timedelta(seconds=10 - n), text=words)
        for n, words in enumerate(["apa itu tabungan emas", "cara perpanjang gadai", "jam buka hari sabtu"])
    ]
    assert await post(stack, body(found[2], found[0], found[1])) == 200
    await stack.quiet()
    answered = [fact.data["message"] for fact in await stack.facts("bot_answered")]
    async with stack.db.read() as tx:
        rows = await tx.execute(select(messages.c.id).where(messages.c.author == "customer").order_by(messages.c.channel_at))
        assert answered == [row.id for row in rows]


async def test_a_customer_without_a_phone_number_is_answered_by_bsuid(stack: Stack) -> None:
    person = stack.phone(NO_PHONE.bsuid)
    assert "asisten virtual" in await person.say("halo")
    assert stack.graph.record[-1]["body"]["recipient"] == NO_PHONE.bsuid
    assert "to" not in stack.graph.record[-1]["body"]


async def test_a_phone_number_learnt_later_stays_the_same_customer(stack: Stack) -> None:
    await stack.phone(NO_PHONE.bsuid).say("halo")
    known = Customer(NO_PHONE.bsuid, NO_PHONE.name, "6281399990000")
    assert await post(stack, body(text(stack, "wamid.k", "halo lagi", known), person=known)) == 200
    await stack.quiet()
    assert await count(stack, customers) == 1
    assert await count(stack, identities, identities.c.kind == "wa_id", identities.c.value == "6281399990000") == 1


async def test_a_status_that_comes_before_its_message_is_parked_and_applied(stack: Stack) -> None:
    stack.graph.set_faults(drop_statuses=True)
    early = phone.status("wamid.unknown", "delivered", stack.clock.now(), {"recipient_id": BUDI.wa_id}, None)
    assert await post(stack, phone.webhook(NUMBER, statuses=[early])) == 200
    assert await count(stack, parked_statuses) == 1
    wamids = iter(["wamid.customer", "wamid.unknown"])
    stack.graph._new_wamid = lambda: next(wamids)
    await stack.phone().say("halo")
    assert await count(stack, messages, messages.c.external_id == "wamid.unknown", messages.c.delivery == "delivered") == 1
    assert await count(stack, parked_statuses) == 0


async def test_statuses_only_climb(stack: Stack) -> None:
    await stack.phone().say("halo")
    ours = stack.graph.record[-1]["wamid"]
    for name in ("sent", "delivered", "failed"):
        late = phone.status(ours, name, stack.clock.now(), {"recipient_id": BUDI.wa_id}, None)
        assert await post(stack, phone.webhook(NUMBER, statuses=[late])) == 200
    assert await count(stack, messages, messages.c.external_id == ours, messages.c.delivery == "read") == 1


async def test_a_message_days_late_goes_to_people_without_an_automatic_answer(stack: Stack) -> None:
    assert await stack.phone().say("mau tanya syarat gadai", age_s=3 * 86400) == ""
    async with stack.db.read() as tx:
        row = (await tx.execute(select(conversations))).one()
    assert (row.owner, row.reason, row.late) == ("queue", "late", True)
    assert (stack.clock.now() - row.last_customer_at).days == 3, "the 24-hour window counts from when it was written"


async def test_edit_revoke_and_reaction_change_the_message_they_are_about(stack: Stack) -> None:
    await stack.phone().say("apa syarat gadai emas")
    wamid = stack.graph.thread(BUDI.bsuid).view(stack.clock.now())["messages"][0]["wamid"]
    await stack.phone().say("apa syarat gadai hp", "edit", reply_to=wamid)
    async with stack.db.read() as tx:
        row = (await tx.execute(select(messages).where(messages.c.external_id == wamid))).one()
    assert (row.text, row.edited) == ("apa syarat gadai hp", True)
    await stack.phone().say("", "revoke", reply_to=wamid)
    assert await count(stack, messages, messages.c.external_id == wamid, messages.c.revoked.is_(True)) == 1
    assert len(await stack.facts("bot_answered")) == 1, "neither is answered"


@pytest.mark.parametrize("kind", [k for k in phone.KINDS if k not in ("reaction", "edit", "revoke")])
async def test_every_kind_is_stored_and_answered_or_deliberately_not(stack: Stack, kind: str) -> None:
    heard = await stack.phone().say("halo", kind, choice_id="forged")
    async with stack.db.read() as tx:
        row = (await tx.execute(select(messages).where(messages.c.author == "customer"))).one()
    assert row.todo is None
    assert bool(heard) != bool(row.skipped), f"{kind}: heard {heard!r}, skipped {row.skipped!r}"


async def test_a_file_is_fetched_and_can_be_seen_by_its_signed_link_only(stack: Stack) -> None:
    await stack.phone().say("bukti transfer", "image")
    conversation = (await stack.facts("conversation_opened"))[0].conversation_id

    async def stored() -> bool:
        async with stack.db.read() as tx:
            shown = await read(tx, conversation)
        return shown[0]["media"][0]["state"] == "stored"

    await until(stored, "the file was not fetched")
    async with stack.db.read() as tx:
        url = (await read(tx, conversation))[0]["media"][0]["url"]
    async with stack.http.get(stack.url + stack.service.files.sign(url)) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "image/png"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    async with stack.http.get(stack.url + url) as answer:
        assert answer.status == 403


async def test_a_corrupt_file_is_not_kept(stack: Stack) -> None:
    stack.graph.set_faults(corrupt_media=True)
    await stack.phone().say("bukti", "image")

    async def failed() -> bool:
        return await count(stack, media, media.c.state == "failed") == 1

    await until(failed, "a corrupt file was not refused")


async def test_an_unreachable_store_is_the_only_server_error(stack: Stack) -> None:
    async with aiohttp.ClientSession() as session, session.put(f"{stack.url}/webhooks/whatsapp") as answer:
        assert answer.status == 405
