"""Real workers: several processes on one port."""

import asyncio
import os
import signal
from collections.abc import Set
from pathlib import Path

import grpc
import pytest

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.failover.scorecard import KNOWLEDGE
from tests.faults import FaultServer
from tests.processes import GatewayProcess, gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

CONFIG = """
server: {{listen: "127.0.0.1:0", http_listen: "127.0.0.1:0", workers: 2}}
knowledge: {knowledge}
deployments:
  m: {{provider: openai, model: {model}, base_url: {url!r}, api_key_env: TEST_KEY}}
routes:
  - {{name: all, tiers: [[m]], cache: {{enabled: false}}}}
"""
ENV = {"TEST_KEY": "k"}


def written(
    folder: Path, faults: FaultServer, model: str = "ok", knowledge: Path = KNOWLEDGE
) -> Path:
    path = folder / "gateway.yaml"
    path.write_text(CONFIG.format(model=model, url=faults.url, knowledge=knowledge))
    return path


def workers_of(pid: int) -> set[int]:
    """Processes that the supervisor started."""
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


async def ask(address: str, within_s: float = 30.0) -> chat_pb2.ChatResponse:
    """One call over a connection of its own, so that any worker may get it."""
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="Where is my parcel?")
    async with grpc.aio.insecure_channel(
        address, options=[("grpc.use_local_subchannel_pool", 1)]
    ) as channel:
        call = GatewayServiceStub(channel).Chat(
            chat_pb2.ChatRequest(messages=[message]), timeout=within_s, wait_for_ready=True
        )
        response: chat_pb2.ChatResponse = await call
        return response


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def until_gone(pids: Set[int]) -> None:
    async with asyncio.timeout(30):
        while any(map(alive, pids)):
            await asyncio.sleep(0.05)


async def test_calls_are_answered_by_several_processes_on_one_port(tmp_path: Path) -> None:
    async with FaultServer() as faults:
        config = written(tmp_path, faults)
        async with gateway(config, tmp_path / "log", ENV) as running:
            assert len(workers_of(running.pid)) == 2
            assert running.printed[-1].endswith(", 2 workers")
            answers = await asyncio.gather(*(ask(running.address) for _ in range(20)))
            assert {a.info.source for a in answers} == {common_pb2.SOURCE_MODEL}
        assert running.process.returncode == 0


def token_key_of(pid: int) -> bytes:
    """The key with which a worker signs, from its environment."""
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next(v for v in variables if v.startswith(b"ERP_GATEWAY_TOKEN_KEY="))


async def test_workers_sign_with_one_key_even_where_it_is_set_to_nothing(tmp_path: Path) -> None:
    async with FaultServer() as faults:
        env = ENV | {"ERP_GATEWAY_TOKEN_KEY": ""}
        async with gateway(written(tmp_path, faults), tmp_path / "log", env) as running:
            keys = {token_key_of(pid) for pid in workers_of(running.pid)}
    assert len(keys) == 1
    assert len(keys.pop().partition(b"=")[2]) == 64


async def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    async with FaultServer() as faults:
        config = written(tmp_path, faults)
        async with gateway(config, tmp_path / "log", ENV) as running:
            victim, other = sorted(workers_of(running.pid))
            os.kill(victim, signal.SIGKILL)
            await until_replaced(running, {victim, other})
            assert other in workers_of(running.pid)
            answers = await asyncio.gather(*(ask(running.address) for _ in range(10)))
            assert len(answers) == 10
    assert "answers again" in (tmp_path / "log").read_text()


async def until_replaced(running: GatewayProcess, before: Set[int]) -> None:
    async with asyncio.timeout(60):
        while "answers again" not in running.log.read_text():
            await asyncio.sleep(0.05)
    assert workers_of(running.pid) - before


async def test_sigterm_drains_every_worker(tmp_path: Path) -> None:
    async with FaultServer() as faults:
        config = written(tmp_path, faults, "wait-1")
        async with gateway(config, tmp_path / "log", ENV) as running:
            calls = [asyncio.create_task(ask(running.address)) for _ in range(12)]
            await faults.until_seen("wait-1", 12, within_s=60)
            running.send(signal.SIGTERM)
            answers = await asyncio.gather(*calls)
            assert {a.info.source for a in answers} == {common_pb2.SOURCE_MODEL}
            assert await running.ended() == 0


async def test_workers_do_not_outlive_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    async with FaultServer() as faults:
        config = written(tmp_path, faults)
        async with gateway(config, tmp_path / "log", ENV) as running:
            workers = workers_of(running.pid)
            running.send(signal.SIGKILL)
            await until_gone(workers)


async def test_a_crew_whose_workers_cannot_start_ends_with_an_error(tmp_path: Path) -> None:
    async with FaultServer() as faults:
        knowledge = tmp_path / "knowledge" / "shop"
        knowledge.mkdir(parents=True)
        (knowledge / "bad.yaml").write_text("- not: [an entry")
        config = written(tmp_path, faults, knowledge=knowledge.parent)
        with pytest.raises(AssertionError, match="the gateway ended with 1"):
            async with gateway(config, tmp_path / "log", ENV):
                pass
