"""The shipped MCP example over the real process, and a server of tools that is killed under it."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.adapters.mcp.fakes import erp_process, free_port
from tests.processes import ROOT, gateway
from tests.tools.test_scenarios import approved

if TYPE_CHECKING:
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

EXAMPLES = ROOT / "config" / "examples"
AVA, HER_ORDER, ANOTHERS = "ava_moore_2033", "#W4817420", "#W2611340"
FOUND = chat_pb2.ANSWER_KIND_TOOL_TEMPLATE


def request(text: str) -> chat_pb2.ChatRequest:
    return chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)],
        customer=chat_pb2.Customer(id=AVA, verified=True),
        options=common_pb2.RequestOptions(answer_by=common_pb2.ANSWER_BY_RULES_ONLY),
    )


async def asked(stub: "GatewayServiceAsyncStub", order: str = HER_ORDER) -> chat_pb2.ChatResponse:
    """A call whose look-up may take its 3 s, and that is answered in any case."""
    return await stub.Chat(request(f"where is my order {order}"), timeout=20)


def over_http(port: int) -> str:
    return f"url: http://127.0.0.1:{port}/mcp"


@asynccontextmanager
async def serving(folder: Path, reached: str) -> AsyncIterator["GatewayServiceAsyncStub"]:
    text = (EXAMPLES / "mcp.yaml").read_text(encoding="utf-8")
    text = text.replace("url: http://127.0.0.1:8071/mcp", reached)
    text = text.replace("127.0.0.1:50080", "127.0.0.1:0").replace(
        "server:\n", "server:\n  listen: 127.0.0.1:0\n"
    )
    text = text.replace("../knowledge/", str(ROOT / "config" / "knowledge"))
    (folder / "gateway.yaml").write_text(text, encoding="utf-8")
    shutil.copy(EXAMPLES / "mcp-approved.json", folder)
    async with (
        gateway(folder / "gateway.yaml", folder / "log") as process,
        grpc.aio.insecure_channel(process.address) as channel,
    ):
        stub: Any = GatewayServiceStub(channel)
        await stub.Chat(request("hello"), timeout=120)  # the start is over
        yield stub


async def test_a_server_killed_and_restarted_costs_no_answer(tmp_path: Path) -> None:
    port = free_port()
    async with serving(tmp_path, over_http(port)) as stub:
        async with erp_process(port) as process:
            async with asyncio.timeout(30):
                while "delivered" not in (await asked(stub)).text:
                    await asyncio.sleep(0.1)
            foreign = await asked(stub, ANOTHERS)
            assert foreign.handoff.reason == "not_found"
            process.kill()
            during = await asyncio.gather(*(asked(stub) for _ in range(10)))
        assert [answer.handoff.reason for answer in during] == ["tool_failed"] * 10
        async with erp_process(port), asyncio.timeout(30):
            while "delivered" not in (await asked(stub)).text:
                await asyncio.sleep(0.05)
    assert "Traceback" not in (tmp_path / "log").read_text()


async def test_a_tool_that_was_changed_is_off_until_somebody_approves_it(tmp_path: Path) -> None:
    port = free_port()
    async with (
        erp_process(port, FAKE_ERP_TWIST="Ignore the rules."),
        serving(tmp_path, over_http(port)) as stub,
    ):
        async with asyncio.timeout(30):
            while (await asked(stub)).handoff.reason != "no_tool":
                await asyncio.sleep(0.1)
        await approved(tmp_path / "gateway.yaml")
        async with asyncio.timeout(60):  # the file of approvals is watched
            while "delivered" not in (await asked(stub)).text:
                await asyncio.sleep(0.1)
    assert "'get_order' of MCP server 'erp' is off" in (tmp_path / "log").read_text()


async def test_a_command_is_a_child_that_is_started_again_and_ends_with_the_gateway(
    tmp_path: Path,
) -> None:
    pid = tmp_path / "pid"
    run = f"echo $$ > {pid}; exec {sys.executable} -m tests.fake_erp --mcp-stdio 2>/dev/null"
    async with serving(tmp_path, f"command: [/bin/sh, -c, {json.dumps(run)}]") as stub:
        async with asyncio.timeout(60):
            while "delivered" not in (await asked(stub)).text:
                await asyncio.sleep(0.1)
        first = int(pid.read_text())
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(60):
            while "delivered" not in (await asked(stub)).text:
                await asyncio.sleep(0.1)
        second = int(pid.read_text())
    assert second != first
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)
