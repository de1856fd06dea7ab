"""Memory of the gateway, and what a second worker brings."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack

from benchmarks.speed import subjects
from benchmarks.speed.h2load import Load, Target, send
from benchmarks.speed.processes import CORES, memory_kb, on
from benchmarks.speed.rounds import Told
from benchmarks.speed.subjects import Subject
from benchmarks.speed.verify import posts, right

IN_FLIGHT = 900
"""The bare server does not raise its limit of open files, 1,024 by default."""
PARTS = 10
MIX = {"cached": 0.4, "plain": 0.4, "fallback": 0.1, "stream": 0.1}
WORKER_ROUNDS = 3
SPIN = "for _ in range(20_000_000): pass"


async def in_flight(upstream: str) -> dict[str, float]:
    """Kilobytes that a call takes while its model is slow, in servers that did nothing before."""
    async with subjects.gateway(upstream) as (ours, _door), subjects.bare(upstream) as bare:
        kb, floor_kb = [await _in_flight_kb(one, upstream) for one in (ours, bare)]
    return {"calls": IN_FLIGHT, "kb": kb, "bare_kb": floor_kb}


async def _in_flight_kb(ours: Subject, upstream: str) -> float:
    """Once to warm up, once measured."""
    kb = 0.0
    for calls in (IN_FLIGHT // 4, IN_FLIGHT):
        before_kb, asked = memory_kb(ours.pid), await posts(upstream)
        load = asyncio.create_task(send(ours.targets["slow"], Load(calls, 20, calls // 20)))
        most_kb = before_kb
        while not load.done():
            most_kb = max(most_kb, memory_kb(ours.pid))
            await asyncio.sleep(0.1)
        right("slow", await load, await posts(upstream) - asked)
        kb = (most_kb - before_kb) / calls
    return round(kb, 2)


async def growth(upstream: str, calls: int, told: Told) -> dict[str, object]:
    """So many calls of all kinds to a gateway that did nothing before; MB after each tenth."""
    async with subjects.gateway(upstream) as (ours, _door):
        sizes = await _sizes(ours, upstream, calls, told)
    return {"calls": calls, "memory_mb": sizes}


async def _sizes(ours: Subject, upstream: str, calls: int, told: Told) -> list[float]:
    sizes = list[float]()
    for part in range(PARTS):
        for work, share in MIX.items():
            asked = await posts(upstream)
            sent = await send(ours.targets[work], Load(int(calls / PARTS * share), 4, 8))
            right(work, sent, await posts(upstream) - asked)
        sizes.append(round(memory_kb(ours.pid) / 1024, 1))
        told(f"{part + 1} of {PARTS} tenths: {sizes[-1]} MB")
    return sizes


async def workers(calls: int, told: Told) -> dict[str, list[float]]:
    """Cached calls a second of one and two workers, over many connections, interleaved.

    `machine`: what two busy loops do on this machine, as a multiple of one's.
    """
    rates: dict[str, list[float]] = {"1": [], "2": []}
    with on(CORES):
        async with AsyncExitStack() as stack:
            upstream = await stack.enter_async_context(subjects.model())
            alone, _ = await stack.enter_async_context(subjects.gateway(upstream.url))
            both, _ = await stack.enter_async_context(
                subjects.gateway(upstream.url, workers=2, cores=CORES)
            )
            targets: Mapping[str, Target] = {
                "1": alone.targets["cached"],
                "2": both.targets["cached"],
            }
            for target in targets.values():  # LiteLLM still loads in the background
                await _rate(target, calls)
            for _ in range(WORKER_ROUNDS):
                for number, target in targets.items():
                    rates[number].append(round(await _rate(target, calls), 1))
                told(f"calls a second of 1 and 2 workers: {rates}")
        rates["machine"] = [round(await _machine(), 3) for _ in range(WORKER_ROUNDS)]
    return rates


async def _rate(target: Target, calls: int) -> float:
    await send(target, Load(calls // 4, 64, 2))  # warms every worker's cache
    sent = await send(target, Load(calls, 64, 2))
    return sent.calls / sent.took_s


async def _machine() -> float:
    """Busy loops finished a second: two at once against one."""
    one_s = await _spun_s(1)
    return 2 * one_s / await _spun_s(2)


async def _spun_s(number: int) -> float:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    spinning = [
        await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", SPIN)
        for _ in range(number)
    ]
    await asyncio.gather(*(process.wait() for process in spinning))
    return loop.time() - began_s
