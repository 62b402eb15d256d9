"""History of promotions, stages of a run, and what a report holds: pure rules."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.client import load_client
from bot.training.history import line_of
from bot.training.report import changed, overlaps, summary
from bot.training.stages import Stage, Told, stage_of, why
from tests.support.servers import ROOT

CLIENT = load_client(ROOT / "clients/pegadaian")


@pytest.mark.parametrize(
    ("history", "serving", "previous"),
    [
        ([], None, None),
        ([("found", "a")], "a", None),
        ([("promoted", "a")], "a", None),
        ([("found", "a"), ("promoted", "b")], "b", "a"),
        ([("found", "a"), ("promoted", "b"), ("promoted", "c")], "c", "b"),
        ([("found", "a"), ("promoted", "b"), ("promoted", "c"), ("rolled_back", "b")], "b", "a"),
        ([("found", "a"), ("promoted", "b"), ("promoted", "c"), ("rolled_back", "b"), ("rolled_back", "a")], "a", None),
        ([("found", "a"), ("promoted", "b"), ("rolled_back", "a"), ("promoted", "b")], "b", "a"),
        ([("found", "a"), ("promoted", "b"), ("rolled_back", "a"), ("promoted", "c")], "c", "a"),
    ],
)
def test_a_roll_back_goes_back_and_never_forth(history: list[tuple[str, str]], serving: str | None, previous: str | None) -> None:
    line = line_of(history)
    assert (line.in_service, line.previous) == (serving, previous)


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        ("2026-11-21 15:53:58 INFO     rasa.engine.training.hooks  - Starting to train component 'MemoizationPolicy'.", Stage.DIALOGUE),
        ("INFO rasa.engine.training.hooks  - Starting to train component 'LinearIntentClassifier'.", Stage.UNDERSTANDING),
        ("INFO rasa.engine.training.hooks  - Finished training component 'RulePolicy'.", None),
        ("Processed rules: 100%", None),
    ],
)
def test_the_log_tells_the_stage(line: str, stage: Stage | None) -> None:
    assert stage_of(line) == stage


def test_progress_never_goes_back() -> None:
    told, seen = Told("train"), []
    told.heard = lambda: seen.append(told.progress)
    for stage in (Stage.UNDERSTANDING, Stage.DIALOGUE, None, Stage.UNDERSTANDING, Stage.EVALUATION):
        told.enter(stage)
    for percent in (0, 50, 15, 100):
        told.step(percent)
    assert seen == sorted(seen)
    assert (seen[-1], told.stage) == (100, Stage.EVALUATION)


def test_a_failed_command_is_told_by_its_last_meaningful_line() -> None:
    tail = "Traceback (most recent call last):\n  File 'x.py'\nrasa.shared.exceptions.InvalidDomain: the slot is twice there\n\n  warnings.warn("
    assert "the slot is twice there" in why(tail)
    assert why("2026-11-21 15:53:46 ERROR    rasa.validator  - No such intent") == "Pelatihan gagal: No such intent"
    assert why("") == "Pelatihan gagal tanpa keterangan. Rinciannya ada di catatan layanan."


def read(intent: str | None, confidence: float = 0.9, second: str = "salam") -> dict[str, Any]:
    ranking = [{"name": intent, "confidence": confidence}, {"name": second, "confidence": 0.05}]
    return {"intent": intent, "confidence": confidence, "ranking": ranking, "seconds": 0.001}


def test_only_answers_that_change_are_listed_and_other_topics_first() -> None:
    texts = ["a", "b", "c", "d"]
    before = [read("info_gadai"), read("terima_kasih"), read("nlu_fallback", 0.3), read("salam", 0.5)]
    after = [read("info_emas"), read("pujian"), read("salam"), read("salam", 0.9)]
    found = changed(texts, before, after, CLIENT)
    assert [one["text"] for one in found] == ["a", "c", "b"]
    assert found[0]["after"] == {"answer": "info_emas", "topic": "info_emas", "label": "Informasi emas", "confidence": 0.9}
    assert found[1]["before"]["label"] == "Tidak dipahami"
    assert found[1]["before"]["answer"] is None


def test_intents_that_are_taken_for_each_other_are_named_worst_first() -> None:
    by_intent = {"a": {"f1": 0.8, "examples": 100}, "b": {"f1": 0.8, "examples": 40}, "c": {"f1": 0.1, "examples": 4}}
    confused = [
        {"wanted": "a", "read": "b", "count": 6},
        {"wanted": "b", "read": "a", "count": 5},
        {"wanted": "b", "read": "c", "count": 1},
    ]
    confused.append({"wanted": "c", "read": "a", "count": 3})
    told = overlaps({"by_intent": by_intent, "confused": confused, "not_counted": ["c"]})
    assert told == ["Intent 'b' terbaca sebagai 'a' pada 5 dari 40 contoh.", "Intent 'a' terbaca sebagai 'b' pada 6 dari 100 contoh."]


def test_a_list_shows_the_figures_of_a_report_or_none() -> None:
    assert summary(None) is None
    assert summary({})["macro_f1"] is None  # type: ignore[index]


def test_no_line_of_the_test_set_is_trained_on() -> None:
    trained = set()
    for path in (ROOT / "data/nlu").glob("*.yml"):
        for line in path.read_text("utf-8").splitlines():
            if line.strip().startswith("- "):
                trained.add(_words(re.sub(r"\[([^\]]+)\](\([^)]*\)|\{[^}]*\})", r"\1", line.strip()[2:])))
    lines = [json.loads(line) for line in (ROOT / "tests/nlu/customers.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) >= 150
    assert {line["intent"] for line in lines} == set(CLIENT.topics)
    assert [line["text"] for line in lines if _words(line["text"]) in trained] == []
    assert len({_words(line["text"]) for line in lines}) == len(lines)
    assert all(set(line["alt"]) <= set(CLIENT.topics) for line in lines)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold())) or text
