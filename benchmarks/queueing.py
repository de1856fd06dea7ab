"""A discrete-event simulation of calls in workers; pure, with chance passed in.

What matters is modelled and nothing else: a worker is one thread that does one slice of CPU work at
a time; a call is a slice, a wait for its model, and a second slice (without a model: one slice); a
connection stays with the worker that the kernel gave it; the fake model and the load generator take
their share of the same cores.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from benchmarks.speed.h2load import percentile

Event = Callable[[], None]
Factor = Callable[[Random], float]
"""How much more than the mean a call's slices take; its own mean must be 1."""


def steady(_rng: Random) -> float:
    """Every call takes the same."""
    return 1.0


def exponential(rng: Random) -> float:
    """As the textbooks have it."""
    return rng.expovariate(1.0)


def as_seen(values: Sequence[float]) -> Factor:
    """Drawn from what was measured."""
    mean = sum(values) / len(values)
    return lambda rng: rng.choice(values) / mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Workers on cores, and what a call costs: CPU seconds in each kind of process.

    `shares`: the part of all connections that each worker holds. `fixed_s`: what a call waits
    besides, for the network and to be woken up. `model_wait_s`: what a real model would take.
    `generators`: processes that send, one thread each.
    """

    cores: int
    shares: Sequence[float]
    gateway_s: float
    model_s: float = 0.0
    load_s: float = 0.0
    fixed_s: float = 0.0
    model_wait_s: float = 0.0
    generators: int = 16
    factor: Factor = steady


@dataclass(frozen=True, slots=True)
class Outcome:
    """Calls a second, and latencies in seconds, sorted."""

    rate: float
    latencies_s: Sequence[float]

    def told(self) -> dict[str, float]:
        """Rounded, in milliseconds."""
        shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
        found = {name: percentile(self.latencies_s, share) for name, share in shares.items()}
        return {"rate": round(self.rate, 1)} | {n: round(v * 1000, 3) for n, v in found.items()}


@dataclass(eq=False, slots=True)
class Process:
    """One thread."""

    busy: bool = False


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
    """So many slices of CPU run at once; first come, first served, one slice for each process."""

    def __init__(self, clock: Clock, cores: int) -> None:
        self._clock, self._free = clock, cores
        self._waiting: deque[tuple[Process, float, Event]] = deque()

    def work(self, process: Process, took_s: float, then: Event) -> None:
        self._waiting.append((process, took_s, then))
        self._dispatch()

    def _dispatch(self) -> None:
        for _ in range(len(self._waiting) if self._free else 0):
            process, took_s, then = self._waiting.popleft()
            if not self._free or process.busy:
                self._waiting.append((process, took_s, then))
                continue
            self._free, process.busy = self._free - 1, True
            self._clock.after(took_s, partial(self._done, process, then))

    def _done(self, process: Process, then: Event) -> None:
        self._free, process.busy = self._free + 1, False
        then()
        self._dispatch()


@dataclass
class _Play:
    """One scene being played."""

    scene: Scene
    rng: Random
    clock: Clock = field(default_factory=Clock)
    latencies_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cores = Cores(self.clock, self.scene.cores)
        self.workers = [Process() for _ in self.scene.shares]
        self.generators = [Process() for _ in range(self.scene.generators)]
        self.model = Process()

    def worker(self) -> Process:
        """The one whose connection a call comes over."""
        return self.rng.choices(self.workers, weights=self.scene.shares)[0]

    def call(self, worker: Process, ended: Event) -> None:
        began_s = self.clock.now_s

        def over() -> None:
            self.latencies_s.append(self.clock.now_s - began_s + self.scene.fixed_s)
            ended()

        self._next(self._steps(worker), over)

    def _steps(self, worker: Process) -> Iterator[tuple[Process, float]]:
        scene, factor = self.scene, self.scene.factor(self.rng)
        sender = self.rng.choice(self.generators)
        if scene.load_s:
            yield sender, scene.load_s / 2
        if scene.model_s or scene.model_wait_s:
            yield worker, scene.gateway_s * factor / 2
            yield self.model, scene.model_s
            yield worker, scene.gateway_s * factor / 2
        else:
            yield worker, scene.gateway_s * factor
        if scene.load_s:
            yield sender, scene.load_s / 2

    def _next(self, steps: Iterator[tuple[Process, float]], ended: Event) -> None:
        step = next(steps, None)
        if step is None:
            ended()
            return
        process, took_s = step
        wait_s = self.scene.model_wait_s if process is self.model else 0.0
        then = partial(self._next, steps, ended)
        self.cores.work(process, took_s, partial(self.clock.after, wait_s, then))


def open_loop(scene: Scene, rate: float, calls: int, rng: Random) -> Outcome:
    """So many calls that come at random (Poisson), whatever becomes of those before."""
    play = _Play(scene, rng)
    at_s = 0.0
    for _ in range(calls):
        at_s += rng.expovariate(rate)
        play.clock.after(at_s, lambda: play.call(play.worker(), lambda: None))
    play.clock.run()
    return Outcome(calls / play.clock.now_s, sorted(play.latencies_s))


def closed_loop(scene: Scene, connections: int, calls: int, rng: Random) -> Outcome:
    """A caller on each connection asks again as soon as it is answered."""
    play = _Play(scene, rng)
    left = itertools.count(calls, -1)

    def ask(worker: Process) -> None:
        if next(left) > 0:
            play.call(worker, partial(ask, worker))

    for number in range(connections):
        held = (number + 0.5) / connections
        sums = itertools.accumulate(scene.shares)
        at = next(i for i, upto in enumerate(sums) if held <= upto / sum(scene.shares))
        ask(play.workers[at])
    play.clock.run()
    return Outcome(len(play.latencies_s) / play.clock.now_s, sorted(play.latencies_s))
