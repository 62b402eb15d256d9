"""The description of `/api/v1`: openapi.yml, with the codes of this client's data filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.client import Client

FILE = Path(__file__).with_name("openapi.yml")


def description(client: Client) -> dict[str, Any]:
    """As `GET /api/openapi.json` serves it."""
    described: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    rules, schemas = client.ticketing, described["components"]["schemas"]
    codes: dict[str, Mapping[str, object]] = {
        "Kind": rules.kinds,
        "Topic": client.topics,
        "Status": client.tickets.statuses,
        "Priority": client.tickets.priorities,
        "Unit": rules.units,
        "Product": rules.catalogue,
    }
    for name, known in codes.items():
        schemas[name]["enum"] = list(known)
    return described
