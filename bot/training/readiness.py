"""Whether every intent that has examples can be trained and answered: what is missing is told in sentences, and training waits for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from bot.client import Client
from bot.training.examples import Examples


def missing(examples: Examples, data: Path, client: Client) -> list[str]:
    """What is still needed before training, one sentence each; empty when nothing is. Raises BrokenData for data/nlu.

    `data`: the folder of training data; domain.yml stands beside it.
    """
    domain = _yaml(data.parent / "domain.yml")
    declared = {name if isinstance(name, str) else next(iter(name)) for name in domain.get("intents") or ()}
    told_of = [path for part in ("rules", "stories") for path in sorted((data / part).rglob("*.yml"))]
    spoken_of = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in told_of)
    told = []
    for intent in sorted(examples.intents()):
        if intent not in declared:
            told.append(f"Intent '{intent}': tambahkan '- {intent}' di domain.yml, bagian intents.")
        if not intent.startswith("EXTERNAL_") and intent not in client.topics and intent not in client.intents:
            told.append(f"Intent '{intent}': tambahkan topiknya di clients/{client.id}/client.yml, bagian topics atau intents.")
        if not re.search(rf"intent:\s*{re.escape(intent)}\b", spoken_of):
            told.append(f"Intent '{intent}': tambahkan aturan jawabannya di data/rules.")
    return told


def entities(data: Path) -> list[str]:
    """The kinds of things that can be marked in an example: domain.yml's, without what only taps carry."""
    declared = _yaml(data.parent / "domain.yml").get("entities") or ()
    names = [name if isinstance(name, str) else next(iter(name)) for name in declared]
    return [name for name in names if name not in ("nilai", "jenis")]


def _yaml(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}
