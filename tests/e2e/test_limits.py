"""Limits of the real process, as callers see them at both doors."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from gateway.v1 import common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.e2e.test_answers import KNOWLEDGE, question
from tests.e2e.test_http import ASKED, SERVICE
from tests.faults import FaultServer, Options
from tests.processes import GatewayProcess, gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

CONFIG = """
server: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
limits:
  each_tenant: {{calls_per_minute: 1, on_exhausted: {policy}}}
deployments:
  main: {{provider: openai, model: main, base_url: "{url}", api_key_env: TEST_KEY}}
routes:
  - name: all
    tiers: [main]
    cache: {{enabled: false}}
    default_deadline_s: 60
"""


@pytest.fixture
async def faults() -> AsyncIterator[FaultServer]:
    async with FaultServer(Options()) as server:
        server.script("main", ["ok"])
        yield server


@pytest.fixture
async def running(
    request: pytest.FixtureRequest, faults: FaultServer, tmp_path: Path
) -> AsyncIterator[GatewayProcess]:
    config = tmp_path / "gateway.yaml"
    text = CONFIG.format(knowledge=KNOWLEDGE, url=faults.url, policy=request.param)
    config.write_text(text, encoding="utf-8")
    http = ("--http-listen", "127.0.0.1:0")
    async with gateway(config, tmp_path / "log", {"TEST_KEY": "k-test"}, *http) as process:
        yield process


def details(error: grpc.aio.AioRpcError) -> dict[str, Any]:
    trailers = dict(error.trailing_metadata() or ())
    told = {}
    for packed in status_pb2.Status.FromString(trailers["grpc-status-details-bin"]).details:
        for kind in (
            error_details_pb2.ErrorInfo,
            error_details_pb2.RetryInfo,
            error_details_pb2.QuotaFailure,
        ):
            message = kind()
            if packed.Unpack(message):
                told[kind.DESCRIPTOR.name] = message
    return told


@pytest.mark.parametrize("running", ["reject"], indirect=True)
async def test_who_is_over_a_limit_is_told_which_and_how_long_to_wait(
    faults: FaultServer, running: GatewayProcess
) -> None:
    async with grpc.aio.insecure_channel(running.address) as channel:
        stub = GatewayServiceStub(channel)
        await stub.Chat(question())
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stub.Chat(question())
    assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    told = details(raised.value)
    assert told["ErrorInfo"].reason == "QUOTA_EXHAUSTED"
    assert told["ErrorInfo"].metadata["limit"] == "tenant.calls_per_minute"
    assert told["QuotaFailure"].violations[0].subject == "tenant.calls_per_minute"
    assert 0 < told["RetryInfo"].retry_delay.seconds <= 60
    async with aiohttp.ClientSession() as session:
        url = f"http://{running.http}/{SERVICE}/Chat"
        async with session.post(url, json=ASKED) as got:
            assert got.status == 429
            assert 0 < int(got.headers["Retry-After"]) <= 60
            assert (await got.json())["code"] == "resource_exhausted"
    assert faults.count("main") == 1


@pytest.mark.parametrize("running", ["rules"], indirect=True)
async def test_a_policy_of_rules_answers_and_says_budget_exhausted(
    faults: FaultServer, running: GatewayProcess
) -> None:
    async with grpc.aio.insecure_channel(running.address) as channel:
        stub = GatewayServiceStub(channel)
        answers = [await stub.Chat(question()) for _ in range(2)]
    assert [answer.info.source for answer in answers] == [
        common_pb2.SOURCE_MODEL,
        common_pb2.SOURCE_RULES,
    ]
    info = answers[1].info
    assert info.degrade_reason == common_pb2.DEGRADE_REASON_BUDGET_EXHAUSTED
    assert (info.usage.cost_usd_micros, len(info.attempts)) == (0, 0)
    assert faults.count("main") == 1
