"""`make bench`: play every subject in interleaved rounds, judge the targets, write the page."""

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.speed import h2load, latency, rounds, streams, subjects, weight
from benchmarks.speed.page import Findings, page

PAGE = Path("docs/benchmarks.md")


async def measure(asked: argparse.Namespace) -> Findings:
    """Start everything, measure everything."""
    subjects.CACHE.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(subjects.model())
        ours, door = await stack.enter_async_context(subjects.gateway(upstream.name))
        bare = await stack.enter_async_context(subjects.bare(upstream.name))
        peers = [] if asked.no_peers else [subjects.litellm_proxy, subjects.portkey]
        others = [await stack.enter_async_context(peer(upstream.name)) for peer in peers]
        found = Findings()
        found.cpu = await rounds.play([ours, door, bare, *others], asked.rounds, asked.calls)
        found.added = await latency.added(upstream, [ours, door, bare, *others], asked.calls)
        found.first_token = await streams.first_token_added(upstream, ours)
        found.stalls = await streams.stalls(ours, asked.streams)
        found.in_flight_kb = await weight.per_call_in_flight(ours)
        found.growth = await weight.growth(ours, asked.mixed)
    found.two_workers = await weight.two_workers(asked.calls)
    return found


def main() -> int:
    """Exit code 1: a tool is missing."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=1500, help="of the cheapest kind, a round")
    parser.add_argument("--mixed", type=int, default=200_000, help="calls of the memory run")
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--no-peers", action="store_true", help="without LiteLLM and Portkey")
    asked = parser.parse_args()
    if told := h2load.missing():
        print(told, file=sys.stderr)
        return 1
    written = page(asyncio.run(measure(asked)))
    print(written)
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
