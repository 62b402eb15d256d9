"""One action on many tickets: each by the use case of the single action, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.desk.errors import DeskError, bad_field
from bot.desk.guard import text_of
from bot.desk.sessions import User
from bot.desk.ticketing import Ticketing

MOST = 200
Json = dict[str, Any]
Do = Callable[[User, str, str, int, Json], Awaitable[Json]]  # user, number, action, version, fields
# action -> the fields it takes of the request
ACTIONS: dict[str, tuple[str, ...]] = {
    "accept": ("note",),
    "assign": ("to",),
    "dispatch": ("to", "reason", "note"),
    "priority": ("priority",),
    "note": ("note",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done with which tickets, each as it was at a version."""

    action: str
    tickets: tuple[tuple[str, int], ...]
    fields: Json


def bulk_of(body: Json) -> Wanted:
    """A request's action. Raises `bad_field`."""
    action, listed = body.get("do"), body.get("tickets")
    if not isinstance(action, str) or action not in ACTIONS:
        raise bad_field("Pilih tindakan untuk tiket yang dipilih.")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        raise bad_field(f"Pilih 1 sampai {MOST} tiket.")
    found: dict[str, int] = {}
    for each in listed:
        number, version = (each.get("number"), each.get("version")) if isinstance(each, dict) else (None, None)
        if not isinstance(number, str) or not 1 <= len(number) <= 30 or not number.isascii() or not number.isprintable():
            raise bad_field("Nomor tiket tidak sesuai.")
        if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
            raise bad_field("Versi tiket tidak sesuai.")
        found[number] = version
    fields: Json = {name: text_of(body, name) for name in ACTIONS[action]}
    if action == "assign":
        fields["to"] = fields["to"] or None
    return Wanted(action, tuple(found.items()), fields)


def single_actions(ticketing: Ticketing) -> Do:
    """What each single action calls: the flow's steps, and changes of fields."""

    async def do(user: User, number: str, action: str, version: int, fields: Json) -> Json:
        if action in ("priority", "note"):
            return await ticketing.change(user, number, version, fields)
        return await ticketing.do(user, number, action, version, fields)

    return do


class Bulk:
    """Does it. What is refused of one ticket does not keep the others."""

    def __init__(self, do: Do) -> None:
        self._do = do

    async def do(self, user: User, wanted: Wanted) -> Json:
        """Which are done, and which are refused with why."""
        done, refused = [], []
        for number, version in wanted.tickets:
            try:
                await self._do(user, number, wanted.action, version, dict(wanted.fields))
                done.append(number)
            except DeskError as error:
                refused.append({"number": number, "code": error.code, "message": error.message})
        return {"done": done, "refused": refused}
