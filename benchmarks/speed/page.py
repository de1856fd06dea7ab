"""docs/benchmarks.md: what was measured, beside what was aimed at."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.speed.latency import Added
from benchmarks.speed.rounds import Table
from benchmarks.speed.streams import Stalls
from benchmarks.speed.weight import Growth

OURS, BARE, LITELLM, PORTKEY = "this gateway, gRPC", "bare grpc.aio", "LiteLLM", "Portkey"
WORDS = {
    "plain": "Chat, one model call",
    "cached": "Chat from the cache (bare: an echo)",
    "fallback": "500 from the first model, then fine",
    "stream": "a stream of 50 chunks that come at once",
    "paced": "a stream of 50 chunks, 25 ms apart",
}


@dataclass(slots=True)
class Findings:
    """All figures of one run."""

    cpu: Table = field(default_factory=dict)
    added: Mapping[str, Added] = field(default_factory=dict)
    first_token: float = 0.0
    stalls: Stalls = field(default_factory=lambda: Stalls(0, 0, 0.0))
    in_flight_kb: float = 0.0
    growth: Growth = field(default_factory=lambda: Growth(0, (0.0,)))
    two_workers: float = 0.0


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the targets; `limit` is the most allowed, or the least when `at_least`."""

    what: str
    found: float
    limit: float
    unit: str = "x"
    at_least: bool = False

    def line(self) -> str:
        good = self.found >= self.limit if self.at_least else self.found <= self.limit
        aim = f"{'at least' if self.at_least else 'at most'} {self.limit:g} {self.unit}"
        verdict = "met" if good else "**missed**"
        return f"| {self.what} | {aim} | {self.found:.2f} {self.unit} | {verdict} |"


def page(found: Findings) -> str:
    """The whole page."""
    names = sorted({name for row in found.cpu.values() for name in row})
    cpu = [f"| {WORDS[work]} | {_cells(row, names)} |" for work, row in found.cpu.items()]
    late = [f"| {name} | {a.p50_ms:.2f} | {a.p99_ms:.2f} |" for name, a in found.added.items()]
    memory = ", ".join(f"{mb:.0f}" for mb in found.growth.memory_mb)
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}. One fake model, h2load as the load generator, servers "
            "in interleaved rounds, medians. Machines differ and are noisy: trust the ratios.",
            "",
            "## Targets",
            "",
            "| work | aim | found | |",
            "|---|---|---|---|",
            *(target.line() for target in targets(found)),
            "",
            "## CPU milliseconds of the server per call",
            "",
            f"| work | {' | '.join(names)} |",
            f"|---|{'---|' * len(names)}",
            *cpu,
            "",
            "The bare server checks nothing, has no trail, no cache, no policies: it is the floor "
            "of a Python gRPC server that echoes or asks by aiohttp.",
            "",
            "## Milliseconds added to a call of the model, one caller",
            "",
            "| server | p50 | p99 |",
            "|---|---|---|",
            *late,
            "",
            "## Memory",
            "",
            f"{found.growth.calls} calls (40 % cached, 40 % by a model, 10 % fallback, 10 % "
            f"streams), resident MB after each tenth: {memory}.",
            "",
        ]
    )


def targets(found: Findings) -> list[Target]:
    """What issue and house ask for, beside what was found."""
    cpu, late = found.cpu, found.added.get(OURS, Added(0, 0))
    lines = [
        Target("Chat against the bare forwarder, CPU", _ratio(cpu, "plain", BARE), 1.3),
        Target(
            "LiteLLM proxy against Chat, CPU",
            _ratio(cpu, "plain", LITELLM, flip=True),
            15,
            at_least=True,
        ),
        Target(
            "Portkey against Chat, CPU", _ratio(cpu, "plain", PORTKEY, flip=True), 3, at_least=True
        ),
        Target("cached Chat against the bare echo, CPU", _ratio(cpu, "cached", BARE), 1.3),
        Target(
            "LiteLLM's cache against ours, CPU",
            _ratio(cpu, "cached", LITELLM, flip=True),
            40,
            at_least=True,
        ),
        Target(
            "stream of 50 chunks apart, against the bare forwarder, CPU",
            _ratio(cpu, "paced", BARE),
            1.2,
        ),
        Target(
            "stream of 50 chunks at once, against Portkey, CPU", _ratio(cpu, "stream", PORTKEY), 1.0
        ),
        Target(
            "fallback against a plain call, CPU", cpu["fallback"][OURS] / cpu["plain"][OURS], 1.8
        ),
        Target("added latency, p50", late.p50_ms, 1.5, "ms"),
        Target("added latency, p99", late.p99_ms, 4, "ms"),
        Target("first token added, p50", found.first_token, 3, "ms"),
        Target(
            f"streams of {found.stalls.streams} that stall (20 tokens a second each)",
            found.stalls.stalled,
            0,
            "",
        ),
        Target("two workers against one, calls a second", found.two_workers, 1.8, at_least=True),
        Target("memory grown over the mixed calls", found.growth.grown_mb, 20, "MB"),
        Target("memory of a call in flight", found.in_flight_kb, 25, "KB"),
    ]
    return [line for line in lines if line.found == line.found]  # NaN: no such peer


def _ratio(cpu: Table, work: str, other: str, *, flip: bool = False) -> float:
    """Ours over another's; the other way round with `flip`; NaN without that subject."""
    row = cpu.get(work, {})
    their = next((value for name, value in row.items() if name.startswith(other)), float("nan"))
    ours = row.get(OURS, float("nan"))
    return their / ours if flip else ours / their


def _cells(row: Mapping[str, float], names: list[str]) -> str:
    return " | ".join(f"{row[name]:.2f}" if name in row else "" for name in names)
