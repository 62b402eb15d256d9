"""A ticket as docs/protocols.md shows it: the short form of lists and cards, and the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.channels.records import media
from bot.client import Client
from bot.conversations.records import facts
from bot.conversations.transcript import iso
from bot.customers.records import customers
from bot.desk.sessions import User
from bot.desk.ticket_access import Ticket, may_read, reader_of
from bot.desk.ticket_history import sentence
from bot.desk.ticket_rows import names_of, people_of, row_of
from bot.dialogue.unit import Library
from bot.store.database import Tx
from bot.tickets import flow
from bot.tickets import service as tickets
from bot.tickets.case_records import cases
from bot.tickets.clock import Clock, Clocks
from bot.tickets.flow import Actor
from bot.tickets.linking import links_of
from bot.tickets.monev import of_ticket
from bot.tickets.records import ticket_calls, ticket_files, ticket_notes
from bot.tickets.records import tickets as table
from bot.tickets.sla import clocks_of

HISTORY = 300  # newest entries
Json = dict[str, Any]
# What is left of a restricted ticket for who may not read it.
_NOTHING: Json = dict.fromkeys(
    ("detail", "reporter", "contact", "conversation", "promised_at", "form", "resolution", "solved_how", "solved_form", "merged_into"), None
) | {"detail": ""}
_EMPTY: Json = {name: [] for name in ("notes", "hops", "history", "files", "links", "call_log", "monev")} | {"clock": None}


class TicketViews:
    """Builds what is shown. `sign_media` turns a file's URL into one that may be fetched."""

    def __init__(self, library: Library, sign_media: Callable[[str], str]) -> None:
        self._library = library
        self._client: Client = library.client
        self._sign = sign_media

    async def customer_exists(self, tx: Tx, customer: str) -> bool:
        """Whether there is such a customer."""
        return await tx.find(customers, id=customer) is not None

    async def card(self, tx: Tx, rows: Sequence[Row[Any]]) -> list[Json]:
        """Tickets of the desk's card: the row with its contents and notes. Who serves the customer reads what is theirs."""
        named = await names_of(tx, rows)
        return [{**row_of(row, self._client, named), **self._more(row), "notes": await self._notes(tx, row.number)} for row in rows]

    async def whole(self, tx: Tx, row: Row[Any], user: User, by: Actor) -> Json:
        """Everything of one ticket; `allowed`: what the caller may do with it now. Of a restricted one others see where it is and no more."""
        reader = await reader_of(tx, user)
        known = await may_read(tx, reader, self._client, [Ticket(row.number, row.kind, row.unit, row.assignee_id)])
        readable = row.number in known or row.created_by == user.id
        hops = await tickets.hops_of(tx, row.number)
        asker = flow.asker([(hop.unit, hop.ended_how) for hop in hops])
        return {
            **row_of(row, self._client, await names_of(tx, [row]), readable),
            **(self._more(row) if readable else _NOTHING),
            "allowed": flow.allowed(tickets.state_of(row), by, self._client.ticketing, asker),
            "returns_to": self._unit(asker) if asker else None,
            **(await self._within(tx, row, hops) if readable else _EMPTY),
            "jira": {"key": row.jira_key} if row.jira_key else None,
            "case": await tx.find(cases, ticket=row.number) is not None,
        }

    async def _within(self, tx: Tx, row: Row[Any], hops: Sequence[Row[Any]]) -> Json:
        """Notes, hops with their clocks, history, files, links, calls, questions to outlets."""
        calls = (await tx.execute(select(ticket_calls).where(ticket_calls.c.ticket == row.number).order_by(ticket_calls.c.id))).all()
        told = (await tx.execute(select(facts).where(facts.c.ticket == row.number).order_by(facts.c.id.desc()).limit(HISTORY))).all()
        people = {row.assignee_id, *(hop.sent_by for hop in hops), *(hop.accepted_by for hop in hops), *(each.by_id for each in calls)}
        names = await self._names(tx, people | {fact.agent_id for fact in told})
        clocks = await clocks_of(tx, self._library, row.number)
        return {
            "notes": await self._notes(tx, row.number),
            "hops": [self._hop(hop, names, clocks) for hop in hops],
            "history": [
                {"at": iso(fact.at), "by": names.get(fact.agent_id, "Sapa" if fact.agent_id is None else fact.agent_id), "what": what}
                for fact in reversed(told)
                if (what := sentence(fact.kind, fact.data or {}, self._client, names))
            ],
            "files": await self._files(tx, row.number),
            "links": await self._links(tx, row.number),
            "call_log": [
                {
                    "at": iso(each.at),
                    "by": names.get(each.by_id, each.by_id),
                    "outcome": {"id": each.outcome, "label": self._client.ticketing.call_outcomes.get(each.outcome, each.outcome)},
                    "note": each.note,
                    "next_at": iso(each.next_at),
                }
                for each in calls
            ],
            "clock": {"overall": _clock(clocks.overall), "hop": _clock(clocks.hop)} if clocks else None,
            "monev": [monev_shown(each, self._client) for each in await of_ticket(tx, row.number)],
        }

    @staticmethod
    def _more(row: Row[Any]) -> Json:
        return {
            "detail": row.detail,
            "reporter": row.reporter,
            "contact": row.contact,
            "conversation": row.conversation_id,
            "promised_at": iso(row.promised_at),
            "form": row.form,
            "resolution": row.resolution,
            "solved_how": row.solved_how,
            "solved_form": row.solved_form,
            "merged_into": row.merged_into,
        }

    def _unit(self, unit: str) -> Json:
        known = self._client.ticketing.units.get(unit)
        return {"id": unit, "label": known.label if known else unit}

    def _hop(self, hop: Row[Any], names: dict[str | None, str], clocks: Clocks | None) -> Json:
        rules = self._client.ticketing
        clock = next((each for each in clocks.hops if each.hop == hop.hop), None) if clocks else None
        reasons = rules.dispatch_reasons | rules.return_reasons | rules.reopen_reasons
        return {
            "hop": hop.hop,
            "unit": self._unit(hop.unit),
            "from": self._unit(hop.from_unit) if hop.from_unit else None,
            "reason": {"id": hop.reason, "label": reasons.get(hop.reason, hop.reason)} if hop.reason else None,
            "note": hop.note,
            "sent_at": iso(hop.sent_at),
            "sent_by": names.get(hop.sent_by, hop.sent_by),
            "accepted_at": iso(hop.accepted_at),
            "accepted_by": names.get(hop.accepted_by, hop.accepted_by) if hop.accepted_by else None,
            "ended_at": iso(hop.ended_at),
            "ended_how": hop.ended_how,
            "due_at": iso(clock.due_at) if clock else None,
            "breached_at": iso(clock.breached_at) if clock else None,
            "worked_s": clock.elapsed_s if clock else None,
        }

    async def _names(self, tx: Tx, people: set[str | None]) -> dict[str | None, str]:
        named: dict[str | None, str] = {"bot": self._client.brand.bot_name}
        named.update(await people_of(tx, {each for each in people if each}))
        return named

    async def _notes(self, tx: Tx, number: str) -> list[Json]:
        rows = await tx.execute(select(ticket_notes).where(ticket_notes.c.ticket == number).order_by(ticket_notes.c.id))
        return [{"id": row.id, "at": iso(row.at), "author": row.author, "audience": row.audience, "text": row.text} for row in rows]

    async def _files(self, tx: Tx, number: str) -> list[Json]:
        joined = select(media, ticket_files.c.at).join(ticket_files, ticket_files.c.media_id == media.c.id)
        rows = await tx.execute(joined.where(ticket_files.c.ticket == number).order_by(ticket_files.c.at))
        return [
            {
                "id": row.id,
                "kind": row.kind,
                "name": row.name,
                "mime": row.mime,
                "size": row.size,
                "state": row.state,
                "url": self._sign(f"/media/{row.id}"),
                "at": iso(row.at),
            }
            for row in rows
        ]

    async def _links(self, tx: Tx, number: str) -> list[Json]:
        found = await links_of(tx, number)
        rows = {row.number: row for row in await tx.execute(select(table).where(table.c.number.in_([other for other, _ in found])))}
        return [
            {
                "number": other,
                "kind": kind,
                "summary": rows[other].summary,
                "status": {"id": rows[other].status, "label": self._client.tickets.statuses.get(rows[other].status, rows[other].status)},
            }
            for other, kind in found
        ]


def _clock(clock: Clock) -> Json:
    return {
        "limit": str(clock.limit),
        "due_at": iso(clock.due_at),
        "elapsed_s": clock.elapsed_s,
        "left_s": clock.left_s,
        "paused_s": clock.paused_s,
        "breached_at": iso(clock.breached_at),
    }


def monev_shown(row: Row[Any], client: Client) -> Json:
    """A question to an outlet as docs/protocols.md shows it."""
    outlet = client.outlet_by_id.get(row.outlet_id)
    return {
        "id": row.id,
        "outlet": {"id": row.outlet_id, "label": outlet.name if outlet else row.outlet_id},
        "question": row.question,
        "sent_at": iso(row.sent_at),
        "due_at": iso(row.due_at),
        "revoked_at": iso(row.revoked_at),
        "answered_at": iso(row.answered_at),
        "answered_by": row.answered_by,
        "position": row.position,
        "chronology": row.chronology,
        "follow_up": row.follow_up,
    }
