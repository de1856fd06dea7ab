"""How many streams at once a reader sees without a stall."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.speed import pauses
from benchmarks.speed.rounds import Told
from benchmarks.speed.subjects import Subject
from benchmarks.speed.upstream import TEXT

TICK_S = 0.05
"""20 tokens a second."""
STALL_S = 4 * TICK_S
"""A pause this long is one that a reader sees."""
LADDER = (64, 96, 128, 192, 256, 384, 512, 768, 1024)
TRIES = 2
"""A rung is missed when it stalls so often in a row: machines are noisy."""
START_S = 1.0
MOST_S = 20.0


@dataclass(frozen=True, slots=True)
class Rung:
    """Of so many streams at once, how many stalled or broke; the longest pause of all."""

    streams: int
    stalled: int
    longest_ms: float
    model_stalled: int
    model_longest_ms: float


async def ladder(model: Subject, ours: Subject, highest: int, told: Told) -> list[dict[str, float]]:
    """More and more streams of 20 tokens a second, until some stall; the model alone beside."""
    climbed = []
    for streams in [rung for rung in LADDER if rung <= highest]:
        rung = await _rung(model, ours, streams)
        for _ in range(TRIES - 1):
            if rung.stalled:
                rung = await _rung(model, ours, streams)
        told(f"{streams} streams: {rung.stalled} stalled, longest pause {rung.longest_ms:.0f} ms")
        climbed.append(asdict(rung))
        if rung.stalled:
            break
    return climbed


async def _rung(model: Subject, ours: Subject, streams: int) -> Rung:
    alone = await pauses.read(model.targets["ticking"], streams, START_S, MOST_S)
    through = await pauses.read(ours.targets["ticking"], streams, START_S, MOST_S)
    return Rung(
        streams, _stalled(through), _longest_ms(through), _stalled(alone), _longest_ms(alone)
    )


def _stalled(seen: Sequence[pauses.Arrivals]) -> int:
    return sum(one.longest_s > STALL_S or not one.ended or one.data < len(TEXT) for one in seen)


def _longest_ms(seen: Sequence[pauses.Arrivals]) -> float:
    return round(max(one.longest_s for one in seen) * 1000, 1)
