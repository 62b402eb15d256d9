"""Scores, cost curve and confusions, from readings written by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.understanding import Reading, confusions, curve, score


def reading(
    wanted: str, got: str, confidence: float = 0.9, *, also: tuple[str, ...] = (), fallback: bool = False, kind: str = "user_review"
) -> Reading:
    return Reading("x", wanted, also, kind, got, fallback, confidence, 0.001)


@pytest.mark.parametrize(
    ("one", "right"),
    [
        (reading("info_emas", "info_emas"), True),
        (reading("info_emas", "info_gadai"), False),
        (reading("info_emas", "info_gadai", also=("info_gadai",)), True),
        (reading("info_emas", "info_emas", fallback=True), False),
        (reading("tidak_jelas", "info_emas", fallback=True), True),
        (reading("di_luar_topik", "info_emas", fallback=True), True),
        (reading("di_luar_topik", "di_luar_topik"), True),
    ],
)
def test_what_is_right(one: Reading, right: bool) -> None:
    assert one.right is right


def test_scores() -> None:
    readings = [
        reading("info_emas", "info_emas"),
        reading("info_emas", "info_gadai"),
        reading("info_gadai", "info_gadai"),
        reading("info_gadai", "info_gadai", fallback=True, kind="faq"),
    ]
    found = score(readings)
    assert found["accuracy"] == 0.5
    assert found["confidently_wrong"] == 0.25
    assert found["fallback"] == 0.25
    assert found["by_topic"]["info_emas"] == {"lines": 2, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0.5) / 2, abs=1e-4)
    assert found["macro_f1_user"] == pytest.approx(2 / 3, abs=1e-4)
    assert score([])["macro_f1"] == 0.0


def test_a_threshold_trades_wrong_answers_for_questions() -> None:
    readings = [reading("a", "a", 0.9), reading("a", "b", 0.6), reading("b", "b", 0.5), reading("tidak_jelas", "b", 0.3)]
    none, some, all_ = curve(readings, [0.0, 0.7, 1.0], wrong_costs=3)
    assert (none.wrong, none.asked, none.cost) == (0.5, 0.0, 1.5)
    assert (some.wrong, some.asked, some.cost) == (0.0, 0.75, 0.75)
    assert (all_.wrong, all_.asked, all_.cost) == (0.0, 1.0, 1.0)


def test_confusions_are_of_what_was_answered() -> None:
    readings = [reading("a", "b"), reading("a", "b"), reading("b", "a"), reading("a", "c", fallback=True), reading("a", "a")]
    assert confusions(readings) == [("a", "b", 2), ("b", "a", 1)]


@pytest.mark.parametrize("command", ["score", "curve"])
def test_lines_that_cannot_be_read_are_named(tmp_path: Path, command: str) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text("{\n")
    done = subprocess.run([sys.executable, "-m", "bot", "nlu", command, str(lines)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert str(lines) in done.stderr and "Traceback" not in done.stderr


@pytest.mark.engine
def test_the_curve_is_printed_and_drawn(tmp_path: Path) -> None:
    lines, picture = tmp_path / "lines.jsonl", tmp_path / "curve.svg"
    lines.write_text(
        "".join(json.dumps({"text": t, "intent": i}) + "\n" for t, i in [("harga emas hari ini", "info_emas"), ("xyz qwe", "tidak_jelas")])
    )
    done = subprocess.run(
        [sys.executable, "-m", "bot", "nlu", "curve", str(lines), "--svg", str(picture)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("| threshold | answered wrongly | asked back | cost | macro F1 |")
    assert picture.read_text().startswith("<svg")
