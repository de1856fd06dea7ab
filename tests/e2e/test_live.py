"""A real process takes over changes while it runs, and ops see and steer it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest

from gateway.admin.v1 import admin_pb2 as pb
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub
from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.faults import FaultServer, Options
from tests.processes import GatewayProcess, gateway

if TYPE_CHECKING:
    from gateway.admin.v1.admin_pb2_grpc import AdminServiceAsyncStub
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

CONFIG = """
server: {{listen: "127.0.0.1:0"}}
admin: {{listen: "127.0.0.1:0", recent_calls: 50}}
live: {{poll_s: 0.05}}
deployments:
  main: {{provider: openai, model: main, base_url: "{url}", api_key_env: TEST_KEY}}
  spare: {{provider: openai, model: spare, base_url: "{url}", api_key_env: TEST_KEY}}
routes:
  - {{name: all, tiers: [main, spare], model_version: {mark}}}
"""
FAQ = """
entries:
  - id: warranty
    questions: {{en: [How long is the warranty?, Is there a guarantee?, warranty period]}}
    answers: {{en: "{answer}"}}
"""
KEY = "k-secret-canary-0123456789"


class Stage:
    """A running gateway before a fault server, with its files."""

    def __init__(self, folder: Path, faults: FaultServer) -> None:
        self.file = folder / "gateway.yaml"
        self.faq = folder / "knowledge" / "shop" / "faq.yaml"
        self.faq.parent.mkdir(parents=True)
        self.faults = faults
        self.write("v1")
        self.answer("Two years.")

    def write(self, mark: str) -> None:
        self.file.write_text(CONFIG.format(url=self.faults.url, mark=mark))

    def answer(self, text: str) -> None:
        self.faq.write_text(FAQ.format(answer=text))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with FaultServer(Options()) as faults:
        yield Stage(tmp_path, faults)


@pytest.fixture
async def running(stage: Stage, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    async with gateway(stage.file, tmp_path / "log", {"TEST_KEY": KEY}) as process:
        yield process


@pytest.fixture
async def stub(running: GatewayProcess) -> AsyncIterator["GatewayServiceAsyncStub"]:
    async with grpc.aio.insecure_channel(running.address) as channel:
        yield GatewayServiceStub(channel)


@pytest.fixture
async def admin(running: GatewayProcess) -> AsyncIterator["AdminServiceAsyncStub"]:
    async with grpc.aio.insecure_channel(running.admin) as channel:
        yield AdminServiceStub(channel)


def question(text: str = "How long is the warranty?") -> chat_pb2.ChatRequest:
    return chat_pb2.ChatRequest(messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)])


BY_RULES = question()
BY_RULES.options.answer_by = common_pb2.ANSWER_BY_RULES_ONLY


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await is_so():
            await asyncio.sleep(0.02)


async def test_a_changed_file_is_taken_over_and_a_bad_one_is_refused_with_its_place(
    stage: Stage, stub: "GatewayServiceAsyncStub", admin: "AdminServiceAsyncStub"
) -> None:
    first = (await stub.Chat(BY_RULES, timeout=60)).info
    assert first.model_version == "v1"
    stage.write("v2")

    async def is_v2() -> bool:
        return (await stub.Chat(BY_RULES, timeout=60)).info.model_version == "v2"

    await until(is_v2)
    stage.file.write_text("routes: [{name: all, tires: [main]}]\n")

    async def is_refused() -> bool:
        status = await admin.GetStatus(pb.GetStatusRequest(), timeout=60)
        return status.last_reload.outcome == pb.RELOAD_OUTCOME_INVALID

    await until(is_refused)
    status = await admin.GetStatus(pb.GetStatusRequest(), timeout=60)
    assert f"{stage.file}:1:22: unknown key 'tires'" in status.last_reload.messages[0]
    assert await is_v2()
    assert (await stub.Chat(BY_RULES, timeout=60)).info.config_version == status.config_version


async def test_a_hangup_signal_reads_the_file_again(
    stage: Stage,
    running: GatewayProcess,
    stub: "GatewayServiceAsyncStub",
    admin: "AdminServiceAsyncStub",
) -> None:
    stage.file.write_text(stage.file.read_text().replace("poll_s: 0.05", "watch: false"))
    await admin.Reload(pb.ReloadRequest(), timeout=60)
    stage.file.write_text(stage.file.read_text().replace("v1", "v3"))
    running.send(signal.SIGHUP)

    async def is_v3() -> bool:
        return (await stub.Chat(BY_RULES, timeout=60)).info.model_version == "v3"

    await until(is_v3)


async def test_a_force_passes_the_guard_and_nothing_else_does(
    stage: Stage, admin: "AdminServiceAsyncStub"
) -> None:
    lean = 'admin: {listen: "127.0.0.1:0", recent_calls: 50}\nroutes: [{name: all}]\n'
    stage.file.write_text(lean)
    refused = (await admin.Reload(pb.ReloadRequest(), timeout=60)).result
    assert refused.outcome == pb.RELOAD_OUTCOME_GUARDED
    assert "2 of 2 deployments that are on (main, spare)" in refused.messages[0]
    forced = (await admin.Reload(pb.ReloadRequest(force=True), timeout=60)).result
    assert forced.outcome == pb.RELOAD_OUTCOME_APPLIED


async def test_a_drained_deployment_gets_no_call_until_it_is_undrained_reloads_notwithstanding(
    stage: Stage, stub: "GatewayServiceAsyncStub", admin: "AdminServiceAsyncStub"
) -> None:
    stage.faults.script("main", ["ok"])
    stage.faults.script("spare", ["ok"])
    await admin.DrainDeployment(pb.DrainDeploymentRequest(deployment="main"), timeout=60)
    stage.write("v2")
    await admin.Reload(pb.ReloadRequest(), timeout=60)
    assert (await stub.Chat(question("one?"), timeout=60)).info.deployment == "spare"
    status = await admin.GetStatus(pb.GetStatusRequest(), timeout=60)
    assert [(d.deployment, d.refusal) for d in status.deployments] == [
        ("main", "drained"),
        ("spare", ""),
    ]
    await admin.UndrainDeployment(pb.UndrainDeploymentRequest(deployment="main"), timeout=60)
    assert (await stub.Chat(question("two?"), timeout=60)).info.deployment == "main"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await admin.DrainDeployment(pb.DrainDeploymentRequest(deployment="nobody"), timeout=60)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_new_knowledge_answers_and_old_cached_answers_are_not_served_with_it(
    stage: Stage, stub: "GatewayServiceAsyncStub", admin: "AdminServiceAsyncStub"
) -> None:
    stage.faults.script("main", [{"do": "ok", "text": "Two years, says the model."}, "ok"])
    assert "Two years." in (await stub.Chat(BY_RULES, timeout=60)).text  # trained: cached from now
    first = await stub.Chat(question(), timeout=60)
    again = await stub.Chat(question(), timeout=60)
    assert (first.info.source, again.info.source) == (
        common_pb2.SOURCE_MODEL,
        common_pb2.SOURCE_CACHE,
    )
    stage.answer("Five years.")

    async def is_new() -> bool:
        return "Five years." in (await stub.Chat(BY_RULES, timeout=60)).text

    await until(is_new)
    assert (await stub.Chat(question(), timeout=60)).info.source == common_pb2.SOURCE_MODEL
    stage.faq.write_text("entries: [{id: x")
    ended = await admin.Reload(pb.ReloadRequest(), timeout=60)
    assert "refused, the old knowledge stays in use" in ended.knowledge[0]
    assert "faq.yaml:2: no YAML" in ended.knowledge[0]
    assert await is_new()


async def test_ops_see_trails_and_never_texts_or_keys(
    stage: Stage, stub: "GatewayServiceAsyncStub", admin: "AdminServiceAsyncStub"
) -> None:
    stage.faults.script("main", ["status-500"])
    stage.faults.script("spare", ["ok"])
    answer = await stub.Chat(question("Is my canary text kept?"), timeout=60)
    assert answer.info.deployment == "spare"
    recent = await admin.ListRecentCalls(pb.ListRecentCallsRequest(), timeout=60)
    (call,) = recent.calls
    assert call.request_id == answer.info.request_id
    assert [a.deployment for a in call.attempts] == [a.deployment for a in answer.info.attempts]
    assert call.degrade_reason == "fallback_model"
    config = await admin.GetConfig(pb.GetConfigRequest(), timeout=60)
    status = await admin.GetStatus(pb.GetStatusRequest(), timeout=60)
    told = f"{recent}{config}{status}"
    assert '"***"' in config.json
    assert KEY not in told
    assert "canary text" not in told


async def test_a_flush_forgets_the_answers_of_one_route_only(
    stage: Stage, stub: "GatewayServiceAsyncStub", admin: "AdminServiceAsyncStub"
) -> None:
    stage.faults.script("main", ["ok"])
    await stub.Chat(BY_RULES, timeout=60)
    await stub.Chat(question(), timeout=60)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await admin.FlushCache(pb.FlushCacheRequest(), timeout=60)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    flushed = [
        (await admin.FlushCache(pb.FlushCacheRequest(route=route), timeout=60)).entries
        for route in ("other", "all", "all")
    ]
    assert flushed == [0, 1, 0]


async def test_a_restart_with_a_broken_or_missing_file_serves_the_last_good_version(
    stage: Stage, tmp_path: Path
) -> None:
    stage.write("v7")
    state = tmp_path / "state"
    async with gateway(stage.file, tmp_path / "log"):
        async with asyncio.timeout(60):
            while not list(state.rglob("000001-*.yaml")):
                await asyncio.sleep(0.02)
    for break_it in (lambda: stage.file.write_text("routes: ["), stage.file.unlink):
        break_it()
        async with (
            gateway(stage.file, tmp_path / "log") as process,
            grpc.aio.insecure_channel(process.address) as channel,
        ):
            answer = await GatewayServiceStub(channel).Chat(BY_RULES, timeout=60)
            assert answer.info.model_version == "v7"
    told = (tmp_path / "log").read_text()
    assert f"{stage.file}:1:10: this is not valid YAML" in told
    assert "serving the last good version instead" in told
    with pytest.raises(AssertionError, match="the gateway ended with 1"):
        async with gateway(tmp_path / "other.yaml", tmp_path / "log"):
            pass
