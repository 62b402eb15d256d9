"""Values of a client's data: clock times, opening hours, time zones, counts and shares, each checked when it is read."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # an unknown zone is a KeyError, a folder of zones ("Asia") an OSError
        raise ValueError(f"'{name}' is not a time zone") from None
    return name


def _hours(hours: dict[str, list[str]]) -> dict[str, list[str]]:
    for day, intervals in hours.items():
        if day not in WEEKDAYS:
            raise ValueError(f"'{day}' is not one of {', '.join(WEEKDAYS)}")
        before = ""
        for interval in intervals:
            start, _, end = interval.partition("-")
            if not (_CLOCK.fullmatch(start) and (_CLOCK.fullmatch(end) or end == "24:00") and start < end):
                raise ValueError(f"'{interval}' is not an interval like 08:00-15:00")
            if start < before:
                raise ValueError(f"'{interval}' begins before the interval before it ends")
            before = end
    return hours


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"'{text}' is not a time like 06:00")
    return text


Count = Annotated[int, Field(gt=0, le=10**9)]
CountFromZero = Annotated[int, Field(ge=0, le=10**9)]
Share = Annotated[float, Field(ge=0, le=1)]
Zone = Annotated[str, AfterValidator(_zone)]
ClockTime = Annotated[str, AfterValidator(_clock)]
Hours = Annotated[dict[str, list[str]], AfterValidator(_hours)]
