"""A client's data: brand, words, steps, topics, outlets, calendar. Everything that a second client would have another of.

`load_client("clients/pegadaian")` checks it all and raises `ClientDataError` with one line a fault, so that a mistake in a file is
found at start and not in front of a customer.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from string import Formatter
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from yaml.error import MarkedYAMLError

from bot.client_desk import CannedReply, Floor, Procedures, Template
from bot.client_faults import faults_of
from bot.client_figures import Figures
from bot.client_tickets import Ticketing
from bot.client_values import ClockTime, Count, CountFromZero, Hours, Share, Zone

OPENING_PLACES = ("salam", "sapaan", "bot", "brand")
LINE = 300  # characters of a fault's sentence


class ClientDataError(Exception):
    """A client's file is missing or wrong; the message says which file, where and why."""


def _opening(text: str) -> str:
    """Rendered at each first answer: what cannot be filled in is found here."""
    try:
        places = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise ValueError(f"a brace stands alone ({error})") from None
    for name, spec, conversion in places:
        if name not in OPENING_PLACES or spec or conversion:
            raise ValueError(f"{{{name}}} is not one of {', '.join(OPENING_PLACES)}")
    return text


Opening = Annotated[str, AfterValidator(_opening)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuickChoice(_Strict):
    intent: str
    title: str


class Brand(_Strict):
    name: str
    bot_name: str
    title: str
    subtitle: str
    color: str
    greeting: str
    call_centre: str
    quick: list[QuickChoice]


class Idle(_Strict):
    """Seconds, each from the message before: the first question, the second, the end (SOP CH 8.2, 8.4, 8.5)."""

    first_after_s: Count
    again_after_s: Count
    close_after_s: Count
    question: str
    goodbye: str


class Closing(_Strict):
    thanks: str
    working_day: str
    evening: str
    weekend: str
    holiday: str
    day_from: ClockTime
    day_to: ClockTime


class Step(_Strict):
    id: str
    label: str


class Tickets(_Strict):
    prefix: str
    first_number: Count
    priorities: dict[str, str]
    statuses: dict[str, str]
    products: list[str]


class Consent(_Strict):
    purpose: str
    version: str
    text: str


class Handoff(_Strict):
    hours: Hours
    hours_text: str
    capacity: Count
    promise_after_s: Count
    aux_reasons: dict[str, str]
    reasons: dict[str, str]
    return_reasons: dict[str, str]
    outcomes: dict[str, str]


class Survey(_Strict):
    question: str
    thanks: str
    sorry: str
    expires_after_s: Count
    scale: list[str]


class Reservations(_Strict):
    prefix: str
    slot_minutes: Count
    capacity: Count
    lead_minutes: CountFromZero
    horizon_days: Count
    purposes: list[str]


class Limits(_Strict):
    """`delay_text` is told, once for each wait, to whom the bot has not answered within `delay_notice_s`."""

    late_after_s: Count
    max_chars: Count
    delay_notice_s: Count
    delay_text: str


class Training(_Strict):
    """What a new model may lose against the one in service before it is not let through (bot/training/gate.py)."""

    macro_f1_may_fall: Share = 0.01
    intent_f1_may_fall: Share = 0.10
    wrong_may_rise: Share = 0.02
    conversations: bool = True  # whether every conversation test must pass


class Outlet(_Strict):
    id: str
    name: str
    city: str
    area: str
    timezone: Zone
    aliases: list[str]
    hours: Hours
    capacity: Count | None = None


class SpecialDay(_Strict):
    date: date
    name: str


class Calendar(_Strict):
    closing: list[SpecialDay]
    open: list[SpecialDay]


class Product(_Strict):
    id: str
    name: str
    pitch: str
    after_topics: list[str]


class Article(_Strict):
    """One answer of the knowledge base. `last_confirmed`: when the company last confirmed it, None if it never did."""

    id: str
    topic: str
    title: str
    asked_as: list[str]
    answer: str
    source: str
    confidence: str
    last_confirmed: date | None = None
    default: bool = False
    cross_sell: str | None = None


class _ClientFile(_Strict):
    id: str
    locale: str
    timezone: Zone
    brand: Brand
    idle: Idle
    closing: Closing
    opening: Opening
    steps: list[Step]
    topics: dict[str, str]
    intents: dict[str, str]
    tickets: Tickets
    consent: Consent
    handoff: Handoff
    survey: Survey
    reservations: Reservations
    messages: Limits
    training: Training = Training()


class Client(_ClientFile):
    """Everything of one client."""

    outlets: list[Outlet]
    calendar: Calendar
    products: list[Product]
    articles: list[Article]
    floor: Floor
    procedures: Procedures
    replies: list[CannedReply]
    templates: list[Template]
    ticketing: Ticketing
    figures: Figures

    @cached_property
    def zone(self) -> ZoneInfo:
        """The client's own time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def outlet_by_id(self) -> dict[str, Outlet]:
        return {outlet.id: outlet for outlet in self.outlets}

    @cached_property
    def product_by_id(self) -> dict[str, Product]:
        return {product.id: product for product in self.products}

    def topic_of(self, intent: str | None) -> str:
        """The topic an intent belongs to; what belongs nowhere is unclear."""
        if intent is None:
            return "tidak_jelas"
        return intent if intent in self.topics else self.intents.get(intent, "tidak_jelas")

    def topic_label(self, topic: str | None) -> str:
        """A topic as people read it."""
        return self.topics.get(topic or "", "Belum diketahui")


def load_client(folder: str | Path) -> Client:
    """Read and check a client's folder. Raises ClientDataError."""
    folder = Path(folder)
    data = _read(folder / "client.yml", dict)
    outlets = _read(folder / "outlets.yml", dict)
    articles: list[dict[str, Any]] = []
    sources: list[Path] = []  # the file of each article, for the fault's sentence
    for path in sorted((folder / "knowledge").glob("*.yml")):
        for entry in _read(path, list):
            if not isinstance(entry, dict):
                raise ClientDataError(f"{path}: expected a list of articles")
            articles.append({"topic": path.stem, **entry})
            sources.append(path)
    try:
        client = Client.model_validate(
            {
                **data,
                "outlets": outlets.get("outlets", []),
                "calendar": _read(folder / "calendar.yml", dict),
                "products": _read(folder / "products.yml", list),
                "articles": articles,
                "floor": _read(folder / "floor.yml", dict),
                "procedures": _read(folder / "procedure.yml", dict),
                "replies": _read(folder / "replies.yml", list),
                "templates": _read(folder / "templates.yml", list),
                "ticketing": _read(folder / "tickets.yml", dict),
                "figures": _read(folder / "figures.yml", dict),
            }
        )
    except ValidationError as error:
        raise ClientDataError("\n".join(_fault(folder, sources, fault["loc"], fault["msg"]) for fault in error.errors())) from None
    faults = faults_of(client)
    if faults:
        raise ClientDataError("\n".join(f"{folder}/{_one_line(fault)}" for fault in faults))
    return client


def _fault(folder: Path, sources: list[Path], loc: tuple[int | str, ...], message: str) -> str:
    return f"{_file(folder, sources, loc)}: {_one_line('.'.join(map(str, loc)))}: {_one_line(message)}"


def _one_line(text: str) -> str:
    """What stands in a file may hold line ends and be long; a fault is one line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LINE else f"{line[:LINE]}…"


_FILES = {name: f"{name}.yml" for name in ("outlets", "calendar", "products", "floor", "replies", "templates", "figures")} | {
    "procedures": "procedure.yml",
    "ticketing": "tickets.yml",
}


def _file(folder: Path, sources: list[Path], loc: tuple[int | str, ...]) -> Path:
    """The file that a place in the data comes from."""
    if loc[0] == "articles" and len(loc) > 1 and isinstance(loc[1], int):
        return sources[loc[1]]
    return folder / _FILES.get(str(loc[0]), "client.yml")


def _read(path: Path, kind: type) -> Any:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ClientDataError(f"{path}: the file is missing") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ClientDataError(f"{path}: not valid YAML: {place}{_one_line(error.problem or error.context or '')}") from None
    except yaml.YAMLError as error:
        raise ClientDataError(f"{path}: not valid YAML: {_one_line(str(error))}") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # No UTF-8, a date that does not exist, a tag that does not fit its value, endless nesting: YAML's reader has no one error for them.
        raise ClientDataError(f"{path}: cannot be read: {_one_line(str(error)) or type(error).__name__}") from None
    if not isinstance(data, kind):
        raise ClientDataError(f"{path}: expected a {'list' if kind is list else 'mapping'} at the top")
    return data
