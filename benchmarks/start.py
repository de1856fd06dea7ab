"""`make bench-start`: how soon a gateway process is ready, what CPU that takes, and its memory.

    python -m benchmarks.start [STARTS] [--beside FOLDER]

A start is a real process on the shipped configuration with all doors open and no key of a model.
Cold: nothing is kept from before. Warm: the state folder holds the model that was trained before.
Ready is the line "serving on": the doors are open and health says SERVING. A Chat is asked right
then, and waits for what still loads behind the doors. `--beside` starts another copy of the source
in turn with this one, so that whatever the machine does meanwhile meets both alike.
"""

import argparse
import asyncio
import io
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import grpc

from benchmarks.speed.processes import cpu_s, family, memory_kb
from gateway.demo.run import run
from gateway.v1 import chat_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub

ROOT = Path(__file__).resolve().parents[1]
KEYS = ("OPENAI_API_KEY", "DEEPSEEK_API_KEY", "DASHSCOPE_API_KEY")
READY = "serving on "
DOORS = ("--listen", "--http-listen", "--admin-listen", "--metrics-listen")
LONGEST_S = 90.0
"""Longest wait for anything; far beyond what it takes."""
QUIET_S, QUIET_CPU_S = 1.0, 0.03
"""A process has come to rest when it takes no more CPU than this in this time."""
QUESTION = "How long does shipping to Canada take?"
ASKED = chat_pb2.ChatRequest(
    messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=QUESTION)]
)
MILLI, KIB = 1e3, 1024


@dataclass(frozen=True, slots=True)
class Ready:
    """A process that has just said that it serves."""

    pid: int
    address: str
    began_s: float
    ready_s: float
    cpu_s: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Start:
    """One start: until ready, and until the Chat that was asked right then was answered."""

    ready_ms: float
    answered_ms: float
    cpu_ms: float
    cpu_answered_ms: float
    memory_mb: float


@asynccontextmanager
async def serving(
    source: Path, state: Path, env: Mapping[str, str] | None = None, *more: str
) -> AsyncIterator[Ready]:
    """`erp-gateway serve` from this source; what it took is read as soon as it is ready."""
    command = ["-m", "gateway", "serve", "--config", str(source / "config" / "gateway.yaml")]
    for door in DOORS:
        command += [door, "127.0.0.1:0"]
    command += ["--state-dir", str(state), "--log-level", "error", *more]
    kept = {name: value for name, value in os.environ.items() if name not in KEYS}
    kept |= {"PYTHONDONTWRITEBYTECODE": ""}  # else every start compiles every module
    began_s = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        stdout=asyncio.subprocess.PIPE,
        cwd=source,  # `-m` looks for modules here first
        env=kept | dict(env or {}),
        start_new_session=True,
    )
    try:
        address = await asyncio.wait_for(_address(process), LONGEST_S)
        ready_s = time.perf_counter() - began_s
        pid = process.pid
        yield Ready(pid, address, began_s, ready_s, own_cpu_s(pid), memory_kb(pid) / KIB)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
        await asyncio.wait_for(process.wait(), LONGEST_S)


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        if line.startswith(READY):
            return line.removeprefix(READY).split()[0]
    raise RuntimeError("the gateway ended before it was ready")


def own_cpu_s(pid: int) -> float:
    """CPU seconds of one process with all its threads, by its clock (see clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


async def start(source: Path, state: Path) -> Start:
    """Start once, and ask."""
    async with serving(source, state) as ready, grpc.aio.insecure_channel(ready.address) as channel:
        await GatewayServiceStub(channel).Chat(ASKED, timeout=LONGEST_S)
        answered_s = time.perf_counter() - ready.began_s
        return Start(
            ready.ready_s * MILLI,
            answered_s * MILLI,
            ready.cpu_s * MILLI,
            own_cpu_s(ready.pid) * MILLI,
            ready.memory_mb,
        )


async def at_rest(pid: int) -> None:
    """Wait until whatever loads or trains in the process and its children is done."""
    until_s = time.perf_counter() + LONGEST_S
    while time.perf_counter() < until_s:
        before_s = cpu_s(pid)
        await asyncio.sleep(QUIET_S)
        if cpu_s(pid) - before_s < QUIET_CPU_S:
            return
    raise RuntimeError(f"process {pid} does not come to rest")


async def starts(count: int, sources: Mapping[str, Path], kept: Path, *, warm: bool) -> None:
    """Start each source in turn; print what that took."""
    taken: dict[str, list[Start]] = {name: [] for name in sources}
    for _ in range(count):
        for name, source in sources.items():
            with tempfile.TemporaryDirectory() as folder:
                state = Path(folder) / "state"
                if warm:
                    shutil.copytree(kept / name, state)
                taken[name].append(await start(source, state))
    for name, all_of in taken.items():
        print(f"{'warm' if warm else 'cold'} start, {name} ({count} starts)")
        _tell("ready", [one.ready_ms for one in all_of], "ms")
        _tell("CPU until ready", [one.cpu_ms for one in all_of], "ms")
        _tell("memory at ready", [one.memory_mb for one in all_of], "MiB")
        _tell("first Chat answered", [one.answered_ms for one in all_of], "ms")
        _tell("CPU until then", [one.cpu_answered_ms for one in all_of], "ms")


def _tell(what: str, values: Sequence[float], unit: str) -> None:
    print(f"  {what:<22}median {median(values):6.0f} {unit}   max {max(values):6.0f} {unit}")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process, in MiB: resident, its share of that (PSS), and what is its own alone."""

    what: str
    resident: float
    share: float
    own: float


def memory_of(pid: int) -> Memory:
    """From /proc/PID/smaps_rollup."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size = line.split()[:2]
        found[name.rstrip(":")] = int(size) / KIB
    own = found["Private_Clean"] + found["Private_Dirty"]
    return Memory(_kind(pid), found["Rss"], found["Pss"], own)


def _kind(pid: int) -> str:
    told = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    if "spawn_main" in told:
        return "rules process"
    return "resource tracker" if "resource_tracker" in told else "gateway"


async def memory(source: Path, kept: Path, title: str, env: Mapping[str, str], *more: str) -> None:
    """Start, come to rest, ask all engines, come to rest; print what every process holds."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        shutil.copytree(kept, state)
        async with serving(source, state, env, *more) as ready:
            print(f"{title}: {ready.memory_mb:.0f} MiB resident at ready")
            await at_rest(ready.pid)
            print(f"  at rest: {memory_kb(ready.pid) / KIB:.0f} MiB")
            for _ in range(3):
                with grpc.insecure_channel(ready.address) as channel:
                    await asyncio.to_thread(run, ready.address, channel, (), io.StringIO())
            await at_rest(ready.pid)
            found = [memory_of(pid) for pid in family(ready.pid)]
    print("  after samples to every engine:   resident     share       own")
    for one in found:
        print(f"    {one.what:<26}{one.resident:10.0f}{one.share:10.0f}{one.own:10.0f} MiB")
    print(f"    {'sum':<26}{sum(one.resident for one in found):10.0f}", end="")
    print(f"{sum(one.share for one in found):10.0f}{sum(one.own for one in found):10.0f} MiB")


async def trained(source: Path, state: Path) -> None:
    """Fill the state folder."""
    async with serving(source, state) as ready:
        await at_rest(ready.pid)


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start")
    parser.add_argument("starts", nargs="?", type=int, default=10, metavar="STARTS")
    parser.add_argument("--beside", type=Path, metavar="FOLDER", help="another copy of the source")
    parser.add_argument("--no-memory", action="store_true", help="starts only")
    asked = parser.parse_args()
    sources = {"this": ROOT} | ({"beside": asked.beside.resolve()} if asked.beside else {})
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        for name, source in sources.items():
            await trained(source, kept / name)
        await starts(asked.starts, sources, kept, warm=False)
        await starts(asked.starts, sources, kept, warm=True)
        if asked.no_memory:
            return
        model = {"OPENAI_API_KEY": "none"}
        await memory(ROOT, kept / "this", "one process, no model", {})
        await memory(ROOT, kept / "this", "one process, LiteLLM loaded", model)
        await memory(ROOT, kept / "this", "two workers, LiteLLM loaded", model, "--workers", "2")


if __name__ == "__main__":
    asyncio.run(main())
