"""The client's terms for tickets (tickets.yml, templates.yml), picked out without any library, and what passes of working time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

CLIENT = Path(__file__).parents[4] / "clients/pegadaian"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST = datetime(2026, 11, 22, tzinfo=UTC)
SPAN = 31  # days after it that are looked at; none of them is a holiday
SECONDS = {"m": 60, "h": 3600}
Amount = int | Fraction


@dataclass(frozen=True)
class Hours:
    """Stretches of working time in order: from, until (seconds since 1970), and what a second of them is of its day."""

    stretches: tuple[tuple[int, int, Fraction], ...]

    def spent(self, start: float, end: float, days: bool) -> Amount:
        """What passes between two seconds."""
        return sum((min(b, end) - max(a, start)) * (share if days else 1) for a, b, share in self.stretches if a < end and start < b)

    def after(self, start: int, amount: Amount, days: bool) -> int:
        """The first second at which so much has passed."""
        for a, b, share in self.stretches:
            rate = share if days else 1
            there = max(0, b - max(a, start)) * rate
            if there and amount <= there:
                return max(a, start) + -(-amount // rate)  # rounded up
            amount -= there
        raise AssertionError("later than is looked at")


@dataclass(frozen=True)
class Terms:
    """What the files say."""

    tiers: dict[str, int]
    hours: dict[str, Hours]
    limits: dict[str, dict[str, str]]  # by unit and priority
    of_kind: dict[str, str]
    overall: dict[str, str]
    around_the_clock: list[str]
    paused: list[str]
    reminders: dict[str, list[str]]  # by scope
    escalate_after: list[str]
    hours_of: str
    notices: dict[str, tuple[str, str]]  # text, template
    templates: dict[str, str]

    def closes(self, status: str) -> bool:
        """Whether a ticket is over with it."""
        return status in ("solved", "no_response")


@cache
def terms() -> Terms:
    """Read once."""
    text = (CLIENT / "tickets.yml").read_text(encoding="utf-8")
    units = dict(_items(_section(text, "units")))
    sla = _section(text, "sla")
    week = {name: found for name, unit in units.items() if (found := re.search(r"hours: (?:&\w+ )?(\{.*\})", unit))}
    shared = {found.group(1): found.group(2) for found in re.finditer(r"hours: &(\w+) (\{.*\})", text)}
    hours = {}
    for name, unit in units.items():
        named = re.search(r"hours: \*(\w+)", unit)
        said = shared[named.group(1)] if named else week[name].group(1)
        zone = re.search(r"timezone: (\S+)", unit)
        hours[name] = _hours(said, zone.group(1) if zone else "Asia/Jakarta")
    hours["always"] = _hours("{" + ", ".join(f'{day}: ["00:00-24:00"]' for day in DAYS) + "}", "Asia/Jakarta")
    notices = re.findall(r'^  (\w+): \{text: "(.*)", template: (\w+)\}', _section(text, "notices"), re.M)
    told = (CLIENT / "templates.yml").read_text(encoding="utf-8")
    return Terms(
        {name: int(_of(unit, "tier")) for name, unit in units.items()},
        hours,
        {name: _pairs(re.search(r"limit: (\{.*\})", unit)) for name, unit in units.items()},
        dict(re.findall(r"^  (\w+): \{.*limit: (\w+)", _section(text, "kinds"), re.M)),
        _pairs(re.search(r"overall: (\{.*\})", sla)),
        re.findall(r"\w+", _of(sla, "around_the_clock")),
        re.findall(r"\w+", _of(sla, "paused_in")),
        {scope: re.findall(r"before: (\w+)", _of(sla, f"{scope}_reminders")) for scope in ("hop", "overall")},
        list(_pairs(re.search(r"escalate_after: (\{.*\})", sla))),
        _of(sla, "hours_of"),
        {name: (text, template) for name, text, template in notices},
        dict(re.findall(r'^- id: \w+\n  name: (\w+)\n.*\n  text: "(.*)"', told, re.M)),
    )


def amount_of(limit: str) -> tuple[int, bool]:
    """How much, and whether of days."""
    number, unit = int(limit[:-1]), limit[-1]
    return (number, True) if unit == "d" else (number * SECONDS[unit], False)


def _section(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\n((?:  .*\n|\s*\n)+)", text, re.M)
    assert found, name
    return found.group(1)


def _items(section: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"^  (\w+):\n((?:    .*\n)+)", section, re.M):
        yield found.group(1), found.group(2)


def _of(text: str, name: str) -> str:
    found = re.search(rf"^ +{name}: (.*)$", text, re.M)
    assert found, name
    return found.group(1)


def _pairs(found: re.Match[str] | None) -> dict[str, str]:
    assert found
    return dict(re.findall(r"(\w+): (\w+)", found.group(1)))


def _hours(said: str, zone: str) -> Hours:
    week = {day: re.findall(r"(\d\d):(\d\d)-(\d\d):(\d\d)", given) for day, given in re.findall(r"(\w{3}): \[([^\]]*)\]", said)}
    stretches = []
    for number in range(SPAN):
        day = (FIRST + timedelta(days=number)).astimezone(ZoneInfo(zone)).replace(hour=0, minute=0)
        midnight = int(day.timestamp())
        open_ = [
            (midnight + (int(a) * 60 + int(b)) * 60, midnight + (int(c) * 60 + int(d)) * 60)
            for a, b, c, d in week.get(DAYS[day.weekday()], [])
        ]
        total = sum(b - a for a, b in open_)
        stretches += [(a, b, Fraction(1, total)) for a, b in open_]
    return Hours(tuple(stretches))
