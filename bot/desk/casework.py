"""Case files, questions to outlets and papers at the desk: who may, what is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.channels.records import media
from bot.conversations.records import facts
from bot.conversations.secrets import hide_secrets
from bot.conversations.transcript import iso
from bot.customers.records import customers
from bot.desk.access import require_desk, require_tickets
from bot.desk.errors import DeskError, bad_field, conflict, forbidden, not_found
from bot.desk.records import users
from bot.desk.sessions import User
from bot.desk.ticket_history import sentence
from bot.desk.ticket_views import monev_shown
from bot.desk.ticketing import Ticketing
from bot.dialogue.unit import Library
from bot.store.database import Database, Tx
from bot.tickets import cases, monev, papers
from bot.tickets import service as tickets
from bot.tickets.cases import CaseFile
from bot.tickets.clock import due_after
from bot.tickets.flow import Actor, Refused
from bot.tickets.records import ticket_files
from bot.wording import say_date

TEXT, NAME = 8000, 200  # most characters
Json = dict[str, Any]
Change = Callable[[Tx, CaseFile, Actor], Awaitable[None]]
_STATES = {"missing": "Belum ada", "there": "Ada", "refused": "Ditolak"}


class Casework:
    """The use cases. They raise DeskError for everything that is refused."""

    def __init__(self, db: Database, library: Library, ticketing: Ticketing, sign: Callable[[str], str]) -> None:
        self._db = db
        self._library = library
        self._rules = library.client.ticketing.break_in
        self._ticketing = ticketing
        self._sign = sign

    # --- the case

    async def open(self, user: User, number: str, claimed: int | None) -> Json:
        """Open the case of a ticket of a restricted kind; by who may move it."""
        require_tickets(user)
        async with self._db.write() as tx:
            by = await self._ticketing.actor(tx, user)
            row = await self._ticketing.seen(tx, user, number, lock=True)
            if not self._library.client.ticketing.kinds[row.kind].restricted:
                raise bad_field("Hanya tiket akun dibobol yang memiliki berkas kasus.")
            if not by.may_move(tickets.state_of(row)):
                raise forbidden()
            try:
                await cases.open_case(tx, number, claimed, by)
            except Refused as error:
                raise DeskError(409, "not_now", str(error)) from None
            await tickets.touch(tx, self._library, row)
            return await self._shown(tx, number, by)

    async def show(self, user: User, number: str) -> Json:
        """The case, for its members."""
        async with self._db.read() as tx:
            _, by = await self._member(tx, user, number)
            return await self._shown(tx, number, by)

    async def set_member(self, user: User, number: str, other: str, remove: bool) -> Json:
        """Take a colleague in or out."""

        async def change(tx: Tx, case: CaseFile, by: Actor) -> None:
            found = await tx.find(users, id=other)
            if found is None or not found.active or found.role == "trainer":
                raise bad_field("Pilih rekan.")
            await cases.set_member(tx, case, other, remove, by)

        return await self._change(user, number, change)

    async def set_evidence(self, user: User, number: str, item: str, state: str, note: str, file: str | None) -> Json:
        """Tick one piece; `file`: one of the ticket's."""
        if item not in self._rules.evidence or state not in cases.STATES:
            raise bad_field("Pilih bukti dan keadaannya.")

        async def change(tx: Tx, case: CaseFile, by: Actor) -> None:
            if file and await tx.find(ticket_files, ticket=number, media_id=file) is None:
                raise bad_field("Berkas tidak ditemukan di tiket ini.")
            await cases.set_evidence(tx, case, item, state, _text(note, TEXT), file, by)

        return await self._change(user, number, change)

    async def add_minutes(self, user: User, number: str, minutes_id: str, held_at: datetime, attendees: Any, text: str) -> Json:
        """Minutes of a meeting across divisions."""
        people = _attendees(attendees)
        text = _text(text, TEXT)
        if not text:
            raise bad_field("Isi notulen.")

        async def change(tx: Tx, case: CaseFile, by: Actor) -> None:
            if held_at > tx.now:
                raise bad_field("Waktu rapat tidak boleh di depan.")
            await cases.add_minutes(tx, case, minutes_id, held_at, people, text, by)

        return await self._change(user, number, change)

    async def propose(self, user: User, number: str, decision: str, amount: int | None, grounds: str) -> Json:
        """Propose the decision, with its amount in rupiah and its grounds."""
        if decision not in self._rules.decisions:
            raise bad_field("Pilih keputusan.")
        if (amount is not None) != (decision == "compensate") or amount == 0:
            raise bad_field("Isi jumlah ganti rugi." if decision == "compensate" else "Jumlah hanya diisi bila diberikan ganti rugi.")
        grounds = _text(grounds, TEXT)
        if not grounds:
            raise bad_field("Isi dasar keputusan.")

        async def change(tx: Tx, case: CaseFile, by: Actor) -> None:
            if amount and case.row.claimed is not None and amount > case.row.claimed:
                raise bad_field("Ganti rugi melebihi kerugian yang diajukan.")
            await cases.propose(tx, case, self._rules, decision, amount, grounds, by)

        return await self._change(user, number, change)

    async def approve(self, user: User, number: str, yes: bool, note: str) -> Json:
        """The second pair of eyes; the decision becomes a note of the ticket."""

        async def change(tx: Tx, case: CaseFile, by: Actor) -> None:
            await cases.approve(tx, case, yes, by)
            row = await tickets.locked(tx, number)
            said = "Keputusan kasus disetujui." if yes else f"Usulan keputusan dikembalikan. {_text(note, TEXT)}".strip()
            await tickets.add_note(tx, row, by, said, "internal")

        return await self._change(user, number, change)

    async def _change(self, user: User, number: str, change: Change) -> Json:
        async with self._db.write() as tx:
            await tickets.get(tx, number, lock=True)  # the ticket first, as everybody does who changes one
            case, by = await self._member(tx, user, number)
            try:
                await change(tx, case, by)
            except Refused as error:
                raise DeskError(409, "not_now", str(error), case=(await self._shown(tx, number, by))["case"]) from None
            await tickets.touch(tx, self._library, await tickets.locked(tx, number))
            return await self._shown(tx, number, by)

    async def _member(self, tx: Tx, user: User, number: str) -> tuple[CaseFile, Actor]:
        """The case and its member. Raises `not_found`, `forbidden`."""
        require_tickets(user)
        await self._ticketing.seen(tx, user, number)
        case = await cases.load(tx, number)
        if case is None:
            raise not_found()
        if user.id not in case.members:
            raise forbidden()
        return case, await self._ticketing.actor(tx, user)

    async def _shown(self, tx: Tx, number: str, by: Actor) -> Json:
        case = await cases.load(tx, number)
        assert case is not None
        names = await self._names(tx, case)
        files = {row.id: row for row in await tx.execute(select(media).where(media.c.id.in_([e.media_id for e in case.evidence.values()])))}
        decision = case.row.decision
        return {
            "case": {
                "opened_at": iso(case.row.opened_at),
                "claimed": case.row.claimed,
                "members": [{"id": each, "name": names.get(each, each)} for each in case.members],
                "evidence": [self._evidence(item, label, case, names, files) for item, label in self._rules.evidence.items()],
                "minutes": [
                    {
                        "id": each.id,
                        "held_at": iso(each.held_at),
                        "attendees": each.attendees,
                        "text": each.text,
                        "by": names.get(each.by_id, each.by_id),
                        "at": iso(each.at),
                    }
                    for each in case.minutes
                ],
                "decision": {"id": decision, "label": self._rules.decisions.get(decision, decision)} if decision else None,
                "amount": case.row.amount,
                "grounds": case.row.grounds,
                "proposed_by": names.get(case.row.proposed_by) if case.row.proposed_by else None,
                "proposed_at": iso(case.row.proposed_at),
                "approved_by": names.get(case.row.approved_by) if case.row.approved_by else None,
                "approved_at": iso(case.row.approved_at),
                "missing": case.missing(self._rules),
                "allowed": case.allowed(self._rules, by),
            }
        }

    def _evidence(self, item: str, label: str, case: CaseFile, names: Mapping[str, str], files: Mapping[str, Row[Any]]) -> Json:
        row = case.evidence.get(item)
        file = files.get(row.media_id) if row is not None and row.media_id else None
        return {
            "id": item,
            "label": label,
            "required": item in self._rules.required,
            "state": row.state if row is not None else "missing",
            "file": {"id": file.id, "name": file.name, "mime": file.mime, "url": self._sign(f"/media/{file.id}")} if file else None,
            "note": row.note if row is not None else "",
            "by": names.get(row.by_id) if row is not None else None,
            "at": iso(row.at) if row is not None else None,
        }

    async def _names(self, tx: Tx, case: CaseFile) -> dict[str, str]:
        people = {*case.members, case.row.opened_by, case.row.proposed_by, case.row.approved_by}
        people |= {each.by_id for each in (*case.evidence.values(), *case.minutes)}
        rows = await tx.execute(select(users.c.id, users.c.name).where(users.c.id.in_([each for each in people if each])))
        return {row.id: row.name for row in rows}

    # --- outlets

    async def ask_outlet(self, user: User, number: str, outlet: str, question: str) -> tuple[str, Json]:
        """Ask an outlet (matrix row 3): (the link's token, the request as shown)."""
        require_desk(user)
        question = _text(question, TEXT)
        if outlet not in self._library.client.outlet_by_id:
            raise bad_field("Pilih outlet.")
        if not question:
            raise bad_field("Isi yang perlu dijelaskan outlet.")
        async with self._db.write() as tx:
            by = await self._ticketing.actor(tx, user)
            await self._ticketing.seen(tx, user, number)
            due = due_after(tx.now, self._library.client.ticketing.monev.limit, self._library.client, self._library.calendar)
            try:
                request, token = await monev.ask_outlet(tx, self._library, number, outlet, question, by, due)
            except Refused as error:
                raise conflict(str(error)) from None
            shown = next(each for each in await monev.of_ticket(tx, number) if each.id == request)
            return token, monev_shown(shown, self._library.client)

    async def take_back(self, user: User, number: str, request: str) -> None:
        """The link is good no more."""
        require_desk(user)
        async with self._db.write() as tx:
            await self._ticketing.seen(tx, user, number)
            try:
                await monev.take_back(tx, self._library, number, request, await self._ticketing.actor(tx, user))
            except LookupError:
                raise not_found() from None
            except Refused as error:
                raise conflict(str(error)) from None

    # --- papers

    async def berita_acara(self, user: User, number: str) -> bytes:
        """The Berita Acara of a ticket that was solved so. Raises `not_found`, `conflict`."""
        require_tickets(user)
        async with self._db.read() as tx:
            row = await self._ticketing.seen(tx, user, number)
            made = self._made(tx, user)
        if row.solved_how != "berita_acara" or not row.solved_form:
            raise conflict("Tiket ini tidak diselesaikan dengan berita acara.")
        client = self._library.client
        form = client.ticketing.forms["berita_acara"]
        values = dict(row.solved_form)
        if (outlet := client.outlet_by_id.get(values.get("outlet", ""))) is not None:
            values["outlet"] = f"{outlet.name}, {outlet.city}"
        pairs = [(field.label, str(values.get(name, ""))) for name, field in form.fields.items()]
        signers = [f"Petugas: {values.get('petugas', '')}", f"Nasabah: {values.get('nasabah', '')}"]
        return papers.berita_acara(client.brand.name, number, pairs, signers, made)

    async def case_paper(self, user: User, number: str) -> bytes:
        """The whole file of a case, for its members; who took it is in the event log."""
        async with self._db.write() as tx:
            case, by = await self._member(tx, user, number)
            row = await tickets.get(tx, number)
            assert row is not None
            shown = (await self._shown(tx, number, by))["case"]
            name = (await tx.execute(select(customers.c.name).where(customers.c.id == row.customer_id))).scalar()
            told = (await tx.execute(select(facts).where(facts.c.ticket == number).order_by(facts.c.id))).all()
            names = await self._names(tx, case)
            await cases.note_printed(tx, number, by)
            made = self._made(tx, user)
        client = self._library.client
        about = [("Nasabah", name or row.reporter or ""), ("Ringkasan", row.summary), ("Uraian", row.detail)]
        about += [("Kerugian diajukan", _rupiah(case.row.claimed)), ("Dibuka", self._moment(case.row.opened_at))]
        evidence = [(e["label"], _STATES[e["state"]], e["note"], e["by"] or "") for e in shown["evidence"]]
        minutes = [
            (self._moment(each.held_at), ", ".join(f"{a['name']} ({a['unit']})" for a in each.attendees), each.text)
            for each in case.minutes
        ]
        decision = [("Keputusan", shown["decision"]["label"]), ("Jumlah", _rupiah(shown["amount"]))] if shown["decision"] else []
        decision += [("Dasar", shown["grounds"]), ("Diusulkan oleh", shown["proposed_by"] or "")] if shown["decision"] else []
        decision += [("Disetujui oleh", shown["approved_by"] or "menunggu")] if shown["decision"] else []
        people: dict[str | None, str] = {None: "Sapa"}
        people.update(names)
        history = [
            (self._moment(fact.at), people.get(fact.agent_id, ""), what)
            for fact in told
            if (what := sentence(fact.kind, fact.data or {}, client, people))
        ]
        members = [each["name"] for each in shown["members"]]
        return papers.case_file(client.brand.name, number, about, members, evidence, minutes, decision, history, made)

    def _made(self, tx: Tx, user: User) -> str:
        return f"Dicetak {self._moment(tx.now)} oleh {user.name}"

    def _moment(self, moment: datetime) -> str:
        zone = self._library.client.zone
        return f"{say_date(moment, zone)} {moment.astimezone(zone):%H.%M}"


def _rupiah(amount: int | None) -> str:
    return f"Rp{amount:,}".replace(",", ".") if amount is not None else ""


def _text(text: str, most: int) -> str:
    text = hide_secrets(text.strip())[0]
    if len(text) > most:
        raise DeskError(422, "too_long", f"Tulisan terlalu panjang, paling banyak {most} karakter.")
    return text


def _attendees(given: Any) -> list[dict[str, str]]:
    """At least one and at most 30: `{"name", "unit"}`."""
    if not isinstance(given, list) or not 1 <= len(given) <= 30:
        raise bad_field("Isi peserta rapat.")
    people = []
    for each in given:
        name = each.get("name") if isinstance(each, dict) else None
        unit = each.get("unit", "") if isinstance(each, dict) else None
        if not isinstance(name, str) or not isinstance(unit, str) or not name.strip() or len(name) > NAME or len(unit) > NAME:
            raise bad_field("Isi nama dan unit setiap peserta rapat.")
        people.append({"name": name.strip(), "unit": unit.strip()})
    return people
