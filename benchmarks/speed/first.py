"""How long a stream's first text takes, of the model itself and through each server.

All are read by the same light reader (pauses.py): a gRPC client in Python takes a millisecond of
its own, which would be counted as the server's.
"""

import asyncio
import time
from collections.abc import Sequence

from benchmarks.speed.pauses import Http1, Http2, connected
from benchmarks.speed.rounds import DEAR, Failed
from benchmarks.speed.subjects import Subject

PARTS = 5
ASKED = 40
"""Of each server in each part."""
WARM = 5
MOST_S = 20.0


async def tokens(subjects: Sequence[Subject], failed: Failed) -> dict[str, list[float]]:
    """Milliseconds from asking to the first text, by subject; one caller with one connection.

    In interleaved parts, one stream after the other, as latencies are measured: a server that
    waits for its turn after each stream comes to a cold core, and takes half as long again.
    """
    seen: dict[str, list[float]] = {}
    asked = [subject for subject in subjects if "stream" in subject.targets]
    for _ in range(PARTS):
        for subject in asked:
            try:
                seen[subject.name] = seen.get(subject.name, []) + await _part_ms(subject)
            except (OSError, RuntimeError, TimeoutError) as error:
                failed(f"{subject.name}, first token", error)
    return seen


async def _part_ms(subject: Subject) -> list[float]:
    """The first asks only warm up."""
    number = max(WARM, int(ASKED * DEAR.get(subject.name, 1.0)))
    reader = await connected(subject.targets["stream"])
    try:
        return [await _took_ms(reader) for _ in range(WARM + number)][WARM:]
    finally:
        reader.close()


async def _took_ms(reader: Http1 | Http2) -> float:
    began_s = time.perf_counter()
    arrivals = reader.ask()
    async with asyncio.timeout(MOST_S):
        await arrivals.over.wait()
    if not arrivals.ended or not arrivals.first_s:
        raise RuntimeError("a stream broke")
    return round((arrivals.first_s - began_s) * 1000, 4)
