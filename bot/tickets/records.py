"""Tables: tickets with their numbers, hops, notes, files, links, calls; saved views."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from bot.store.types import Json, UtcDateTime, metadata

# A number belongs to its cause (conversation, message, kind): repeating a turn finds the number it had.
ticket_numbers = Table(
    "ticket_numbers",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("cause", String(120), nullable=False, unique=True),
)

_OPEN = text("closed_at IS NULL")
_DUE = text("due_at IS NOT NULL")
_LATE = text("closed_at IS NULL AND breached_at IS NOT NULL")
_HOP_LATE = text("closed_at IS NULL AND hop_breached_at IS NOT NULL")

tickets = Table(
    "tickets",
    metadata,
    Column("number", String(30), primary_key=True),
    Column("cause", String(120), nullable=False, unique=True),
    Column("customer_id", String(26), ForeignKey("customers.id"), nullable=False),
    Column("conversation_id", String(26), ForeignKey("conversations.id")),
    Column("channel", String(20), nullable=False),
    Column("kind", String(20), nullable=False, server_default="complaint"),
    Column("topic", String(40), nullable=False),
    Column("product", String(100)),
    Column("category", String(40)),
    Column("sub_category", String(40)),
    Column("outlet_id", String(60)),
    Column("summary", String(200), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("reporter", String(200)),  # the name the customer gave
    Column("contact", String(50)),  # the phone number the customer gave
    Column("priority", String(10), nullable=False),
    Column("form", Json),  # fields of the kind's form
    # where it is: changed by tickets/flow.py only
    Column("status", String(20), nullable=False),
    Column("unit", String(40), nullable=False, server_default="tier1"),
    Column("hop", Integer, nullable=False, server_default="1"),
    Column("accepted", Boolean, nullable=False, server_default=text("false")),  # by the unit of this hop
    Column("assignee_id", String(26)),
    Column("resolution", Text),
    Column("solved_how", String(20)),  # system | berita_acara | confirmed
    Column("solved_form", Json),  # fields of the Berita Acara
    Column("merged_into", String(30)),
    Column("call_back_at", UtcDateTime),  # the customer is to be called (again) then
    Column("calls", Integer, nullable=False, server_default="0"),
    # its clock, computed from facts (tickets/clock.py); None while it stands still or when it is over
    Column("due_at", UtcDateTime),
    Column("hop_due_at", UtcDateTime),
    Column("breached_at", UtcDateTime),
    Column("hop_breached_at", UtcDateTime),  # of the present hop
    Column("created_by", String(26), nullable=False),  # 'bot' or a user's id
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime),
    Column("promised_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("version", Integer, nullable=False, default=1),
    Column("jira_key", String(40)),
    Column("news", Text),  # what the customer is told once they answer the template (tickets/telling.py)
    Column("news_at", UtcDateTime),  # when that template was sent
    Index("ix_tickets_customer_id_created_at", "customer_id", "created_at"),
    Index("ix_tickets_status_promised_at", "status", "promised_at"),
    Index("ix_tickets_unit_open", "unit", "created_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_tickets_assignee_open", "assignee_id", "created_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_tickets_created_at", "created_at", "number"),
    Index("ix_tickets_call_back", "call_back_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_tickets_jira_key", "jira_key", unique=True),
    # lists (tickets/listing.py): each sort and each frequent filter walks an index in its order
    Index("ix_tickets_due", "due_at", "number", sqlite_where=_DUE, postgresql_where=_DUE),
    Index("ix_tickets_unit_due", "unit", "due_at", "number", sqlite_where=_DUE, postgresql_where=_DUE),
    Index("ix_tickets_updated_at", "updated_at", "number"),
    Index("ix_tickets_unit_updated_open", "unit", "updated_at", "number", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_tickets_created_by_open", "created_by", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_tickets_board", "unit", "accepted", "hop_breached_at", "breached_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_tickets_late", "created_at", "number", sqlite_where=_LATE, postgresql_where=_LATE),
    Index("ix_tickets_hop_late", "created_at", "number", sqlite_where=_HOP_LATE, postgresql_where=_HOP_LATE),
    Index("ix_tickets_contact", "contact"),
    *(Index(f"ix_tickets_{name}_created", name, "created_at", "number") for name in ("status", "kind", "topic", "product")),
    *(Index(f"ix_tickets_{name}_created", name, "created_at", "number") for name in ("outlet_id", "assignee_id")),
)

# One stay with one unit. A ticket's open hop is the one whose ended_at is NULL; there is one, or none once it is closed.
ticket_hops = Table(
    "ticket_hops",
    metadata,
    Column("ticket", String(30), ForeignKey("tickets.number"), primary_key=True),
    Column("hop", Integer, primary_key=True),
    Column("unit", String(40), nullable=False),
    Column("from_unit", String(40)),
    Column("reason", String(40)),
    Column("note", Text),
    Column("sent_by", String(26), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("accepted_by", String(26)),
    Column("accepted_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ended_how", String(20)),  # dispatched | returned | closed
    Index("ix_ticket_hops_unit", "unit", "ticket"),
)

ticket_notes = Table(
    "ticket_notes",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("ticket", String(30), ForeignKey("tickets.number"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("author", String(200), nullable=False),
    Column("author_id", String(26)),
    Column("audience", String(10), nullable=False, server_default="internal"),  # internal | customer
    Column("text", Text, nullable=False),
    Column("client_id", String(64)),
    Index("ix_ticket_notes_ticket", "ticket"),
    Index("uq_ticket_notes_client_id", "client_id", unique=True),
)

ticket_files = Table(
    "ticket_files",
    metadata,
    Column("ticket", String(30), ForeignKey("tickets.number"), primary_key=True),
    Column("media_id", String(26), ForeignKey("media.id"), primary_key=True),
    Column("by_id", String(26)),  # None: the customer
    Column("at", UtcDateTime, nullable=False),
)

ticket_links = Table(
    "ticket_links",
    metadata,
    Column("ticket", String(30), ForeignKey("tickets.number"), primary_key=True),
    Column("other", String(30), ForeignKey("tickets.number"), primary_key=True),
    Column("kind", String(20), nullable=False),  # related | merged (ticket went into other) | split (ticket came out of other)
    Column("by_id", String(26), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_ticket_links_other", "other"),
)

# Calls to the customer (matrix row 4).
ticket_calls = Table(
    "ticket_calls",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("ticket", String(30), ForeignKey("tickets.number"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by_id", String(26), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("next_at", UtcDateTime),
    Column("client_id", String(64)),
    Index("ix_ticket_calls_ticket", "ticket"),
    Index("uq_ticket_calls_client_id", "client_id", unique=True),
)

# What is told to people inside about a ticket: reminders, breaches, escalations. Read where they work; also for other systems.
ticket_alerts = Table(
    "ticket_alerts",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("ticket", String(30), ForeignKey("tickets.number"), nullable=False),
    Column("what", String(20), nullable=False),  # reminder | breach | escalation
    Column("scope", String(10), nullable=False),  # hop | overall
    Column("hop", Integer, nullable=False),
    Column("mark", String(20), nullable=False),  # which of several: the reminder's length
    Column("due_at", UtcDateTime, nullable=False),  # the moment it is about, whenever it was told
    Column("at", UtcDateTime, nullable=False),
    Column("audience", Json, nullable=False),  # ["assignee", "unit", "leaders"], or a unit's id
    Index("uq_ticket_alerts", "ticket", "what", "scope", "hop", "mark", "due_at", unique=True),
    Index("ix_ticket_alerts_at", "at"),
)

ticket_views = Table(
    "ticket_views",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("owner_id", String(26), nullable=False),
    Column("scope", String(10), nullable=False),  # mine | unit | all
    Column("unit", String(40)),
    Column("title", String(80), nullable=False),
    Column("filter", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_ticket_views_owner_id", "owner_id"),
)
