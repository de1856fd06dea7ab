"""A noisy neighbour: one tenant at its pace, another at ten times its limit, in one run.

    make noisy        or: python -m benchmarks.noisy [SECONDS of each phase, default 10]

One gateway process before a model that takes 50 ms. Tenant `steady` makes 20 calls a second all the
time; tenant `noisy` is silent and loud in turns (four phases, so that what the machine does
meanwhile meets both alike), and when loud makes 200 calls a second, ten times its limit of 20.
Printed: errors and latency of `steady` in both, and how exactly `noisy` was held to its limit.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import grpc
import uvloop

from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.api.service import Backing
from gateway.config import Config, load_text
from gateway.v1 import chat_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from gateway.wiring.application import Application

if TYPE_CHECKING:
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

KNOWLEDGE = Path(__file__).resolve().parent.parent / "config" / "knowledge"
STEADY_PER_S = 20
LIMIT_PER_S = 20
NOISE = 10
"""Times its limit that the noisy tenant sends."""
BURST = 20
TIME_S = 30.0
CONFIG = """
server: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
limits:
  tenants:
    noisy: {{calls_per_minute: {per_minute}, burst: {burst}}}
deployments:
  model: {{provider: openai, model: wait-0.05, base_url: "{url}", api_key_env: BENCH_KEY}}
routes:
  - {{name: all, tiers: [model], cache: {{enabled: false}}}}
"""


# ---- the gateway, in a process of its own


class Labelled(Application):
    """A gateway that takes the key for the tenant's name: keys are not what is measured here."""

    def _backing(self) -> Backing:
        return replace(super()._backing(), identify=tenant_of)


def tenant_of(method: str, metadata: CallMetadata) -> Identity:  # noqa: ARG001 # Identifies
    return Identity(tenant=metadata.authorization.removeprefix("Bearer "))


async def serve(config: Config) -> None:
    application = Labelled(config)
    await application.start()
    await application.load()
    print(application.address, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until it is closed
    await application.stop()


class Started:
    """A process that says a line when it is ready, and one more for each line it is told."""

    def __init__(self, process: asyncio.subprocess.Process, said: str) -> None:
        self._process = process
        self.said = said

    async def ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        return (await self._process.stdout.readline()).decode().strip()

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[Started]:
    """It ends when its input ends, or is told."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert started.stdout is not None
    try:
        yield Started(started, (await started.stdout.readline()).decode().strip())
    finally:
        assert started.stdin is not None
        if arguments[0] == "tests.faults":
            started.terminate()
        started.stdin.close()
        await started.wait()


# ---- the tenants


@dataclass
class Heard:
    """What one tenant got in one kind of phase."""

    took_s: list[float] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    @property
    def errors(self) -> int:
        return sum(count for end, count in self.ends.items() if end != "OK")

    def p(self, percent: int) -> float:
        """A percentile of the latency of answers, in milliseconds."""
        return quantiles(self.took_s, n=100, method="inclusive")[percent - 1] * 1000


@dataclass
class Figures:
    """The whole run."""

    quiet: Heard = field(default_factory=Heard)
    beside_noise: Heard = field(default_factory=Heard)
    noisy: Heard = field(default_factory=Heard)
    most: float = 0.0
    """Calls of the noisy tenant that its limit lets through: bursts, and its pace while loud."""
    quiet_cpu_s: float = 0.0
    loud_cpu_s: float = 0.0
    """CPU of the gateway in the phases of each kind."""

    def change(self, percent: int) -> float:
        """How much the steady tenant's percentile moved, as a share of what it was."""
        return self.beside_noise.p(percent) / self.quiet.p(percent) - 1


async def one_call(stub: "GatewayServiceAsyncStub", tenant: str, heard: Heard) -> None:
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="Where is my parcel?")
    asked = chat_pb2.ChatRequest(messages=[message])
    metadata = (("authorization", f"Bearer {tenant}"),)
    began = time.perf_counter()
    try:
        await stub.Chat(asked, metadata=metadata, timeout=TIME_S)
    except grpc.aio.AioRpcError as error:
        heard.ends[error.code().name] += 1
        return
    heard.took_s.append(time.perf_counter() - began)
    heard.ends["OK"] += 1


async def shout(address: str) -> None:
    """The noisy tenant, in a process of its own: what it costs to shout is not the other's."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub, lines = GatewayServiceStub(channel), asyncio.get_running_loop()
        print("ready", flush=True)
        while line := await lines.run_in_executor(None, sys.stdin.readline):
            heard = Heard()
            await calls(stub, "noisy", heard, NOISE * LIMIT_PER_S, float(line))
            print(json.dumps(heard.ends), flush=True)


async def calls(
    stub: "GatewayServiceAsyncStub", tenant: str, heard: Heard, per_s: float, for_s: float
) -> None:
    """Calls at a steady pace, whether the earlier ones have ended or not."""
    began, sent, tasks = time.perf_counter(), 0, set()
    while (now := time.perf_counter() - began) < for_s:
        if now * per_s >= sent:
            tasks.add(asyncio.create_task(one_call(stub, tenant, heard)))
            sent += 1
        else:
            await asyncio.sleep(sent / per_s - now)
    await asyncio.gather(*tasks)


async def run(phase_s: float, phases: int = 4) -> Figures:
    """The whole run: quiet and loud phases in turns."""
    figures = Figures()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        faults = await stack.enter_async_context(process("tests.faults", "--port", "0"))
        config = folder / "gateway.yaml"
        url = f"http://127.0.0.1:{faults.said}/v1"
        per_minute = 60 * LIMIT_PER_S
        text = CONFIG.format(knowledge=KNOWLEDGE, url=url, per_minute=per_minute, burst=BURST)
        config.write_text(text, encoding="utf-8")
        serving = await stack.enter_async_context(process("benchmarks.noisy", "serve", str(config)))
        noisy = await stack.enter_async_context(process("benchmarks.noisy", "shout", serving.said))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(serving.said))
        mine = GatewayServiceStub(channel)
        warm = Heard()
        while not warm.ends["OK"]:  # on a busy machine the model library takes long to load
            await one_call(mine, "steady", warm)
        await calls(mine, "steady", Heard(), STEADY_PER_S, min(phase_s, 2.0))
        for phase in range(phases):
            before_s = serving.cpu_s()
            if phase % 2 == 0:
                await calls(mine, "steady", figures.quiet, STEADY_PER_S, phase_s)
                figures.quiet_cpu_s += serving.cpu_s() - before_s
                continue
            _, ends = await asyncio.gather(
                calls(mine, "steady", figures.beside_noise, STEADY_PER_S, phase_s),
                noisy.ask(str(phase_s)),
            )
            figures.noisy.ends.update(json.loads(ends))
            figures.most += BURST + LIMIT_PER_S * phase_s
            figures.loud_cpu_s += serving.cpu_s() - before_s
    return figures


def told(figures: Figures) -> list[str]:
    quiet, beside, noisy = figures.quiet, figures.beside_noise, figures.noisy
    let = noisy.ends["OK"]
    return [
        f"steady, alone         {sum(quiet.ends.values()):6} calls, {quiet.errors} errors, "
        f"p50 {quiet.p(50):.1f} ms, p99 {quiet.p(99):.1f} ms",
        f"steady, beside noise  {sum(beside.ends.values()):6} calls, {beside.errors} errors, "
        f"p50 {beside.p(50):.1f} ms, p99 {beside.p(99):.1f} ms",
        f"change                p50 {figures.change(50):+.1%}, p99 {figures.change(99):+.1%}",
        f"noisy                 {sum(noisy.ends.values()):6} calls, {let} let through of "
        f"{figures.most:.0f} allowed ({let / figures.most:.2%}); {dict(noisy.ends)}",
        f"CPU of the gateway    {figures.quiet_cpu_s:.1f} s alone, "
        f"{figures.loud_cpu_s:.1f} s beside noise",
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["shout"]:
        uvloop.run(shout(sys.argv[2]))
    elif sys.argv[1:2] == ["serve"]:
        written = Path(sys.argv[2]).read_text(encoding="utf-8")
        uvloop.run(serve(load_text(written, sys.argv[2], {"BENCH_KEY": "k"})))
    else:
        measured = uvloop.run(run(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
        print("\n".join(told(measured)))
