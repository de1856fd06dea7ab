"""Memory of the gateway, and what a second worker brings."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from urllib.parse import urlsplit

from benchmarks.speed import subjects
from benchmarks.speed.h2load import Load, Target, send
from benchmarks.speed.processes import memory_kb
from benchmarks.speed.subjects import Subject, over_grpc

IN_FLIGHT = 2_000
PARTS = 10
MIX = {"cached": 0.4, "plain": 0.4, "fallback": 0.1, "stream": 0.1}
WORKER_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Growth:
    """Resident memory after each tenth of the calls, in MB."""

    calls: int
    memory_mb: Sequence[float]

    @property
    def grown_mb(self) -> float:
        """After the first tenth, which warms up."""
        return self.memory_mb[-1] - self.memory_mb[0]


async def per_call_in_flight(ours: Subject) -> float:
    """Kilobytes that a call takes while its model is slow."""
    address = urlsplit(ours.targets["plain"].url).netloc
    slow = over_grpc(address, "slow")
    before_kb = memory_kb(ours.pid)
    calls = asyncio.create_task(send(slow, Load(IN_FLIGHT, 20, IN_FLIGHT // 20)))
    most_kb = before_kb
    while not calls.done():
        most_kb = max(most_kb, memory_kb(ours.pid))
        await asyncio.sleep(0.1)
    await calls
    return (most_kb - before_kb) / IN_FLIGHT


async def growth(ours: Subject, calls: int) -> Growth:
    """So many calls of all kinds."""
    sizes = []
    for _ in range(PARTS):
        for work, share in MIX.items():
            await send(ours.targets[work], Load(int(calls / PARTS * share), 4, 8))
        sizes.append(memory_kb(ours.pid) / 1024)
    return Growth(calls, sizes)


async def two_workers(calls: int) -> float:
    """Calls a second of two workers, as a multiple of one's; cached calls, many connections."""
    rates: dict[str, list[float]] = {"1": [], "2": []}
    async with subjects.model() as upstream:
        for _ in range(WORKER_ROUNDS):
            for workers, seen in rates.items():
                async with subjects.gateway(upstream.name, "--workers", workers) as (ours, _door):
                    seen.append(await _rate(ours.targets["cached"], calls * 8))
    return median(rates["2"]) / median(rates["1"])


async def _rate(target: Target, calls: int) -> float:
    await send(target, Load(calls // 4, 32, 4))  # warms every worker's cache
    sent = await send(replace(target), Load(calls, 32, 4))
    return sent.calls / sent.took_s
