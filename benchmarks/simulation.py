"""`make simulate`: how calls queue in workers, beside a real run; the figures of docs/scaling.md.

A discrete-event simulation of what matters: a worker is one thread that does one slice of CPU work
at a time; a call is a slice, a wait for its model, and a second slice; a connection stays with the
worker that the kernel gave it; the fake model and the load generator take their share of the same
cores. Only CPU per call is measured and put in; rates and latencies must then come out as in the
real run.
"""

import argparse
import asyncio
import heapq
import itertools
import os
import resource
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from benchmarks.speed import h2load, subjects
from benchmarks.speed.h2load import Load, send
from benchmarks.speed.processes import cpu_s

CONNECTIONS = 32
SPREAD = 0.25
"""Standard deviation of a slice of CPU as a share of its mean (log-normal)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A closed loop of callers, one over each connection; a connection stays with one worker.

    CPU seconds are those of one call: in the gateway, in the fake model, in the load generator.
    `model_wait_s`: what a real model would take besides.
    """

    cores: int
    workers: int
    connections: int
    calls: int
    gateway_s: float
    model_s: float
    load_s: float
    model_wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Calls a second, and latencies in seconds, sorted."""

    rate: float
    latencies_s: Sequence[float]

    def percentile_s(self, share: float) -> float:
        return self.latencies_s[int(share * (len(self.latencies_s) - 1))]


Event = Callable[[], None]


class Clock:
    """Events in order of time."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._events: list[tuple[float, int, Event]] = []
        self._order = itertools.count()

    def after(self, wait_s: float, event: Event) -> None:
        heapq.heappush(self._events, (self.now_s + wait_s, next(self._order), event))

    def run(self) -> None:
        while self._events:
            self.now_s, _, event = heapq.heappop(self._events)
            event()


class Cores:
    """So many slices of CPU run at once; processes take turns, each with one slice at a time."""

    def __init__(self, clock: Clock, cores: int, rng: Random) -> None:
        self._clock, self._free, self._rng = clock, cores, rng
        self._waiting: deque[tuple[Process, float, Event]] = deque()

    def work(self, process: "Process", mean_s: float, then: Event) -> None:
        took_s = mean_s * self._rng.lognormvariate(-SPREAD * SPREAD / 2, SPREAD)
        self._waiting.append((process, took_s, then))
        self._dispatch()

    def _dispatch(self) -> None:
        for _ in range(len(self._waiting)):
            process, took_s, then = self._waiting.popleft()
            if not self._free or process.busy:
                self._waiting.append((process, took_s, then))
                continue
            self._free, process.busy = self._free - 1, True
            self._clock.after(took_s, partial(self._done, process, then))

    def _done(self, process: "Process", then: Event) -> None:
        self._free, process.busy = self._free + 1, False
        then()
        self._dispatch()


@dataclass(eq=False)
class Process:
    """One thread of Python, or the load generator's."""

    busy: bool = False


def simulate(scene: Scene, rng: Random) -> Outcome:
    """Play a scene to its end."""
    clock = Clock()
    cores = Cores(clock, scene.cores, rng)
    workers = [Process() for _ in range(scene.workers)]
    model, load = Process(), Process()
    left, latencies_s = [scene.calls], list[float]()

    def call(worker: Process) -> None:
        if not left[0]:
            return
        left[0] -= 1
        began_s = clock.now_s

        def ended() -> None:
            latencies_s.append(clock.now_s - began_s)
            call(worker)

        steps: list[tuple[Process, float]] = [(load, scene.load_s / 2)]
        steps += [(worker, scene.gateway_s / 2)]
        steps += [(model, scene.model_s)] if scene.model_s else []
        steps += [(worker, scene.gateway_s / 2), (load, scene.load_s / 2)]
        play(iter(steps), ended)

    def play(steps: Iterator[tuple[Process, float]], ended: Event) -> None:
        step = next(steps, None)
        if step is None:
            ended()
            return
        process, mean_s = step
        wait_s = scene.model_wait_s if process is model else 0.0
        cores.work(process, mean_s, lambda: clock.after(wait_s, lambda: play(steps, ended)))

    for _ in range(scene.connections):
        call(workers[rng.randrange(scene.workers)])
    clock.run()
    return Outcome(len(latencies_s) / clock.now_s, sorted(latencies_s))


@dataclass(frozen=True, slots=True)
class Compared:
    """One real run and its simulation."""

    what: str
    real: Outcome
    simulated: Outcome

    def line(self) -> str:
        cells = [self.what]
        for outcome in (self.real, self.simulated):
            p50, p99 = (outcome.percentile_s(share) * 1000 for share in (0.5, 0.99))
            cells.append(f"{outcome.rate:,.0f}/s, {p50:.1f} ms, {p99:.1f} ms")
        cells.append(f"{self.simulated.rate / self.real.rate:.2f}")
        return "| " + " | ".join(cells) + " |"


async def compared(calls: int) -> list[Compared]:
    """Calibrate by one worker and one caller, then foretell one and two workers under load."""
    found = []
    async with subjects.model() as upstream:
        for workers in (1, 2):
            async with subjects.gateway(upstream.name, "--workers", str(workers)) as (ours, _door):
                found += [
                    await _one(ours, upstream, work, workers, calls) for work in ("cached", "plain")
                ]
    return found


async def _one(
    ours: subjects.Subject, upstream: subjects.Subject, work: str, workers: int, calls: int
) -> Compared:
    load = Load(calls, CONNECTIONS)
    await send(ours.targets[work], load)  # warms every worker
    began = (cpu_s(ours.pid), cpu_s(upstream.pid), _children_s())
    sent = await send(ours.targets[work], load)
    ended = (cpu_s(ours.pid), cpu_s(upstream.pid), _children_s())
    gateway_s, model_s, load_s = (b - a for a, b in zip(began, ended, strict=True))
    scene = Scene(
        cores=os.cpu_count() or 1,
        workers=workers,
        connections=CONNECTIONS,
        calls=calls,
        gateway_s=gateway_s / calls,
        model_s=model_s / calls,
        load_s=load_s / calls,
    )
    real = Outcome(sent.calls / sent.took_s, sent.latencies_s)
    told = f"{work}, {workers} worker{'s' if workers > 1 else ''}"
    return Compared(told, real, simulate(scene, Random(7)))


def _children_s() -> float:
    """CPU of the load generators that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Print the comparison. Exit code 1: a tool is missing."""
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--calls", type=int, default=6000)
    asked = parser.parse_args()
    if told := h2load.missing():
        print(told, file=sys.stderr)
        return 1
    Path(subjects.CACHE).mkdir(parents=True, exist_ok=True)
    print("| run | real: rate, p50, p99 | simulated | ratio of rates |\n|---|---|---|---|")
    for line in asyncio.run(compared(asked.calls)):
        print(line.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
