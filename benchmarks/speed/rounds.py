"""CPU per call of every subject and kind of work, in interleaved rounds."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.speed.h2load import Load, send
from benchmarks.speed.processes import cpu_s
from benchmarks.speed.subjects import Subject
from benchmarks.speed.verify import posts, right, verified

SHARE = {"plain": 1.0, "cached": 2.0, "fallback": 0.7, "stream": 0.3, "paced": 0.13}
SHARE |= {"known": 0.5, "keywords": 0.2, "anomaly": 0.2}
"""Dearer kinds are measured by fewer calls."""
DEAR = {"LiteLLM proxy": 0.15, "Portkey": 0.5}
"""Subjects that are slow get fewer calls, too; figures are per call."""
WARM = 0.3
"""The first round only warms up, with so many of the calls."""
AT_ONCE, AT_ONCE_PACED = 16, 64

Table = dict[str, dict[str, list[float]]]
"""Values of all rounds by work and subject."""
Told = Callable[[str], None]
Failed = Callable[[str, Exception], None]


async def checked(subjects: Sequence[Subject], upstream: str, failed: Failed) -> list[Subject]:
    """The subjects with the targets that do what they should; the others are told to `failed`."""
    good = []
    for subject in subjects:
        targets = dict(subject.targets)
        for work in SHARE.keys() & targets.keys():
            try:
                await verified(subject, work, upstream)
            except Exception as error:  # noqa: BLE001 # one peer's trouble is that peer's alone
                failed(f"{subject.name}, {work}", error)
                del targets[work]
        good.append(replace(subject, targets=targets))
    return good


async def play(
    subjects: Sequence[Subject], upstream: str, size: tuple[int, int], told: Told, failed: Failed
) -> Table:
    """CPU milliseconds per call; `size` is rounds and calls. What fails is told and left out."""
    rounds, calls = size
    seen: Table = defaultdict(lambda: defaultdict(list))
    out = set[tuple[str, str]]()
    for number in range(rounds + 1):
        told(f"round {number} of {rounds}" if number else "warming up")
        for work in SHARE:
            for subject in subjects:
                if work not in subject.targets or (work, subject.name) in out:
                    continue
                try:
                    cost_ms = await one(subject, work, upstream, calls if number else calls * WARM)
                except Exception as error:  # noqa: BLE001 # the others go on
                    failed(f"{subject.name}, {work}", error)
                    out.add((work, subject.name))
                else:
                    if number:
                        seen[work][subject.name].append(round(cost_ms, 4))
    return {work: dict(by_name) for work, by_name in seen.items()}


async def one(subject: Subject, work: str, upstream: str, calls: float) -> float:
    """CPU milliseconds per call of one subject at one kind of work."""
    number = max(40, int(calls * SHARE[work] * DEAR.get(subject.name, 1.0)))
    target = subject.targets[work]
    at_once = min(number, AT_ONCE_PACED if work == "paced" else AT_ONCE)
    load = Load(number, at_once) if target.http1 else Load(number, 4, at_once // 4)
    asked, before_s = await posts(upstream), cpu_s(subject.pid)
    sent = await send(target, load)
    spent_s = cpu_s(subject.pid) - before_s
    right(work, sent, await posts(upstream) - asked)
    return spent_s / number * 1000
