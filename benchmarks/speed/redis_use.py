"""What a call asks of Redis: round trips, commands and CPU, counted by Redis itself."""

import asyncio
import shutil
import socket
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from redis.asyncio import Redis

from benchmarks.speed import subjects
from benchmarks.speed.processes import LOAD_CORES, started
from benchmarks.speed.subjects import CACHE
from benchmarks.speed.targets import QUESTION, chat
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub

if TYPE_CHECKING:
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

CALLS = 400
AT_ONCE = 8
SETTINGS = """
redis: "redis://127.0.0.1:{port}/0"
limits:
  each_tenant: {{calls_per_minute: 1000000, tokens_per_minute: 1000000000}}
"""
WORDS = {
    "plain": "Chat, one model call",
    "miss": "Chat that the cache does not know yet",
    "hit": "Chat from the gateway's own cache",
}


@dataclass(frozen=True, slots=True)
class Used:
    """Redis' own counters."""

    trips: int
    commands: int
    cpu_s: float

    @classmethod
    async def now(cls, redis: Redis) -> "Used":
        told = await redis.info("all")
        cpu_s = told["used_cpu_user"] + told["used_cpu_sys"]
        return cls(told["total_reads_processed"], told["total_commands_processed"], cpu_s)


async def used(upstream: str) -> dict[str, dict[str, float]]:
    """Per call, by kind of call, with limits on. Raises FileNotFoundError without redis-server."""
    server = shutil.which("redis-server")
    if not server:
        raise FileNotFoundError("redis-server is missing; apt-get install -y redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [server, "--port", str(port), "--save", "", "--dir", folder]
        async with started(command, {}, CACHE / "redis.log", LOAD_CORES):
            settings = SETTINGS.format(port=port)
            async with (
                Redis(host="127.0.0.1", port=port) as redis,
                subjects.gateway(upstream, settings=settings) as (ours, _door),
                grpc.aio.insecure_channel(ours.url) as channel,
            ):
                stub = GatewayServiceStub(channel)
                return {kind: await _counted(redis, stub, kind) for kind in WORDS}


async def _counted(redis: Redis, stub: "GatewayServiceAsyncStub", kind: str) -> dict[str, float]:
    places = asyncio.Semaphore(AT_ONCE)

    async def ask(number: int) -> None:
        request = chat("plain" if kind == "plain" else "cached")
        asked = f"{QUESTION} Question {number}" if kind == "miss" else QUESTION
        request.messages[0].text = asked
        async with places:
            await stub.Chat(request, timeout=30)

    await ask(0)
    await asyncio.sleep(1.0)  # what is written after the answer
    before = await Used.now(redis)
    await asyncio.gather(*(ask(number) for number in range(1, CALLS + 1)))
    await asyncio.sleep(1.0)
    after = await Used.now(redis)
    return {
        "trips": round((after.trips - before.trips) / CALLS, 2),
        "commands": round((after.commands - before.commands) / CALLS, 2),
        "cpu_us": round((after.cpu_s - before.cpu_s) / CALLS * 1e6, 1),
    }
