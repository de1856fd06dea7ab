"""How a real gateway process begins and ends: signals at any time, engines that do not load."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from gateway.config import load_file
from gateway.v1 import chat_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from gateway.wiring import Application
from tests.processes import KEYS, READY, ROOT, START_S

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

CONFIG = """
server: {listen: "127.0.0.1:0", http_listen: "127.0.0.1:0", drain_s: 50}
knowledge: config/knowledge
routes:
  - {name: all, tiers: []}
"""
BROKEN = "raise ImportError('no numpy on this machine')"
NEVER = "import threading; threading.Event().wait()"
ASKED_FOR_GC = """
import gc, signal, sys
signal.signal(signal.SIGUSR1, lambda *_: print("gc", gc.isenabled(), flush=True))
from gateway.cli import serve
sys.exit(serve.main(sys.argv[1:]))
"""


@dataclass
class Started:
    process: asyncio.subprocess.Process
    log: Path

    async def line(self, begins: str) -> str:
        """The next line that begins so, without that; empty at the end."""
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            while line := (await self.process.stdout.readline()).decode():
                if line.startswith(begins):
                    return line.removeprefix(begins).strip()
        return ""

    async def ended(self) -> int:
        async with asyncio.timeout(30):  # less than the drain
            return await self.process.wait()


@asynccontextmanager
async def started(
    folder: Path, numpy: str = "", options: Sequence[str] = (), program: Sequence[str] = ()
) -> AsyncIterator[Started]:
    """`erp-gateway serve`; with `numpy` as the text of that package."""
    config, packages, log = folder / "gateway.yaml", folder / "packages", folder / "log"
    config.write_text(CONFIG)
    if numpy:
        (packages / "numpy").mkdir(parents=True)
        (packages / "numpy" / "__init__.py").write_text(numpy)
    env = {name: value for name, value in os.environ.items() if name not in KEYS}
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *(program or ("-m", "gateway", "serve"))),
            *("--config", str(config), "--state-dir", str(folder / "state"), *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            cwd=ROOT,
            env=env | {"PYTHONPATH": f"{packages}{os.pathsep}{ROOT}"},
        )
    try:
        yield Started(process, log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def ask(address: str, deadline_s: float) -> grpc.StatusCode | None:
    """The status of one Chat; None when it was answered. Our clients' retries are left out."""
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="Where is my parcel?")
    with grpc.insecure_channel(address, options=[("grpc.enable_retries", 0)]) as channel:
        try:
            GatewayServiceStub(channel).Chat(
                chat_pb2.ChatRequest(messages=[message]), timeout=deadline_s, wait_for_ready=True
            )
        except grpc.RpcError as error:
            return error.code()
    return None


async def test_a_process_whose_engines_cannot_load_ends_with_an_error_that_says_so(
    tmp_path: Path,
) -> None:
    async with started(tmp_path, BROKEN) as gateway:
        assert await gateway.line(READY)
        assert await gateway.ended() == 1
    last = gateway.log.read_text().splitlines()[-1]
    assert last.startswith("the engines cannot be loaded (ImportError: no numpy on this machine)")


async def test_engines_that_cannot_load_keep_no_caller_waiting(tmp_path: Path) -> None:
    async with started(tmp_path, f"import time; time.sleep(1); {BROKEN}") as gateway:
        address = (await gateway.line(READY)).split()[0]
        asked = await asyncio.to_thread(ask, address, 40.0)
        assert asked in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
        assert await gateway.ended() == 1


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_sigterm_while_the_engines_load_ends_the_process_at_once(
    tmp_path: Path, workers: str
) -> None:
    async with started(tmp_path, NEVER, ("--workers", workers)) as gateway:
        assert await gateway.line(READY)
        gateway.process.terminate()
        assert await gateway.ended() == 0
    assert "Traceback" not in gateway.log.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_sigterm_again_and_again_is_one_sigterm(tmp_path: Path, workers: str) -> None:
    async with started(tmp_path, options=("--workers", workers)) as gateway:
        assert await gateway.line(READY)
        async with asyncio.timeout(30):
            while gateway.process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    # not send_signal: that may take the exit code before asyncio has seen it
                    os.kill(gateway.process.pid, signal.SIGTERM)
                await asyncio.sleep(0.003)
        assert await gateway.ended() == 0
    assert "Traceback" not in gateway.log.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_sigterm_before_the_doors_are_open_ends_it_too(tmp_path: Path, workers: str) -> None:
    program = ("-c", "from gateway.cli import serve; import sys; print('begun', flush=True);"
               "sys.exit(serve.main(sys.argv[1:]))")  # fmt: skip
    slow = "--config", str(tmp_path / "fifo")  # reading it lasts for ever
    os.mkfifo(tmp_path / "fifo")
    async with started(tmp_path, options=("--workers", workers, *slow), program=program) as gateway:
        assert await gateway.line("begun") == ""
        async with asyncio.timeout(30):
            while not handles_sigterm(gateway.process.pid):
                await asyncio.sleep(0.005)
        gateway.process.terminate()
        assert await gateway.ended() == 0


async def test_a_stop_leaves_no_semaphores_behind(tmp_path: Path) -> None:
    async with started(tmp_path) as gateway:
        address = (await gateway.line(READY)).split()[0]
        await asyncio.to_thread(ask, address, 30.0)  # the rules' processes are begun
        gateway.process.terminate()
        assert await gateway.ended() == 0
        assert gateway.process.stdout is not None
        await gateway.process.stdout.read()  # until Python's watcher over semaphores has ended too
    assert "leaked" not in gateway.log.read_text()


def handles_sigterm(pid: int) -> bool:
    caught = next(
        line.split()[1]
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("SigCgt")
    )
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_the_collector_is_on_once_a_process_serves_and_in_the_supervisor(
    tmp_path: Path, workers: str
) -> None:
    program = ("-c", ASKED_FOR_GC)
    async with started(tmp_path, options=("--workers", workers), program=program) as gateway:
        address = await gateway.line(READY)
        await asyncio.to_thread(ask, address.split()[0], 30.0)  # the engines are there
        async with asyncio.timeout(30):
            gateway.process.send_signal(signal.SIGUSR1)
            while await gateway.line("gc") != "True":
                gateway.process.send_signal(signal.SIGUSR1)


async def test_a_new_length_of_the_drain_holds_at_once(tmp_path: Path) -> None:
    async with started(tmp_path, NEVER) as gateway:
        address = (await gateway.line(READY)).split()[0]
        asking = asyncio.create_task(asyncio.to_thread(ask, address, 45.0))
        (tmp_path / "gateway.yaml").write_text(CONFIG.replace("drain_s: 50", "drain_s: 0"))
        async with asyncio.timeout(30):
            while "a new configuration is in force" not in gateway.log.read_text():
                await asyncio.sleep(0.02)
        gateway.process.terminate()
        assert await gateway.ended() == 0
        await asking


@pytest.mark.parametrize("deadline_s", [0.3, 1.5])
async def test_a_call_that_cannot_wait_for_the_engines_is_refused_so_that_it_is_tried_again(
    tmp_path: Path, deadline_s: float
) -> None:
    async with started(tmp_path, NEVER) as gateway:
        address = (await gateway.line(READY)).split()[0]
        first = await asyncio.to_thread(ask, address, 5.0)  # gRPC itself is slow at first
        assert first is grpc.StatusCode.UNAVAILABLE
        assert await asyncio.to_thread(ask, address, deadline_s) is grpc.StatusCode.UNAVAILABLE


async def test_an_application_inside_another_program_leaves_its_collector_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(CONFIG)
    application = Application(load_file(path, {}))
    frozen, was_on = gc.get_freeze_count(), gc.isenabled()
    gc.disable()
    try:
        await application.start()
        await application.load()
        assert (gc.isenabled(), gc.get_freeze_count()) == (False, frozen)
    finally:
        if was_on:
            gc.enable()
        await application.stop()
