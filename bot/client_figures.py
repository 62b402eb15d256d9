"""The part of a client's data that figures are measured against (figures.yml). `bot.client` loads it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.client_values import Count, Share


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Targets(_Strict):
    """What is to be reached. `scr`, `qm`, `csi`: shares; `aht_s`, `response_s`: seconds, no more than."""

    scr: Share
    aht_s: Count
    response_s: Count
    qm: Share
    csi: Share


class Board(_Strict):
    """`curve_hours`: so many of the last hours are shown. `sla_soon_minutes`: a ticket due within these is about to break."""

    curve_hours: Count = 8
    sla_soon_minutes: Count = 60


class Figures(_Strict):
    """figures.yml. `sources` names where a target is from."""

    targets: Targets
    board: Board = Board()
    sources: dict[str, str] = {}
