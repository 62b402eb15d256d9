"""The part of a client's data that tickets go by (tickets.yml): units with their hours, kinds, catalogue, limits of time, what customers are told.

`bot.client` loads it; `bot.client_faults` checks that what is named exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import core_schema

from bot.client_values import Hours, Zone

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_LIMIT = re.compile(r"([1-9]\d{0,3})([mhd])")


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of working time: `30m`, `4h`, or `10d` (working days of the unit whose hours count)."""

    amount: int
    unit: Literal["m", "h", "d"]

    @classmethod
    def parse(cls, text: object) -> Limit:
        """Raises ValueError for what is not like 30m, 4h or 10d."""
        found = _LIMIT.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"'{text}' is not a length like 30m, 4h or 10d")
        return cls(int(found[1]), found[2])  # type: ignore[arg-type]

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(value), serialization=core_schema.to_string_ser_schema()
        )

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Unit(_Strict):
    """Who may hold a ticket. Its id is a team of floor.yml (tier 1 or 2) or a division (tier 3).

    `hours`, `timezone` (default: the client's): when its clock runs. `holidays`: whether it is closed on holidays, cuti bersama and closing days.
    `limit`: for one hop there, by priority, with `default`. `accepted`: the status a ticket has once it is accepted there.
    """

    label: str
    tier: Literal[1, 2, 3]
    hours: Hours
    timezone: Zone | None = None
    holidays: bool = True
    limit: dict[str, Limit]
    accepted: Literal["in_progress", "analysis", "waiting_support"]


class KindOfTicket(_Strict):
    """`start`: the unit it begins in. `limit`: overall, whatever its topic. `restricted`: read only by who is in the case."""

    label: str
    start: Key
    limit: Limit | None = None
    topic: str | None = None
    form: Key | None = None
    restricted: bool = False


class Category(_Strict):
    label: str
    subs: dict[Key, str] = {}


class Reminder(_Strict):
    """So long before a limit runs out (in its own working time), who is reminded."""

    before: Limit
    to: list[Literal["assignee", "unit", "leaders"]]


class Sla(_Strict):
    """Limits of time. `overall`: `default`, and topics that differ, in the hours of `hours_of` (a unit). `sources`: where a number is from.

    `around_the_clock`: topics whose limit runs day and night (a law counts 3 x 24 hours). `escalate_after`: so long past a hop's limit, not
    accepted and not ended, the leaders of a unit are told, too. docs/sla.md says how time is counted.
    """

    hours_of: Key
    overall: dict[str, Limit]
    around_the_clock: list[str] = []
    paused_in: list[str]
    hop_reminders: list[Reminder]
    overall_reminders: list[Reminder]
    breach_to: list[Literal["assignee", "unit", "leaders"]]
    escalate_after: dict[Limit, Key] = {}
    sources: dict[str, str] = {}


class FormField(_Strict):
    label: str
    kind: Literal["text", "long", "date", "money", "choice", "outlet", "phone"] = "text"
    required: bool = False
    choices: list[str] = []


class Form(_Strict):
    label: str
    fields: dict[Key, FormField]


class Notice(_Strict):
    """What a customer is told at a change. `template`: of templates.yml, for WhatsApp after 24 hours.

    Places: {sapaan} {nama} {nomor} {status} {tanggal} {merek} {penyelesaian}.
    """

    text: str
    template: Key


class BreakIn(_Strict):
    """The case file of an account break-in (matrix row 9): what must be there before a decision, who may decide."""

    evidence: dict[Key, str]
    required: list[Key]
    divisions: list[Key]
    decisions: dict[Key, str]


class Monev(_Strict):
    """`limit`: for the outlet's answer. `text`: what the outlet reads above the form."""

    limit: Limit
    text: str


class Jira(_Strict):
    """How tickets become requests of Jira Service Management and back. `statuses`: Jira's status name -> action here; `transitions`: ours -> Jira's transition."""

    project: str
    service_desk: str
    request_types: dict[str, str]
    priorities: dict[str, str] = {}
    statuses: dict[str, str] = {}
    transitions: dict[str, str] = {}
    fields: dict[str, str] = {}


class Ticketing(_Strict):
    """tickets.yml. `kind_of_topic`: the kind of what the bot or an agent makes about a topic; any other is a complaint."""

    units: dict[Key, Unit]
    kinds: dict[Key, KindOfTicket]
    kind_of_topic: dict[str, Key] = {}
    catalogue: dict[str, dict[Key, Category]]
    dispatch_reasons: dict[Key, str]
    return_reasons: dict[Key, str]
    reopen_reasons: dict[Key, str]
    call_outcomes: dict[Key, str]
    not_resolved_note: str
    sla: Sla
    forms: dict[Key, Form]
    notices: dict[str, Notice]
    break_in: BreakIn
    monev: Monev
    jira: Jira
