"""A real gRPC server on loopback with a fake engine behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import uuid4

import grpc
import pytest

from gateway.api.gate import Gate
from gateway.api.grpc_options import GrpcOptions
from gateway.api.grpc_server import GrpcServer
from gateway.api.methods import Tasks
from gateway.api.ports import anyone
from gateway.api.service import Backing, Service
from gateway.core.model import Call
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.api.fakes import FakeDesk, FakeEngine, FakeTask

LOCAL = GrpcOptions(address="127.0.0.1:0")
DEFAULT_DEADLINE_S = 30.0


@dataclass
class Running:
    """A running edge, its engine and a channel to it."""

    engine: FakeEngine
    gate: Gate
    service: Service
    server: GrpcServer
    channel: Any  # of any message type

    @property
    def stub(self) -> Any:
        return GatewayServiceStub(self.channel)

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.server.port}"


def backing(engine: FakeEngine, gate: Gate) -> Backing:
    tasks: dict[str, Any] = {
        "chat": FakeTask(Call.CHAT),
        "keywords": FakeTask(Call.EXTRACT_KEYWORDS),
        "anomaly": FakeTask(Call.DETECT_ANOMALY),
    }
    return Backing(
        engine=engine,
        streams=engine,
        tasks=Tasks(**tasks),
        feedback=FakeDesk(),
        admission=gate,
        identify=anyone,
        default_deadline_s=lambda _call, _caller: DEFAULT_DEADLINE_S,
        clock=asyncio.get_running_loop().time,
        rng=Random(7),
        make_id=lambda: uuid4().hex,
    )


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what has no event of its own, at most 20 s."""
    async with asyncio.timeout(20):
        while not holds():  # no event tells
            await asyncio.sleep(0.01)


@asynccontextmanager
async def edge(
    options: GrpcOptions = LOCAL, gate: Gate | None = None, **changes: Any
) -> AsyncIterator[Running]:
    """Open an edge; `changes` replace fields of its Backing."""
    engine = FakeEngine()
    gate = gate or Gate()
    service = Service(replace(backing(engine, gate), **changes))
    server = GrpcServer(service, gate, options)
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield Running(engine, gate, service, server, channel)
    await server.drain(0.1)
    service.close()


@pytest.fixture
async def running(anyio_backend: str) -> AsyncIterator[Running]:  # its loop
    async with edge() as opened:
        yield opened
