"""How long after its deadline a call ends that nobody answers, in every client: docs/clients.md.

    python -m benchmarks.deadlines [CALLS]

`frozen`: the gateway's process is stopped (SIGSTOP) and keeps its connections, so only the caller's
own clock can end the call. `silent`: the gateway lives, the model says nothing, and the rules are
forbidden. Each client makes CALLS (default 30) unary calls and as many streams of 0.5 s. Clients
whose tools are missing are left out.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from erp_gateway_client import AsyncGatewayClient, GatewayClient, GatewayError, Settings, question
from gateway.v1.chat_pb2 import ChatRequest
from tests.golden.replay import Board, board
from tests.golden.serve import Addresses, golden
from tests.processes import ROOT

DEADLINE_S = 0.5
FROZEN_S = 300.0
LABEL = "models-only"
PHP = ROOT / "clients" / "php" / "tools"
JAVA = "-q -f clients/java test-compile exec:java -Dexec.classpathScope=test"
Over = Mapping[str, Sequence[float]]
"""Milliseconds over the deadline, by `unary` and `stream`."""


def asked() -> ChatRequest:
    request = question("Hello?")
    request.options.labels["golden"] = LABEL
    return request


def over_ms(began_s: float) -> float:
    return (time.monotonic() - began_s - DEADLINE_S) * 1000


def python_sync(at: Addresses, calls: int) -> Over:
    over: dict[str, list[float]] = {"unary": [], "stream": []}
    with GatewayClient(at.gateway, Settings(deadline_s=DEADLINE_S)) as client:
        for kind in [*["unary"] * calls, *["stream"] * calls]:
            began_s = time.monotonic()
            try:
                if kind == "unary":
                    client.chat(asked())
                else:
                    with client.stream_chat(asked()) as stream:
                        list(stream)
                raise AssertionError("the call was answered")
            except GatewayError:
                over[kind].append(over_ms(began_s))
    return over


async def python_async(at: Addresses, calls: int) -> Over:
    over: dict[str, list[float]] = {"unary": [], "stream": []}
    async with AsyncGatewayClient(at.gateway, Settings(deadline_s=DEADLINE_S)) as client:
        for kind in [*["unary"] * calls, *["stream"] * calls]:
            began_s = time.monotonic()
            try:
                if kind == "unary":
                    await client.chat(asked())
                else:
                    async with client.stream_chat(asked()) as stream:
                        [event async for event in stream]
                raise AssertionError("the call was answered")
            except GatewayError:
                over[kind].append(over_ms(began_s))
    return over


async def told(*command: str) -> Over:
    """Run a probe of another language."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    text = (await process.stdout.read()).decode()
    assert await process.wait() == 0, text
    # Maven may say something before and after
    return dict(json.JSONDecoder().raw_decode(text, text.index("{"))[0])


def others(at: Addresses, calls: int) -> Iterator[tuple[str, Sequence[str]]]:
    """Clients in other languages, and the commands of their probes."""
    words = [str(calls), str(DEADLINE_S), LABEL]
    if shutil.which("mvn"):
        main = "-Dexec.mainClass=com.erpai.gateway.client.DeadlineProbe"
        yield "Java", ["mvn", *JAVA.split(), main, f"-Dexec.args={' '.join([at.gateway, *words])}"]
    built = sorted((ROOT / ".cache" / "php-ext").glob("*/grpc.so"))
    if built and shutil.which("php"):
        probe = ["php", "-d", f"extension={built[-1]}", str(PHP / "bench_deadlines.php")]
        for name, kind in [
            ("PHP, ext-grpc", "Grpc"),
            ("PHP, curl, Connect", "Connect"),
            ("PHP, curl, JSON", "ConnectJson"),
        ]:
            yield name, [*probe, kind, at.gateway, f"http://{at.http}", *words]


async def measured(at: Addresses, calls: int) -> AsyncIterator[tuple[str, Over]]:
    yield "Python, sync", await asyncio.to_thread(python_sync, at, calls)
    yield "Python, async", await python_async(at, calls)
    for name, command in others(at, calls):
        yield name, await told(*command)


def row(name: str, where: str, over: Over) -> str:
    """The very first call of a process apart: it connects, and a JVM loads its classes."""
    first, *unary = over["unary"]
    cells = [f"{median(ms):.1f} | {max(ms):.1f}" for ms in (unary, over["stream"])]
    return f"| {name} | {where} | {first:.1f} | {' | '.join(cells)} |"


@asynccontextmanager
async def frozen(on: Board) -> AsyncIterator[None]:
    await on.freeze(FROZEN_S)
    try:
        yield
    finally:
        await on.server("thaw", wait=True)


async def main(calls: int) -> None:
    """Measure and print the table."""
    print("| Client | Gateway | first call, ms | unary: median | max | stream: median | max |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        async with golden(Path(folder)) as at, board(at) as on:
            await on.faults("/_script", {"model": "main", "behaviours": ["ok"]})
            async with AsyncGatewayClient(at.gateway, Settings(deadline_s=120)) as client:
                await client.chat(question("warm?"))
            await on.faults("/_script", {"model": "main", "behaviours": ["silent"]})
            async for name, over in measured(at, calls):
                print(row(name, "lives, model silent", over), flush=True)
            async with frozen(on):
                async for name, over in measured(at, calls):
                    print(row(name, "frozen", over), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
