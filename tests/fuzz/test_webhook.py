"""The webhook under bytes and JSON of any kind: never a server error, nothing unsigned kept, good neighbours of bad items kept."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import zlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.channels.whatsapp.signature import HEADER, sign
from bot.conversations.records import messages
from bot.simulator import phone
from bot.simulator.phone import PHONES
from tests.support.fuzzing import fuzz, json_values, mutated, nasty_texts, nested, no_tracebacks
from tests.support.servers import ROOT
from tests.support.stack import NUMBER, SECRET, Stack

FIXTURES = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "tests/fixtures/whatsapp").glob("*.json"))]
_numbers = itertools.count()


async def post(stack: Stack, raw: bytes, signed: bool = True, **headers: str) -> int:
    given = {HEADER: sign(SECRET, raw)} if signed else {}
    async with stack.http.post(f"{stack.url}/webhooks/whatsapp", data=io.BytesIO(raw), headers={**given, **headers}) as answer:
        text = await answer.text()
        assert "Traceback" not in text
        return answer.status


async def kept(stack: Stack, *where: Any) -> int:
    async with stack.db.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(messages).where(*where))).scalar_one())


def good(wamid: str, stack: Stack) -> dict[str, Any]:
    return phone.message(PHONES[1], "text", wamid, stack.clock.now(), text="apa itu tabungan emas")


@fuzz(80)
@given(raw=st.one_of(st.binary(max_size=200), json_values.map(lambda value: json.dumps(value).encode())))
async def test_any_bytes_are_taken_if_signed_and_refused_if_not(door: Stack, raw: bytes) -> None:
    with no_tracebacks():
        assert await post(door, raw) == 200
        assert await post(door, raw, signed=False) == 401


@fuzz(100)
@given(body=st.sampled_from(FIXTURES).flatmap(mutated))
async def test_real_webhooks_with_something_wrong(door: Stack, body: Any) -> None:
    raw = json.dumps(body).encode()
    with no_tracebacks():
        before = await kept(door)
        assert await post(door, raw, signed=False) == 401
        assert await kept(door) == before
        assert await post(door, raw) == 200


@fuzz(80)
@given(
    bad=st.one_of(json_values, st.sampled_from(FIXTURES).flatmap(mutated)),
    place=st.sampled_from(["message", "change", "entry"]),
    text=nasty_texts,
)
async def test_a_good_message_beside_a_bad_one_is_kept(door: Stack, bad: Any, place: str, text: str) -> None:
    wamid = f"wamid.good{next(_numbers)}"
    body = phone.webhook(NUMBER, messages=[good(wamid, door)], contacts=[phone.contact(PHONES[1])])
    entry = body["entry"][0]
    if place == "message":
        spoilt = {**good(f"wamid.spoilt{next(_numbers)}", door), "text": {"body": text}, "context": bad, "id": text}
        entry["changes"][0]["value"]["messages"][:0] = [bad, spoilt]
        entry["changes"][0]["value"]["contacts"].insert(0, bad)
        entry["changes"][0]["value"]["statuses"] = [bad, {"id": text, "status": "read", "biz_opaque_callback_data": text}]
    elif place == "change":
        entry["changes"].insert(0, bad)
    else:
        body["entry"].insert(0, bad)
    with no_tracebacks():
        assert await post(door, json.dumps(body).encode()) == 200
    assert await kept(door, messages.c.external_id == wamid) == 1


@fuzz(60)
@given(text=nasty_texts, other=nasty_texts, number=nasty_texts)
async def test_strange_texts_at_every_place_of_a_message_are_kept_once(door: Stack, text: str, other: str, number: str) -> None:
    wamid = f"wamid.text{next(_numbers)}"
    message = {**good(wamid, door), "text": {"body": text}, "context": {"id": other}, "referral": {"headline": text, other: other}}
    contact = {**phone.contact(PHONES[1]), "profile": {"name": text, "username": other}}
    media = {"id": number, "mime_type": text, "sha256": other, "caption": text, "filename": other, "file_size": 10**30}
    found = [message, {**good(f"{wamid}m", door), "type": "document", "document": media}]
    with no_tracebacks():
        assert await post(door, json.dumps(phone.webhook(NUMBER, messages=found, contacts=[contact])).encode()) == 200
    assert await kept(door, messages.c.external_id == wamid) == 1


async def test_nesting_numbers_and_encodings_json_should_not_have(door: Stack) -> None:
    odd = [b"1" * 5000, b'{"entry": ' + b"9" * 5000 + b"}", b'"\\ud800"', b"NaN", b"-Infinity", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00"]
    deep = [b'{"entry":[{"changes":[{"field":"messages","value":' + nested(depth) + b"}]}]}" for depth in (100, 1_000, 100_000)]
    with no_tracebacks():
        for raw in [*odd, *deep, nested(1_000), nested(100_000)]:
            assert await post(door, raw) == 200


async def test_packed_bodies_do_not_unpack_without_end(door: Stack) -> None:
    bomb = gzip.compress(b" " * (100 * 2**20), 9)
    with no_tracebacks():
        for raw, how in ((bomb, "gzip"), (zlib.compress(b"{}")[:-3], "deflate"), (b"no gzip at all", "gzip"), (b"{}", "br")):
            assert await post(door, raw, **{"Content-Encoding": how}) == 200
            assert await post(door, raw, signed=False, **{"Content-Encoding": how}) == 401
    assert await kept(door) == 0


@fuzz(40)
@given(query=st.dictionaries(st.sampled_from(["hub.mode", "hub.verify_token", "hub.challenge", "x"]), nasty_texts, max_size=4))
async def test_the_check_of_the_address_takes_any_query(door: Stack, query: dict[str, str]) -> None:
    clean = {key: value.encode("utf-8", "replace").decode() for key, value in query.items()}
    with no_tracebacks():
        async with door.http.get(f"{door.url}/webhooks/whatsapp", params=clean) as answer:
            assert answer.status == 403


@fuzz(40)
@given(header=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=90))
async def test_no_made_up_signature_is_taken(door: Stack, header: str) -> None:
    body = json.dumps(phone.webhook(NUMBER, messages=[good("wamid.forged", door)], contacts=[phone.contact(PHONES[1])])).encode()
    with no_tracebacks():
        assert await post(door, body, signed=False, **{HEADER: header}) == 401
    assert await kept(door) == 0
