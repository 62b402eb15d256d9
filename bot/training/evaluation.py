"""Measures a model: cross-validation of its data, the test set, whole conversations, and what customers wrote, beside the model in service."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.client import Client
from bot.conversations.records import messages
from bot.store.database import Database
from bot.training import commands, report
from bot.training.masking import masked
from bot.training.workshop import CONVERSATIONS, ENGINE_PYTHON, Workshop
from bot.understanding import score

MESSAGES, LOOKED_AT = 500, 3000  # different texts that are read again, out of so many recent messages
FOLDS = 5
JOBS = 2  # folds at a time


@dataclass(frozen=True, slots=True)
class Against:
    """The model in service: its id, its file, and the cross-validation of what it was made from, where that is known."""

    id: str
    file: Path
    cross_validation: Mapping[str, Any] | None


@dataclass(frozen=True)
class Evaluation:
    """Everything that goes into a report. `step` is called with the percentage done before each part."""

    db: Database
    client: Client
    workshop: Workshop
    scratch: Path
    step: Callable[[int], None]

    async def of(self, model: Path, against: Against | None, known: Mapping[str, Any]) -> dict[str, Any]:
        """The report on a file. `known`: parts that need not be measured again. Raises CommandFailed."""
        found: dict[str, Any] = {"against": against.id if against else None, **known}
        measured = against.cross_validation if against else None
        recorded = self.workshop.baseline() if measured is None else None
        found |= {"against_cross_validation": measured or recorded, "against_recorded": recorded is not None}
        self.step(0)
        found |= await self._read(model, against)
        self.step(15)
        found["conversations"] = await self._conversations(model) if self.client.training.conversations else None
        self.step(50)
        if found.get("cross_validation") is None:
            found["cross_validation"] = await self.cross_validation(self.scratch / "config.yml", self.scratch / "data")
        found["warnings"] = (report.overlaps(found["cross_validation"]) + list(found.get("own_warnings", ())))[: report.SHOWN]
        self.step(100)
        return found

    async def cross_validation(self, config: Path, data: Path) -> dict[str, Any]:
        """How well the pipeline learns the data; docs/understanding.md."""
        folder = data / "nlu" if (data / "nlu").is_dir() else data
        jobs = min(JOBS, os.cpu_count() or 1)
        options = ["--config", str(config), "--data", str(folder), "--folds", str(FOLDS), "--jobs", str(jobs)]
        measured: dict[str, Any] = json.loads(await commands.run([*engine("engine.crossvalidate"), *options]))
        return measured

    async def _read(self, model: Path, against: Against | None) -> dict[str, Any]:
        lines = test_lines(self.workshop.test_set)
        customers = await self._customers()
        texts = [line["text"] for line in lines] + customers
        path = self.scratch / "texts"
        path.write_text("".join(json.dumps(text) + "\n" for text in texts), "utf-8")
        asked = [model, *([against.file] if against else [])]
        command = [*engine("engine.reading"), "--texts", str(path), *(word for file in asked for word in ("--model", str(file)))]
        read = [json.loads(line) for line in (await commands.run(command)).splitlines() if line.startswith("{")]
        ours, theirs = read[: len(texts)], read[len(texts) :]
        test_set = {"lines": len(lines), "candidate": self._scored(lines, ours), "in_service": self._scored(lines, theirs)}
        compared = report.changed(customers, theirs[len(lines) :], ours[len(lines) :], self.client) if theirs else []
        return {"test_set": test_set if lines else None, "changed": compared, "messages_read": len(customers) if theirs else 0}

    def _scored(self, lines: Sequence[Mapping[str, Any]], read: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
        return score([report.reading(line, got, self.client) for line, got in zip(lines, read, strict=False)]) if read else None

    async def _customers(self) -> list[str]:
        """Recent texts of customers, each once, without personal data."""
        wanted = messages.c.author == "customer", messages.c.kind == "text", messages.c.text != ""
        async with self.db.read() as tx:
            rows = await tx.execute(select(messages.c.text).where(*wanted).order_by(messages.c.created_at.desc()).limit(LOOKED_AT))
            return list(dict.fromkeys(masked(row.text[:1000]) for row in rows))[:MESSAGES]

    async def _conversations(self, model: Path) -> dict[str, Any] | None:
        """None where this machine has no conversation tests."""
        if not CONVERSATIONS.is_file():
            return None
        out = self.scratch / "conversations.json"
        try:
            await commands.run([sys.executable, "-m", "tests.dialogue", "--model", str(model.absolute()), "--json", str(out)])
        except commands.CommandFailed:
            if not out.is_file():  # it says by its exit code that one failed; without a result something else went wrong
                raise
        return conversations(json.loads(out.read_text("utf-8")))


def engine(module: str) -> list[str]:
    """A command of the engine's environment."""
    return [str(ENGINE_PYTHON.absolute()), "-m", module]


def conversations(result: Mapping[str, Any]) -> dict[str, Any]:
    """What the report keeps of `python -m tests.dialogue --json`."""
    return {"ran": len(result["conversations"]), "failed": [c for c in result["conversations"] if not c["passed"]]}


def test_lines(folder: Path) -> list[dict[str, Any]]:
    """The project's own test set: one JSON object a line, as `sapa nlu score` takes them."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        found += [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return found
