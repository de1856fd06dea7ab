"""Tools end to end: the shipped example over the real process, a fake ERP and scripted models."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.fake_erp import FakeErp
from tests.faults import FaultServer, Options
from tests.processes import ROOT, gateway

if TYPE_CHECKING:
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

DEEPSEEK = """    provider: deepseek
    model: deepseek-v4-flash
    api_key_env: DEEPSEEK_API_KEY
"""
AVA, HER_ORDER, ANOTHERS = "ava_moore_2033", "#W4817420", "#W2611340"
RULES = common_pb2.RequestOptions(answer_by=common_pb2.ANSWER_BY_RULES_ONLY)


@dataclass(frozen=True)
class Stage:
    """The gateway on `config/examples/tools.yaml`, and what stands behind it."""

    stub: "GatewayServiceAsyncStub"
    faults: FaultServer
    erp: FakeErp

    async def ask(self, text: str, customer: str = AVA, **other: Any) -> chat_pb2.ChatResponse:
        return await self.stub.Chat(request(text, customer, **other), timeout=60)


def request(text: str, customer: str = AVA, **other: Any) -> chat_pb2.ChatRequest:
    return chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)],
        customer=chat_pb2.Customer(id=customer, verified=bool(customer)),
        **other,
    )


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("tools")
    async with FaultServer(Options()) as faults, FakeErp() as erp:
        model = f"    provider: openai\n    model: main\n    base_url: {faults.url}\n"
        text = (ROOT / "config" / "examples" / "tools.yaml").read_text(encoding="utf-8")
        text = text.replace("http://127.0.0.1:8070", erp.url).replace(DEEPSEEK, model)
        text = text.replace("../knowledge/", str(ROOT / "config" / "knowledge"))
        config = folder / "gateway.yaml"
        config.write_text(f"server: {{listen: '127.0.0.1:0'}}\n{text}", encoding="utf-8")
        async with (
            gateway(config, folder / "log") as process,
            grpc.aio.insecure_channel(process.address) as channel,
        ):
            stub: Any = GatewayServiceStub(channel)
            await stub.Chat(request("hello", options=RULES), timeout=120)  # the start is over
            yield Stage(stub, faults, erp)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"where is my order {HER_ORDER}", "Status: delivered"),
        (f"我的订单 {HER_ORDER} 到哪了", "已送达"),
        (f"Wo ist meine Bestellung {HER_ORDER}?", "zugestellt"),
    ],
)
async def test_without_a_model_the_order_is_looked_up_and_told_in_the_customers_language(
    stage: Stage, text: str, words: str
) -> None:
    answer = await stage.ask(text, options=RULES)
    assert answer.info.source == common_pb2.SOURCE_RULES
    assert answer.answer_kind == chat_pb2.ANSWER_KIND_TOOL_TEMPLATE
    assert words in answer.text
    assert [(r.tool, r.ok) for r in answer.tool_results] == [("get_order", True)]
    assert "Cedar Street" not in str(answer)


async def test_another_customers_order_looks_like_one_that_does_not_exist(stage: Stage) -> None:
    one = await stage.ask(f"where is my order {ANOTHERS}", options=RULES)
    two = await stage.ask("where is my order #W0000000", options=RULES)
    assert one.text == two.text.replace("W0000000", ANOTHERS.strip("#"))
    assert [r.summary for r in one.tool_results] == [r.summary for r in two.tool_results]
    assert one.handoff.reason == "not_found"


async def test_who_is_not_logged_in_sees_stock_but_no_order(stage: Stage) -> None:
    calls = len(stage.erp.seen)
    order = await stage.ask(f"where is my order {HER_ORDER}", customer="", options=RULES)
    assert order.handoff.needed
    assert len(stage.erp.seen) == calls


async def test_a_request_narrows_the_tools(stage: Stage) -> None:
    calls = len(stage.erp.seen)
    answer = await stage.ask(
        f"where is my order {HER_ORDER}", options=RULES, allowed_tools=["get_stock"]
    )
    assert (answer.handoff.needed, answer.handoff.reason) == (True, "no_tool")
    stage.faults.script("main", ["ok"])
    await stage.ask("hello there", allowed_tools=["get_stock"])
    offered = stage.faults.seen("main")[-1].body["tools"]
    assert [tool["function"]["name"] for tool in offered] == ["get_stock"]
    assert len(stage.erp.seen) == calls


async def test_a_dead_erp_is_told_honestly_and_used_again_once_it_is_back(stage: Stage) -> None:
    question = f"where is my order {HER_ORDER}"
    await stage.erp.go_down()
    try:
        dead = await stage.ask(question, options=RULES)
    finally:
        await stage.erp.come_up()
    assert dead.answer_kind == chat_pb2.ANSWER_KIND_TOOL_TEMPLATE
    assert (dead.handoff.needed, dead.handoff.reason) == (True, "tool_failed")
    assert [r.ok for r in dead.tool_results] == [False]
    assert "delivered" in (await stage.ask(question, options=RULES)).text


async def test_an_erp_that_hangs_costs_its_time_and_not_the_answer(stage: Stage) -> None:
    stage.erp.hang()
    try:
        answer = await stage.ask(f"where is my order {HER_ORDER}", options=RULES)
    finally:
        stage.erp.resume()
    assert answer.tool_results[0].summary == "failed: no answer within 3 s"


async def test_an_order_is_cancelled_once_after_the_customers_yes(stage: Stage) -> None:
    order = next(o for o in stage.erp.orders.values() if o["status"] == "pending")
    owner, number = order["user_id"], order["order_id"]
    call = {"name": "cancel_order", "arguments": {"order_id": number}}
    stage.faults.script("main", [{"do": "ok", "text": "Cancelled!", "tool_calls": [call]}])
    stream = stage.stub.StreamChat(
        chat_pb2.StreamChatRequest(chat=request(f"cancel {number}", owner)), timeout=60
    )
    asked = [event async for event in stream][-1].completed
    assert asked.text == f"Shall I cancel your order {number}? This cannot be undone."
    assert order["status"] == "pending"
    token = asked.pending_action.confirm_token
    with pytest.raises(grpc.aio.AioRpcError) as stolen:
        await stage.ask("yes", AVA, confirm_token=token)
    assert stolen.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    answers = [await stage.ask("yes", owner, confirm_token=token) for _ in range(2)]
    assert [answer.text for answer in answers] == ["It is done."] * 2
    assert order["status"] == "cancelled"
    assert sum("cancel" in call for call in stage.erp.seen) == 1


async def test_a_stream_shows_the_tool_at_work(stage: Stage) -> None:
    call = {"name": "get_order", "arguments": {"order_id": HER_ORDER}}
    stage.faults.script("main", [{"do": "ok", "tool_calls": [call]}, {"text": "It has arrived."}])
    stream = stage.stub.StreamChat(
        chat_pb2.StreamChatRequest(chat=request("has it arrived?")), timeout=60
    )
    events = [event async for event in stream]
    states = [(e.tool.tool, e.tool.state) for e in events if e.HasField("tool")]
    assert states == [
        ("get_order", chat_pb2.StreamTool.STATE_STARTED),
        ("get_order", chat_pb2.StreamTool.STATE_DONE),
    ]
    assert events[-1].completed.text == "It has arrived."
    assert len(events[-1].completed.info.attempts) == 2
