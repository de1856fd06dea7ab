"""`make simulate`: how calls queue in two workers, foretold and beside a real run.

One worker is measured: CPU per call, and how latencies spread when there is no queue. From that
alone the simulation (queueing.py) foretells two workers at several loads; then two workers run. The
real load comes at random times (Poisson) from h2load, so nothing waits for an answer to ask again.
Writes docs/simulation.json, docs/scaling.md and a plot.
"""

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import orjson
import uvloop

from benchmarks.queueing import Outcome, Scene, as_seen, closed_loop, open_loop
from benchmarks.speed import h2load, scaling, subjects, written
from benchmarks.speed.found import about
from benchmarks.speed.h2load import Load, percentile, send, send_at
from benchmarks.speed.processes import CORES, family, on
from benchmarks.speed.subjects import Subject

CONNECTIONS = 16
LOADS = (0.3, 0.5, 0.7)
"""Shares of the rate at which two workers are full."""
QUIET, MIDDLE = 0.05, 0.5
WORKS = ("known", "cached")
WORKERS = 2
UTILISATIONS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
SIMULATED = 60_000
WARM, KEPT = 4_000, 0.95
LEAD_S = 0.5
"""All connections are open before the first call."""


@dataclass(frozen=True, slots=True)
class Real:
    """One real run: what came of it, and the CPU seconds of a call in each kind of process."""

    outcome: Outcome
    gateway_s: float
    model_s: float
    load_s: float
    shares: Sequence[float]
    others: float

    def scene(self, fixed_s: float, quiet: "Real", shares: Sequence[float]) -> Scene:
        return Scene(
            cores=len(CORES),
            shares=shares,
            gateway_s=self.gateway_s,
            model_s=self.model_s,
            load_s=self.load_s,
            fixed_s=fixed_s,
            factor=as_seen(kept(quiet.outcome.latencies_s)),
        )


def kept(latencies_s: Sequence[float]) -> Sequence[float]:
    """Without the slowest twentieth: in an idle gateway these waited for others on the machine."""
    return latencies_s[: max(1, int(len(latencies_s) * KEPT))]


def times_s(rate: float, seconds: float, rng: Random) -> list[float]:
    """When one of the connections asks: at random, `rate` a second."""
    found, at_s = list[float](), LEAD_S
    while (at_s := at_s + rng.expovariate(rate)) < LEAD_S + seconds:
        found.append(at_s)
    return found or [LEAD_S]


async def played(ours: Subject, model: Subject, work: str, rate: float, seconds: float) -> Real:
    """A real run at so many calls a second."""
    idle_s = _children_s()
    await asyncio.gather(*(send_at(ours.targets[work], [0.0]) for _ in range(CONNECTIONS)))
    idle_s = _children_s() - idle_s  # to start and end the load generators
    scripts = [times_s(rate / CONNECTIONS, seconds, Random(at)) for at in range(CONNECTIONS)]
    before, load_s, busy_s, began_s = _spent(ours, model), _children_s(), _busy_s(), _now_s()
    sent = await asyncio.gather(*(send_at(ours.targets[work], script) for script in scripts))
    took_s, busy_s = _now_s() - began_s, _busy_s() - busy_s
    spent = {pid: cpu - before.get(pid, 0.0) for pid, cpu in _spent(ours, model).items()}
    calls = sum(one.calls for one in sent)
    model_s = spent.pop(model.pid)
    busiest = sorted(spent.values(), reverse=True)[:WORKERS]
    latencies_s = sorted(late for one in sent for late in one.latencies_s)
    return Real(
        Outcome(calls / seconds, latencies_s),
        sum(spent.values()) / calls,
        model_s / calls,
        max(0.0, _children_s() - load_s - idle_s) / calls,
        [one / sum(busiest) for one in busiest],
        max(0.0, busy_s - sum(spent.values()) - model_s - _children_s() + load_s) / took_s,
    )


def _spent(ours: Subject, model: Subject) -> dict[int, float]:
    """CPU seconds so far, by process."""
    pids = [*family(ours.pid), model.pid]
    return {pid: time.clock_gettime((~pid << 3) | 2) for pid in pids}


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _busy_s() -> float:
    """CPU seconds that the whole machine was busy so far."""
    user, nice, system, _idle, _io, irq, soft, *_ = map(
        int, Path("/proc/stat").read_text().split(maxsplit=9)[1:9]
    )
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True, slots=True)
class Calibration:
    """One worker: nearly idle, and half full."""

    work: str
    quiet: Real
    middle: Real

    @property
    def fixed_s(self) -> float:
        """What a call in an idle gateway waits beyond the CPU it uses."""
        one, middle_s = self.quiet, percentile(self.quiet.outcome.latencies_s, 0.5)
        return max(0.0, middle_s - one.gateway_s - one.model_s - one.load_s)

    def scene(self, shares: Sequence[float]) -> Scene:
        return self.middle.scene(self.fixed_s, self.quiet, shares)

    def capacity(self) -> float:
        """Calls a second of two workers with model and load generator on the same cores."""
        one = self.middle
        full = len(CORES) / (one.gateway_s + one.model_s + one.load_s)
        return min(full, WORKERS / one.gateway_s)

    def told(self) -> dict[str, float]:
        one = self.middle
        parts = {"gateway": one.gateway_s, "model": one.model_s, "load": one.load_s}
        told = {f"{name}_ms": round(value * 1000, 4) for name, value in parts.items()}
        return told | {"fixed_ms": round(self.fixed_s * 1000, 4)}


async def calibrated(ours: Subject, model: Subject, work: str, seconds: float) -> Calibration:
    """First full speed for the cost, roughly; then nearly idle, then half full."""
    warm = await send(ours.targets[work], Load(WARM, CONNECTIONS))
    full = warm.calls / warm.took_s
    quiet = await played(ours, model, work, full * QUIET, seconds * 2)
    return Calibration(work, quiet, await played(ours, model, work, full * MIDDLE, seconds))


async def compared(seconds: float) -> dict[str, Any]:
    """Calibrate by one worker, then foretell and run two."""
    async with subjects.model() as model:
        async with subjects.gateway(model.url, cores=CORES) as (ours, _door):
            known = [await calibrated(ours, model, work, seconds) for work in WORKS]
        async with subjects.gateway(model.url, WORKERS, cores=CORES) as (ours, _door):
            for work in WORKS:  # LiteLLM still loads in the background, and caches are empty
                await send(ours.targets[work], Load(WARM, 64))
            runs = [
                await _one(ours, model, one, share, seconds) for one in known for share in LOADS
            ]
            full = [await _full(ours, one) for one in known]
    return {
        "about": about(),
        "told_workers": WORKERS,
        "calibration": {one.work: one.told() for one in known},
        "runs": runs,
        "capacity": full,
        "utilisation": {one.work: _by_utilisation(one) for one in known},
    }


async def _one(
    ours: Subject, model: Subject, known: Calibration, share: float, seconds: float
) -> dict[str, Any]:
    rate = known.capacity() * share
    real = await played(ours, model, known.work, rate, seconds)
    rng = Random(7)
    foretold = open_loop(known.scene(real.shares), real.outcome.rate, SIMULATED, rng)
    told(f"{known.work} at {share:.0%}: real {real.outcome.told()}, foretold {foretold.told()}")
    return {
        "work": known.work,
        "workers": WORKERS,
        "load": share,
        "others": round(real.others, 2),
        "shares": [round(one, 3) for one in real.shares],
        "real": real.outcome.told(),
        "simulated": foretold.told(),
    }


async def _full(ours: Subject, known: Calibration) -> dict[str, Any]:
    """The most that two workers do, with callers that ask again at once."""
    load = Load(max(2000, int(known.capacity() * 4)), 64)
    sent = await send(ours.targets[known.work], load)
    even = [1 / WORKERS] * WORKERS
    foretold = closed_loop(known.scene(even), load.connections, SIMULATED, Random(7))
    real = round(sent.calls / sent.took_s, 1)
    return {"work": known.work, "real": real, "simulated": round(foretold.rate, 1)}


def _by_utilisation(known: Calibration) -> list[dict[str, float]]:
    """One worker with a core for itself: how latency grows with its utilisation."""
    one = known.middle
    alone = Scene(
        cores=2,
        shares=[1.0],
        gateway_s=one.gateway_s,
        model_wait_s=1e-9 if known.work == "known" else 0.0,
        factor=as_seen(kept(known.quiet.outcome.latencies_s)),
    )
    found = []
    for share in UTILISATIONS:
        outcome = open_loop(alone, share / one.gateway_s, SIMULATED, Random(7))
        found.append({"utilisation": share} | outcome.told())
    return found


def told(words: str) -> None:
    """Progress."""
    print(f"[{time.strftime('%H:%M:%S')}] {words}", file=sys.stderr, flush=True)


def main() -> int:
    """Print the comparison. Exit code 1: a tool is missing."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seconds", type=float, default=12, help="of each real run")
    asked = parser.parse_args()
    if missing := h2load.missing():
        print(missing, file=sys.stderr)
        return 1
    subjects.CACHE.mkdir(parents=True, exist_ok=True)
    with on(CORES):
        found = uvloop.run(compared(asked.seconds))
    scaling.SIMULATION.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    print(scaling.compared(found))
    written.pages(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
