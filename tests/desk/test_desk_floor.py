"""The floor over HTTP: offers, presence, wrap-up, transfer. The router, the watch and the timers look when a test says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.engine import Row

from bot.conversations.records import conversations, messages
from bot.conversations.service import get
from bot.conversations.timers import TimerLoop
from bot.desk.sessions import deactivate_user
from bot.desk.work import set_work
from bot.handoff.missed import OfferTimer
from bot.handoff.presence import seen
from bot.handoff.records import handoffs, offers
from bot.handoff.router import Router
from bot.handoff.service import enqueue, finish, floor, give_back, position
from bot.handoff.watch import Watch
from bot.handoff.wrapup import WrapupTimer
from bot.store.database import Tx
from tests.desk.conftest import BOTH, CONTEXT, Person

if TYPE_CHECKING:
    from tests.desk.conftest import Bench

pytestmark = pytest.mark.asyncio
BOX = "/api/desk/conversations"
GRACE = 45


class FloorBench:
    """A bench whose floor is looked at by hand."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        client = bench.library.client
        self.router = Router(bench.db, client)
        self.watch = Watch(bench.db, client)
        self.timers = TimerLoop(bench.db, {"offer": OfferTimer(bench.db, client).fire, "wrapup": WrapupTimer(bench.db, client).fire})

    async def agent(self, name: str, team: str | None = None, capacity: int | None = None, **skills: Any) -> Person:
        """Somebody who is ready."""
        person = await self.bench.person(name)
        async with self.bench.db.write() as tx:
            await set_work(tx, self.bench.library.client, name, team=team, capacity=capacity, **skills)
        await person.post("/api/desk/presence", {"state": "ready"})
        self.bench.clock.advance(0.001)  # whoever comes first has waited longest
        return person

    async def look(self) -> None:
        assert await self.router.look()

    async def passes(self, seconds: float, *alive: Person) -> None:
        """Time passes for desks that give signs of life; timers fire, and the router looks."""
        self.bench.clock.advance(seconds)
        if alive:
            async with self.bench.db.write() as tx:
                await seen(tx, *(person.user["id"] for person in alive))
        await self.timers.fire_due()
        await self.timers.drain()
        await self.look()

    async def offered(self, conversation: str) -> str | None:
        """To whom it is offered, by name."""
        async with self.bench.db.read() as tx:
            where = (offers.c.conversation_id == conversation) & offers.c.ended_at.is_(None)
            return (await tx.execute(select(offers.c.agent_id).where(where))).scalar()

    async def ended(self) -> list[tuple[str, str | None]]:
        return [(fact.data["how"], fact.data["reason"]) for fact in await self.bench.facts("offer_ended")]

    async def state(self, person: Person) -> tuple[str, str | None]:
        shown = (await person.get("/api/me"))["presence"]
        return shown["state"], shown["reason"]


@pytest_asyncio.fixture
async def here(bench: Bench) -> FloorBench:
    return FloorBench(bench)


async def row_of(tx: Tx, conversation: str) -> Row[Any]:
    row = await get(tx, conversation, lock=True)
    assert row is not None
    return row


def uid(person: Person) -> str:
    return str(person.user["id"])


@BOTH
async def test_what_waits_is_offered_to_who_waited_longest_and_accepted(here: FloorBench) -> None:
    rani, dewi = await here.agent("rani"), await here.agent("dewi")
    first = await here.bench.queued(1)
    await here.look()
    (summary,) = (await dewi.get(BOX))["conversations"]
    assert summary["offer"] == {"agent": {"id": uid(rani), "name": "Rani"}, "expires_at": "2026-11-23T03:00:25.002Z"}
    second = await here.bench.queued(2)
    await here.look()
    assert await here.offered(second) == uid(dewi)
    taken = (await rani.accept(first))["conversation"]
    assert (taken["owner"], taken["offer"]) == ("agent", None)
    assert await here.ended() == [("accepted", None)]
    assert [(fact.agent_id, fact.data["episode"]) for fact in await here.bench.facts("offer_made")] == [(uid(rani), 1), (uid(dewi), 1)]


@BOTH
async def test_a_declined_offer_goes_to_the_next_and_round_again(here: FloorBench) -> None:
    rani, dewi = await here.agent("rani"), await here.agent("dewi")
    conversation = await here.bench.queued()
    path = f"{BOX}/{conversation}/decline"
    await here.look()
    assert await dewi.refused(path, {"episode": 1, "reason": "penuh"}) == (409, "conflict")
    assert await rani.refused(path, {"episode": 2, "reason": "penuh"}) == (409, "conflict")
    assert await rani.refused(path, {"episode": 1, "reason": "malas"}) == (422, "bad_field")
    assert (await rani.post(path, {"episode": 1, "reason": "penuh"}))["conversation"]["offer"] is None
    await here.look()
    assert await here.offered(conversation) == uid(dewi)
    await dewi.post(path, {"episode": 1, "reason": "konflik"})
    await here.look()
    assert await here.offered(conversation) is None, "nobody is asked again at once"
    await here.passes(26, rani, dewi)
    await here.look()
    assert await here.offered(conversation) == uid(rani), "everybody was asked: the round begins anew"
    assert await here.ended() == [("declined", "penuh"), ("declined", "konflik")]


@BOTH
async def test_who_misses_three_in_a_row_goes_to_aux(here: FloorBench) -> None:
    rani = await here.agent("rani")
    conversation = await here.bench.queued()
    await here.look()
    for _ in range(2):
        await here.passes(25, rani)
        assert await here.offered(conversation) == uid(rani)
    await here.passes(25, rani)
    assert await here.offered(conversation) is None
    assert await here.state(rani) == ("aux", "tidak_merespons")
    assert await here.ended() == [("missed", None)] * 3
    fact = (await here.bench.facts("agent_state_changed"))[-1]
    assert (fact.data["by"], fact.data["lost"], fact.data["before"]) == ("system", False, "ready")
    await rani.post("/api/desk/presence", {"state": "ready"})
    await here.look()
    assert await here.offered(conversation) == uid(rani)


async def test_accepting_begins_the_count_of_missed_anew(here: FloorBench) -> None:
    rani = await here.agent("rani")
    first = await here.bench.queued(1)
    await here.look()
    await here.passes(25, rani)
    await here.passes(25, rani)
    await rani.accept(first)
    await here.bench.queued(2)
    await here.look()
    await here.passes(25, rani)
    assert await here.state(rani) == ("ready", None)


@BOTH
@pytest.mark.parametrize("leaves", ["aux", "offline", "logout", "leader", "deactivated"])
async def test_who_leaves_keeps_no_offer(here: FloorBench, leaves: str) -> None:
    rani, dewi = await here.agent("rani"), await here.agent("dewi")
    sari = await here.bench.person("sari", "leader")
    conversation = await here.bench.queued()
    await here.look()
    if leaves == "logout":
        await rani.post("/api/logout", expect=204)
    elif leaves == "deactivated":
        async with here.bench.db.write() as tx:
            await deactivate_user(tx, uid(rani), uid(sari))
    elif leaves == "leader":
        await sari.post(f"/api/desk/people/{uid(rani)}/presence", {"state": "aux", "reason": "rapat"})
    else:
        await rani.post("/api/desk/presence", {"state": leaves, "reason": "istirahat"})
    assert [how for how, _ in await here.ended()] == ["withdrawn"]
    await here.look()
    assert await here.offered(conversation) == uid(dewi)


@BOTH
async def test_an_offer_ends_with_the_waiting(here: FloorBench) -> None:
    rani, dewi = await here.agent("rani"), await here.agent("dewi")
    client = here.bench.library.client
    taken, left, recalled = await here.bench.queued(1), await here.bench.queued(2, "livechat"), await here.bench.queued(3)
    await here.look()
    by_other = dewi if await here.offered(taken) == uid(rani) else rani
    await by_other.accept(taken)
    async with here.bench.db.write() as tx:
        await finish(tx, await row_of(tx, left), by="customer", outcome="abandoned", survey=False, client=client)
        await give_back(tx, await row_of(tx, recalled), by="customer", reason="recalled", client=client)
    assert sorted(await here.ended()) == [("withdrawn", "closed"), ("withdrawn", "returned"), ("withdrawn", "taken")]
    assert [await here.offered(each) for each in (taken, left, recalled)] == [None, None, None]


@BOTH
async def test_nobody_gets_more_than_their_places(here: FloorBench) -> None:
    rani = await here.agent("rani", capacity=2)
    waiting = [await here.bench.queued(number) for number in range(1, 5)]
    await here.look()
    await here.look()
    assert [await here.offered(each) for each in waiting] == [uid(rani), uid(rani), None, None]
    await rani.accept(waiting[3])  # pulled: one offer less
    assert [await here.offered(each) for each in waiting] == [uid(rani), None, None, None]
    assert await here.ended() == [("withdrawn", "full")]
    await rani.accept(waiting[0])
    assert await rani.refused(f"{BOX}/{waiting[1]}/accept", {"episode": 1}) == (409, "at_capacity")
    await here.look()
    assert len(await here.bench.facts("offer_made")) == 2
    await rani.post(f"{BOX}/{waiting[0]}/return", {"reason": "form"})
    await here.look()
    assert await here.offered(waiting[1]) == uid(rani), "a place that is free is filled at once"


async def test_teams_and_skills_decide(here: FloorBench) -> None:
    await here.agent("maya", "helpdesk")
    await here.agent("budi", topics=["info_gadai"])
    inggris = await here.agent("wati", languages=["en"])
    english = await here.bench.queued(1, text="I want to speak to an agent about my gold")
    indonesian = await here.bench.queued(2)
    async with here.bench.db.write() as tx:
        await tx.execute(update(conversations).values(topic="keluhan_layanan"))
    await here.look()
    assert await here.offered(english) == uid(inggris)
    assert await here.offered(indonesian) is None


async def test_a_customer_of_today_goes_to_the_same_agent(here: FloorBench) -> None:
    rani, dewi = await here.agent("rani"), await here.agent("dewi")
    first = await here.bench.queued(1)
    await dewi.accept(first)
    await dewi.close(first, closing=False)
    await here.passes(31, rani, dewi)
    again, other = await here.bench.queued(1), await here.bench.queued(2)
    await here.look()
    assert (await here.offered(again), await here.offered(other)) == (uid(dewi), uid(rani))


async def test_where_pulling_is_forbidden_only_what_is_offered_is_taken(here: FloorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    client = here.bench.library.client
    monkeypatch.setattr(
        client.floor, "__dict__", {**client.floor.__dict__, "routing": client.floor.routing.model_copy(update={"pull": False})}
    )
    rani, dewi, sari = await here.agent("rani"), await here.agent("dewi"), await here.bench.person("sari", "leader")
    first, second = await here.bench.queued(1), await here.bench.queued(2)
    await here.look()
    assert await dewi.refused(f"{BOX}/{first}/accept", {"episode": 1}) == (409, "not_offered")
    await rani.accept(first)
    await sari.accept(second)


# --- writing up


@BOTH
async def test_writing_up_keeps_the_place_until_its_time_is_over(here: FloorBench) -> None:
    rani = await here.agent("rani", capacity=1)
    first, second = await here.bench.queued(1), await here.bench.queued(2)
    await rani.accept(first)
    closed = (await rani.close(first, closing=True))["conversation"]
    assert (closed["owner"], closed["wrapup_until"]) == ("closed", "2026-11-23T03:00:30.001Z")
    mine = await rani.get(f"{BOX}?box=mine")
    assert ([each["id"] for each in mine["conversations"]], mine["counts"]["mine"]) == ([first], 1)
    assert await here.state(rani) == ("wrapup", None)
    await here.look()
    assert await here.offered(second) is None
    await here.passes(30, rani)
    assert await here.state(rani) == ("ready", None)
    assert await here.offered(second) == uid(rani)
    assert (await rani.get(f"{BOX}?box=mine"))["conversations"] == []
    assert [fact.data["by"] for fact in await here.bench.facts("wrapup_ended")] == ["system"]


@BOTH
async def test_writing_up_ends_when_the_agent_says_so(here: FloorBench) -> None:
    rani, dewi = await here.agent("rani"), await here.agent("dewi")
    conversation = await here.bench.queued()
    path = f"{BOX}/{conversation}/wrapup"
    assert await rani.refused(path) == (409, "not_yours")
    await rani.accept(conversation)
    await rani.close(conversation, closing=False)
    assert await dewi.refused(path) == (409, "not_yours")
    for _ in range(2):
        assert (await rani.post(path))["conversation"]["wrapup_until"] is None
    assert await here.state(rani) == ("ready", None)
    await here.passes(31)
    assert len(await here.bench.facts("wrapup_started")) == len(await here.bench.facts("wrapup_ended")) == 1


async def test_aux_while_writing_up_stays(here: FloorBench) -> None:
    rani = await here.agent("rani")
    conversation = await here.bench.queued()
    await rani.accept(conversation)
    async with here.bench.db.write() as tx:  # as the idle rule closes
        row = await row_of(tx, conversation)
        await finish(tx, row, by="system", outcome="no_response", survey=True, client=here.bench.library.client)
    assert await here.state(rani) == ("wrapup", None)
    await rani.post("/api/desk/presence", {"state": "aux", "reason": "ibadah"})
    await here.passes(30, rani)
    assert await here.state(rani) == ("aux", "ibadah")


async def test_with_other_conversations_in_hand_one_stays_ready_and_may_take_another(here: FloorBench) -> None:
    rani = await here.agent("rani", capacity=2)
    first, second, third = [await here.bench.queued(number) for number in (1, 2, 3)]
    await rani.accept(first)
    await rani.accept(second)
    await rani.close(first, closing=False)
    assert await here.state(rani) == ("ready", None)
    await here.look()
    assert await here.offered(third) is None
    await rani.accept(third)  # whoever takes one has written enough
    assert [fact.conversation_id for fact in await here.bench.facts("wrapup_ended")] == [first]


# --- handing on


@BOTH
async def test_to_another_team_with_all_that_is_known(here: FloorBench) -> None:
    rani, maya = await here.agent("rani"), await here.agent("maya", "helpdesk")
    conversation = await here.bench.queued()
    await rani.accept(conversation)
    path, body = f"{BOX}/{conversation}/transfer", {"to": "team:helpdesk", "reason": "teknis", "note": "Mutasi kosong"}
    for wrong in ({"to": "team:nowhere"}, {"to": f"agent:{uid(rani)}"}, {"to": "agent:NOSUCH"}, {"to": "helpdesk"}, {"reason": "malas"}):
        assert await rani.refused(path, body | wrong) == (422, "bad_field")
    assert await maya.refused(path, body) == (409, "not_yours")
    summary = (await rani.post(path, body))["conversation"]
    assert (summary["owner"], summary["episode"], summary["team"]["id"], summary["reason"]["id"]) == ("queue", 2, "helpdesk", "transfer")
    assert (summary["from_agent"]["id"], summary["handoff_note"]) == (uid(rani), "Perlu pemeriksaan teknis: Mutasi kosong")
    shown = await maya.get(f"{BOX}/{conversation}")
    assert shown["card"]["form"]["label"] == "Formulir keluhan"
    told = [message["text"] for message in shown["messages"] if message["author"] == "system"]
    assert told == ["Percakapan Bapak/Ibu kami teruskan kepada Helpdesk (Tier 2). Mohon menunggu sebentar."]
    await here.look()
    assert await here.offered(conversation) == uid(maya)
    await maya.post(f"{BOX}/{conversation}/accept", {"episode": 2})
    back = {"to": f"agent:{uid(rani)}", "reason": "selesai_tier2", "note": ""}
    assert (await maya.post(path, back))["conversation"]["team"]["id"] == "tier1"
    await here.look()
    assert await here.offered(conversation) == uid(rani)
    moved = [(fact.data["from"], fact.data["to"], fact.data["team"], fact.data["reason"]) for fact in await here.bench.facts("transferred")]
    assert moved == [(uid(rani), None, "helpdesk", "teknis"), (uid(maya), uid(rani), "tier1", "selesai_tier2")]
    async with here.bench.db.read() as tx:
        rows = (await tx.execute(select(handoffs).order_by(handoffs.c.episode))).all()
    assert [row.ended_how for row in rows] == ["transferred", "transferred", None]
    assert all(row.context == CONTEXT for row in rows)


@BOTH
@pytest.mark.parametrize("how", ["declined", "missed"])
async def test_what_a_colleague_does_not_take_is_the_teams(here: FloorBench, how: str) -> None:
    rani, dewi, maya, putri = [
        await here.agent(name, team) for name, team in (("rani", None), ("dewi", None), ("maya", "helpdesk"), ("putri", "helpdesk"))
    ]
    conversation = await here.bench.queued()
    await rani.accept(conversation)
    to_putri = {"to": f"agent:{uid(putri)}", "reason": "keahlian", "note": ""}
    assert (await rani.post(f"{BOX}/{conversation}/transfer", to_putri))["conversation"]["for_agent"]["name"] == "Putri"
    await here.look()
    assert await here.offered(conversation) == uid(putri)
    if how == "declined":
        await putri.post(f"{BOX}/{conversation}/decline", {"episode": 2, "reason": "bukan_keahlian"})
        await here.look()
    else:
        await here.passes(25, rani, dewi, maya, putri)
    assert await here.offered(conversation) == uid(maya)


async def test_a_leader_hands_on_out_of_the_queue(here: FloorBench) -> None:
    rani, maya = await here.agent("rani"), await here.agent("maya", "helpdesk")
    sari = await here.bench.person("sari", "leader")
    conversation = await here.bench.queued()
    await here.look()
    body = {"to": "team:helpdesk", "reason": "permintaan", "note": ""}
    assert await rani.refused(f"{BOX}/{conversation}/transfer", body) == (409, "not_yours")
    await sari.post(f"{BOX}/{conversation}/transfer", body)
    await here.look()
    assert await here.offered(conversation) == uid(maya)
    assert await here.ended() == [("withdrawn", "transferred")]


# --- presence


async def silent_for(here: FloorBench, seconds: int, *alive: Person) -> None:
    """The watch looks every few seconds."""
    for _ in range(0, seconds, 3):
        here.bench.clock.advance(3)
        if alive:
            async with here.bench.db.write() as tx:
                await seen(tx, *(person.user["id"] for person in alive))
        await here.watch.look()


@BOTH
async def test_a_silent_desk_is_offline_after_the_grace_and_nobody_waits_for_it(here: FloorBench) -> None:
    rani, dewi = await here.agent("rani"), await here.agent("dewi")
    kept, lost, answered = [await here.bench.queued(number) for number in (1, 2, 3)]
    await dewi.accept(kept)
    await rani.accept(lost)
    await rani.accept(answered)
    await rani.reply(answered, "Baik, mohon ditunggu")
    await here.watch.look()
    await silent_for(here, GRACE, dewi)
    assert await here.state(rani) == ("ready", None), "the grace is not over"
    await silent_for(here, 9, dewi)
    assert await here.state(rani) == ("offline", None)
    changed = [fact for fact in await here.bench.facts("agent_state_changed") if fact.data["state"] == "offline"]
    assert [(fact.agent_id, fact.data["by"], fact.data["lost"]) for fact in changed] == [(uid(rani), "system", True)]
    rows = [await here.bench.row(each) for each in (kept, lost, answered)]
    assert [row.owner for row in rows] == ["agent", "queue", "agent"]
    assert (rows[1].reason, rows[1].episode) == ("agent_gone", 2)
    summary = next(each for each in (await dewi.get(BOX))["conversations"] if each["id"] == lost)
    assert summary["from_agent"]["id"] == uid(rani)
    assert (await dewi.get(f"{BOX}/{lost}"))["card"]["form"]["label"] == "Formulir keluhan"
    fresh = await here.bench.queued(4)
    async with here.bench.db.read() as tx:
        assert await position(tx, await row_of(tx, fresh)) == 2, "who was left alone comes first"
    await here.bench.writes("Halo?", 3)  # writes to somebody who is gone
    await silent_for(here, 3, dewi)
    assert (await here.bench.row(answered)).owner == "queue"


async def test_who_goes_by_choice_leaves_nobody_waiting(here: FloorBench) -> None:
    rani = await here.agent("rani")
    conversation = await here.bench.queued()
    await rani.accept(conversation)
    here.bench.clock.advance(1)
    await rani.post("/api/desk/presence", {"state": "aux", "reason": "toilet"})
    await silent_for(here, GRACE + 9, rani)
    assert (await here.bench.row(conversation)).owner == "agent", "AUX keeps what it has"
    await rani.post("/api/desk/presence", {"state": "offline"})
    await silent_for(here, GRACE - 3, rani)
    assert (await here.bench.row(conversation)).owner == "agent"
    await silent_for(here, 6, rani)
    assert (await here.bench.row(conversation)).reason == "agent_gone"
    told = [row.text for row in await _said(here, conversation)]
    assert "teruskan kepada petugas lain" in told[-1]


async def _said(here: FloorBench, conversation: str) -> list[Any]:
    async with here.bench.db.read() as tx:
        return list((await tx.execute(select(messages).where(messages.c.conversation_id == conversation).order_by(messages.c.seq))).all())


@BOTH
async def test_after_a_restart_every_desk_gets_a_new_grace(here: FloorBench) -> None:
    rani = await here.agent("rani")
    here.bench.clock.advance(3600)  # nothing ran meanwhile
    await here.watch.look()
    await silent_for(here, GRACE - 3)
    assert await here.state(rani) == ("ready", None)
    await silent_for(here, 6)
    assert await here.state(rani) == ("offline", None)


async def test_two_watches_record_it_once(here: FloorBench) -> None:
    await here.agent("rani")
    watches = [here.watch, Watch(here.bench.db, here.bench.library.client)]
    for _ in range(25):
        here.bench.clock.advance(3)
        for watch in watches:
            await watch.look()
    assert len([fact for fact in await here.bench.facts("agent_state_changed") if fact.data["lost"]]) == 1


async def test_people_and_a_leader_who_sets_a_state(here: FloorBench) -> None:
    rani, maya = await here.agent("rani", capacity=2), await here.agent("maya", "helpdesk")
    sari = await here.bench.person("sari", "leader")
    await here.bench.person("tono", "trainer")
    await rani.accept(await here.bench.queued())
    shown = {each["name"]: each for each in (await maya.get("/api/desk/people"))["people"]}
    assert list(shown) == ["Maya", "Rani", "Sari"]
    assert (shown["Rani"]["load"], shown["Rani"]["capacity"], shown["Rani"]["team"]["id"]) == (1, 2, "tier1")
    assert (shown["Maya"]["team"]["label"], shown["Sari"]["presence"]["state"]) == ("Helpdesk (Tier 2)", "offline")
    path = f"/api/desk/people/{uid(rani)}/presence"
    assert await maya.refused(path, {"state": "aux", "reason": "rapat"}) == (403, "forbidden")
    assert await sari.refused(path, {"state": "aux"}) == (422, "bad_field")
    assert await sari.refused("/api/desk/people/NOSUCH/presence", {"state": "offline"}) == (404, "not_found")
    set_to = await sari.post(path, {"state": "aux", "reason": "rapat"})
    assert (set_to["state"], set_to["limit_at"]) == ("aux", "2026-11-23T04:00:00.002Z")
    assert (await here.bench.facts("agent_state_changed"))[-1].data["by"] == uid(sari)


async def test_an_offer_and_the_people_are_told_live(here: FloorBench) -> None:
    rani = await here.agent("rani")
    line = await rani.live()
    conversation = await here.bench.queued()
    await here.look()
    await line.next("people")
    while not (frame := await line.next("conversation"))["conversation"]["offer"]:
        pass
    assert (frame["conversation"]["id"], frame["conversation"]["offer"]["agent"]["id"]) == (conversation, uid(rani))
    await rani.accept(conversation)
    await rani.close(conversation, closing=False)
    while not (frame := await line.next("conversation", "gone")).get("conversation", {}).get("wrapup_until"):
        assert frame["type"] == "conversation", "it stays on the desk while it is written up"
    await rani.post(f"{BOX}/{conversation}/wrapup")
    while (frame := await line.next("conversation", "gone"))["type"] != "gone":
        pass


# --- what the customer is told


async def test_position_and_floor_are_the_teams(here: FloorBench) -> None:
    client = here.bench.library.client
    await here.agent("rani", capacity=3)
    await here.agent("maya", "helpdesk")
    first, second = await here.bench.queued(1), await here.bench.queued(2)
    helpdesk = await here.bench.writes(phone=3)
    async with here.bench.db.write() as tx:
        await enqueue(tx, await row_of(tx, helpdesk), client, reason="transfer", by="system", team="helpdesk")
    async with here.bench.db.read() as tx:
        assert [await position(tx, await row_of(tx, each)) for each in (first, second, helpdesk)] in ([1, 1, 1], [1, 2, 1])
        tier1 = await floor(tx, client)
        assert (tier1.ready, tier1.room, tier1.waiting, tier1.places, tier1.handling_s) == (1, 3, 2, 3, 300)
        assert (await floor(tx, client, "helpdesk")).places == 4
        assert (await floor(tx, client, "cs_digital")).ready == 0


async def test_the_handling_time_is_what_today_shows(here: FloorBench) -> None:
    rani = await here.agent("rani")
    for number in range(1, 6):
        conversation = await here.bench.queued(number)
        await rani.accept(conversation)
        here.bench.clock.advance(100)
        await rani.close(conversation, closing=False)
    async with here.bench.db.read() as tx:
        assert (await floor(tx, here.bench.library.client)).handling_s == pytest.approx(100)
    here.bench.clock.advance(timedelta(days=1).total_seconds())
    async with here.bench.db.read() as tx:
        assert (await floor(tx, here.bench.library.client)).handling_s == 300
