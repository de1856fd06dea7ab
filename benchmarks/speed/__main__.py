"""`make bench`: play every subject in interleaved rounds, judge the targets, write the page.

A part that fails is told on the page and ends nothing; what was found is saved after every part.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import TypeVar

import uvloop

from benchmarks.speed import (
    first,
    h2load,
    latency,
    peers,
    redis_use,
    rounds,
    streams,
    subjects,
    weight,
    written,
)
from benchmarks.speed.found import Findings, about, own_versions
from benchmarks.speed.processes import LOAD_CORES, family_memory_mb, on

T = TypeVar("T")


def told(words: str) -> None:
    """Progress."""
    print(f"[{time.strftime('%H:%M:%S')}] {words}", file=sys.stderr, flush=True)


class Run:
    """One run: its options, and what was found so far."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.found = Findings(about=about(), settings=vars(asked), versions=own_versions())

    def failed(self, what: str, error: BaseException) -> None:
        words = " ".join(str(error).split()) or type(error).__name__
        told(f"FAILED {what}: {words}")
        self.found.failures[what] = words[:300]

    async def part(self, name: str, doing: Awaitable[T], into: str = "") -> T | None:
        """What a part found, saved under `into`; None when it failed."""
        told(name)
        began_s = time.monotonic()
        try:
            value = await doing
        except Exception as error:  # noqa: BLE001 # the other parts go on
            self.failed(name, error)
            return None
        finally:
            self.found.took_s[name] = round(time.monotonic() - began_s, 1)
            self.found.save()
        if into:
            setattr(self.found, into, value)
            self.found.save()
        return value

    async def all(self) -> Findings:
        asked, me = self.asked, asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            if me:  # else servers would be left behind
                asyncio.get_running_loop().add_signal_handler(number, me.cancel)
        async with AsyncExitStack() as stack:
            model = await stack.enter_async_context(subjects.model())
            ours, door = await stack.enter_async_context(subjects.gateway(model.url))
            await self._beside(model, ours, door)
            climbing = streams.ladder(model, ours, asked.streams, told)
            await self.part("streams at once", climbing, "ladder")
            await self.part("calls in flight", weight.in_flight(model.url), "in_flight")
            await self.part("Redis", redis_use.used(model.url), "redis")
            growing = weight.growth(model.url, asked.mixed, told)
            await self.part("mixed calls", growing, "growth")
        await self.part("workers", weight.workers(asked.calls * 8, told), "workers")
        return self.found

    async def _beside(self, model: subjects.Subject, *ours: subjects.Subject) -> None:
        """What peers take part in; they end before the rest."""
        async with AsyncExitStack() as stack:
            beside = [*ours, await stack.enter_async_context(subjects.bare(model.url))]
            for name in self.asked.peers:
                starting = stack.enter_async_context(peers.PEERS[name](model.url))
                if peer := await self.part(f"starting {name}", starting):
                    self.found.versions[name] = peers.VERSIONS[name]
                    beside.append(peer)
            checking = rounds.checked(beside, model.url, self.failed)
            good = await self.part("checking answers", checking) or []
            size = (self.asked.rounds, self.asked.calls)
            playing = rounds.play(good, model.url, size, told, self.failed)
            await self.part("CPU per call", playing, "cpu_ms")
            self.found.rest_mb = {one.name: round(family_memory_mb(one.pid)) for one in beside}
            timing = latency.measured([model, *good], self.asked.calls, self.failed)
            await self.part("latency", timing, "latency_ms")
            beginning = first.tokens([model, *good], self.failed)
            await self.part("first tokens", beginning, "first_token_ms")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=800, help="of the plain kind, a round")
    parser.add_argument("--mixed", type=int, default=200_000, help="calls of the memory run")
    parser.add_argument("--streams", type=int, default=1024, help="the highest rung to try")
    parser.add_argument("--peers", nargs="*", choices=list(peers.PEERS), default=list(peers.PEERS))
    parser.add_argument("--render", action="store_true", help="only write the pages again")
    return parser.parse_args()


def main() -> int:
    """Exit code 1: a tool is missing, or a part failed; the page then says which."""
    asked = arguments()
    if asked.render:
        written.pages(told)
        return 0
    if missing := h2load.missing():
        print(missing, file=sys.stderr)
        return 1
    del asked.render
    subjects.CACHE.mkdir(parents=True, exist_ok=True)
    with on(LOAD_CORES):
        found = uvloop.run(Run(asked).all())
    written.pages(told)
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
