"""What a call takes longer than asking the model directly, with one caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.speed.h2load import Load, send
from benchmarks.speed.subjects import Subject

PARTS = 5


@dataclass(frozen=True, slots=True)
class Added:
    """Milliseconds."""

    p50_ms: float
    p99_ms: float


async def added(upstream: Subject, subjects: Sequence[Subject], calls: int) -> Mapping[str, Added]:
    """By subject: percentiles of its latencies less those of the model, in interleaved parts."""
    latencies: dict[str, list[float]] = {upstream.name: []}
    for _ in range(PARTS):
        for subject in (upstream, *subjects):
            sent = await send(subject.targets["plain"], Load(max(100, calls // PARTS), 1))
            latencies.setdefault(subject.name, []).extend(sent.latencies_s)
    direct = sorted(latencies.pop(upstream.name))
    return {
        name: Added(*(_more_ms(sorted(seen), direct, share) for share in (0.5, 0.99)))
        for name, seen in latencies.items()
    }


def _more_ms(seen: Sequence[float], direct: Sequence[float], share: float) -> float:
    return (seen[int(share * len(seen))] - direct[int(share * len(direct))]) * 1000
