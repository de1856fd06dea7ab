"""How long a call takes with one caller, beside asking the model directly."""

from collections.abc import Sequence

from benchmarks.speed.h2load import Load, send
from benchmarks.speed.rounds import DEAR, Failed
from benchmarks.speed.subjects import Subject

PARTS = 5
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

Latencies = dict[str, dict[str, list[float]]]
"""Milliseconds of all parts, by subject and percentile."""


async def measured(subjects: Sequence[Subject], calls: int, failed: Failed) -> Latencies:
    """Percentiles of each of the interleaved parts, one call after the other."""
    seen: Latencies = {}
    for _ in range(PARTS):
        for subject in subjects:
            if "plain" not in subject.targets:
                continue
            number = max(100, int(calls * DEAR.get(subject.name, 1.0) / PARTS))
            try:
                sent = await send(subject.targets["plain"], Load(number, 1))
            except RuntimeError as error:
                failed(f"{subject.name}, latency", error)
                continue
            row = seen.setdefault(subject.name, {name: [] for name in SHARES})
            for name, share in SHARES.items():
                row[name].append(round(sent.percentile_s(share) * 1000, 4))
    return seen
