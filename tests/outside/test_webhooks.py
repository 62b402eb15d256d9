"""Webhooks out: who sets them up, what is told, signed, in order, tried again, given up, and where they may not go."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aiohttp.abc import AbstractResolver, ResolveResult
from sqlalchemy import event, select

from bot.outside.addresses import NotPublic, PublicResolver, is_public, target
from bot.outside.deliveries import Deliveries
from bot.outside.outbox import EVENTS, Outbox
from bot.outside.outcomes import Again, Done, Failed, next_try, of_webhook, seconds
from bot.outside.records import deliveries
from bot.outside.webhooks import Webhooks
from tests.desk.conftest import BOTH
from tests.outside.conftest import TICKET, Receiver, System, deliver, system

if TYPE_CHECKING:
    from tests.desk.conftest import Bench

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def loop(bench: Bench) -> AsyncIterator[Deliveries]:
    Outbox(bench.db, jira=False)
    courier = Webhooks(bench.db, anywhere=True)
    await courier.open()
    yield Deliveries(bench.db, {"webhook": courier})
    await courier.close()


async def hooked(bench: Bench, receiver: Receiver, *events: str) -> tuple[System, dict[str, str]]:
    core = await system(bench)
    made = await core.person.post("/api/desk/webhooks", {"url": receiver.url, "events": events or EVENTS}, expect=201)
    return core, made


async def make(core: System, key: str = "k") -> str:
    return (await core.good("POST", "/tickets", TICKET | {"phone": "081234567890"}, key))["ticket"]["number"]  # type: ignore[no-any-return]


async def act(core: System, number: str, do: str, version: int, **given: Any) -> None:
    await core.good("POST", f"/tickets/{number}/actions", {"do": do, "version": version, **given})


@BOTH
async def test_what_happens_to_a_ticket_is_told_in_order_signed_and_without_people(
    bench: Bench, receiver: Receiver, loop: Deliveries
) -> None:
    core, made = await hooked(bench, receiver)
    number = await make(core)
    await act(core, number, "accept", 1, note="Rahasia Budi")
    await deliver(loop)
    assert receiver.told() == [(number, "ticket_opened opened"), (number, "ticket_noted"), (number, "ticket_changed accept")]
    body, headers = receiver.got[-1]["body"], receiver.got[-1]["headers"]
    assert {"id", "event", "at", "ticket"} <= set(body)
    assert (body["ticket"]["status"], body["ticket"]["unit"], body["ticket"]["priority"]) == ("in_progress", "tier1", "normal")
    assert receiver.got[0]["body"]["ticket"]["status"] == "open"
    everything = b"".join(each["raw"] for each in receiver.got)
    assert [word for word in ("Budi", "8123", "Saldo", "Rahasia") if word.encode() in everything] == []
    assert (headers["X-Sapa-Event"], headers["X-Sapa-Delivery"]) == ("ticket_changed", body["id"])
    stamp, _, signature = headers["X-Sapa-Signature"].partition(",")
    signed = stamp.removeprefix("t=").encode() + b"." + receiver.got[-1]["raw"]
    assert signature == "v1=" + hmac.new(made["secret"].encode(), signed, hashlib.sha256).hexdigest()
    assert int(stamp.removeprefix("t=")) == int(bench.clock.now().timestamp())
    await deliver(loop)
    assert len(receiver.got) == 3


async def test_only_the_events_that_were_asked_for(bench: Bench, receiver: Receiver, loop: Deliveries) -> None:
    core, made = await hooked(bench, receiver, "ticket_noted")
    number = await make(core)
    await core.good("POST", f"/tickets/{number}/notes", {"text": "Satu"}, "n-1")
    await core.good("POST", f"/tickets/{number}/notes", {"text": "Satu"}, "n-1")
    await deliver(loop)
    assert receiver.told() == [(number, "ticket_noted")]
    assert (await core.person.call("DELETE", f"/api/desk/webhooks/{made['id']}"))[0] == 204
    assert (await core.person.call("DELETE", f"/api/desk/webhooks/{made['id']}"))[0] == 404
    await core.good("POST", f"/tickets/{number}/notes", {"text": "Dua"}, "n-2")
    await deliver(loop)
    assert len(receiver.got) == 1


async def test_a_change_that_is_undone_is_not_told(bench: Bench, receiver: Receiver, loop: Deliveries) -> None:
    core, _ = await hooked(bench, receiver)
    number = await make(core)
    assert await core.refused("POST", f"/tickets/{number}/notes", {"text": "Halo", "audience": "customer"}, "n-1") == (422, "no_channel")
    await deliver(loop)
    assert receiver.told() == [(number, "ticket_opened opened")]


async def test_without_webhooks_and_jira_a_change_asks_nothing_more(bench: Bench, loop: Deliveries) -> None:
    core = await system(bench)
    number = await make(core)  # from here on it is known that there are none
    asked: list[str] = []
    event.listen(bench.db.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    await act(core, number, "accept", 1)
    assert [each for each in asked if "webhooks" in each or "deliveries" in each] == []


@BOTH
async def test_who_is_away_is_told_later_each_ticket_in_its_order(bench: Bench, receiver: Receiver, loop: Deliveries) -> None:
    core, _ = await hooked(bench, receiver, "ticket_opened", "ticket_changed")
    receiver.answers = [503] * 4
    one = await make(core, "one")
    await act(core, one, "accept", 1)
    for wait in (0, 11, 31, 91, 271):
        bench.clock.advance(wait)
        await deliver(loop)
    two = await make(core, "two")
    bench.clock.advance(120)
    await deliver(loop)
    assert receiver.told()[4:] == [(one, "ticket_opened opened"), (one, "ticket_changed accept"), (two, "ticket_opened opened")]
    assert len({each["body"]["id"] for each in receiver.got[:5]}) == 1
    assert (await core.person.get("/api/desk/webhooks"))["webhooks"][0]["waiting"] == 0


async def test_what_can_never_be_taken_does_not_hold_up_the_next(bench: Bench, receiver: Receiver, loop: Deliveries) -> None:
    core, _ = await hooked(bench, receiver, "ticket_opened", "ticket_changed")
    receiver.answers = [422]
    number = await make(core)
    await act(core, number, "accept", 1)
    await deliver(loop)
    assert [what for _, what in receiver.told()] == ["ticket_opened opened", "ticket_changed accept"]
    shown = (await core.person.get("/api/desk/webhooks"))["webhooks"][0]
    assert (shown["failed"], shown["waiting"], shown["answer"][:9]) == (1, 0, "HTTP 422:")
    assert [(each["event"], each["failed"]) for each in (await core.person.get("/api/desk/deliveries"))["deliveries"]] == [
        ("ticket_opened", True)
    ]


async def test_a_redirect_is_not_followed(bench: Bench, receiver: Receiver, loop: Deliveries) -> None:
    core, _ = await hooked(bench, receiver, "ticket_opened")
    receiver.answers, receiver.headers = [307], {"Location": receiver.url}
    await make(core)
    await deliver(loop)
    assert len(receiver.got) == 1
    assert (await core.person.get("/api/desk/webhooks"))["webhooks"][0]["failed"] == 1


async def test_given_up_after_a_day(bench: Bench, receiver: Receiver, loop: Deliveries) -> None:
    core, _ = await hooked(bench, receiver, "ticket_opened")
    receiver.answers = [500] * 100
    await make(core)
    for _ in range(60):
        await deliver(loop)
        bench.clock.advance(timedelta(minutes=30).total_seconds())
    assert 8 <= len(receiver.got) <= 14
    core.person = await bench.log_in("admin")
    assert (await core.person.get("/api/desk/webhooks"))["webhooks"][0]["failed"] == 1


@pytest.mark.postgres
@pytest.mark.parametrize("db_url", ["postgres"], indirect=True)
async def test_two_processes_tell_everything_once(bench: Bench, receiver: Receiver, loop: Deliveries) -> None:
    await bench.another()
    courier = Webhooks(bench.dbs[1], anywhere=True)
    await courier.open()
    second = Deliveries(bench.dbs[1], {"webhook": courier})
    core, _ = await hooked(bench, receiver, "ticket_opened", "ticket_changed")
    numbers = [await make(core, f"k-{key}") for key in range(12)]
    for number in numbers:
        await act(core, number, "accept", 1)
    receiver.hold = asyncio.Event()
    async with asyncio.timeout(20):
        started = sum(await asyncio.gather(loop.step(), second.step()))
        assert started == 12
        receiver.hold.set()
        await asyncio.gather(loop.drain(), second.drain())
        await asyncio.gather(deliver(loop), deliver(second))
        await deliver(loop, second)
    await courier.close()
    assert len(receiver.got) == 24
    assert len({each["body"]["id"] for each in receiver.got}) == 24
    for number in numbers:
        assert [what for each, what in receiver.told() if each == number] == ["ticket_opened opened", "ticket_changed accept"]


async def test_a_process_that_died_leaves_its_delivery_to_the_next(bench: Bench, receiver: Receiver, loop: Deliveries) -> None:
    core, _ = await hooked(bench, receiver, "ticket_opened")
    await make(core)
    receiver.hold = asyncio.Event()
    await loop.step()
    for task in asyncio.all_tasks():
        if task.get_name().startswith("delivery "):
            task.cancel()  # as if the process had died
    await loop.drain()
    receiver.hold.set()
    before = len(receiver.got)
    await deliver(loop)
    assert len(receiver.got) == before  # leased still
    bench.clock.advance(121)
    await deliver(loop)
    assert len(receiver.got) == before + 1
    async with bench.db.read() as tx:
        assert (await tx.execute(select(deliveries.c.tries, deliveries.c.failed))).all() == [(2, False)]


async def test_who_may_set_them_up_and_what_they_may_be(bench: Bench) -> None:
    leader, admin = await bench.person("lita", "leader"), await bench.person("admin", "admin")
    good: dict[str, Any] = {"url": "https://8.8.8.8/hook", "events": ["ticket_opened"]}
    assert await leader.refused("/api/desk/webhooks", good) == (403, "forbidden")
    for wrong in ({"url": "ftp://x"}, {"url": "https://a:b@example.com"}, {"url": "//"}, {"url": ""}, {"events": []}, {"events": ["x"]}):
        assert await admin.refused("/api/desk/webhooks", good | wrong) == (422, "bad_field"), wrong
    production = await bench.another(SAPA_ENV="production")
    strict = await bench.log_in("admin", production)
    for url in ("http://8.8.8.8/", "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/", "https://169.254.169.254/latest"):
        assert await strict.refused("/api/desk/webhooks", good | {"url": url}) == (422, "bad_field"), url
    made = await strict.post("/api/desk/webhooks", good, expect=201)
    assert made["secret"] not in str(await strict.get("/api/desk/webhooks"))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        *((each, False) for each in ("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1")),
        *(
            (each, False)
            for each in ("::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1")
        ),
        ("localhost", False),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_name_that_leads_inside_is_not_connected_to() -> None:
    class Names(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
            addresses = {"good": ["8.8.8.8"], "evil": ["8.8.8.8", "127.0.0.1"], "gone": []}[host]
            return [{"hostname": host, "host": each, "port": port, "family": family, "proto": 0, "flags": 0} for each in addresses]

        async def close(self) -> None: ...

    resolver = PublicResolver(Names())
    assert [each["host"] for each in await resolver.resolve("good", 443)] == ["8.8.8.8"]
    for host in ("evil", "gone"):
        with pytest.raises(NotPublic):
            await resolver.resolve(host, 443)


async def test_in_production_a_name_of_our_own_network_is_never_called(bench: Bench, receiver: Receiver) -> None:
    Outbox(bench.db, jira=False)
    courier = Webhooks(bench.db, anywhere=False)
    await courier.open()
    loop = Deliveries(bench.db, {"webhook": courier})
    receiver.url = receiver.url.replace("http://127.0.0.1", "https://localhost")
    core, _ = await hooked(bench, receiver, "ticket_opened")
    await make(core)
    await deliver(loop)
    await courier.close()
    assert "not on the public network" in (await core.person.get("/api/desk/webhooks"))["webhooks"][0]["answer"]
    assert receiver.got == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Done),
        (204, Done),
        (301, Failed),
        (400, Failed),
        (401, Again),
        (404, Again),
        (410, Failed),
        (422, Failed),
        (429, Again),
        (500, Again),
    ],
)
def test_what_a_status_means(status: int, expected: type) -> None:
    assert isinstance(of_webhook(status, None), expected)


@pytest.mark.parametrize(
    ("destination", "tries", "after", "age", "expected"),
    [
        ("webhook:x", 1, None, 0, 10),
        ("webhook:x", 2, None, 0, 30),
        ("webhook:x", 20, None, 0, 6 * 3600),
        ("webhook:x", 1, 120, 0, 120),
        ("webhook:x", 20, None, 20 * 3600, 4 * 3600),
        ("webhook:x", 20, None, 24 * 3600, None),
        ("jira", 1, None, 0, 5),
        ("jira", 40, None, 400 * 3600, 300),
        ("jira", 1, 77, 0, 77),
    ],
)
def test_when_the_next_try_is_due(destination: str, tries: int, after: float | None, age: float, expected: float | None) -> None:
    at = next_try(destination, tries, Again("", after), NOW - timedelta(seconds=age), NOW)
    assert (at and (at - NOW).total_seconds()) == expected


@pytest.mark.parametrize(("given", "expected"), [(None, None), ("5", 5.0), (" 7 ", 7.0), ("-1", None), ("soon", None), ("9" * 9, None)])
def test_retry_after(given: str | None, expected: float | None) -> None:
    assert seconds(given) == expected


def test_an_address_in_development_may_be_our_own() -> None:
    assert target("http://127.0.0.1:1/x", anywhere=True) is not None
    assert target("http://127.0.0.1:1/x", anywhere=False) is None
