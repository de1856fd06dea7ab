"""Limits over several real processes: on one Redis, without it, and as workers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.e2e.test_answers import KNOWLEDGE, question
from tests.faults import FaultServer, Options
from tests.processes import gateway
from tests.redis_servers import RedisServer, eventually, redis_server

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

BURST = 8
CONFIG = """
server: {{listen: "127.0.0.1:0", workers: {workers}}}
{redis}
knowledge: {knowledge}
limits:
  processes: 2
  each_tenant: {{calls_per_minute: 1, burst: {burst}}}
deployments:
  main: {{provider: openai, model: main, base_url: "{url}", api_key_env: TEST_KEY}}
routes:
  - {{name: all, tiers: [main], cache: {{enabled: false}}, default_deadline_s: 60}}
"""


def written(folder: Path, faults: FaultServer, redis: str = "", workers: int = 1) -> Path:
    faults.script("main", ["ok"])
    path = folder / "gateway.yaml"
    text = CONFIG.format(
        redis=redis, knowledge=KNOWLEDGE, burst=BURST, url=faults.url, workers=workers
    )
    path.write_text(text, encoding="utf-8")
    return path


async def ends(stubs: Sequence[Any], calls: int) -> Counter[str]:
    """How so many calls at once ended, the stubs in turns."""

    async def one(stub: Any) -> str:
        try:
            await stub.Chat(question(), timeout=60)
        except grpc.aio.AioRpcError as error:
            return str(error.code().name)
        return "OK"

    return Counter(await asyncio.gather(*(one(stubs[n % len(stubs)]) for n in range(calls))))


@dataclass(frozen=True)
class Pair:
    """Two gateways on one Redis."""

    stubs: list[Any]
    logs: list[Path]
    redis: RedisServer


@pytest.fixture
async def faults() -> AsyncIterator[FaultServer]:
    async with FaultServer(Options()) as server:
        yield server


@pytest.fixture
async def pair(tmp_path: Path, faults: FaultServer) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_server(tmp_path))
        line = f'redis: {{url: "redis://127.0.0.1:{redis.port}", timeout_s: 0.5}}'
        config = written(tmp_path, faults, line)
        stubs, logs = [], [tmp_path / "log-0", tmp_path / "log-1"]
        for log in logs:
            process = await stack.enter_async_context(gateway(config, log, {"TEST_KEY": "k"}))
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(process.address))
            stubs.append(GatewayServiceStub(channel))
        yield Pair(stubs, logs, redis)


@pytest.mark.needs("redis-server")
async def test_two_gateways_on_one_redis_share_a_limit_and_without_it_each_has_half(
    pair: Pair, faults: FaultServer
) -> None:
    assert await ends(pair.stubs, 40) == {"OK": BURST, "RESOURCE_EXHAUSTED": 40 - BURST}
    assert faults.count("main") == BURST
    await pair.redis.kill()
    assert await ends(pair.stubs, 40) == {"OK": BURST, "RESOURCE_EXHAUSTED": 40 - BURST}
    for log in pair.logs:
        assert log.read_text(encoding="utf-8").count("limits fall back to this process") == 1
    await pair.redis.start()

    async def shared_again() -> bool:
        await ends(pair.stubs, 2)
        return all(
            "limits are shared again" in log.read_text(encoding="utf-8") for log in pair.logs
        )

    await eventually(shared_again)


async def test_workers_without_redis_have_their_part_each_and_say_so(
    tmp_path: Path, faults: FaultServer
) -> None:
    log = tmp_path / "log"
    config = written(tmp_path, faults, workers=2)
    alone = [("grpc.use_local_subchannel_pool", 1)]
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(gateway(config, log, {"TEST_KEY": "k"}))
        stubs = []
        for _ in range(16):  # the kernel deals connections out to the workers
            channel = grpc.aio.insecure_channel(process.address, alone)
            stubs.append(GatewayServiceStub(await stack.enter_async_context(channel)))
        got = await ends(stubs, 64)
    assert got.keys() == {"OK", "RESOURCE_EXHAUSTED"}
    assert got["OK"] in (BURST // 2, BURST)
    assert "each of 2 processes enforces its part" in log.read_text(encoding="utf-8")
