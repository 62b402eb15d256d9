"""The part of a client's data that the desk works by: teams and routing (floor.yml), the guide of each kind of contact (procedure.yml),
canned replies (replies.yml). `bot.client` loads it and checks that what is named exists."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(gt=0, le=10**6)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Team(_Strict):
    """A group with a queue of its own. `tier`: 1 answers first, 2 is transferred to."""

    label: str
    tier: Count = 1


class Presence(_Strict):
    """`grace_s`: how long a desk may be silent before its agent is offline. `aux_limit_minutes`: longer than this is overlong."""

    grace_s: Count
    aux_limit_minutes: dict[str, Count] = {}


class Routing(_Strict):
    """How queued conversations find an agent.

    `offer_s`: seconds to accept one. `missed_to_aux`: after so many in a row unanswered the agent is set to AUX `missed_reason`.
    `wrap_up_s`: seconds for writing up after each conversation. `pull`: whether agents may also take one from the queue themselves.
    `handling_s`: what a conversation is expected to take until enough of today's were measured.
    """

    offer_s: Count
    missed_to_aux: Count
    missed_reason: Key
    wrap_up_s: Annotated[int, Field(ge=0, le=3600)]
    sticky: bool = True
    pull: bool = True
    handling_s: Count


class Floor(_Strict):
    """floor.yml. The first team is the one conversations begin in."""

    teams: Annotated[dict[Key, Team], Field(min_length=1)]
    presence: Presence
    routing: Routing
    transfer_reasons: dict[Key, str]
    decline_reasons: dict[Key, str]
    languages: dict[str, str]


class GuideStep(_Strict):
    """One step of a guide. Ticked by any of its kinds of evidence, or by hand with a reason.

    `said`: a message of ours holds one of these phrases. `level`: verification reached it. `known`: the conversation has a topic.
    `solved`: an answer after the topic is known, a suggestion used, or a ticket. `offered`: a product of the client was named.
    `closing`, `survey`: the farewell, the survey's question was sent. `required`: the outcomes that need it.
    """

    step: Key
    hint: str
    said: list[str] = []
    level: Count | None = None
    known: bool = False
    solved: bool = False
    offered: bool = False
    closing: bool = False
    survey: bool = False
    required: list[str] = []


class Guide(_Strict):
    label: str
    steps: list[GuideStep]


class Level(_Strict):
    """Reached when `count` of the fields `of` were confirmed and the level before is reached. `unlocks`: sections of the card."""

    label: str
    count: Count
    of: list[Key]
    unlocks: list[Literal["contact", "tickets", "reservations", "history"]]


class Verification(_Strict):
    fields: dict[Key, str]
    levels: list[Level]


class Contact(_Strict):
    """A contact recorded by hand (SOP matrix rows 1, 7, 10): its label and guide."""

    label: str
    guide: Key
    caller: Literal["customer", "outlet"] = "customer"


class Procedures(_Strict):
    """procedure.yml."""

    guides: dict[Key, Guide]
    verification: Verification
    contacts: dict[Key, Contact]
    sub_topics: dict[str, dict[Key, str]] = {}


class CannedReply(_Strict):
    """A reply of the client's own. `{sapaan}`, `{nama}`, `{petugas}`, `{tiket}`, `{salam}`, `{waktu}`, `{merek}` are filled in at the desk.

    `asked_as`: what customers say that it answers; suggestions are found by it. `language`: of the client's languages (floor.yml).
    """

    shortcut: Key
    title: str
    text: str
    topics: list[str] = []
    asked_as: list[str] = []
    language: str = "id"
    source: str | None = None
    last_confirmed: date | None = None


class Template(_Strict):
    """An approved WhatsApp template: `text` as the customer reads it, its `places` in the order of Meta's {{1}}, {{2}} …"""

    id: Key
    name: str
    language: str = "id"
    label: str
    text: str
    places: list[Key] = []
