"""The report of `make test-dialogue` for a pull request, in Markdown and Indonesian: trainers read it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the check: its name, whether it passed, how long it took, a short figure and what there is to tell."""

    name: str
    passed: bool
    seconds: float
    figure: str
    details: str = ""


def whole(parts: Sequence[Part]) -> str:
    """The table of parts, then what each has to tell, what failed first."""
    passed = all(part.passed for part in parts)
    rows = [f"| {part.name} | {_mark(part.passed)} | {part.figure} | {part.seconds:.0f} s |" for part in parts]
    told = [part.details for part in sorted(parts, key=lambda part: part.passed) if part.details]
    verdict = "Semua bagian lulus." if passed else "**Ada yang gagal; perubahan ini belum dapat diterima.**"
    table = ["| bagian | hasil | angka | waktu |", "| --- | --- | --- | --- |", *rows]
    return "\n\n".join(["# Pengujian dialog", verdict, "\n".join(table), *told])


def conversations_part(result: Json) -> str:
    """How many conversations went as written; of each that did not: what was done, expected and heard."""
    failed = [one for one in result["conversations"] if not one["passed"]]
    lines = [f"## Percakapan: {result['passed']} dari {result['passed'] + result['failed']} lulus"]
    for one in failed:
        failure = one["failure"]
        lines.append(
            f"### {one['file']} ({one['channel']})\n\n{one['name']}\n\n"
            f"| | langkah {failure['step']} |\n| --- | --- |\n"
            f"| dilakukan | {_cell(failure['did'])} |\n| diharapkan | {_cell(failure['expected'])} |\n| terdengar | {_cell(failure['heard'])} |"
        )
    return "\n\n".join(lines)


def f1_part(now: Json, before: Json, floor: float) -> str:
    """Macro-F1 against the baseline, and every intent that moved by two points or more or was not there before."""
    lines = [
        f"## Pemahaman: macro-F1 {_points(now['macro_f1'])}",
        f"Acuan {_points(before['macro_f1'])} ({before['reason']}, {before['recorded']}); batas bawah {_points(floor)}; "
        f"antarlipatan {', '.join(_points(score) for score in now['folds'])}.",
    ]
    moved = []
    for intent in sorted({*now["by_intent"], *before["by_intent"]}):
        new, old = now["by_intent"].get(intent), before["by_intent"].get(intent)
        if new and old and abs(new["f1"] - old["f1"]) < 0.02:
            continue
        change = f"{(new['f1'] - old['f1']) * 100:+.1f}" if new and old else "baru" if new else "dihapus"
        moved.append((new["f1"] - old["f1"] if new and old else 0.0, f"| {intent} | {_f1(old)} | {_f1(new)} | {change} |"))
    if moved:
        rows = [row for _, row in sorted(moved)]
        lines.append("\n".join(["| intent | acuan | sekarang | perubahan |", "| --- | --- | --- | --- |", *rows]))
    else:
        lines.append("Tidak ada intent yang berubah dua poin atau lebih.")
    mixed = [f"| {pair['wanted']} | {pair['read']} | {pair['count']} |" for pair in now["confused"][:10]]
    lines.append("\n".join(["Paling sering tertukar:\n", "| seharusnya | terbaca | kali |", "| --- | --- | --- |", *mixed]))
    return "\n\n".join(lines)


def failed_part(title: str, output: str) -> str:
    """The end of what a failed command said."""
    return f"## {title}\n\n```\n{output.strip()[-4000:]}\n```"


def _mark(passed: bool) -> str:
    return "lulus" if passed else "**gagal**"


def _points(score: float) -> str:
    return f"{score * 100:.1f}"


def _f1(entry: Json | None) -> str:
    return _points(entry["f1"]) if entry else "–"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>") or "(tidak ada)"
