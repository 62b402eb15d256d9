"""What must hold when all is over: each a question to the database whose answer has to be empty."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from bot.channels.statuses import read_token
from bot.simulator.graph_standin import GraphStandIn
from bot.store.database import Database

LEFT = {
    "something is left to do": "SELECT id, todo, skipped FROM messages WHERE todo IS NOT NULL",
    "something is left to send": "SELECT message_id, sending_since, uncertain_since, due_at FROM outbox",
    "a message of ours never left": "SELECT id, delivery FROM messages WHERE delivery IN ('queued', 'sending')",
}
NEVER = {
    "a message was not answered exactly once, nor left out on purpose": """
        SELECT m.id, m.text, m.skipped, count(f.id) FROM messages m
        LEFT JOIN facts f ON f.kind = 'bot_answered' AND f.data->>'message' = m.id
        WHERE m.author = 'customer' GROUP BY m.id HAVING count(f.id) + (m.skipped IS NOT NULL)::int <> 1""",
    "a customer was given up because of the engine": "SELECT id FROM messages WHERE skipped = 'engine_down'",
    "answers of a conversation in another order than its messages": """
        SELECT * FROM (
            SELECT f.conversation_id, m.seq, lag(m.seq) OVER (PARTITION BY f.conversation_id ORDER BY f.id) AS before
            FROM facts f JOIN messages m ON m.id = f.data->>'message' WHERE f.kind = 'bot_answered') answers
        WHERE before >= seq""",
    "a transcript with a gap": """
        SELECT c.id, c.last_seq, count(m.id) FROM conversations c LEFT JOIN messages m ON m.conversation_id = c.id
        GROUP BY c.id HAVING count(m.id) <> c.last_seq OR max(m.seq) <> c.last_seq""",
    "a dialogue with a gap in its versions": """
        SELECT c.id, c.dialogue_version, count(t.version) FROM conversations c LEFT JOIN dialogue_turns t ON t.conversation_id = c.id
        GROUP BY c.id HAVING count(t.version) <> c.dialogue_version OR coalesce(max(t.version), 0) <> c.dialogue_version""",
    "a complaint with two tickets": "SELECT conversation_id FROM tickets GROUP BY 1 HAVING count(*) > 1",
    "two tickets of one number": "SELECT number FROM tickets GROUP BY 1 HAVING count(*) > 1",
    "a change of owner that does not follow from the one before, or is not allowed": """
        SELECT * FROM (
            SELECT conversation_id, data->>'before' AS old, data->>'after' AS new,
                   coalesce(lag(data->>'after') OVER (PARTITION BY conversation_id ORDER BY id), 'bot') AS known
            FROM facts WHERE kind = 'owner_changed') changes
        WHERE old <> known OR (old, new) NOT IN (('bot', 'queue'), ('bot', 'closed'), ('queue', 'agent'), ('queue', 'bot'),
            ('queue', 'closed'), ('queue', 'queue'), ('agent', 'bot'), ('agent', 'queue'), ('agent', 'closed'))""",
    "an owner the facts do not tell of": """
        SELECT c.id, c.owner, c.owner_version, count(f.id) FROM conversations c
        LEFT JOIN facts f ON f.kind = 'owner_changed' AND f.conversation_id = c.id
        GROUP BY c.id HAVING count(f.id) <> c.owner_version
            OR c.owner <> coalesce((array_agg(f.data->>'after' ORDER BY f.id DESC))[1], 'bot')""",
    "a conversation with an agent and no agent": "SELECT id FROM conversations WHERE (owner = 'agent') AND agent_id IS NULL",
    "a hand-off taken twice": """
        SELECT conversation_id, data->>'episode' FROM facts WHERE kind = 'handoff_accepted' GROUP BY 1, 2 HAVING count(*) > 1""",
    "an agent's reply stored twice": """
        SELECT conversation_id, agent_id, content->>'client_id' FROM messages WHERE author = 'agent' AND content ? 'client_id'
        GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    "a hand-off without a row, or a row without one": """
        SELECT c.id, c.episode, count(h.episode) FROM conversations c LEFT JOIN handoffs h ON h.conversation_id = c.id
        GROUP BY c.id HAVING count(h.episode) <> c.episode""",
    "a lease for ever": """
        SELECT id, lease_until FROM conversations WHERE lease_until > now() + interval '61 seconds'
        UNION ALL SELECT kind || subject, lease_until FROM timers WHERE lease_until > now() + interval '31 seconds'""",
}

# What a crash may cost, and a restart that was asked for may not.
FELT = {
    "a send whose outcome is unknown": "SELECT data FROM facts WHERE kind = 'message_uncertain'",
    "a message that could not be sent": "SELECT id, content FROM messages WHERE delivery IN ('failed', 'uncertain')",
    "a turn that failed more than once": "SELECT id, tries FROM messages WHERE tries > 1",
    "an answer that waited for a lease to run out": """
        SELECT m.id, f.at - m.created_at FROM facts f JOIN messages m ON m.id = f.data->>'message'
        WHERE f.kind = 'bot_answered' AND f.at - m.created_at > interval '20 seconds'""",
}


async def broken(db: Database, questions: dict[str, str]) -> dict[str, list[Any]]:
    """The questions that have an answer, with up to five of its rows."""
    found = {}
    async with db.read() as tx:
        for name, question in questions.items():
            rows = (await tx.execute(text(question))).all()
            if rows:
                found[name] = [tuple(row) for row in rows[:5]]
    return found


async def stored(db: Database, external_ids: Iterable[str]) -> list[str]:
    """Which of these messages of customers are not there exactly once."""
    async with db.read() as tx:
        rows = await tx.execute(text("SELECT external_id FROM messages WHERE author = 'customer'"))
        times = Counter(row.external_id.rpartition(":")[2] for row in rows)
    return [wanted for wanted in external_ids if times[wanted] != 1]


async def sent(db: Database, standin: GraphStandIn) -> dict[str, list[Any]]:
    """What is wrong with what WhatsApp got: a message (or part) twice, a customer's messages out of order, one of ours that never came."""
    async with db.read() as tx:
        rows = (
            await tx.execute(text("SELECT id, conversation_id, seq FROM messages WHERE channel = 'whatsapp' AND author <> 'customer'"))
        ).all()
        done = (
            await tx.execute(text("SELECT id FROM messages WHERE channel = 'whatsapp' AND delivery IN ('sent', 'delivered', 'read')"))
        ).all()
    place = {row.id: (row.conversation_id, row.seq) for row in rows}
    tokens = [record["body"].get("biz_opaque_callback_data") for record in standin.record]
    twice = [token for token, times in Counter(tokens).items() if times > 1 and not await _could_not_know(db, standin, token)]
    order: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for token in tokens:
        message, part, _ = read_token(token)
        conversation, seq = place[message or ""]
        order[conversation].append((seq, part))
    arrived = {read_token(token)[0] for token in tokens}
    wrong = {
        "sent twice": twice,
        "out of order": [conversation for conversation, seqs in order.items() if seqs != sorted(seqs)],
        "said to be sent and never was": [row.id for row in done if row.id not in arrived],
    }
    return {name: found for name, found in wrong.items() if found}


async def _could_not_know(db: Database, standin: GraphStandIn, token: str | None) -> bool:
    """Whether a repeat kept the rule of docs/decisions/0005: the outcome was in doubt, and no status of the message had come by then.

    That is the one case in which a message may be shown twice: its status took longer than 20 seconds while others were faster.
    """
    again = sorted(record["at"] for record in standin.record if record["body"].get("biz_opaque_callback_data") == token)[1]
    message, part, _ = read_token(token)
    question = (
        "SELECT kind, at FROM facts WHERE kind IN ('message_uncertain', 'message_status') AND data->>'message' = :message"
        " AND coalesce(data->>'part', :part) = :part"
    )
    async with db.read() as tx:
        known = (await tx.execute(text(question), {"message": message, "part": str(part)})).all()
    doubted = any(row.kind == "message_uncertain" and row.at < again for row in known)
    print(f"{token} was sent again at {again}: doubted before {doubted}, known of it {[(row.kind, row.at) for row in known]}")
    return doubted and not any(row.kind == "message_status" and row.at < again for row in known)
