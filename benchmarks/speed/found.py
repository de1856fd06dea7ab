"""All figures of a run as plain JSON, so that the page can be written again from them."""

import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from benchmarks.speed.h2load import percentile
from benchmarks.speed.processes import CORES
from benchmarks.speed.subjects import BARE, DOOR, MODEL, OURS, ROOT

FILE = ROOT / "docs" / "benchmarks.json"
PACKAGES = ("grpcio", "aiohttp", "uvloop", "litellm")


@dataclass(slots=True)
class Findings:
    """What every part of `make bench` found; an empty part was not played or failed.

    `cpu_ms`: by work and subject, every round. `latency_ms`: by subject and percentile, every part.
    `first_token_ms`: by subject, every stream. `ladder`: rungs, see streams.Rung. `failures`: what
    could not be measured, and why. `took_s`: by part.
    """

    about: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    took_s: dict[str, float] = field(default_factory=dict)
    rest_mb: dict[str, float] = field(default_factory=dict)
    cpu_ms: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    latency_ms: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    first_token_ms: dict[str, list[float]] = field(default_factory=dict)
    ladder: list[dict[str, float]] = field(default_factory=list)
    in_flight: dict[str, float] = field(default_factory=dict)
    growth: dict[str, Any] = field(default_factory=dict)
    workers: dict[str, list[float]] = field(default_factory=dict)
    redis: dict[str, dict[str, float]] = field(default_factory=dict)

    def cost_ms(self, work: str, subject: str = OURS) -> float:
        """Median CPU per call; NaN when it was not measured."""
        values = self.cpu_ms.get(work, {}).get(subject)
        return median(values) if values else float("nan")

    def added_ms(self, name: str, subject: str = OURS) -> float:
        """What a percentile is above the model's own; medians of the parts; NaN without."""
        seen, direct = self.latency_ms.get(subject), self.latency_ms.get(MODEL)
        if not seen or not direct:
            return float("nan")
        return median(seen[name]) - median(direct[name])

    def first_token_added_ms(self, subject: str = OURS) -> float:
        """Above the model's own; medians; NaN when not measured."""
        seen, direct = self.first_token_ms.get(subject), self.first_token_ms.get(MODEL)
        return median(seen) - median(direct) if seen and direct else float("nan")

    def streams_without_stalls(self) -> float:
        """The highest rung at which none stalled; NaN when not measured."""
        if not self.ladder:
            return float("nan")
        return max((rung["streams"] for rung in self.ladder if not rung["stalled"]), default=0)

    def grown_mb(self) -> float:
        """After the first tenth, which warms up; NaN when not measured."""
        sizes = self.growth.get("memory_mb")
        return sizes[-1] - sizes[0] if sizes else float("nan")

    def second_worker(self) -> float:
        """Calls a second of two workers, as a multiple of one's; NaN when not measured."""
        return (
            median(self.workers["2"]) / median(self.workers["1"]) if self.workers else float("nan")
        )

    def subjects(self) -> list[str]:
        """In the order in which they were started."""
        return [name for name in self.versions if any(name in row for row in self.cpu_ms.values())]

    def save(self, file: Path = FILE) -> None:
        file.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2) + b"\n")

    @classmethod
    def load(cls, file: Path = FILE) -> "Findings":
        """Raises FileNotFoundError before the first run."""
        return cls(**orjson.loads(file.read_bytes()))


def spread(values: list[float], digits: int = 2) -> str:
    """Median and, smaller, the least and the most."""
    if not values:
        return ""
    low, high = min(values), max(values)
    return f"{median(values):.{digits}f} <sub>{low:.{digits}f}–{high:.{digits}f}</sub>"


def quartiles(values: list[float]) -> tuple[float, float]:
    """The middle half."""
    ordered = sorted(values)
    return percentile(ordered, 0.25), percentile(ordered, 0.75)


def about() -> dict[str, str]:
    """When, on what, and of which commit."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "gateway", "benchmarks")
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else ""),
        "processor": _processor(),
        "cores": str(len(CORES)),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        "load before": f"{os.getloadavg()[0]:.2f}",
        **{name: version(name) for name in PACKAGES},
    }


def own_versions() -> dict[str, str]:
    return {OURS: "", DOOR: "", BARE: version("grpcio")}


def _git(*asked: str) -> str:
    done = subprocess.run(["git", *asked], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
