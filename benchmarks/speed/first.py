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

ASKED = 200
WARM = 5
MOST_S = 20.0


async def tokens(subjects: Sequence[Subject], failed: Failed) -> dict[str, list[float]]:
    """Milliseconds from asking to the first text, by subject, interleaved.

    One caller with one connection to each; the first asks only warm up.
    """
    seen: dict[str, list[float]] = {}
    readers: dict[str, Http1 | Http2] = {}
    for subject in subjects:
        if "stream" in subject.targets:
            readers[subject.name] = await connected(subject.targets["stream"])
    try:
        for number in range(WARM + ASKED):
            for name in [name for name in readers if number < WARM + ASKED * DEAR.get(name, 1.0)]:
                try:
                    seen.setdefault(name, []).append(await _took_ms(readers[name]))
                except (RuntimeError, TimeoutError) as error:
                    failed(f"{name}, first token", error)
                    readers.pop(name).close()
    finally:
        for reader in readers.values():
            reader.close()
    return {name: values[WARM:] for name, values in seen.items() if name in readers}


async def _took_ms(reader: Http1 | Http2) -> float:
    began_s = time.perf_counter()
    arrivals = reader.ask()
    async with asyncio.timeout(MOST_S):
        await arrivals.over.wait()
    if not arrivals.ended or not arrivals.first_s:
        raise RuntimeError("a stream broke")
    return round((arrivals.first_s - began_s) * 1000, 4)
