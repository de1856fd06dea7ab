"""The plots of docs/, drawn by matplotlib in an environment of its own.

    python plots.py DOCS [KIND]  # reads DOCS/benchmarks.json, DOCS/simulation.json; KIND: svg, png

It imports nothing of this repository: the project does not depend on matplotlib.
"""

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found] # of its own environment
from matplotlib import pyplot as plt

KIND = sys.argv[2] if len(sys.argv) > 2 else "svg"
Found = dict[str, Any]
COLOURS = ("#0b5fa5", "#58a6d6", "#767676", "#c44e1a", "#8a5fb0", "#2e8b57")
STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.size": 10,
    "svg.hashsalt": "benchmarks",  # the same figures give the same file
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
}
WORKS = {
    "plain": "Chat, one\nmodel call",
    "known": "with shop\nknowledge",
    "cached": "Chat from\nthe cache",
    "fallback": "500, then\nfine",
    "stream": "stream,\nat once",
    "paced": "stream,\n25 ms apart",
    "keywords": "keywords\nby rules",
    "anomaly": "anomaly\nby rules",
}


def save(figure: plt.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def cpu(found: Found, folder: Path) -> None:
    """Bars by work and server, whiskers from the least to the most, on a log scale."""
    table = found["cpu_ms"]
    names = [name for name in found["versions"] if any(name in row for row in table.values())]
    figure, axes = plt.subplots(figsize=(9.5, 4.6))
    width = 0.86 / len(names)
    for at, name in enumerate(names):
        works = [number for number, row in enumerate(table.values()) if name in row]
        values = [table[list(table)[number]][name] for number in works]
        places = [number + (at - (len(names) - 1) / 2) * width for number in works]
        middle = [median(seen) for seen in values]
        whiskers = [
            [m - min(seen) for m, seen in zip(middle, values, strict=True)],
            [max(seen) - m for m, seen in zip(middle, values, strict=True)],
        ]
        colour = COLOURS[at % len(COLOURS)]
        axes.bar(places, middle, width * 0.92, label=name, color=colour)
        axes.errorbar(places, middle, whiskers, fmt="none", ecolor="#222222", elinewidth=0.8)
        for place, value in zip(places, middle, strict=True):
            told = f"{value:.1f}" if value >= 1 else f"{value:.2f}"
            axes.annotate(
                told, (place, value), (0, 4), textcoords="offset points", ha="center", fontsize=7
            )
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(mpl.ticker.FormatStrFormatter("%g"))
    axes.set_xticks(range(len(table)), [WORKS[work] for work in table])
    axes.grid(axis="x", visible=False)
    axes.set_ylabel("CPU milliseconds per call (log)")
    axes.legend(ncols=3, fontsize=8, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    save(figure, folder / f"cpu.{KIND}")


def latency(found: Found, folder: Path) -> None:
    """p50 and p99 added to a call of the model."""
    direct = {
        share: median(seen) for share, seen in found["latency_ms"]["the model itself"].items()
    }
    rows = {name: row for name, row in found["latency_ms"].items() if name != "the model itself"}
    figure, axes = plt.subplots(figsize=(8, 0.6 + 0.55 * len(rows)))
    for at, (share, colour) in enumerate((("p50", COLOURS[0]), ("p99", COLOURS[1]))):
        added = [max(0.01, median(row[share]) - direct[share]) for row in rows.values()]
        places = [number + (at - 0.5) * 0.38 for number in range(len(rows))]
        axes.barh(places, added, 0.36, label=share, color=colour)
        for place, value in zip(places, added, strict=True):
            axes.annotate(
                f"{value:.1f}",
                (value, place),
                (3, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(mpl.ticker.FormatStrFormatter("%g"))
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("milliseconds added, one caller (log)")
    axes.legend(frameon=False, loc="lower right")
    save(figure, folder / f"latency.{KIND}")


def memory(found: Found, folder: Path) -> None:
    """Resident memory over the mixed run."""
    sizes, calls = found["growth"]["memory_mb"], found["growth"]["calls"]
    figure, axes = plt.subplots(figsize=(7, 3))
    played = [calls * (part + 1) / len(sizes) / 1000 for part in range(len(sizes))]
    axes.plot(played, sizes, marker="o", color=COLOURS[0])
    axes.axhline(sizes[0] + 20, color=COLOURS[3], linestyle="--", linewidth=1)
    axes.annotate(
        "aim: below this line",
        (played[-1], sizes[0] + 20),
        (0, 4),
        textcoords="offset points",
        ha="right",
        fontsize=8,
        color=COLOURS[3],
    )
    axes.set_ylim(0, max(*sizes, sizes[0] + 20) * 1.15)
    axes.set_xlabel("thousand calls")
    axes.set_ylabel("resident MB")
    save(figure, folder / f"memory.{KIND}")


def simulation(found: Found, folder: Path) -> None:
    """Latencies foretold beside measured ones, by load."""
    runs = [run for run in found["runs"] if run["workers"] == found["told_workers"]]
    figure, places = plt.subplots(1, 2, figsize=(9, 3.6))
    works = list(dict.fromkeys(run["work"] for run in runs))
    for axes, work in zip(places, works, strict=False):
        seen = [run for run in runs if run["work"] == work]
        loads = [run["real"]["rate"] for run in seen]
        for share, colour in (("p50", COLOURS[0]), ("p95", COLOURS[3]), ("p99", COLOURS[4])):
            real = [run["real"][f"{share}_ms"] for run in seen]
            foretold = [run["simulated"][f"{share}_ms"] for run in seen]
            axes.plot(loads, real, marker="o", color=colour, label=f"{share} measured")
            axes.plot(
                loads,
                foretold,
                marker="x",
                linestyle="--",
                color=colour,
                label=f"{share} simulated",
            )
        axes.set_title(f"{WORKS[work]}".replace("\n", " "), fontsize=10)
        axes.set_xlabel("calls a second")
        axes.set_ylabel("milliseconds")
        axes.set_ylim(bottom=0)
    places[0].legend(fontsize=8, frameon=False)
    save(figure, folder / f"simulation.{KIND}")


def main() -> None:
    docs = Path(sys.argv[1])
    folder = docs / "benchmarks"
    folder.mkdir(exist_ok=True)
    plt.switch_backend("agg" if KIND == "png" else KIND)
    plt.rcParams.update(STYLE)
    if (docs / "benchmarks.json").exists():
        found = json.loads((docs / "benchmarks.json").read_text())
        for draw, part in ((cpu, "cpu_ms"), (latency, "latency_ms"), (memory, "growth")):
            if found[part]:
                draw(found, folder)
    if (docs / "simulation.json").exists():
        simulation(json.loads((docs / "simulation.json").read_text()), folder)


if __name__ == "__main__":
    main()
