"""A crowd: thousands of calls at once against a model that takes 3 s; and what falling back costs.

`make crowd` runs it: 10,000 calls on the shipped limits (the rules answer what has no place) and on
wide ones (models answer all), then the price of an open breaker and of hanging up.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.failover.chaos import memory_mb
from tests.failover.runs import Caller
from tests.failover.scorecard import KNOWLEDGE
from tests.faults import FaultServer, Options, now_s
from tests.processes import GatewayProcess, gateway

DEADLINE_S = 60.0
HEAD = """
server: {{listen: "127.0.0.1:0"{server}}}
knowledge: {knowledge}
defaults: {{cache: {{enabled: false}}{defaults}}}
deployments:
  slow: {{provider: openai, model: wait-3, base_url: {url!r}, api_key_env: TEST_KEY}}
  down: {{provider: openai, model: status-500, base_url: {url!r}, api_key_env: TEST_KEY}}
  good: {{provider: openai, model: ok, base_url: {url!r}, api_key_env: TEST_KEY}}
  silent: {{provider: openai, model: silent, base_url: {url!r}, api_key_env: TEST_KEY}}
routes:
  - {{name: plain, match: {{labels: {{scenario: plain}}}}, tiers: [good]}}
  - {{name: open, match: {{labels: {{scenario: open}}}}, tiers: [down, good]}}
  - {{name: silent, match: {{labels: {{scenario: silent}}}}, tiers: [silent]}}
  - {{name: all, tiers: [slow]}}
"""
WIDE = (", max_calls: 20000", ", concurrency: {maximum: 20000}")
SHIPPED = ("", "")


@asynccontextmanager
async def stage(
    folder: Path, limits: tuple[str, str]
) -> AsyncIterator[tuple[Caller, GatewayProcess]]:
    """A gateway with these limits before a model that takes 3 s."""
    async with AsyncExitStack() as stack:
        faults = await stack.enter_async_context(FaultServer(Options()))
        config = folder / "crowd.yaml"
        server, defaults = limits
        config.write_text(
            HEAD.format(server=server, defaults=defaults, knowledge=KNOWLEDGE, url=faults.url)
        )
        running = await stack.enter_async_context(
            gateway(config, folder / "log", {"TEST_KEY": "k"}, "--log-level", "error")
        )
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(running.address))
        caller = Caller(GatewayServiceStub(channel), faults, faults)
        await caller.call("plain", stream=False, within_s=DEADLINE_S)
        yield caller, running


async def crowd(caller: Caller, calls: int) -> Counter[str]:
    """So many calls at once; how each ended."""
    runs = await asyncio.gather(
        *(caller.call("crowd", stream=False, within_s=DEADLINE_S) for _ in range(calls))
    )
    ends = (
        common_pb2.Source.Name(run.response.info.source)
        if run.response
        else f"{run.code.name} {run.error}".strip()
        for run in runs
    )
    return Counter(ends)


async def price_of_an_open_breaker(caller: Caller, rounds: int = 100) -> float:
    """Median milliseconds that falling back costs beyond the second deployment's own time."""
    for _ in range(12):
        await caller.call("open", stream=False)
    plain, opened = [], []
    for _ in range(rounds):  # interleaved, so that a busy machine is as busy for both
        plain.append((await caller.call("plain", stream=False)).took_s)
        opened.append((await caller.call("open", stream=False)).took_s)
    return 1000 * (statistics.median(opened) - statistics.median(plain))


async def hang_up_ms(caller: Caller, *, stream: bool) -> float:
    """Milliseconds from a caller's hanging up to the end of the upstream connection."""
    before = caller.faults.count("silent")
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="hello")
    options = common_pb2.RequestOptions(labels={"scenario": "silent"})
    asked = chat_pb2.ChatRequest(messages=[message], options=options)
    call: Any = (
        caller.stub.StreamChat(chat_pb2.StreamChatRequest(chat=asked), timeout=30)
        if stream
        else caller.stub.Chat(asked, timeout=30)
    )
    waiting = asyncio.ensure_future(_answer(call, stream=stream))
    await caller.faults.until_seen("silent", before + 1)
    hung_up_s = now_s()
    call.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await caller.faults.until_over("silent")
    seen = caller.faults.seen("silent")[-1]
    return 1000 * ((seen.hung_up_s or now_s()) - hung_up_s)


async def _answer(call: Any, *, stream: bool) -> None:
    if stream:
        while await call.read() is not grpc.aio.EOF:
            pass
    else:
        await call


async def main(calls: int) -> int:
    """Run and print it; exit code 1 when a call failed."""
    failed = 0
    for name, limits in (("as shipped", SHIPPED), ("wide limits", WIDE)):
        with tempfile.TemporaryDirectory() as folder:
            async with stage(Path(folder), limits) as (caller, running):
                before_mb, began_s = memory_mb(running.pid), time.monotonic()
                ends = await crowd(caller, calls)
                took_s, after_mb = time.monotonic() - began_s, memory_mb(running.pid)
                failed += sum(n for end, n in ends.items() if not end.startswith("SOURCE"))
                print(f"{name}: {calls} calls at once in {took_s:.1f} s: {dict(ends)}")
                print(f"  memory {before_mb:.0f} -> {after_mb:.0f} MB")
                if limits is SHIPPED:
                    price_ms = await price_of_an_open_breaker(caller)
                    print(f"  falling back past an open breaker: {price_ms:+.2f} ms at the median")
                    for stream in (False, True):
                        ms = [await hang_up_ms(caller, stream=stream) for _ in range(5)]
                        kind = "stream" if stream else "unary"
                        print(f"  hanging up ({kind}) reached upstream in {max(ms):.0f} ms at most")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)))
