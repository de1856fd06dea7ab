"""CPU per call of every subject and kind of work, in interleaved rounds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.speed.h2load import Load, send
from benchmarks.speed.processes import cpu_s
from benchmarks.speed.subjects import Subject

SHARE = {"plain": 1.0, "cached": 2.0, "fallback": 1.0, "stream": 0.4, "paced": 0.2}
"""Dearer kinds are measured by fewer calls."""
DEAR = {"LiteLLM": 0.2}
"""Subjects that are slow get fewer calls, too; figures are per call."""
AT_ONCE, AT_ONCE_PACED = 16, 64

Table = Mapping[str, Mapping[str, float]]


async def play(subjects: Sequence[Subject], rounds: int, calls: int) -> Table:
    """Median CPU milliseconds per call, by work and subject; the first round only warms up."""
    seen: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number in range(rounds + 1):
        for work in SHARE:
            for subject in subjects:
                if work in subject.targets:
                    cost_ms = await one(subject, work, calls)
                    if number:
                        seen[work][subject.name].append(cost_ms)
    return {
        work: {name: median(costs) for name, costs in by_name.items()}
        for work, by_name in seen.items()
    }


async def one(subject: Subject, work: str, calls: int) -> float:
    """CPU milliseconds per call of one subject at one kind of work."""
    dear = min((share for name, share in DEAR.items() if name in subject.name), default=1.0)
    number = max(50, int(calls * SHARE[work] * dear))
    target = subject.targets[work]
    at_once = AT_ONCE_PACED if work == "paced" else AT_ONCE
    load = Load(number, at_once) if target.http1 else Load(number, 4, at_once // 4)
    before_s = cpu_s(subject.pid)
    await send(target, load)
    return (cpu_s(subject.pid) - before_s) / number * 1000
