"""The twelve tool scenarios: the real process, a scripted model, scripted tools by HTTP and MCP."""

import asyncio
import json
import sys
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.faults import FaultServer, Options
from tests.processes import ROOT, gateway
from tests.tools.mcp_face import mcp_face
from tests.tools.replay import (
    ARGUMENT,
    NAMES,
    SCENARIOS,
    ScriptedTools,
    mcp_config,
    model_script,
    tools_config,
)

if TYPE_CHECKING:
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

SOURCES: dict[str, set[tuple[int, int | None]]] = {
    "llm": {(common_pb2.SOURCE_MODEL, None)},
    "tool_template": {(common_pb2.SOURCE_RULES, chat_pb2.ANSWER_KIND_TOOL_TEMPLATE)},
    "faq": {(common_pb2.SOURCE_RULES, chat_pb2.ANSWER_KIND_FAQ)},
    "handoff": {(common_pb2.SOURCE_RULES, chat_pb2.ANSWER_KIND_HANDOFF)},
    "suggestions": {(common_pb2.SOURCE_RULES, chat_pb2.ANSWER_KIND_SUGGESTIONS)},
}


@dataclass(frozen=True)
class Replayed:
    """What came out of one scenario: the answer, what the model was asked, what ran."""

    answer: chat_pb2.ChatResponse
    asked: list[dict[str, Any]]
    ran: list[str]
    most_at_once: int

    @property
    def tool_messages(self) -> list[dict[str, Any]]:
        return [m for m in self.asked[-1]["messages"] if m["role"] == "tool"]


@dataclass(frozen=True)
class Stage:
    """The gateway with every scenario's own route and model, and what stands behind it."""

    stub: "GatewayServiceAsyncStub"
    faults: FaultServer
    tools: ScriptedTools


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=["http", "mcp"])
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("scenarios")
    async with FaultServer(Options()) as faults, ScriptedTools() as tools, mcp_face(tools) as url:
        config = folder / "gateway.yaml"
        config.write_text(json.dumps(written(faults.url)))
        if request.param == "mcp":
            config.write_text(json.dumps(written(faults.url) | {"mcp_servers": mcp_config(url)}))
            await approved(config)
        else:
            config.write_text(json.dumps(written(faults.url) | {"tools": tools_config(tools.url)}))
        async with (
            gateway(config, folder / "log") as process,
            grpc.aio.insecure_channel(process.address) as channel,
        ):
            stub: Any = GatewayServiceStub(channel)
            # no scenario's short deadline shall pay for the start
            await stub.Chat(looking_up(), timeout=120)
            await stub.Chat(request_of(SCENARIOS[-1]), timeout=120)
            yield Stage(stub, faults, tools)


async def approved(config: Path) -> None:
    """`erp-gateway mcp approve`, as ops do it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "mcp", "approve", "--config", str(config)),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0


def looking_up() -> chat_pb2.ChatRequest:
    """A question whose look-up waits until the tools' server is connected to."""
    request = request_of(SCENARIOS[0] | {"user": "where is my order 10001?"}, case=NAMES[0])
    request.options.answer_by = common_pb2.ANSWER_BY_RULES_ONLY
    return request


def written(models: str) -> dict[str, Any]:
    return {
        "server": {"listen": "127.0.0.1:0"},
        "knowledge": str(ROOT / "config" / "knowledge"),
        "deployments": {n: {"provider": "openai", "model": n, "base_url": models} for n in NAMES},
        "routes": [
            *(
                {"name": n, "tiers": [n], "match": {"labels": {"case": n}}, "tools": [*ARGUMENT]}
                for n in NAMES
            ),
            {"name": "otherwise"},
        ],
    }


def request_of(scenario: dict[str, Any], **labels: str) -> chat_pb2.ChatRequest:
    return chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=scenario["user"])],
        customer=chat_pb2.Customer(id=scenario["customer_id"], verified=True),
        conversation_id="c-1",
        options=common_pb2.RequestOptions(labels=labels),
    )


async def replay(stage: Stage, scenario: dict[str, Any], way: str) -> Replayed:
    name = scenario["id"]
    before = stage.faults.count(name)
    stage.faults.script(name, model_script(scenario))
    request, metadata = request_of(scenario, case=name), (("x-request-id", f"{name}.{way}"),)
    timeout = scenario.get("deadline_s", 60)
    if way == "unary":
        answer = await stage.stub.Chat(request, timeout=timeout, metadata=metadata)
    else:
        events = stage.stub.StreamChat(
            chat_pb2.StreamChatRequest(chat=request), timeout=timeout, metadata=metadata
        )
        answer = await completed(events)
    asked = [seen.body for seen in stage.faults.seen(name)][before:]
    ran = [tool for which, tool in stage.tools.ran if which == f"{name}.{way}"]
    return Replayed(answer, asked, ran, stage.tools.most_at_once.get(f"{name}.{way}", 0))


async def completed(events: AsyncIterable[chat_pb2.StreamChatResponse]) -> chat_pb2.ChatResponse:
    text, last = "", chat_pb2.StreamChatResponse()
    async for event in events:
        text = "" if event.HasField("restarted") else text + event.delta.text
        last = event
    assert last.HasField("completed")
    assert last.completed.text == text.strip()
    return last.completed


def told(answer: chat_pb2.ChatResponse) -> set[str]:
    """The names of the scenarios' sources that fit an answer."""
    source, kind = int(answer.info.source), int(answer.answer_kind)
    fitting: set[tuple[int, int | None]] = {(source, kind), (source, None)}
    return {name for name, rows in SOURCES.items() if fitting & rows}


def check_answer(expect: dict[str, Any], got: Replayed) -> None:
    answer = got.answer
    assert answer.text
    wanted = (
        {expect["source"]} if "source" in expect else set(expect.get("source_in", told(answer)))
    )
    assert told(answer) & wanted
    if "faq_id" in expect:
        assert answer.intent == f"faq:{expect['faq_id']}"
    if "degraded" in expect:
        assert answer.info.degraded == expect["degraded"]
    if expect.get("handoff_reason_set"):
        assert answer.handoff.reason
    if "must_contain_any" in expect:
        assert any(word in answer.text for word in expect["must_contain_any"])
    for word in expect.get("never_in_answer", ()):
        assert word not in str(answer)
    if expect.get("needs_confirmation"):
        assert answer.pending_action.confirm_token


def check_model(expect: dict[str, Any], got: Replayed) -> None:
    if "llm_calls" in expect:
        assert len(got.asked) == expect["llm_calls"]
    assert len(got.asked) <= expect.get("max_llm_calls", 4)
    for word in expect.get("never_in_llm_request", ()):
        assert word not in json.dumps(got.asked, ensure_ascii=False)
    if expect.get("llm_gets_tool_error"):
        assert '"error"' in got.tool_messages[0]["content"]
    if "tool_results_order" in expect:
        called = next(m["tool_calls"] for m in got.asked[-1]["messages"] if m.get("tool_calls"))
        assert [m["tool_call_id"] for m in got.tool_messages] == [call["id"] for call in called]
        orders = [json.loads(call["function"]["arguments"])["order_id"] for call in called]
        for message, order in zip(got.tool_messages, orders, strict=True):
            assert order in message["content"]
    most = expect.get("max_tool_result_chars_to_llm", 8000)
    assert all(len(m["content"]) <= most for m in got.tool_messages)


def check_tools(expect: dict[str, Any], got: Replayed) -> None:
    if "executed_tools" in expect:
        assert got.ran == expect["executed_tools"]
    if "tool_calls" in expect:
        assert got.ran == expect["tool_calls"]
    if "write_tools_executed" in expect:
        assert [tool for tool in got.ran if tool == "cancel_order"] == []
    assert len(got.ran) <= expect.get("max_tool_executions", 6)


@pytest.mark.parametrize("way", ["unary", "stream"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
async def test_a_scenario_ends_as_it_must(stage: Stage, scenario: dict[str, Any], way: str) -> None:
    got = await replay(stage, scenario, way)
    check_answer(scenario["expect"], got)
    check_model(scenario["expect"], got)
    check_tools(scenario["expect"], got)
    if scenario["id"] == "t11_parallel_calls":
        assert got.most_at_once == 2
