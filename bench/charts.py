"""Charts of a result as SVG, drawn by matplotlib in the engine's environment (Rasa brings it): `python bench/charts.py latest.json FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

OURS, STOCK = "#00796b", "#b0bec5"


def main() -> None:
    result = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    plt.rcParams.update({"svg.hashsalt": "sapa", "font.size": 11, "axes.spines.top": False, "axes.spines.right": False})
    _bars(result, "p50_ms", 1, "One at a time: median time to the answer (ms)", folder / "latency.svg")
    _bars(result, "turns_per_s", 8, "Eight at once: turns a second, one engine", folder / "rate.svg")
    _growth(result, folder / "growth.svg")
    if "soak" in result:
        _soak(result, folder / "memory.svg")


def _bars(result: dict, key: str, concurrency: int, title: str, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(6, 3.2))
    for offset, side, colour, label in ((-0.2, "ours", OURS, "Sapa"), (0.2, "stock", STOCK, "stock Rasa")):
        cells = [result[side][workload][f"c{concurrency}"][key] for workload in ("info", "form")]
        values = [cell["median"] for cell in cells]
        spread = [[cell["median"] - cell["min"] for cell in cells], [cell["max"] - cell["median"] for cell in cells]]
        bars = axes.bar([n + offset for n in range(2)], values, 0.38, yerr=spread, color=colour, label=label, ecolor="#546e7a", capsize=3)
        axes.bar_label(bars, fmt="%.3g", padding=3)
    axes.set_xticks([0, 1], ["information", "form"])
    axes.set_title(title, loc="left")
    axes.legend(frameon=False)
    _save(figure, path)


def _growth(result: dict, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(6, 3.2))
    for side, colour, label in (("ours", OURS, "Sapa"), ("stock", STOCK, "stock Rasa")):
        after = result[side]["after_events"]
        axes.plot([int(n) for n in after], [after[n]["p50_ms"] for n in after], "o-", color=colour, label=label)
    axes.set_title("Median time of a turn by the conversation's events (ms)", loc="left")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    _save(figure, path)


def _soak(result: dict, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(6, 3.2))
    rows = result["soak"]["rss_mb"]
    for name, colour in (("engine", OURS), ("service", "#f9a825")):
        axes.plot([row["conversations"] for row in rows], [row[name] for row in rows], "o-", color=colour, label=name)
    axes.set_title("Resident memory (MB) by conversations served", loc="left")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
