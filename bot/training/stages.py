"""The stages of a run, and what a line of Rasa's log says of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    """In the order that people read them; Rasa may learn the dialogue first."""

    CHECK = "check"
    UNDERSTANDING = "understanding"
    DIALOGUE = "dialogue"
    EVALUATION = "evaluation"


LABELS = {
    Stage.CHECK: "Memeriksa data",
    Stage.UNDERSTANDING: "Melatih pemahaman",
    Stage.DIALOGUE: "Melatih dialog",
    Stage.EVALUATION: "Menilai",
}
STARTS_AT = {Stage.CHECK: 0, Stage.UNDERSTANDING: 5, Stage.DIALOGUE: 10, Stage.EVALUATION: 40}  # percent of the whole run
_COMPONENT = re.compile(r"Starting to train component '([\w.]+)'")
_PREFIX = re.compile(r"^.*?(?:\bERROR\b\s+\S+\s+-\s+|\b\w*(?:Error|Exception|Invalid\w*):\s*)")
_NOISE = re.compile(r"Warning|Processed|^\s*$|^Traceback|^\s*File |More info at|^\s*[\^~]+")


def stage_of(line: str) -> Stage | None:
    """The stage that a line of the log begins, if it begins one."""
    found = _COMPONENT.search(line)
    if found is None:
        return None
    return Stage.DIALOGUE if found[1].endswith("Policy") else Stage.UNDERSTANDING


def why(tail: str) -> str:
    """The sentence for a command that failed: the last thing it said that means something."""
    lines = [line for line in tail.splitlines() if not _NOISE.search(line)]
    errors = [line for line in lines if _PREFIX.search(line)]
    said = _PREFIX.sub("", (errors or lines or [""])[-1]).strip()
    return f"Pelatihan gagal: {said[:300]}" if said else "Pelatihan gagal tanpa keterangan. Rinciannya ada di catatan layanan."


class Told:
    """How far the run of this process is. `heard` is called when that changes."""

    def __init__(self, kind: str) -> None:
        self.stage = Stage.CHECK
        self.progress = 0
        self.heard: Callable[[], None] = lambda: None
        self._begins = STARTS_AT[Stage.EVALUATION] if kind == "train" else 0

    def enter(self, stage: Stage | None) -> None:
        """A stage began."""
        if stage is not None and stage != self.stage:
            self.stage = stage
            self.progress = max(self.progress, STARTS_AT[stage] if stage != Stage.EVALUATION else self._begins)
            self.heard()

    def step(self, percent: int) -> None:
        """So much of the evaluation is done."""
        self.progress = max(self.progress, self._begins + (100 - self._begins) * percent // 100)
        self.heard()
