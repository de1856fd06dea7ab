"""Two real gateway processes on one real Redis, and what is left when it goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.v1 import common_pb2, keywords_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.faults import FaultServer, Options
from tests.processes import gateway
from tests.redis_servers import RedisServer, eventually, redis_server

pytestmark = [pytest.mark.anyio, pytest.mark.e2e, pytest.mark.needs("redis-server")]

CONFIG = """
server: {{listen: "127.0.0.1:0"}}
redis: {{url: "redis://127.0.0.1:{port}", password_env: REDIS_PASSWORD, timeout_s: 0.5}}
deployments:
  main: {{provider: openai, model: main, base_url: "{url}", api_key_env: TEST_KEY}}
routes:
  - name: all
    tiers: [main]
    default_deadline_s: 60
"""
PASSWORD = "correct-horse-battery"
REPLY = '{"keywords": ["water bottle", "straw lid"]}'


@dataclass(frozen=True)
class Pair:
    """Two gateways, the models and the Redis behind them."""

    stubs: list[Any]
    logs: list[Path]
    faults: FaultServer
    redis: RedisServer


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    async with AsyncExitStack() as stack:
        faults = await stack.enter_async_context(FaultServer(Options()))
        redis = await stack.enter_async_context(redis_server(folder, password=PASSWORD))
        config = folder / "gateway.yaml"
        config.write_text(CONFIG.format(port=redis.port, url=faults.url))
        faults.script("main", [{"do": "ok", "text": REPLY}])
        env = {"TEST_KEY": "k-test", "REDIS_PASSWORD": PASSWORD}
        stubs, logs = [], [folder / "log-0", folder / "log-1"]
        for log in logs:
            process = await stack.enter_async_context(gateway(config, log, env))
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(process.address))
            stubs.append(GatewayServiceStub(channel))
        for stub in stubs:  # no test pays for the start
            await stub.ExtractKeywords(listing("warm up"), timeout=60)
        yield Pair(stubs, logs, faults, redis)


def listing(title: str) -> keywords_pb2.ExtractKeywordsRequest:
    text = f"Stainless Steel Water Bottle with Straw Lid, {title}"
    return keywords_pb2.ExtractKeywordsRequest(listing=keywords_pb2.Listing(title=text))


async def test_what_one_gateway_was_told_the_other_knows(pair: Pair) -> None:
    here, there = pair.stubs
    first = await here.ExtractKeywords(listing("one"), timeout=60)
    assert first.info.source == common_pb2.SOURCE_MODEL
    asked = pair.faults.count("main")

    async def known() -> bool:
        again = await there.ExtractKeywords(
            keywords_pb2.ExtractKeywordsRequest(
                listing=listing("one").listing,
                options=common_pb2.RequestOptions(cache=common_pb2.CACHE_MODE_READ_ONLY),
            ),
            timeout=60,
        )
        return bool(again.info.source == common_pb2.SOURCE_CACHE)

    await eventually(known)
    found = await there.ExtractKeywords(listing("one"), timeout=60)
    assert found.info.source == common_pb2.SOURCE_CACHE
    assert (found.info.deployment, found.info.usage.output_tokens) == ("main", 0)
    assert [k.text for k in found.keywords] == [k.text for k in first.keywords]
    assert pair.faults.count("main") <= asked + 1


async def test_a_call_sent_again_to_the_other_gateway_gets_the_same_answer_and_is_paid_once(
    pair: Pair,
) -> None:
    here, there = pair.stubs
    asked, again = pair.faults.count("main"), (("x-request-id", "order-7"),)
    no_cache = common_pb2.RequestOptions(cache=common_pb2.CACHE_MODE_OFF)
    request = keywords_pb2.ExtractKeywordsRequest(listing=listing("two").listing, options=no_cache)
    both = await asyncio.gather(
        *(stub.ExtractKeywords(request, timeout=60, metadata=again) for stub in (here, there))
    )
    both.append(await there.ExtractKeywords(request, timeout=60, metadata=again))
    assert len({answer.SerializeToString() for answer in both}) == 1
    assert pair.faults.count("main") == asked + 1
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await there.ExtractKeywords(listing("three"), timeout=60, metadata=again)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_no_call_fails_while_redis_is_paused_or_killed_and_the_log_tells_it_once(
    pair: Pair,
) -> None:
    async def burst(name: str) -> set[int]:
        calls = [
            stub.ExtractKeywords(listing(f"{name} {n}"), timeout=60)
            for n in range(15)
            for stub in pair.stubs
        ]
        return {int(answer.info.source) for answer in await asyncio.gather(*calls)}

    pair.redis.pause()
    assert await burst("paused") == {common_pb2.SOURCE_MODEL}
    pair.redis.resume()
    await eventually(lambda: all("Redis is there" in tail(log) for log in pair.logs))
    await pair.redis.kill()
    assert await burst("killed") == {common_pb2.SOURCE_MODEL}
    await pair.redis.start()
    await eventually(lambda: all("Redis is there" in tail(log) for log in pair.logs))
    for log in pair.logs:
        told = log.read_text()  # a small file
        assert told.count("Redis is away") == 2
        assert PASSWORD not in told


def tail(log: Path) -> str:
    """The last word about Redis."""
    return [line for line in log.read_text().splitlines() if "Redis is" in line][-1]
