"""The pages and plots, written from the saved figures; nothing is measured here."""

import subprocess
from collections.abc import Callable

from benchmarks.speed import scaling
from benchmarks.speed.found import FILE, Findings
from benchmarks.speed.page import page
from benchmarks.speed.peers import environment
from benchmarks.speed.subjects import ROOT

DOCS = ROOT / "docs"
MATPLOTLIB = "matplotlib==3.10.8"
PLOTS = ROOT / "benchmarks" / "speed" / "plots.py"


def pages(told: Callable[[str], None]) -> None:
    """docs/benchmarks.md, docs/scaling.md and the plots in docs/benchmarks/.

    Raises FileNotFoundError before the first `make bench`.
    """
    found = Findings.load(FILE)
    (DOCS / "benchmarks.md").write_text(page(found), encoding="utf-8")
    (DOCS / "scaling.md").write_text(scaling.rendered(found, scaling.load()), encoding="utf-8")
    plots(told)
    told("written: docs/benchmarks.md, docs/scaling.md")


def plots(told: Callable[[str], None]) -> None:
    """Drawn by matplotlib in an environment of its own; without it, the pages stand alone."""
    try:
        python = environment("plots", MATPLOTLIB)
        subprocess.run([str(python), str(PLOTS), str(DOCS)], check=True, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        told(f"no plots: {error}")
