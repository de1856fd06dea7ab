"""The start of the real process: what opens the doors loads first; callers wait for the rest."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.demo.run import run
from tests.processes import HTTP, KEYS, METRICS, READY, ROOT, START_S

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

BEHIND = {"aiohttp", "numpy", "snowballstemmer"}
"""Loaded, but only behind the open doors."""
UNUSED = {"jsonschema", "litellm", "mcp", "openai", "opentelemetry", "redis"}
"""Not loaded where nothing is configured that needs them."""
IMPORTED = "import time:"


class Started:
    """A gateway that prints what it imports between what it says, in the order of both."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.modules: set[str] = set()
        self.said: dict[str, str] = {}

    async def until(self, line: str = "", modules: frozenset[str] = frozenset()) -> None:
        """Read on until it has said this, or imported these."""
        assert self._process.stdout is not None
        async with asyncio.timeout(START_S):
            while not (line in self.said if line else modules <= self.modules):
                self._take((await self._process.stdout.readline()).decode())

    def _take(self, line: str) -> None:
        assert line, "the gateway ended"
        if line.startswith(IMPORTED):
            self.modules.add(line.rpartition("|")[2].strip())
        for what in (READY, HTTP, METRICS):
            if line.startswith(what):
                self.said[what] = line.removeprefix(what).split()[0]


@asynccontextmanager
async def start(state: Path) -> AsyncIterator[Started]:
    """The shipped configuration with every door, and no key of a model."""
    doors = ("--listen", "--http-listen", "--admin-listen", "--metrics-listen")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "importtime", "-m", "gateway", "serve"),
        *(part for door in doors for part in (door, "127.0.0.1:0")),
        *("--config", "config/gateway.yaml", "--state-dir", str(state)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,  # one pipe keeps the order
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in KEYS},
    )
    started = Started(process)
    try:
        yield started
    finally:
        process.terminate()
        await process.communicate()


async def test_the_doors_open_before_numpy_the_engines_and_aiohttp_are_loaded(
    tmp_path: Path,
) -> None:
    async with start(tmp_path) as started:
        await started.until(READY)
        before = set(started.modules)
        await started.until(modules=frozenset(BEHIND))
    assert {"grpc.aio", "gateway.wiring.application"} <= before, "imports are not told"
    assert not before & (BEHIND | UNUSED)
    assert not any(name.startswith("gateway.rules.anomaly.detect") for name in before)
    assert not started.modules & UNUSED


async def test_calls_of_every_kind_that_come_at_once_are_answered(tmp_path: Path) -> None:
    async with start(tmp_path) as started, aiohttp.ClientSession() as session:
        await started.until(READY)
        address, http, metrics = (started.said[what] for what in (READY, HTTP, METRICS))
        reading = asyncio.create_task(started.until(modules=frozenset({"never"})))
        with grpc.insecure_channel(address) as channel:
            told = io.StringIO()
            three = asyncio.to_thread(run, address, channel, (), told)
            code, ready, live, health = await asyncio.gather(
                three,
                status(session, http, "readyz"),
                status(session, metrics, "livez"),
                asyncio.to_thread(serving, channel),
            )
        reading.cancel()
        await asyncio.wait({reading})
    assert code == 0, told.getvalue()
    assert (ready, live) == (200, 200)
    assert health == health_pb2.HealthCheckResponse.SERVING


async def status(session: aiohttp.ClientSession, address: str, path: str) -> int:
    async with session.get(f"http://{address}/{path}") as got:
        return got.status


def serving(channel: grpc.Channel) -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    return int(stub.Check(health_pb2.HealthCheckRequest(), timeout=START_S).status)
