"""How a ticket travels, as pure rules: Tier 1 → Tier 2 → division → back, each hop accepted or returned (SOP matrix rows 3, 5, 8, 12, 13).

A ticket is with one unit at a time; each stay is a hop. A unit that was sent a ticket accepts it or returns it with a reason; who has
accepted it works on it, asks the customer (its clocks stand still), sends it on, or ends it. A division works for the unit that asked:
it returns the ticket with what was found, and who speaks to the customer ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.client_tickets import Ticketing

CLOSED = frozenset({"solved", "no_response"})
WAITING = frozenset({"waiting_customer", "confirming"})  # for the customer
ESCALATED = "escalated"
# Told to the customer after the change, by the name of the client's notice (tickets.yml).
NOTICES = {
    "accept": "in_progress",
    "dispatch": "dispatched",
    "wait": "waiting_customer",
    "propose": "confirming",
    "confirm": "solved",
    "solve": "solved",
    "no_response": "no_response",
    "reopen": "reopened",
    "unsolved": "unsolved",
}


class Refused(Exception):
    """The state does not allow it; the message says why, in Indonesian."""


@dataclass(frozen=True, slots=True)
class State:
    """All of a ticket that its rules and clocks need; a fact carries it as it is after the change."""

    status: str
    unit: str
    hop: int = 1
    accepted: bool = False
    assignee: str | None = None
    kind: str = "complaint"
    topic: str = ""
    product: str | None = None
    category: str | None = None
    priority: str = "normal"

    @property
    def closed(self) -> bool:
        return self.status in CLOSED

    def to_json(self) -> dict[str, Any]:
        """As a fact's `state`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `unit`: where they belong; `leads`: may act for every unit."""

    id: str
    name: str
    unit: str | None
    leads: bool = False

    def may_move(self, state: State) -> bool:
        """Whether the ticket is this person's to move."""
        return self.leads or self.unit == state.unit or self.id == state.assignee


SYSTEM = Actor("system", "Sistem", None, leads=True)


def opened(rules: Ticketing, kind: str, unit_of_maker: str | None, maker: str, **about: Any) -> State:
    """The first state: with the kind's first unit; already accepted there where its maker belongs to it."""
    start = rules.kinds[kind].start
    own = unit_of_maker == start
    return State("open", start, accepted=own, assignee=maker if own else None, kind=kind, **about)


def allowed(state: State, actor: Actor, rules: Ticketing, came_from: str | None) -> list[str]:
    """What this actor may do now, in the order a page shows it. `came_from`: the unit that sent it here."""
    if not actor.may_move(state):
        return []
    if state.closed:
        return ["reopen", "link"]
    ends = speaks(state.unit, rules)
    merge = ["merge"] if ends else []
    if not state.accepted:
        listed = ["accept"] + (["return"] if came_from else []) + ["assign"]
        return [*listed, *(["dispatch"] if actor.leads else []), *merge, "link"]
    listed = []
    if state.status in WAITING:
        listed += ["resume", *(["confirm"] if ends and state.status == "confirming" else []), *(["no_response"] if ends else [])]
    else:
        listed += [*(["work"] if state.status != "in_progress" else []), "wait"]
        if ends:
            listed.append("propose")
    if ends:
        listed.append("solve")
    listed += ["dispatch"] + (["return"] if came_from else [])
    return [*listed, "assign", *merge, "split", "link"]


def speaks(unit: str, rules: Ticketing) -> bool:
    """Whether a unit speaks to customers, and so may end a ticket: Tier 1 and 2."""
    known = rules.units.get(unit)
    return known is not None and known.tier < 3


def after(state: State, action: str, actor: Actor, rules: Ticketing, came_from: str | None, given: Mapping[str, Any]) -> State:
    """The state after an action. Raises Refused with the reason. `given`: `to` of dispatch and assign."""
    if not actor.may_move(state):
        raise Refused("Tiket ini sedang ditangani unit lain.")
    if action not in allowed(state, actor, rules, came_from):
        raise Refused(_why_not(state, action, rules, came_from))
    match action:
        case "accept":
            return replace(state, status=rules.units[state.unit].accepted, accepted=True, assignee=actor.id)
        case "work" | "resume":
            return replace(state, status="in_progress")
        case "wait":
            return replace(state, status="waiting_customer")
        case "propose":
            return replace(state, status="confirming")
        case "confirm" | "solve" | "merge":
            return replace(state, status="solved")
        case "no_response":
            return replace(state, status="no_response")
        case "assign":
            return replace(state, assignee=given["to"])
        case "return":
            assert came_from is not None
            return _moved(state, came_from)
        case "dispatch":
            if given["to"] == state.unit:
                raise Refused("Tiket ini sudah berada di unit tersebut.")
            return _moved(state, given["to"])
        case "reopen":
            # Who speaks to the customer takes it up again.
            unit = state.unit if speaks(state.unit, rules) else rules.kinds[state.kind].start
            own = actor.unit == unit
            hop = state.hop + 1
            return replace(
                state, status="in_progress" if own else "open", unit=unit, hop=hop, accepted=own, assignee=actor.id if own else None
            )
    raise Refused("Tindakan tidak dikenal.")


def asker(hops: Sequence[tuple[str, str | None]]) -> str | None:
    """The unit a ticket may be returned to: the one that sent it to where it is. `hops`: unit and how it ended, in order, the open one last.

    What was sent on and came back belongs again to who asked the unit before, so a return is never answered by a return.
    """
    askers: list[str] = []
    for unit, ended in hops[:-1]:
        if ended == "dispatched":
            askers.append(unit)
        elif ended == "returned" and askers:
            askers.pop()
    return askers[-1] if askers else None


def _moved(state: State, unit: str) -> State:
    return replace(state, status=ESCALATED, unit=unit, hop=state.hop + 1, accepted=False, assignee=None)


def _why_not(state: State, action: str, rules: Ticketing, came_from: str | None) -> str:
    if state.closed:
        return "Tiket sudah selesai. Buka kembali terlebih dahulu."
    if action == "reopen":
        return "Tiket belum selesai."
    if action == "accept":
        return "Tiket sudah diterima."
    if not state.accepted:
        return "Terima tiket terlebih dahulu."
    if action == "return" and not came_from:
        return "Tiket ini tidak diteruskan dari unit lain."
    if action in ("solve", "propose", "merge", "no_response") and not speaks(state.unit, rules):
        return "Divisi mengembalikan tiket dengan hasilnya; unit yang melayani nasabah yang menutupnya."
    if action in ("confirm", "no_response", "resume"):
        return "Tiket tidak sedang menunggu nasabah."
    return "Tindakan ini tidak sesuai dengan status tiket."
