"""Tables: conversations, their messages, timers, and the event log every figure is computed from."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from bot.store.types import Json, UtcDateTime, metadata

Serial = BigInteger().with_variant(Integer, "sqlite")

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("account", String(100), nullable=False),  # our own address on the channel
    Column("customer_id", String(26), ForeignKey("customers.id"), nullable=False),
    # who answers: bot | queue | agent | closed; changed by compare-and-set on `owner_version` only
    Column("owner", String(10), nullable=False),
    Column("owner_version", Integer, nullable=False, default=0),
    Column("agent_id", String(26)),
    Column("agent_name", String(100)),  # as the customer sees it
    Column("episode", Integer, nullable=False, default=0),  # hand-offs so far
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("outcome", String(30)),
    # the transcript's end, kept here so that lists need no join
    Column("last_seq", Integer, nullable=False, default=0),
    Column("last_at", UtcDateTime, nullable=False),
    Column("last_text", String(200)),
    Column("last_author", String(10)),
    Column("last_customer_at", UtcDateTime),  # by the channel's clock: the 24-hour window counts from here
    Column("waiting_since", UtcDateTime),  # the customer's first message that nobody has answered
    Column("delay_told_at", UtcDateTime),  # when the customer was last told that the answer takes longer
    Column("unread", Integer, nullable=False, default=0),  # customer's messages the agent has not seen
    Column("read_seq", Integer, nullable=False, default=0),  # the customer has read up to here
    # the idle rule
    Column("idle_stage", Integer, nullable=False, default=0),
    Column("idle_since", UtcDateTime),  # since when we wait for the customer
    # the dialogue
    Column("dialogue_version", Integer, nullable=False, default=0),
    Column("dialogue_turn", String(26)),  # the turn that made this version: an engine's tracker counts only if it comes from it
    Column("topic", String(40)),
    Column("confidence", Float),
    Column("failed_turns", Integer, nullable=False, default=0),
    Column("steps", Json, nullable=False, default=dict),  # SOP step -> {"at", "by", "evidence"}
    # the hand-off under way
    Column("reason", String(40)),
    Column("urgent", Boolean, nullable=False, default=False),
    Column("late", Boolean, nullable=False, default=False),
    Column("queued_at", UtcDateTime),
    Column("survey", String(10)),  # None | asked | answered | expired
    Column("survey_asked_at", UtcDateTime),  # where it was asked after the end: when a ticket was solved
    # the floor and the procedure
    Column("team", String(30), nullable=False, server_default="tier1"),  # whose queue, a team of the client's data
    Column("language", String(5), nullable=False, server_default="id"),
    Column("procedure", String(20), nullable=False, server_default="nonvoice"),  # which guide of the client's data
    Column("verified", Integer, nullable=False, server_default="0"),  # level of verification reached
    Column("sub_topic", String(60)),  # disposition, with topic and outcome
    # one worker at a time
    Column("lease_owner", String(26)),
    Column("lease_until", UtcDateTime),
    Index(
        "uq_conversations_one_open",
        "channel",
        "account",
        "customer_id",
        unique=True,
        sqlite_where=text("owner <> 'closed'"),
        postgresql_where=text("owner <> 'closed'"),
    ),
    Index(
        "ix_conversations_waiting",
        "waiting_since",
        sqlite_where=text("waiting_since IS NOT NULL"),
        postgresql_where=text("waiting_since IS NOT NULL"),
    ),
    Index("ix_conversations_owner_queued_at", "owner", "queued_at"),
    # what each agent has in hand
    Index("ix_conversations_in_hand", "agent_id", sqlite_where=text("owner = 'agent'"), postgresql_where=text("owner = 'agent'")),
    Index("ix_conversations_customer_id_opened_at", "customer_id", "opened_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("conversation_id", String(26), ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("author", String(10), nullable=False),  # customer | bot | agent | system
    Column("agent_id", String(26)),
    Column("name", String(200)),
    Column("note", Boolean, nullable=False, default=False),
    Column("channel", String(20), nullable=False),
    Column("account", String(100), nullable=False),
    Column("external_id", String(300)),  # the channel's id (live chat: the client's); unique per channel account
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("content", Json, nullable=False, default=dict),  # choices, media ids, location, insight …
    Column("reply_to", String(300)),
    Column("channel_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    # the inbox: todo says what is left to do (conversations/inbox.py), NULL when nothing is
    Column("todo", String(10)),
    Column("tries", Integer, nullable=False, default=0),
    Column("retry_at", UtcDateTime),
    Column("skipped", String(40)),  # why it was deliberately not answered
    # the outbox side: see channels.messages.Delivery
    Column("delivery", String(12)),
    Column("delivery_at", UtcDateTime),
    Column("error_code", Integer),
    Column("edited", Boolean, nullable=False, default=False),
    Column("revoked", Boolean, nullable=False, default=False),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("channel", "account", "external_id"),
    # what customers wrote lately, for the trainers
    Index("ix_messages_customer", "created_at", sqlite_where=text("author = 'customer'"), postgresql_where=text("author = 'customer'")),
    Index("ix_messages_answer", "created_at", sqlite_where=text("todo = 'answer'"), postgresql_where=text("todo = 'answer'")),
    Index("ix_messages_todo", "conversation_id", "seq", sqlite_where=text("todo IS NOT NULL"), postgresql_where=text("todo IS NOT NULL")),
)

# A timer is a row: kind, what it is about, when. Firing one re-checks what it assumed, in the transaction that takes it out.
timers = Table(
    "timers",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("subject", String(40), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("lease_until", UtcDateTime),
    Index("ix_timers_due_at", "due_at"),
)

facts = Table(
    "facts",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("channel_at", UtcDateTime),
    Column("conversation_id", String(26)),
    Column("customer_id", String(26)),
    Column("agent_id", String(26)),
    Column("ticket", String(30)),  # also in data: its clock is computed from its facts
    Column("data", Json, nullable=False, default=dict),
    Index("ix_facts_conversation_id", "conversation_id"),
    Index("ix_facts_ticket", "ticket", "id", sqlite_where=text("ticket IS NOT NULL"), postgresql_where=text("ticket IS NOT NULL")),
    Index("ix_facts_kind_at", "kind", "at"),
)

surveys = Table(
    "surveys",
    metadata,
    Column("conversation_id", String(26), ForeignKey("conversations.id"), primary_key=True),
    Column("score", Integer, nullable=False),
    Column("answered_at", UtcDateTime, nullable=False),
    Column("owner_served", String(10), nullable=False),  # bot | agent: who served
    Column("agent_id", String(26)),
)
