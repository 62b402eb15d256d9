"""Whether a model may be promoted: rules over its report, each with a sentence for the trainer. No database, no files.

What differs by chance must not stop anybody: the folds of a cross-validation scatter, and an intent of thirty examples scatters more than
one of three hundred. So a fall counts only beyond both the limit and what chance explains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

Report = Mapping[str, Any]
NAMED = 3  # so many intents or conversations stand in a sentence


class Limits(Protocol):
    """What may be lost (bot.client.Training)."""

    @property
    def macro_f1_may_fall(self) -> float: ...
    @property
    def intent_f1_may_fall(self) -> float: ...
    @property
    def wrong_may_rise(self) -> float: ...
    @property
    def conversations(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule. `passed` is None where there was nothing to compare with, which stops nobody."""

    rule: str
    label: str
    passed: bool | None
    sentence: str


def verdicts(report: Report | None, limits: Limits) -> list[Verdict]:
    """Every rule's verdict on a report."""
    if report is None:
        return [Verdict("report", "Penilaian", False, "Model ini belum dinilai.")]
    found = [_macro(report, limits.macro_f1_may_fall), _intents(report, limits.intent_f1_may_fall), _wrong(report, limits.wrong_may_rise)]
    if limits.conversations:
        found.append(_conversations(report))
    return found


def passed(found: Sequence[Verdict]) -> bool:
    """Whether nothing stops the model."""
    return all(verdict.passed is not False for verdict in found)


def _macro(report: Report, limit: float) -> Verdict:
    rule, label = "macro_f1", "Nilai pemahaman (macro F1)"
    now, before = report.get("cross_validation"), report.get("against_cross_validation")
    if now is None:
        return Verdict(rule, label, False, "Uji silang belum dijalankan.")
    if before is None:
        return Verdict(rule, label, None, f"{_percent(now['macro_f1'])}; model yang dipakai belum punya nilai pembanding.")
    fall = round(before["macro_f1"] - now["macro_f1"], 6)
    allowed = max(limit, now["fold_spread"], before["fold_spread"])
    change = f"dari {_percent(before['macro_f1'])}{' (nilai acuan)' if report.get('against_recorded') else ''} menjadi {_percent(now['macro_f1'])}"
    if fall > allowed:
        return Verdict(rule, label, False, f"Turun {change}. Batas penurunan {_percent(allowed)}.")
    return Verdict(rule, label, True, f"{'Turun' if fall > 0 else 'Naik' if fall < 0 else 'Tetap'} {change}.")


def _intents(report: Report, limit: float) -> Verdict:
    rule, label = "intent_f1", "Nilai setiap intent"
    now, before = report.get("cross_validation"), report.get("against_cross_validation")
    if now is None:
        return Verdict(rule, label, False, "Uji silang belum dijalankan.")
    if before is None:
        return Verdict(rule, label, None, "Belum ada nilai pembanding.")
    skipped = {*now.get("not_counted", ()), *before.get("not_counted", ())}
    fallen = []
    for intent, was in before["by_intent"].items():
        found = now["by_intent"].get(intent)  # gone from domain.yml and data alike: meant so, or training had refused
        if found is not None and intent not in skipped and was["f1"] - found["f1"] > max(limit, chance(was["f1"], was["examples"])):
            fallen.append((was["f1"] - found["f1"], f"{intent} ({_percent(was['f1'])} → {_percent(found['f1'])})"))
    if fallen:
        return Verdict(rule, label, False, f"Turun terlalu jauh: {_listed([name for _, name in sorted(fallen, reverse=True)])}.")
    return Verdict(rule, label, True, "Tidak ada intent yang turun melebihi batas.")


def chance(f1: float, examples: int) -> float:
    """How far an F1 over so many examples moves by chance: twice its standard deviation as a share."""
    return 2 * sqrt(f1 * (1 - f1) / examples) if examples else 1.0


def _wrong(report: Report, limit: float) -> Verdict:
    rule, label = "confidently_wrong", "Salah tetapi yakin (data uji)"
    test_set = report.get("test_set")
    if test_set is None:
        return Verdict(rule, label, False, "Data uji belum dibaca.")
    now, before = test_set["candidate"]["confidently_wrong"], (test_set.get("in_service") or {}).get("confidently_wrong")
    if before is None:
        return Verdict(rule, label, None, f"{_percent(now)}; belum ada pembanding.")
    change = f"dari {_percent(before)} menjadi {_percent(now)} dari {test_set['lines']} kalimat"
    if round(now - before, 6) > limit:
        return Verdict(rule, label, False, f"Naik {change}. Batas kenaikan {_percent(limit)}.")
    return Verdict(rule, label, True, f"{'Naik' if now > before else 'Turun' if now < before else 'Tetap'} {change}.")


def _conversations(report: Report) -> Verdict:
    rule, label = "conversations", "Uji percakapan"
    result = report.get("conversations")
    if result is None:
        return Verdict(rule, label, False, "Uji percakapan belum dapat dijalankan.")
    failed = [case["name"] for case in result["failed"]]
    if failed:
        return Verdict(rule, label, False, f"{len(failed)} dari {result['ran']} percakapan gagal: {_listed(failed)}.")
    if not result["ran"]:
        return Verdict(rule, label, False, "Tidak ada percakapan yang diuji.")
    return Verdict(rule, label, True, f"{result['ran']} percakapan berhasil.")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".replace(".", ",") + "%"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown}, dan {len(names) - NAMED} lainnya"
