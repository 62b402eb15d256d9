"""`make test-dialogue` fails when any of its parts does, and its report says what a trainer needs to know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import missing
from tests.dialogue import f1, gate
from tests.dialogue.__main__ import main, play_all
from tests.dialogue.player import cases
from tests.dialogue.report import Part, conversations_part, f1_part, whole
from tests.support.servers import ENGINE_PYTHON, MODEL

BEFORE = {"reason": "awal", "recorded": "2026-11-21", "macro_f1": 0.80, "fold_spread": 0.02, "folds": [0.78, 0.82, 0.79, 0.81]}
BEFORE["by_intent"] = {"salam": {"f1": 0.90, "examples": 50}, "pamit": {"f1": 0.70, "examples": 50}, "pilih": {"f1": 0.5, "examples": 5}}
NOW = {"macro_f1": 0.79, "folds": [0.78, 0.80], "confused": [{"wanted": "pamit", "read": "salam", "count": 3}]}
NOW["by_intent"] = {"salam": {"f1": 0.91, "examples": 50}, "pamit": {"f1": 0.62, "examples": 50}, "batal": {"f1": 0.8, "examples": 9}}


def test_the_floor_is_a_standard_error_below_the_baseline() -> None:
    assert f1.floor(BEFORE) == pytest.approx(0.80 - 0.02 / 2)
    assert f1.floor({**BEFORE, "fold_spread": 0.0}) == pytest.approx(0.80 - f1.CHANCE)


def test_the_recorded_baseline_can_be_used() -> None:
    recorded = f1.baseline()
    assert recorded["reason"]
    assert 0 < f1.floor(recorded) < recorded["macro_f1"] < 1
    assert {"salam", "info_gadai"} <= set(recorded["by_intent"])


def test_the_report_names_what_moved_and_nothing_else() -> None:
    text = f1_part(NOW, BEFORE, 0.79)
    assert "| pamit | 70.0 | 62.0 | -8.0 |" in text
    assert "| batal | – | 80.0 | baru |" in text
    assert "| pilih | 50.0 | – | dihapus |" in text
    assert "| salam | 9" not in text
    assert "| pamit | salam | 3 |" in text


def test_the_report_shows_what_was_said_expected_and_heard() -> None:
    failure = {"step": 2, "did": "says: syarat gadai|emas", "expected": "to hear: KTP", "heard": "Baik.\nApa lagi?"}
    one = {"file": "01-x", "channel": "whatsapp", "name": "Syarat", "passed": False, "failure": failure}
    text = conversations_part({"passed": 3, "failed": 1, "conversations": [one]})
    assert "3 dari 4" in text
    assert "| dilakukan | says: syarat gadai\\|emas |" in text
    assert "| diharapkan | to hear: KTP |" in text
    assert "| terdengar | Baik.<br>Apa lagi? |" in text


def test_the_whole_report_tells_what_failed_first() -> None:
    text = whole([Part("data", True, 3, "ok", "## Data"), Part("cerita", False, 4, "rusak", "## Cerita")])
    assert text.index("## Cerita") < text.index("## Data")
    assert "| cerita | **gagal** | rusak | 4 s |" in text


@pytest.mark.parametrize("broken", ["validate", "core", "tests.dialogue", "f1", None])
def test_any_part_that_fails_fails_the_whole(
    broken: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: list[str]) -> tuple[bool, str, float]:
        if "tests.dialogue" in command:
            failed = int(broken == "tests.dialogue")
            failure = {"step": 1, "did": "says: a", "expected": "b", "heard": "c"}
            one = {"file": "1", "channel": "livechat", "name": "satu", "passed": not failed, "failure": failure}
            gate.RESULTS.write_text(json.dumps({"passed": 1 - failed, "failed": failed, "conversations": [one]}))
        return broken not in command, "keterangan", 1.0

    figures: dict[str, Any] = {**NOW, "macro_f1": 0.60 if broken == "f1" else 0.795}
    monkeypatch.setattr(gate, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(gate, "_run", run)
    monkeypatch.setattr(f1, "measure", lambda jobs=1: figures)
    monkeypatch.setattr(f1, "baseline", lambda: BEFORE)
    monkeypatch.setattr("sys.argv", ["gate", "--report", str(tmp_path / "report.md")])
    assert gate.main() == (0 if broken is None else 1)
    assert ("**gagal**" in (tmp_path / "report.md").read_text()) == (broken is not None)
    assert ("GAGAL" in capsys.readouterr().out) == (broken is not None)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "01-x.yml").write_text("name: [x\n")
    with pytest.raises(ValueError, match=r"01-x\.yml"):
        list(cases(tmp_path))


def test_no_such_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tests.dialogue", "-k", "there-is-none"])
    assert main() == 2


@pytest.mark.engine
async def test_a_conversation_that_goes_wrong_is_told_with_what_was_heard() -> None:
    if not ENGINE_PYTHON.is_file() or not MODEL.is_file():
        missing("the engine's environment or a model (make train)")
    right = {"name": "benar", "steps": [{"says": "halo", "hears": ["Selamat pagi"]}]}
    deaf = {"name": "salah", "steps": [{"says": "halo", "hears": ["Selamat malam"]}]}
    untrue = {"name": "salah juga", "steps": [{"says": "halo"}], "then": {"tickets": 1}}
    result = await play_all([("1", "livechat", right), ("2", "whatsapp", deaf), ("3", "livechat", untrue)], MODEL)
    assert (result["passed"], result["failed"]) == (1, 2)
    _, second, third = (one.get("failure") for one in result["conversations"])
    assert second["expected"] == "to hear: Selamat malam"
    assert "Selamat pagi" in second["heard"]
    assert third["expected"] == "tickets: 1 (is: 0)"
