"""Every deployment fails at random, for thousands of calls at once; what callers see of it.

`make chaos` makes 10,000 calls, 64 at a time; a short form runs in the tests.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from gateway.v1 import common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.failover.runs import Caller, Run
from tests.failover.scorecard import KNOWLEDGE
from tests.faults import TEXT, FaultServer, Options
from tests.processes import GatewayProcess, gateway

AT_ONCE = 64
DEADLINE_S = 4.0
GRACE_S = 0.05
"""The issue's: no answer later than this after the deadline."""
CALLERS_OWN = ("CONTENT_FILTERED", "CONTEXT_TOO_LONG")
"""Refusals of the request itself, which are never routed around; not failures of the gateway."""

CONFIG = """
server: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
defaults:
  timeouts: {{total_s: 1.5, first_token_s: 0.8, idle_s: 0.8}}
  cache: {{enabled: false}}
  breaker: {{open_base_s: 0.05, open_cap_s: 0.1, consecutive_failures: {consecutive_failures}}}
deployments:
{deployments}
routes:
  - {{name: all, tiers: [[d0, d1, d2], [d3, d4, d5]]}}
"""


@dataclass(frozen=True)
class Mix:
    """Six models: of the n-th, `first + step * n` calls in a hundred fail, each in its own way."""

    first: int
    step: int
    words: str
    consecutive_failures: int

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(f"chaos-{self.first + self.step * n}{self.words}@{n}" for n in range(6))


GRIM = Mix(60, 8, "", 5)
"""The best model fails three calls in five, the last one always; breakers are mostly open."""
SHAKY = Mix(15, 9, "-replies", 500)
"""Nothing takes a model out for long, so most calls get to one and may meet a broken reply."""


@dataclass
class Tally:
    """What happened to the calls, and what the process held before and after."""

    calls: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    late: int = 0
    broken: int = 0
    examples: list[str] = field(default_factory=list)
    upstream: int = 0
    memory_mb: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def add(self, run: Run) -> None:
        """Count one call."""
        self.calls += 1
        self.late += run.took_s > DEADLINE_S + GRACE_S
        if run.response is None and run.reason in CALLERS_OWN:
            self.refused += 1
        elif run.response is None:
            self.failed[f"{run.code.name} {run.reason} {run.error}"] += 1
        else:
            source = run.response.info.source
            self.sources[common_pb2.Source.Name(source)] += 1
            by_model = source == common_pb2.SOURCE_MODEL
            spliced = run.stream and run.shown.strip() != run.text
            if spliced or (by_model and not _plausible(run.text)):
                self.broken += 1
                self.examples.append(f"{run.stream=} {run.outcomes} {run.shown=} {run.text=}")


def _plausible(text: str) -> bool:
    """The fault server's whole text, or one of its shaped ones; never the beginning of one."""
    return bool(text) and not (TEXT.startswith(text) and text != TEXT)


@asynccontextmanager
async def stage(folder: Path, mix: Mix) -> AsyncIterator[tuple[Caller, GatewayProcess]]:
    """A gateway whose six models fail at random."""
    async with AsyncExitStack() as stack:
        faults = await stack.enter_async_context(FaultServer(Options(time_scale=0.05)))
        config = folder / "chaos.yaml"
        deployments = "\n".join(
            f"  d{n}: {{provider: openai, model: {model!r}, base_url: {faults.url!r}, "
            "api_key_env: TEST_KEY}"
            for n, model in enumerate(mix.models)
        )
        config.write_text(
            CONFIG.format(
                knowledge=KNOWLEDGE,
                deployments=deployments,
                consecutive_failures=mix.consecutive_failures,
            )
        )
        running = await stack.enter_async_context(
            gateway(config, folder / "chaos.log", {"TEST_KEY": "k"}, "--log-level", "error")
        )
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(running.address))
        caller = Caller(GatewayServiceStub(channel), faults, faults)
        await caller.call("warm", stream=False, within_s=60)
        yield caller, running


async def rounds(caller: Caller, running: GatewayProcess, mix: Mix, calls: int) -> Tally:
    """So many calls, half of them streams, `AT_ONCE` at a time; samples taken ten times."""
    tally, places = Tally(), asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            run = await caller.call("chaos", stream=number % 2 == 1, within_s=DEADLINE_S)
            tally.add(run)

    for part in range(10):
        await asyncio.gather(*(one(n) for n in range(part * calls // 10, (part + 1) * calls // 10)))
        tally.memory_mb.append(memory_mb(running.pid))
        tally.files.append(open_files(running.pid))
    tally.upstream = sum(caller.faults.count(model) for model in mix.models)
    return tally


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def open_files(pid: int) -> int:
    """File descriptors that a process holds."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 # only the number matters


async def main(calls: int) -> int:
    """Run both mixes and print them; exit code 1 when a promise is broken."""
    tallies = [await _played(name, mix, calls) for name, mix in (("grim", GRIM), ("shaky", SHAKY))]
    return int(any(tally.failed or tally.late or tally.broken for tally in tallies))


async def _played(name: str, mix: Mix, calls: int) -> Tally:
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder), mix) as (caller, running):
            tally = await rounds(caller, running, mix, calls)
    took_s = time.monotonic() - began_s
    print(f"{name}: models {' '.join(mix.models)}")
    print(f"{tally.calls} calls, {AT_ONCE} at a time, in {took_s:.0f} s; {tally.upstream} upstream")
    print(f"answered: {dict(tally.sources)}; refused by content or length: {tally.refused}")
    print(f"failed: {sum(tally.failed.values())} {dict(tally.failed)}")
    print(f"late: {tally.late}; truncated or spliced: {tally.broken} {tally.examples[:3]}")
    print(f"memory in MB, ten samples: {[round(mb, 1) for mb in tally.memory_mb]}")
    print(f"open files, ten samples: {tally.files}", flush=True)
    return tally


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)))
