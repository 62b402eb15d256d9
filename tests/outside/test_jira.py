"""Tickets and Jira, both ways, against a stand-in: each operation, Jira away, answers lost, limits, webhooks of every kind, reconciliation."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import FormData
from sqlalchemy import select

from bot.channels.files import Files
from bot.conversations.records import timers
from bot.conversations.timers import Due
from bot.outside.deliveries import Deliveries
from bot.outside.jira import Jira
from bot.outside.jira_in import Reader, steps
from bot.outside.jira_out import JiraCourier
from bot.outside.jira_reconcile import Reconciliation
from bot.outside.outbox import Outbox
from bot.outside.records import deliveries, jira_inbox
from bot.store.database import Database
from bot.tickets.flow import State
from tests.desk.conftest import BOTH
from tests.outside.conftest import TICKET, System, deliver, system
from tests.support.jira import JiraStandIn

if TYPE_CHECKING:
    from tests.desk.conftest import Bench

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


@dataclass
class Line:
    """A desk whose tickets go to Jira."""

    bench: Bench
    jira: JiraStandIn
    core: System
    loop: Deliveries
    reconciliation: Reconciliation
    hook: str

    async def make(self, key: str = "k") -> str:
        ticket = TICKET | {"detail": "Top up kemarin", "priority": "high"}
        return (await self.core.good("POST", "/tickets", ticket, key))["ticket"]["number"]  # type: ignore[no-any-return]

    async def act(self, number: str, do: str, **given: Any) -> Any:
        version = (await self.ticket(number))["version"]
        return (await self.core.good("POST", f"/tickets/{number}/actions", {"do": do, "version": version, **given}))["ticket"]

    async def note(self, number: str, text: str) -> None:
        await self.core.good("POST", f"/tickets/{number}/notes", {"text": text}, text)

    async def ticket(self, number: str) -> Any:
        return (await self.core.good("GET", f"/tickets/{number}"))["ticket"]

    async def shown(self, number: str) -> Any:
        return (await (await self.bench.log_in("rani")).get(f"/api/desk/tickets/{number}"))["ticket"]

    async def done(self, *seconds: float) -> None:
        """Bring what is due now, and after each wait."""
        await deliver(self.loop)
        for each in seconds:
            self.bench.clock.advance(each)
            await deliver(self.loop)

    async def heard(self) -> None:
        """Send the webhooks that wait, and do what they ask for."""
        await self.jira.send_all(self.hook)
        await self.done()
        self.jira.hooks.clear()

    async def failed(self) -> list[str]:
        async with self.bench.db.read() as tx:
            return list((await tx.execute(select(deliveries.c.answer).where(deliveries.c.failed))).scalars())

    async def reconcile(self) -> None:
        await self.reconciliation.begin()
        async with self.bench.db.write() as tx:
            token = tx.now + timedelta(seconds=30)
            await tx.execute(timers.update().values(lease_until=token).where(timers.c.kind == "jira"))
        await self.reconciliation.fire(Due("jira", "reconcile", self.bench.clock.now(), token))


def couriers(bench: Bench, db: Database, jira: JiraStandIn, session: aiohttp.ClientSession) -> tuple[Deliveries, Reconciliation]:
    Outbox(db, jira=True)
    client, files = Jira(session, jira.url, jira.user, jira.token, timeout_s=5), Files(bench.folder, "s", db)
    reader = Reader(db, bench.library, client, files, 1000)
    return Deliveries(db, {"jira": JiraCourier(db, bench.library, client, files, reader)}), Reconciliation(db, bench.library, client)


@pytest_asyncio.fixture
async def jira() -> AsyncIterator[JiraStandIn]:
    made = JiraStandIn()
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def line(bench: Bench, jira: JiraStandIn) -> AsyncIterator[Line]:
    server = await bench.another(JIRA_WEBHOOK_SECRET=jira.secret)
    await bench.add("rani")
    async with aiohttp.ClientSession() as session:
        loop, reconciliation = couriers(bench, bench.db, jira, session)
        yield Line(bench, jira, await system(bench), loop, reconciliation, str(server.make_url("/webhooks/jira")))


# --- out


@BOTH
async def test_each_operation(line: Line) -> None:
    number = await line.make()
    await line.done()
    [issue] = line.jira.issues.values()
    assert (await line.ticket(number))["jira_key"] == issue.key
    assert issue.fields == {"summary": f"[{number}] Saldo belum masuk", "description": "Top up kemarin", "priority": {"name": "High"}}
    await line.act(number, "accept", note="Sedang dicek")
    await line.done()
    assert issue.status == "In Progress"
    assert [each["body"].split("\n")[0] for each in issue.comments] == ["Sedang dicek"]
    assert [each["public"] for each in issue.comments] == [False]
    rani = await line.bench.log_in("rani")
    data = FormData()
    data.add_field("file", PNG, filename="bukti.png", content_type="image/png")
    async with rani.client.post(f"/api/desk/tickets/{number}/files", data=data, headers={"X-CSRF-Token": rani.csrf}) as answer:
        assert answer.status == 201
    await line.done()
    [file] = issue.attachments
    assert file["filename"].startswith("bukti-") and file["filename"].endswith(".png") and line.jira.files[file["id"]] == PNG
    await line.act(number, "wait", note="Mohon kirim mutasi")
    await line.act(number, "resume")
    await line.act(number, "solve", resolution="Saldo sudah masuk.")
    await line.done()
    assert issue.status == "Resolved"
    assert await line.failed() == []
    seen = len(line.jira.calls)
    await line.heard()  # echoes of all that
    after = await line.shown(number)
    assert (len(after["notes"]), len(after["files"]), after["status"]["id"]) == (2, 1, "solved")
    assert {kind for kind, _ in line.jira.calls[seen:]} <= {"issue", "comments"}
    assert len(line.jira.issues) == 1


async def test_a_status_that_means_the_same_there_moves_nothing(line: Line) -> None:
    number = await line.make()
    await line.act(number, "accept")
    await line.act(number, "dispatch", to="cs_digital", reason="teknis")  # 'escalated' is no status of Jira
    await line.act(number, "accept")
    await line.done()
    assert [kind for kind, _ in line.jira.calls].count("transition") == 1  # open -> in_progress
    assert len(await line.failed()) == 1 and "does not offer 'Start'" in (await line.failed())[0]


@BOTH
async def test_jira_away_for_hours_and_back(line: Line) -> None:
    line.jira.away = True
    numbers = [await line.make(f"k-{each}") for each in range(3)]
    for number in numbers:
        await line.act(number, "accept", note="Satu")
        await line.note(number, "Dua")
    await line.done(*[600.0] * 12)
    assert line.jira.issues == {}
    assert (await line.ticket(numbers[0]))["status"] == "in_progress"  # all works here meanwhile
    line.jira.away = False
    await line.done(*[301.0] * 4)
    assert len(line.jira.issues) == 3
    for issue in line.jira.issues.values():
        assert [each["body"].split("\n")[0] for each in issue.comments] == ["Satu", "Dua"]
        assert issue.status == "In Progress"
        assert [kind for kind, key in line.jira.calls if key == issue.key and kind in ("comment", "transition")] == [
            "comment",
            "transition",
            "comment",
        ]
    assert await line.failed() == []


@pytest.mark.parametrize("lag", [0, 1])
async def test_an_issue_whose_answer_was_lost_is_found_again(line: Line, lag: int) -> None:
    line.jira.lose, line.jira.lag = ["create"], lag
    number = await line.make()
    await line.note(number, "Satu")
    await line.done(30)
    assert len(line.jira.issues) == 1 and line.jira.searches == []  # not before search knows it
    line.jira.issues["ARIANA-1"].found_after = 0
    await line.done(31)
    assert list(line.jira.issues) == ["ARIANA-1"]
    assert (await line.ticket(number))["jira_key"] == "ARIANA-1"
    assert len(line.jira.issues["ARIANA-1"].comments) == 1


@pytest.mark.parametrize("kind", ["comment", "attach", "transition"])
async def test_what_was_done_and_not_answered_is_not_done_again(line: Line, kind: str) -> None:
    number = await line.make()
    await line.done()
    line.jira.lose = [kind]
    rani = await line.bench.log_in("rani")
    data = FormData()
    data.add_field("file", PNG, filename="bukti.png", content_type="image/png")
    async with rani.client.post(f"/api/desk/tickets/{number}/files", data=data, headers={"X-CSRF-Token": rani.csrf}) as answer:
        assert answer.status == 201
    for text in ("Satu", "Dua", "Tiga"):
        await line.note(number, text)
    await line.act(number, "accept")
    await line.done(61, 61, 61)
    assert line.jira.lose == []
    issue = line.jira.issues["ARIANA-1"]
    assert [each["body"].split("\n")[0] for each in issue.comments] == ["Satu", "Dua", "Tiga"]
    assert (len(issue.attachments), issue.status) == (1, "In Progress")
    assert await line.failed() == []
    await line.heard()
    shown = await line.shown(number)
    assert (len(shown["notes"]), len(shown["files"]), shown["status"]["id"]) == (3, 1, "in_progress")


async def test_a_broken_line_is_no_loss(line: Line) -> None:
    line.jira.gone = True
    number = await line.make()
    await line.done(61, 61)
    line.jira.gone = False
    await line.done(301)
    assert (await line.ticket(number))["jira_key"] == "ARIANA-1"


async def test_a_limit_is_waited_for_as_long_as_jira_says(line: Line) -> None:
    line.jira.limits = 1
    await line.make("one")
    await line.done(16)
    assert line.jira.issues == {}
    await line.make("two")
    await line.done()
    assert line.jira.issues == {}  # nobody else knocks meanwhile
    await line.done(2)
    assert len(line.jira.issues) == 2


async def test_what_jira_refuses_is_shown_and_the_next_goes_on(line: Line) -> None:
    number = await line.make()
    await line.done()
    line.jira.refuse = ["comment"]
    await line.note(number, "Satu")
    await line.note(number, "Dua")
    await line.done()
    assert [each["body"].split("\n")[0] for each in line.jira.issues["ARIANA-1"].comments] == ["Dua"]
    assert await line.failed() == ["HTTP 400: Not so.; summary: too odd"]
    shown = (await line.core.person.get("/api/desk/deliveries"))["deliveries"]
    assert [(each["destination"], each["ticket"], each["failed"]) for each in shown] == [("jira", number, True)]


async def test_an_account_that_is_not_accepted_loses_nothing(line: Line) -> None:
    line.jira.token = "another"
    number = await line.make()
    await line.done(61)
    line.jira.token = "jira-token"
    await line.done(301)
    assert (await line.ticket(number))["jira_key"] == "ARIANA-1"


@pytest.mark.postgres
@pytest.mark.parametrize("db_url", ["postgres"], indirect=True)
async def test_two_processes_make_one_issue_of_each_ticket(line: Line) -> None:
    async with aiohttp.ClientSession() as session:
        second, _ = couriers(line.bench, line.bench.dbs[1], line.jira, session)
        numbers = [await line.make(f"k-{each}") for each in range(8)]
        for number in numbers:
            await line.act(number, "accept", note="Satu")
        await deliver(line.loop, second)
        await deliver(line.loop, second)
    assert len(line.jira.issues) == 8
    assert {issue.status for issue in line.jira.issues.values()} == {"In Progress"}
    assert [len(issue.comments) for issue in line.jira.issues.values()] == [1] * 8


# --- in


async def mirrored(line: Line) -> str:
    number = await line.make()
    await line.done()
    line.jira.hooks.clear()
    return number


@BOTH
async def test_what_people_do_in_jira_happens_here(line: Line) -> None:
    number = await mirrored(line)
    line.jira.moves("ARIANA-1", "In Progress")
    line.jira.writes("ARIANA-1", "Sudah kami periksa.\nPIN saya 123456")
    for each in range(3):
        line.jira.writes("ARIANA-1", f"Catatan {each}")
    line.jira.adds_file("ARIANA-1", "hasil.png", PNG)
    await line.heard()
    shown = await line.shown(number)
    assert (shown["status"]["id"], shown["assignee"]["name"]) == ("in_progress", "Sistem")
    assert [each["author"] for each in shown["notes"]] == ["Dewi Ariana (Jira)"] * 4
    assert "123456" not in str(shown["notes"])
    assert [(each["name"], each["state"]) for each in shown["files"]] == [("hasil.png", "stored")]
    assert shown["jira"]["key"] == "ARIANA-1"
    line.jira.moves("ARIANA-1", "Waiting for customer")
    await line.heard()
    assert (await line.ticket(number))["status"] == "waiting_customer"
    line.jira.moves("ARIANA-1", "In Progress")
    line.jira.moves("ARIANA-1", "Resolved")
    await line.heard()
    assert (await line.ticket(number))["status"] == "solved"
    line.jira.moves("ARIANA-1", "Reopened")
    await line.heard()
    assert (await line.ticket(number))["status"] == "open"
    issue = line.jira.issues["ARIANA-1"]
    assert (issue.status, len(issue.comments), len(issue.attachments)) == ("Reopened", 4, 1)  # nothing came back
    assert [kind for kind, _ in line.jira.calls if kind in ("transition", "comment", "attach")] == []


async def test_a_webhook_twice_late_and_out_of_order(line: Line) -> None:
    number = await mirrored(line)
    line.jira.moves("ARIANA-1", "In Progress")
    line.jira.writes("ARIANA-1", "Satu")
    line.jira.moves("ARIANA-1", "Resolved")
    first, comment, last = line.jira.hooks
    for hook in (last, last, comment, first, comment):
        assert await line.jira.send(line.hook, hook) == 200
        await line.done()
    assert (await line.ticket(number))["status"] == "solved"
    assert [each["text"] for each in (await line.shown(number))["notes"]] == ["Satu"]
    async with line.bench.db.read() as tx:
        assert len((await tx.execute(select(jira_inbox))).all()) == 3


@pytest.mark.parametrize("secret", ["", "another"])
async def test_a_webhook_that_jira_did_not_sign(line: Line, secret: str) -> None:
    number = await mirrored(line)
    line.jira.writes("ARIANA-1", "Palsu")
    assert await line.jira.send(line.hook, line.jira.hooks[0], secret) == 401
    plain = str(line.bench.servers[0].make_url("/webhooks/jira"))
    assert await line.jira.send(plain, line.jira.hooks[0], "") == 404  # without Jira nothing is there
    await line.done()
    assert (await line.shown(number))["notes"] == []


@pytest.mark.parametrize(
    "body", ["[]", "nonsense", "{}", '{"issue":5}', '{"issue":{"key":"X-9"}}', '{"issue":{"key":["A-1"]},"webhookEvent":{}}']
)
async def test_a_webhook_about_nothing_of_ours(line: Line, body: str) -> None:
    await mirrored(line)
    import hashlib
    import hmac

    signature = "sha256=" + hmac.new(line.jira.secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    async with aiohttp.ClientSession() as session, session.post(line.hook, data=body, headers={"X-Hub-Signature": signature}) as answer:
        assert (answer.status, json.loads(await answer.text())) == (200, {"outcome": "no issue of ours"})


async def test_what_cannot_be_followed_is_noted(line: Line) -> None:
    number = await mirrored(line)
    await line.act(number, "accept")
    await line.act(number, "dispatch", to="div_ti", reason="teknis")
    await line.done()
    line.jira.hooks.clear()
    line.jira.moves("ARIANA-1", "Resolved")
    await line.heard()
    shown = await line.shown(number)
    assert (shown["status"]["id"], shown["accepted"]) == ("escalated", False)
    assert "menjadi 'Resolved', tetapi tidak dapat diikuti" in shown["notes"][-1]["text"]
    await line.heard()
    assert len((await line.shown(number))["notes"]) == len(shown["notes"])


async def test_what_is_on_its_way_to_jira_holds(line: Line) -> None:
    number = await mirrored(line)
    await line.act(number, "accept")
    await line.done()
    line.jira.hooks.clear()
    line.jira.moves("ARIANA-1", "Waiting for customer")
    await line.jira.send_all(line.hook)
    await line.act(number, "solve", resolution="Selesai.")
    await line.done()
    assert ((await line.ticket(number))["status"], line.jira.issues["ARIANA-1"].status) == ("solved", "Resolved")


async def test_files_that_are_not_kept_are_named(line: Line) -> None:
    number = await mirrored(line)
    line.jira.adds_file("ARIANA-1", "program.exe", b"MZ" + b"0" * 50)
    line.jira.adds_file("ARIANA-1", "besar.png", PNG * 20)
    del line.jira.files[line.jira.adds_file("ARIANA-1", "hilang.png", PNG)]
    await line.heard()
    line.jira.writes("ARIANA-1", "Lagi")
    await line.heard()
    notes = [each["text"] for each in (await line.shown(number))["notes"]]
    assert {each.rsplit(": ", 1)[-1] for each in notes} == {
        "jenis berkas tidak diterima.",
        "terlalu besar.",
        "tidak dapat diambil.",
        "Lagi",
    }
    assert len(notes) == 4
    assert (await line.shown(number))["files"] == []


@BOTH
async def test_what_webhooks_missed_is_made_up_for(line: Line) -> None:
    numbers = [await line.make(f"k-{each}") for each in range(5)]
    await line.done()
    for key in line.jira.issues:
        line.jira.writes(key, f"Di {key}")
    line.jira.hooks.clear()  # none of them arrives
    await line.reconcile()
    assert line.jira.searches[-1].startswith('project = "ARIANA" AND updated >= "-1445m"')
    await line.done()
    for number in numbers:
        shown = await line.shown(number)
        assert [each["text"] for each in shown["notes"]] == [f"Di {shown['jira']['key']}"]
    looked = [kind for kind, _ in line.jira.calls].count("issue")
    assert looked == 5
    line.bench.clock.advance(3600)
    await line.reconcile()
    await line.done()
    assert line.jira.searches[-1].startswith('project = "ARIANA" AND updated >= "-65m"')
    assert [kind for kind, _ in line.jira.calls].count("issue") == looked  # each change is looked at once
    async with line.bench.db.read() as tx:
        due = (await tx.execute(select(timers.c.due_at).where(timers.c.kind == "jira"))).scalar_one()
    assert due == line.bench.clock.now() + timedelta(hours=1)


async def test_a_reconciliation_that_breaks_off_is_begun_again_from_the_same_moment(line: Line) -> None:
    await mirrored(line)
    await line.reconcile()
    line.jira.away = True
    line.bench.clock.advance(3600)
    await line.reconcile()
    async with line.bench.db.read() as tx:
        due = (await tx.execute(select(timers.c.due_at).where(timers.c.kind == "jira"))).scalar_one()
    assert due == line.bench.clock.now() + timedelta(minutes=1)
    line.jira.away = False
    line.bench.clock.advance(600)
    await line.reconcile()
    assert line.jira.searches[-1].startswith('project = "ARIANA" AND updated >= "-75m"')


@pytest.mark.parametrize(
    ("state", "action", "expected"),
    [
        (State("open", "tier1"), "work", ["accept"]),
        (State("open", "tier1", accepted=True), "work", ["work"]),
        (State("analysis", "cs_digital", accepted=True), "work", []),
        (State("waiting_customer", "tier1", accepted=True), "work", ["resume"]),
        (State("open", "tier1"), "wait", ["accept", "wait"]),
        (State("waiting_customer", "tier1", accepted=True), "wait", []),
        (State("confirming", "tier1", accepted=True), "confirm", ["confirm"]),
        (State("in_progress", "tier1", accepted=True), "confirm", ["solve"]),
        (State("open", "tier1"), "confirm", ["accept", "solve"]),
        (State("solved", "tier1", accepted=True), "confirm", []),
        (State("solved", "tier1", accepted=True), "reopen", ["reopen"]),
        (State("open", "tier1"), "reopen", []),
    ],
)
def test_what_a_status_there_means_here(state: State, action: str, expected: list[str]) -> None:
    assert steps(state, action) == expected


async def test_a_kind_without_a_request_type_stays_here(line: Line) -> None:
    break_in = TICKET | {"kind": "break_in", "topic": "keluhan_akun_dibobol"}
    number = (await line.core.good("POST", "/tickets", break_in, "b"))["ticket"]["number"]
    await line.note(number, "Rahasia")
    await line.done()
    assert (await line.ticket(number))["jira_key"] is None
    assert line.jira.issues == {}
    assert (await line.core.person.get("/api/desk/deliveries"))["deliveries"] == []
