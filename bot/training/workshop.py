"""Where models are made: the checkout with the data, the engine's environment and the models folder; and a snapshot of what is trained."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.client import Client
from bot.settings import Settings
from bot.training.datacheck import Checked, check

ENGINE_PYTHON = Path("engine/.venv/bin/python")
CONVERSATIONS = Path("tests/dialogue/__main__.py")


@dataclass(frozen=True)
class Workshop:
    """The places, relative to the folder the service was started in. What belongs to the data stands beside it, as in a Rasa project."""

    data: Path
    models: Path
    scratch: Path

    @property
    def config(self) -> Path:
        return self.data.parent / "config.yml"

    @property
    def domain(self) -> Path:
        return self.data.parent / "domain.yml"

    @property
    def test_set(self) -> Path:
        """Lines that no model is trained on."""
        return self.data.parent / "tests/nlu"

    def baseline(self) -> dict[str, Any] | None:
        """The cross-validation that the project keeps as its mark (tests/dialogue/baseline.json); None where there is none."""
        try:
            found = json.loads((self.data.parent / "tests/dialogue/baseline.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and {"macro_f1", "fold_spread", "by_intent"} <= set(found) else None

    @classmethod
    def of(cls, settings: Settings) -> Workshop:
        """As the settings say."""
        return cls(settings.data_folder, settings.models_folder, settings.var / "training")

    def lacking(self) -> str | None:
        """Why nothing can be trained here, as a sentence; None if it can."""
        if not ENGINE_PYTHON.is_file():
            return "Model tidak dapat dilatih di server ini: lingkungan mesin (engine) tidak terpasang."
        if not self.data.is_dir() or not self.config.is_file() or not self.domain.is_file():
            return "Model tidak dapat dilatih di server ini: data pelatihan tidak ada."
        return None


@dataclass(frozen=True)
class Snapshot:
    """What one run trains: a copy that nobody edits meanwhile."""

    folder: Path
    revision: str
    checked: Checked

    @property
    def data(self) -> Path:
        return self.folder / "data"


def take(workshop: Workshop, name: str, client: Client) -> Snapshot:
    """Copy config, domain and data to a folder of the run's own and check them."""
    folder = workshop.scratch / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(workshop.config, folder / "config.yml")
    shutil.copy(workshop.domain, folder / "domain.yml")
    shutil.copytree(workshop.data, folder / "data", ignore=shutil.ignore_patterns(".*", "*.lock", "*.tmp"))
    files = {str(workshop.data / path.relative_to(folder / "data")): path.read_text("utf-8", "replace") for path in _yaml(folder / "data")}
    topics = {**{topic: topic for topic in client.topics}, **client.intents}
    checked = check(files, (str(workshop.domain), (folder / "domain.yml").read_text("utf-8", "replace")), topics)
    return Snapshot(folder, revision_of(workshop, folder), checked)


def revision_of(workshop: Workshop, folder: Path | None = None) -> str:
    """What identifies the data: git's short commit, with + and a digest where something was changed since; without git the digest alone."""
    places = (
        (folder / "config.yml", folder / "domain.yml", folder / "data") if folder else (workshop.config, workshop.domain, workshop.data)
    )
    digest = _digest(*places)
    try:
        commit = _git("rev-parse", "--short=10", "HEAD")
        changed = _git("status", "--porcelain", "--", str(workshop.config), str(workshop.domain), str(workshop.data))
    except (OSError, subprocess.SubprocessError):
        return f"isi {digest}"
    return f"{commit}+{digest}" if changed else commit


def clean(workshop: Workshop, name: str) -> None:
    """Throw a run's folder away."""
    shutil.rmtree(workshop.scratch / name, ignore_errors=True)


def clean_all_but(workshop: Workshop, name: str) -> None:
    """Throw away what runs left behind that broke off: whoever asks is the only one who runs."""
    for folder in workshop.scratch.glob("*"):
        if folder.name != name:
            shutil.rmtree(folder, ignore_errors=True)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, timeout=10).stdout.strip()


def _digest(config: Path, domain: Path, data: Path) -> str:
    found = hashlib.sha256()
    for path in [config, domain, *_yaml(data)]:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:10]


def _yaml(folder: Path) -> Iterator[Path]:
    yield from sorted(path for pattern in ("*.yml", "*.yaml") for path in folder.rglob(pattern) if path.is_file())
