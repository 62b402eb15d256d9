"""The case file of an account break-in: evidence, minutes across divisions, a decision that two people make (SOP matrix row 9).

Only its members read it. One member proposes whether and how much is compensated, another who leads approves; without an approved
decision the ticket cannot be ended (tickets/service.py asks `undecided`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row

from bot.client_tickets import BreakIn
from bot.conversations import facts
from bot.store.database import Tx
from bot.tickets.case_records import case_evidence, case_members, case_minutes, cases
from bot.tickets.flow import Actor, Refused

STATES = ("missing", "there", "refused")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with all that belongs to it."""

    row: Row[Any]
    members: tuple[str, ...]
    evidence: Mapping[str, Row[Any]]
    minutes: Sequence[Row[Any]]

    def missing(self, rules: BreakIn) -> list[str]:
        """What must be there before a decision, in words."""
        there = {item for item, row in self.evidence.items() if row.state == "there"}
        lacking = [rules.evidence[item] for item in rules.required if item not in there]
        return [*lacking, *([] if self.minutes else ["Notulen rapat lintas divisi"])]

    def allowed(self, rules: BreakIn, by: Actor) -> list[str]:
        """What a member may do now."""
        if by.id not in self.members:
            return []
        if self.row.approved_at is not None:
            return ["minutes"]
        may = ["members", "evidence", "minutes"]
        if self.row.proposed_at is not None:
            return [*may, *(["approve"] if by.leads and by.id != self.row.proposed_by else [])]
        return [*may, *(["decision"] if not self.missing(rules) else [])]


async def load(tx: Tx, number: str) -> CaseFile | None:
    """The case of a ticket, or None."""
    row = await tx.find(cases, ticket=number)
    if row is None:
        return None
    there = (case_members.c.ticket == number) & case_members.c.removed_at.is_(None)
    members = (await tx.execute(select(case_members.c.user_id).where(there).order_by(case_members.c.added_at))).scalars()
    evidence = await tx.execute(select(case_evidence).where(case_evidence.c.ticket == number))
    minutes = await tx.execute(
        select(case_minutes).where(case_minutes.c.ticket == number).order_by(case_minutes.c.held_at, case_minutes.c.id)
    )
    return CaseFile(row, tuple(members), {each.item: each for each in evidence}, minutes.all())


async def undecided(tx: Tx, number: str) -> bool:
    """Whether there is a case whose decision is not approved yet."""
    row = await tx.find(cases, ticket=number)
    return row is not None and row.approved_at is None


async def open_case(tx: Tx, number: str, claimed: int | None, by: Actor) -> None:
    """Open the case, its opener the first member. Raises Refused when it is open."""
    if await tx.find(cases, ticket=number) is not None:
        raise Refused("Berkas kasus sudah dibuka.")
    await tx.insert(cases, ticket=number, opened_by=by.id, opened_at=tx.now, claimed=claimed)
    await tx.insert(case_members, ticket=number, user_id=by.id, added_by=by.id, added_at=tx.now)
    await _record(tx, number, by, "opened")


async def set_member(tx: Tx, case: CaseFile, user: str, remove: bool, by: Actor) -> None:
    """Take somebody in or out. Raises Refused: the last member stays."""
    number = case.row.ticket
    if remove:
        if case.members == (user,):
            raise Refused("Kasus harus memiliki anggota.")
        where = (case_members.c.ticket == number) & (case_members.c.user_id == user)
        await tx.execute(update(case_members).where(where).values(removed_at=tx.now))
    else:
        new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
        values = {"added_by": by.id, "added_at": tx.now, "removed_at": None}
        statement = new_insert(case_members).values(ticket=number, user_id=user, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["ticket", "user_id"], set_=values))
    await _record(tx, number, by, "member_removed" if remove else "member_added", member=user)


async def set_evidence(tx: Tx, case: CaseFile, item: str, state: str, note: str, media: str | None, by: Actor) -> None:
    """Tick one piece of the checklist. Raises Refused once it is decided."""
    _still_open(case)
    values = {"state": state, "note": note, "media_id": media, "by_id": by.id, "at": tx.now}
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    statement = new_insert(case_evidence).values(ticket=case.row.ticket, item=item, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["ticket", "item"], set_=values))
    if case.row.proposed_at is not None:
        await _withdraw(tx, case)  # what was proposed was proposed on other evidence
    await _record(tx, case.row.ticket, by, "evidence", item=item, state=state)


async def add_minutes(
    tx: Tx, case: CaseFile, minutes_id: str, held_at: datetime, attendees: Sequence[Mapping[str, str]], text: str, by: Actor
) -> None:
    """Minutes of a meeting, once per id."""
    if await tx.find(case_minutes, id=minutes_id) is not None:
        return
    values = {"held_at": held_at, "attendees": [dict(each) for each in attendees], "text": text, "by_id": by.id, "at": tx.now}
    await tx.insert(case_minutes, id=minutes_id, ticket=case.row.ticket, **values)
    await _record(tx, case.row.ticket, by, "minutes")


async def propose(tx: Tx, case: CaseFile, rules: BreakIn, decision: str, amount: int | None, grounds: str, by: Actor) -> None:
    """Propose the decision. Raises Refused while something is missing, or when one is proposed."""
    _still_open(case)
    if lacking := case.missing(rules):
        raise Refused(f"Belum lengkap: {', '.join(lacking)}.")
    if case.row.proposed_at is not None:
        raise Refused("Keputusan sudah diusulkan dan menunggu persetujuan.")
    values = {"decision": decision, "amount": amount, "grounds": grounds, "proposed_by": by.id, "proposed_at": tx.now}
    await tx.execute(update(cases).where(cases.c.ticket == case.row.ticket).values(**values))
    await _record(tx, case.row.ticket, by, "proposed", decision=decision, amount=amount)


async def approve(tx: Tx, case: CaseFile, yes: bool, by: Actor) -> None:
    """The second pair of eyes. Raises Refused for the proposer, for who does not lead, and when nothing is proposed."""
    _still_open(case)
    if case.row.proposed_at is None:
        raise Refused("Belum ada keputusan yang diusulkan.")
    if by.id == case.row.proposed_by:
        raise Refused("Keputusan harus disetujui oleh orang lain.")
    if not by.leads:
        raise Refused("Keputusan disetujui oleh ketua tim atau penyelia.")
    if yes:
        await tx.execute(update(cases).where(cases.c.ticket == case.row.ticket).values(approved_by=by.id, approved_at=tx.now))
    else:
        await _withdraw(tx, case)
    await _record(tx, case.row.ticket, by, "approved" if yes else "declined", decision=case.row.decision, amount=case.row.amount)


async def note_printed(tx: Tx, number: str, by: Actor) -> None:
    """The file left the house on paper: by whom is remembered."""
    await _record(tx, number, by, "printed")


async def _withdraw(tx: Tx, case: CaseFile) -> None:
    none = dict.fromkeys(("decision", "amount", "grounds", "proposed_by", "proposed_at"))
    await tx.execute(update(cases).where(cases.c.ticket == case.row.ticket).values(**none))


def _still_open(case: CaseFile) -> None:
    if case.row.approved_at is not None:
        raise Refused("Kasus sudah diputuskan.")


async def _record(tx: Tx, number: str, by: Actor, what: str, **more: Any) -> None:
    await facts.record(tx, "case_changed", agent=by.id, ticket=number, what=what, **more)
