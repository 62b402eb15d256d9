"""The checker of the simulated day, checked: a good day passes, and each way to spoil its database or record is noticed by the invariant it breaks."""

from __future__ import annotations

import ast
import copy
import json
import logging
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.simulation.day.checker import all_rules, judge
from tests.simulation.day.checker.evidence import load_sqlite
from tests.simulation.day.day import Day, quick_passwords
from tests.support.servers import ROOT, EngineProcess

Record = dict[str, Any]
CHECKER = ROOT / "tests/simulation/day/checker"


@dataclass
class GoodDay:
    """A day that is right: where its database lies, and its record."""

    database: Path
    record: Record


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def good_day(engine: EngineProcess, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GoodDay]:
    folder = tmp_path_factory.mktemp("day")
    database = folder / "sapa.db"
    shutil.copy(sqlite_template, database)
    logging.disable(logging.CRITICAL)
    with quick_passwords():
        day = Day(3, f"sqlite+aiosqlite:///{database}", folder, engine.url, customers=50, faulty=False)
        await day.run()
    logging.disable(logging.NOTSET)
    yield GoodDay(database, json.loads(json.dumps(day.record())))


def sql(*statements: str) -> Callable[[sqlite3.Connection, Record], None]:
    """Spoil the database. Each statement must change something, or it proves nothing."""

    def spoil(conn: sqlite3.Connection, _record: Record) -> None:
        for statement in statements:
            assert conn.execute(statement).rowcount > 0, f"nothing to spoil: {statement}"

    return spoil


def first(table: str, where: str) -> str:
    return f"(SELECT id FROM {table} WHERE {where} LIMIT 1)"


def _twice_to_the_phone(_conn: sqlite3.Connection, record: Record) -> None:
    record["graph"].append(record["graph"][0])


def _lost_on_the_way(_conn: sqlite3.Connection, record: Record) -> None:
    del record["graph"][3]


def _to_somebody_else(_conn: sqlite3.Connection, record: Record) -> None:
    record["graph"][0]["to"] = next(g["to"] for g in record["graph"] if g["to"] != record["graph"][0]["to"])


def _swapped_on_the_way(_conn: sqlite3.Connection, record: Record) -> None:
    graph = record["graph"]
    to = next(g["to"] for g in graph if sum(o["to"] == g["to"] for o in graph) > 2)
    one, two = [n for n, g in enumerate(graph) if g["to"] == to][:2]
    graph[one], graph[two] = graph[two], graph[one]


def _swapped_in_the_store(conn: sqlite3.Connection, _record: Record) -> None:
    of = conn.execute(
        "SELECT conversation_id, min(seq), max(seq) FROM messages WHERE author = 'customer' GROUP BY conversation_id HAVING count(*) > 1"
    )
    conversation, one, two = of.fetchone()
    for before, after in ((one, -1), (two, one), (-1, two)):
        conn.execute("UPDATE messages SET seq = ? WHERE conversation_id = ? AND seq = ?", (after, conversation, before))


def _swapped_in_the_window(_conn: sqlite3.Connection, record: Record) -> None:
    frames = record["received"]
    one = next(n for n, f in enumerate(frames) if f["connection"] == 1 and f["seq"] == 1)
    two = next(n for n, f in enumerate(frames) if f["conversation"] == frames[one]["conversation"] and f["seq"] == 2)
    frames[one], frames[two] = frames[two], frames[one]


def _missing_in_the_window(_conn: sqlite3.Connection, record: Record) -> None:
    window = next(w for w in record["windows"] if w["open"])
    last = max(f["seq"] for f in record["received"] if f["conversation"] == window["conversation"])
    record["received"] = [f for f in record["received"] if (f["conversation"], f["seq"]) != (window["conversation"], last)]


def _other_words_in_the_window(_conn: sqlite3.Connection, record: Record) -> None:
    record["received"][0]["text"] += "!"


def _never_sent(_conn: sqlite3.Connection, record: Record) -> None:
    del record["sent"][0]


def _wrong_metrics(_conn: sqlite3.Connection, record: Record) -> None:
    figure = next(f for f in record["figures"] if f["what"] == "metrics")
    figure["shown"] = figure["shown"].replace('owner="bot"} ', 'owner="bot"} 7')


def _wrong_count(_conn: sqlite3.Connection, record: Record) -> None:
    next(f for f in record["figures"] if f["what"] == "box all")["shown"]["counts"]["all"] += 1


def _ticket_nobody_made(_conn: sqlite3.Connection, record: Record) -> None:
    ticket = next(d for d in record["desk"] if d["call"].endswith("/ticket"))
    record["desk"].append({**ticket, "body": {**ticket["body"], "client_id": "another"}})


def _full_slot(conn: sqlite3.Connection, _record: Record) -> None:
    data = conn.execute("SELECT data FROM facts WHERE kind = 'reservation_booked' LIMIT 1").fetchone()[0]
    for number in range(2):
        more = json.dumps({**json.loads(data), "code": f"RSV-MORE{number}"})
        conn.execute("INSERT INTO facts (kind, at, data) VALUES ('reservation_booked', '2026-11-23 04:00:00.000000', ?)", (more,))


def _full_agent(conn: sqlite3.Connection, _record: Record) -> None:
    data = json.dumps({"before": "queue", "after": "agent", "by": "x", "reason": None, "episode": 1})
    for number in range(5):
        row = ("owner_changed", "2026-11-23 04:00:00.000000", f"C{number}", "AGENT", data)
        conn.execute("INSERT INTO facts (kind, at, conversation_id, agent_id, data) VALUES (?, ?, ?, ?, ?)", row)


def _offered_too_much(conn: sqlite3.Connection, _record: Record) -> None:
    made = "SELECT kind, at, ?, agent_id, data FROM facts WHERE kind = 'offer_made' ORDER BY id DESC LIMIT 1"
    for number in range(5):
        conn.execute(f"INSERT INTO facts (kind, at, conversation_id, agent_id, data) {made}", (f"C{number}",))


def _taken_unasked(_conn: sqlite3.Connection, record: Record) -> None:
    record["desk"] = [call for call in record["desk"] if not call["call"].endswith("/accept")]


def _handed_on_unasked(_conn: sqlite3.Connection, record: Record) -> None:
    record["desk"] = [call for call in record["desk"] if not call["call"].endswith("/transfer")]


def _never_lost(_conn: sqlite3.Connection, record: Record) -> None:
    assert record["lines"], "no connection was lost"
    record["lines"] = []


def _asked_by_nobody(_conn: sqlite3.Connection, record: Record) -> None:
    record["desk"] = [call for call in record["desk"] if not call["call"].endswith("/solve")]


def _done_and_not_written_down(_conn: sqlite3.Connection, record: Record) -> None:
    record["desk"].append(next(call for call in record["desk"] if call["call"].endswith("/dispatch")))


def _another_call(_conn: sqlite3.Connection, record: Record) -> None:
    call = next(call for call in record["desk"] if call["call"].endswith("/calls"))
    record["desk"].append({**call, "body": {**call["body"], "client_id": "another"}})


def _another_visitor(_conn: sqlite3.Connection, record: Record) -> None:
    call = next(call for call in record["desk"] if call["call"] == "POST /api/desk/tickets")
    record["desk"].append({**call, "body": {**call["body"], "client_id": "another"}})


def _news_of_another(conn: sqlite3.Connection, _record: Record) -> None:
    numbers = "SELECT t.number FROM tickets t JOIN messages m ON m.text LIKE '%' || t.number || '%' ORDER BY t.number"
    one, other = [row[0] for row in conn.execute(numbers)][:: len(conn.execute(numbers).fetchall()) - 1][:2]
    conn.execute("UPDATE messages SET text = replace(text, ?, ?) WHERE author = 'system'", (one, other))


LATER = "strftime('%Y-%m-%d %H:%M:%S.000000', {}, '+1 second')"
CUSTOMERS = "author = 'customer' AND skipped IS NULL AND kind = 'text'"
SPOILS: list[tuple[str, str, Callable[[sqlite3.Connection, Record], None]]] = [
    ("stored_once", "a message is missing", sql(f"DELETE FROM messages WHERE id = {first('messages', CUSTOMERS)}")),
    ("stored_once", "a message is there that nobody sent", _never_sent),
    (
        "stored_once",
        "a message is stored twice",
        sql(
            "INSERT INTO messages (id, conversation_id, seq, author, note, channel, account, external_id, kind, text, content, created_at, tries,"
            " edited, revoked) SELECT 'TWIN', conversation_id, 9999, author, note, channel, account, 'x:' || substr(external_id, 34), kind, text,"
            f" content, created_at, 0, 0, 0 FROM messages WHERE id = {first('messages', CUSTOMERS + ' AND channel = ' + repr('livechat'))}"
        ),
    ),
    ("answered_once", "an answer is missing", sql(f"DELETE FROM facts WHERE id = {first('facts', 'kind = ' + repr('bot_answered'))}")),
    (
        "answered_once",
        "an answer came twice",
        sql(
            "INSERT INTO facts (kind, at, conversation_id, data) SELECT kind, at, conversation_id, data FROM facts"
            " WHERE kind = 'bot_answered' AND data NOT LIKE '%idle-%' LIMIT 1"
        ),
    ),
    ("answered_once", "why it was left out is not written down", sql("UPDATE messages SET skipped = NULL WHERE skipped = 'person'")),
    ("order_kept", "two messages change places", _swapped_in_the_store),
    ("order_kept", "replies change places on their way to a phone", _swapped_on_the_way),
    ("order_kept", "replies change places in a window", _swapped_in_the_window),
    ("reached_once", "a message reaches a phone twice", _twice_to_the_phone),
    ("reached_once", "a message never reaches the phone", _lost_on_the_way),
    ("reached_once", "a message reaches somebody else", _to_somebody_else),
    ("reached_once", "a message is stored with other words", sql("UPDATE messages SET text = text || '!' WHERE author = 'bot'")),
    ("reached_once", "a message is missing in an open window", _missing_in_the_window),
    ("reached_once", "a window shows other words", _other_words_in_the_window),
    (
        "reached_once",
        "what is said to be dropped arrived",
        sql("UPDATE messages SET delivery = 'dropped' WHERE author = 'bot' AND channel = 'whatsapp'"),
    ),
    (
        "idle_to_the_second",
        "a question comes a second late",
        sql(
            f"UPDATE facts SET at = strftime('%Y-%m-%d %H:%M:%S.000000', at, '+1 second') WHERE id = {first('facts', 'kind = ' + repr('idle_asked'))}"
        ),
    ),
    ("idle_to_the_second", "a question is left out", sql(f"DELETE FROM facts WHERE id = {first('facts', 'kind = ' + repr('idle_asked'))}")),
    (
        "idle_to_the_second",
        "a question comes while the customer waits",
        sql(
            "INSERT INTO facts (kind, at, conversation_id, customer_id, data) SELECT 'idle_asked', at, conversation_id, customer_id, '{\"stage\": 1}'"
            " FROM facts WHERE kind = 'conversation_closed' LIMIT 1"
        ),
    ),
    (
        "idle_to_the_second",
        "the closing comes a second late",
        sql(
            "UPDATE facts SET at = strftime('%Y-%m-%d %H:%M:%S.000000', at, '+1 second') WHERE id = (SELECT id FROM facts"
            " WHERE kind = 'conversation_closed' AND data LIKE '%no_response%' AND data LIKE '%system%' LIMIT 1)"
        ),
    ),
    ("one_owner", "a change of owner is missing", sql(f"DELETE FROM facts WHERE id = {first('facts', 'kind = ' + repr('owner_changed'))}")),
    ("one_owner", "a version too many", sql("UPDATE conversations SET owner_version = owner_version + 1 WHERE owner = 'closed'")),
    ("one_owner", "two agents write", sql("UPDATE facts SET agent_id = 'NOBODY' WHERE kind = 'message_sent' AND agent_id IS NOT NULL")),
    (
        "one_owner",
        "the bot talks over an agent",
        sql('UPDATE facts SET data = replace(data, \'"author": "agent"\', \'"author": "bot"\') WHERE kind = \'message_sent\' AND agent_id IS NOT NULL'),
    ),
    ("one_owner", "a hand-off is not written down", sql("DELETE FROM handoffs WHERE episode = 1")),
    ("dialogue_versions", "a turn is missing", sql("DELETE FROM dialogue_turns WHERE version = 1")),
    ("dialogue_versions", "a version without a turn", sql("UPDATE conversations SET dialogue_version = dialogue_version + 1")),
    ("made_once", "a ticket is missing", sql("DELETE FROM tickets WHERE created_by = 'bot'")),
    ("made_once", "a ticket is made twice", sql("INSERT INTO facts (kind, at, data) SELECT kind, at, data FROM facts WHERE kind = 'ticket_opened' LIMIT 1")),
    ("made_once", "an agent's ticket is not made", _ticket_nobody_made),
    ("made_once", "a reservation is missing", sql("DELETE FROM reservations")),
    ("made_once", "a reservation is due to nothing", sql("UPDATE reservations SET cause = conversation_id || ':NOTHING:reservation' || code")),
    ("made_once", "a consent is missing", sql("DELETE FROM consents WHERE decision = 'granted'")),
    ("made_once", "a consent is not in the log", sql("DELETE FROM facts WHERE kind = 'consent_granted'")),
    ("room_kept", "a slot is overbooked", _full_slot),
    ("places_kept", "an agent holds too many", _full_agent),
    ("places_kept", "somebody full is offered more", _offered_too_much),
    ("offers_once", "the next is asked while the last offer is open", sql("DELETE FROM facts WHERE kind = 'offer_ended' AND data LIKE '%missed%'")),
    ("offers_once", "what is over is offered", sql(
        "INSERT INTO facts (kind, at, conversation_id, agent_id, data) SELECT kind, at, conversation_id, 'SOMEBODY', data FROM facts WHERE kind = 'offer_made'")),
    ("offers_once", "an offer never ends", sql(f"DELETE FROM facts WHERE id = {first('facts', 'kind = ' + repr('offer_ended'))}")),
    ("offers_once", "an offer ends twice", sql(
        "INSERT INTO facts (kind, at, conversation_id, agent_id, data) SELECT kind, at, conversation_id, agent_id, data FROM facts"
        " WHERE kind = 'offer_ended' LIMIT 1")),
    ("offers_once", "an offer ends late", sql(
        "UPDATE facts SET at = strftime('%Y-%m-%d %H:%M:%S.000000', at, '+40 seconds') WHERE kind = 'offer_ended' AND data LIKE '%missed%'")),
    ("offers_once", "an offer is missed too soon", sql(
        "UPDATE facts SET at = strftime('%Y-%m-%d %H:%M:%S.000000', at, '-2 seconds') WHERE kind = 'offer_ended' AND data LIKE '%missed%'")),
    ("offers_once", "who accepts does not get it", sql("UPDATE facts SET agent_id = 'SOMEBODY' WHERE kind = 'owner_changed' AND data LIKE '%\"after\": \"agent\"%'")),
    ("offers_once", "somebody gets it unasked", _taken_unasked),
    ("offers_once", "somebody at a break is offered work", sql(
        "UPDATE facts SET data = replace(data, '\"state\": \"ready\"', '\"state\": \"aux\"') WHERE kind = 'agent_state_changed'")),
    ("offers_once", "an offer is not in the log", sql("DELETE FROM facts WHERE kind IN ('offer_made', 'offer_ended')")),
    ("presence_chain", "a state is missing", sql(f"DELETE FROM facts WHERE id = {first('facts', 'kind = ' + repr('agent_state_changed'))}")),
    ("presence_chain", "a row says otherwise", sql("UPDATE presence SET state = 'wrapup'")),
    ("presence_chain", "somebody is taken for gone too soon", sql(
        "UPDATE facts SET at = strftime('%Y-%m-%d %H:%M:%S.000000', at, '-40 seconds') WHERE kind = 'agent_state_changed' AND data LIKE '%\"lost\": true%'")),
    ("presence_chain", "somebody connected is taken for gone", _never_lost),
    ("presence_chain", "nobody notices who is gone", sql("DELETE FROM facts WHERE kind = 'agent_state_changed' AND data LIKE '%\"lost\": true%'")),
    ("presence_chain", "somebody is taken for absent for nothing", sql(
        "UPDATE facts SET data = replace(data, '\"by\": \"' || agent_id || '\"', '\"by\": \"system\"') WHERE kind = 'agent_state_changed' AND data LIKE '%aux%'")),
    ("teams_followed", "an episode has another team", sql("UPDATE handoffs SET team = 'helpdesk'")),
    ("teams_followed", "it goes to another team than it was handed to", sql(
        "UPDATE facts SET data = replace(data, 'helpdesk', 'cs_digital') WHERE kind = 'transferred'")),
    ("teams_followed", "it is handed on unasked", _handed_on_unasked),
    ("teams_followed", "it is not handed on", sql("DELETE FROM facts WHERE kind = 'transferred'")),
    ("teams_followed", "another team is offered it", sql("UPDATE users SET team = 'cs_digital'")),
    ("wrapups_end", "it never ends", sql(f"DELETE FROM facts WHERE id = {first('facts', 'kind = ' + repr('wrapup_ended'))}")),
    ("wrapups_end", "it ends twice", sql(
        "INSERT INTO facts (kind, at, conversation_id, agent_id, data) SELECT kind, at, conversation_id, agent_id, data FROM facts"
        " WHERE kind = 'wrapup_ended' LIMIT 1")),
    ("wrapups_end", "it lasts too long", sql(
        "UPDATE facts SET at = strftime('%Y-%m-%d %H:%M:%S.000000', at, '+5 seconds') WHERE kind = 'wrapup_ended' AND data LIKE '%system%'")),
    ("wrapups_end", "somebody else writes up", sql("UPDATE facts SET agent_id = 'SOMEBODY' WHERE kind IN ('wrapup_started', 'wrapup_ended')")),
    ("wrapups_end", "it is not in the log", sql("DELETE FROM facts WHERE kind IN ('wrapup_started', 'wrapup_ended')")),
    ("room_kept", "a reservation stands that was cancelled", sql("UPDATE reservations SET status = 'cancelled' WHERE status = 'booked'")),
    ("nothing_left", "a message is left to do", sql("UPDATE messages SET todo = 'answer' WHERE author = 'customer'")),
    ("nothing_left", "a message was never sent", sql("UPDATE messages SET delivery = 'queued' WHERE author = 'bot'")),
    (
        "nothing_left",
        "a timer outlives its conversation",
        sql("INSERT INTO timers (kind, subject, due_at, tries) SELECT 'idle', id, '2026-11-30 00:00:00.000000', 0 FROM conversations WHERE owner = 'closed'"),
    ),
    ("left_out_for_a_reason", "a send fails for nothing", sql("UPDATE messages SET delivery = 'failed', delivery_at = created_at WHERE author = 'bot'")),
    ("left_out_for_a_reason", "an engine is said to be down", sql("UPDATE messages SET skipped = 'engine_down' WHERE author = 'customer'")),
    ("left_out_for_a_reason", "a message is taken for late", sql("UPDATE messages SET skipped = 'late' WHERE author = 'customer' AND channel = 'livechat'")),
    ("left_out_for_a_reason", "the bot answers what is old", sql("UPDATE messages SET channel_at = '2026-11-20 00:00:00.000000' WHERE author = 'customer'")),
    (
        "left_out_for_a_reason",
        "an answer is dropped for nobody",
        sql(
            "INSERT INTO facts (kind, at, conversation_id, data) SELECT 'message_dropped_to_channel', at, conversation_id, data FROM facts"
            " WHERE kind = 'message_sent' AND id = (SELECT min(id) FROM facts WHERE kind = 'message_sent')"
        ),
    ),
    (
        "queue_told",
        "a notice comes late",
        sql("UPDATE facts SET at = strftime('%Y-%m-%d %H:%M:%S.000000', at, '+1 second') WHERE kind = 'handoff_offered'",
            "INSERT INTO facts (kind, at, conversation_id, data) SELECT 'queue_notice', at, conversation_id, '{}' FROM facts WHERE kind = 'handoff_offered'"),
    ),
    ("delay_told", "a customer is told of a delay that was none", sql(
        "INSERT INTO facts (kind, at, conversation_id, data) SELECT 'delay_told', at, conversation_id, data FROM facts WHERE kind = 'bot_answered'")),
    ("agents_once", "a reply is stored twice", sql(
        "INSERT INTO messages (id, conversation_id, seq, author, agent_id, note, channel, account, kind, text, content, created_at, tries, edited, revoked)"
        " SELECT 'TWIN', conversation_id, 9999, author, agent_id, note, channel, account, kind, text, content, created_at, 0, 0, 0 FROM messages"
        " WHERE author = 'agent' LIMIT 1")),
    ("agents_once", "what was said on the phone is changed", sql("UPDATE messages SET text = text || '!' WHERE channel = 'phone' AND author = 'customer'")),
    ("answered_once", "the bot answers a caller", sql(
        "INSERT INTO facts (kind, at, conversation_id, data) SELECT 'bot_answered', at, conversation_id, data FROM facts WHERE kind = 'contact_said'")),
    ("agents_once", "a reply is lost", sql("DELETE FROM messages WHERE author = 'agent'")),
    ("agents_once", "a reply has another's name", sql("UPDATE messages SET agent_id = 'SOMEBODY' WHERE author = 'agent'")),
    ("rated_once", "a rating is changed", sql("UPDATE surveys SET score = 6 - score WHERE score <> 3")),
    ("rated_once", "a rating is lost", sql("DELETE FROM surveys")),
    ("guide_followed", "a step was not done", sql("DELETE FROM facts WHERE kind = 'step_done' AND data LIKE '%bantuan_lain%'")),
    ("ticket_clocks", "nobody is told", sql("DELETE FROM ticket_alerts WHERE what = 'breach'", "DELETE FROM facts WHERE kind = 'ticket_alerted'")),
    ("ticket_clocks", "it is told late", sql(f"UPDATE ticket_alerts SET at = {LATER.format('at')} WHERE what = 'reminder'")),
    ("ticket_clocks", "an escalation is of another second", sql(f"UPDATE ticket_alerts SET due_at = {LATER.format('due_at')} WHERE what = 'escalation'")),
    ("ticket_clocks", "it is told twice", sql(
        "INSERT INTO ticket_alerts (id, ticket, what, scope, hop, mark, due_at, at, audience) SELECT 'TWIN', ticket, what, scope, hop, mark,"
        f" {LATER.format('due_at')}, at, audience FROM ticket_alerts WHERE what = 'breach' LIMIT 1")),
    ("ticket_clocks", "it is not in the log", sql("DELETE FROM facts WHERE kind = 'ticket_alerted' AND data LIKE '%reminder%'")),
    ("ticket_clocks", "a breach is forgotten", sql("UPDATE tickets SET hop_breached_at = NULL WHERE hop_breached_at IS NOT NULL")),
    ("ticket_clocks", "a pause is not counted", sql(
        "UPDATE facts SET data = replace(data, '\"status\": \"waiting_customer\"', '\"status\": \"in_progress\"') WHERE kind = 'ticket_changed'")),
    ("one_unit", "nobody has it for a second", sql(f"UPDATE ticket_hops SET sent_at = {LATER.format('sent_at')} WHERE hop = 2")),
    ("one_unit", "two units have it", sql("UPDATE ticket_hops SET ended_at = NULL WHERE ended_how = 'dispatched'")),
    ("one_unit", "a hop is missing", sql("DELETE FROM ticket_hops WHERE hop = 2")),
    ("one_unit", "a stranger accepts it", sql(
        "UPDATE ticket_hops SET accepted_by = (SELECT id FROM users WHERE team = 'div_ti') WHERE unit = 'tier1' AND accepted_by IS NOT NULL")),
    ("one_unit", "a stranger returns it", sql(
        "UPDATE facts SET agent_id = (SELECT id FROM users WHERE team = 'div_ti') WHERE kind = 'ticket_changed' AND data LIKE '%\"what\": \"solve\"%'")),
    ("one_unit", "a division closes it", sql(
        "UPDATE facts SET data = replace(data, '\"status\": \"escalated\"', '\"status\": \"solved\"') WHERE kind = 'ticket_changed' AND data LIKE '%\"what\": \"return\"%'")),
    ("one_unit", "what is closed goes on", sql(
        "UPDATE facts SET data = replace(data, '\"what\": \"reopen\"', '\"what\": \"work\"') WHERE kind = 'ticket_changed'")),
    ("ticket_versions", "a change is missing", sql("DELETE FROM facts WHERE kind = 'ticket_changed' AND data LIKE '%\"what\": \"dispatch\"%'")),
    ("ticket_versions", "a version too many", sql("UPDATE tickets SET version = version + 1")),
    ("ticket_versions", "the row says otherwise", sql("UPDATE tickets SET status = 'analysis' WHERE status = 'solved'")),
    ("ticket_versions", "two accept it", sql(
        "INSERT INTO facts (kind, at, conversation_id, customer_id, agent_id, ticket, data) SELECT kind, at, conversation_id, customer_id, agent_id, ticket,"
        " data FROM facts WHERE kind = 'ticket_changed' AND data LIKE '%\"what\": \"accept\"%'", "UPDATE tickets SET version = version + 1")),
    ("ticket_versions", "it is solved unasked", _asked_by_nobody),
    ("ticket_versions", "what was done is not in the log", _done_and_not_written_down),
    ("asked_once", "a call is lost", _another_call),
    ("asked_once", "an attempt is not counted", sql("UPDATE tickets SET calls = calls - 1 WHERE calls > 0")),
    ("asked_once", "a note is there twice", sql(
        "INSERT INTO ticket_notes (id, ticket, at, author, author_id, audience, text, client_id) SELECT 'TWIN', ticket, at, author, author_id, audience,"
        " text, 'another' FROM ticket_notes WHERE client_id IS NOT NULL LIMIT 1")),
    ("asked_once", "a visitor has no ticket", _another_visitor),
    ("customer_told", "the customer is not told", sql("DELETE FROM facts WHERE kind = 'ticket_told' AND data LIKE '%dispatched%'")),
    ("customer_told", "the customer is told twice", sql(
        "INSERT INTO facts (kind, at, conversation_id, customer_id, ticket, data) SELECT kind, at, conversation_id, customer_id, ticket, data FROM facts"
        " WHERE kind = 'ticket_told' AND data LIKE '%solved%'")),
    ("customer_told", "the message is missing", sql("DELETE FROM messages WHERE author = 'system' AND text LIKE '%sedang kami tangani%'")),
    ("customer_told", "the message has other words", sql("UPDATE messages SET text = 'Halo! ' || text WHERE author = 'system' AND text LIKE '%ARIA-%'")),
    ("customer_told", "the message comes again", sql(
        "INSERT INTO messages (id, conversation_id, seq, author, note, channel, account, kind, text, content, created_at, tries, edited, revoked)"
        " SELECT 'TWIN', conversation_id, 9999, author, note, channel, account, kind, text, content, created_at, 0, 0, 0 FROM messages"
        " WHERE author = 'system' AND text LIKE '%ARIA-%' LIMIT 1")),
    ("customer_told", "somebody reads of another's ticket", _news_of_another),
    ("customer_told", "free words are sent after a day", sql(
        "UPDATE facts SET data = replace(data, '\"template\"', '\"message\"') WHERE kind = 'ticket_told' AND data LIKE '%template%'")),
    ("customer_told", "the news is never told", sql(
        "DELETE FROM messages WHERE author = 'system' AND text LIKE '%ARIA-%' AND created_at IN (SELECT created_at FROM messages WHERE text LIKE 'ada kabar apa%')")),
    ("nothing_left", "a clock outlives its ticket", sql(
        "INSERT INTO timers (kind, subject, due_at, tries) SELECT 'sla', number, '2026-12-30 00:00:00.000000', 0 FROM tickets WHERE status = 'solved'")),
    ("figures_true", "/metrics shows too many", _wrong_metrics),
    ("figures_true", "the desk counts one too many", _wrong_count),
]  # fmt: skip


def test_a_good_day_passes(good_day: GoodDay) -> None:
    assert judge(load_sqlite(good_day.database, good_day.record)) == []


@pytest.mark.parametrize(("rule", "what", "spoil"), SPOILS, ids=[f"{rule}: {what}" for rule, what, _ in SPOILS])
def test_a_spoilt_day_is_noticed(
    rule: str, what: str, spoil: Callable[[sqlite3.Connection, Record], None], good_day: GoodDay, tmp_path: Path
) -> None:
    shutil.copy(good_day.database, tmp_path / "spoilt.db")
    record = copy.deepcopy(good_day.record)
    with sqlite3.connect(tmp_path / "spoilt.db") as conn:
        spoil(conn, record)
    conn.close()
    noticed = list(all_rules()[rule](load_sqlite(tmp_path / "spoilt.db", record)))
    assert noticed, f"{rule} did not notice that {what}"


def test_every_invariant_is_spoilt_in_some_way() -> None:
    assert {rule for rule, _, _ in SPOILS} == set(all_rules())


def test_the_checker_shares_no_code_with_the_product() -> None:
    for path in CHECKER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.partition(".")[0]
                own = name.startswith("tests.simulation.day.checker")
                assert own or top in sys.stdlib_module_names or top == "asyncpg", f"{path.name} imports {name}"


def test_the_checker_runs_without_the_product() -> None:
    code = (
        "import sys; import tests.simulation.day.checker as c; c.all_rules(); "
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'bot', 'actions', 'engine', 'sqlalchemy', 'aiohttp'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
