"""A real gateway with metrics, traces and tools, and a tour of calls that end in every way."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import grpc

from gateway.v1 import chat_pb2, common_pb2, feedback_pb2, keywords_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.e2e.collector import Collector, collecting
from tests.e2e.test_answers import KNOWLEDGE, LISTING, series
from tests.fake_erp import FakeErp
from tests.faults import FaultServer, Options, Play
from tests.faults.answer import ToolCall
from tests.processes import ROOT, GatewayProcess, gateway

CONFIG = """
server: {{listen: "127.0.0.1:0"}}
metrics: {{listen: "127.0.0.1:0"}}
traces: {{endpoint: "http://127.0.0.1:{collector}", sample_ratio: 1}}
knowledge: {knowledge}
deployments:
  main:
    {{provider: openai, model: main, base_url: "{url}", api_key_env: TEST_KEY,
      price: {{input_usd_per_million: 1, output_usd_per_million: 2}}}}
  spare: {{provider: openai, model: spare, base_url: "{url}", api_key_env: TEST_KEY}}
tools:
{tools}
routes:
  - name: all
    tiers: [main, spare]
    default_deadline_s: 60
    retry: {{per_request: 0}}
    limits: {{calls_per_minute: 100000, tokens_per_minute: 100000000}}
    tools: [get_order]
"""
PHRASES = ["stainless steel water bottle", "water bottle with straw", "leak proof water bottle"]
AVA, HER_ORDER = "ava_moore_2033", "#W4817420"


@dataclass(frozen=True)
class Stage:
    """The gateway and what stands around it."""

    process: GatewayProcess
    stub: Any
    faults: FaultServer
    collector: Collector

    async def get(self, path: str) -> tuple[int, str]:
        url = f"http://{self.process.metrics}{path}"
        async with aiohttp.ClientSession() as session, session.get(url) as got:
            return got.status, await got.text()


def order_tool(erp: FakeErp) -> str:
    """The tool `get_order` of the shipped example, asking `erp`."""
    text = (ROOT / "config" / "examples" / "tools.yaml").read_text(encoding="utf-8")
    tools = text[text.index("\ntools:\n") + len("\ntools:\n") :]
    first = tools[: tools.index("\n\n")] if "\n\n" in tools else tools
    return first.replace("http://127.0.0.1:8070", erp.url)


@asynccontextmanager
async def stage(folder: Path, env: Mapping[str, str] | None = None) -> AsyncIterator[Stage]:
    async with FaultServer(Options()) as faults, FakeErp() as erp, collecting() as collector:
        config = folder / "gateway.yaml"
        config.write_text(
            CONFIG.format(
                collector=collector.port, knowledge=KNOWLEDGE, url=faults.url, tools=order_tool(erp)
            ),
            encoding="utf-8",
        )
        async with (
            gateway(config, folder / "log", env or {"TEST_KEY": "k-test"}) as process,
            grpc.aio.insecure_channel(process.address) as channel,
        ):
            stub: Any = GatewayServiceStub(channel)
            yield Stage(process, stub, faults, collector)


def asked(text: str, **other: Any) -> chat_pb2.ChatRequest:
    messages = [chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)]
    return chat_pb2.ChatRequest(messages=messages, **other)


async def failing(call: Any) -> grpc.aio.AioRpcError:
    """The error of a call that must fail."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error
    raise AssertionError("the call did not fail")


async def tour(on: Stage, text: str = "How long does delivery to Germany take?") -> list[Any]:
    """Calls that end in every way, `text` in each; what came back, errors included."""
    stub, script = on.stub, on.faults.script
    model_only = common_pb2.RequestOptions(answer_by=common_pb2.ANSWER_BY_MODEL_ONLY)
    customer = chat_pb2.Customer(id=AVA, verified=True)
    look_up = Play("ok", tool_calls=(ToolCall("get_order", json.dumps({"order_id": HER_ORDER})),))
    keywords = keywords_pb2.ExtractKeywordsRequest(listing=LISTING)
    keywords.listing.description = text
    script("main", ["ok", Play("ok", text=json.dumps({"keywords": PHRASES}))])
    script("spare", ["ok"])
    got: list[Any] = [await stub.Chat(asked(text), timeout=60)]
    got += [await stub.ExtractKeywords(keywords, timeout=60) for _ in range(2)]
    script("main", ["ok"])
    got.append(await stub.DetectAnomaly(series(), timeout=60))
    request = chat_pb2.StreamChatRequest(chat=asked(text + " 1"))
    got += [event async for event in stub.StreamChat(request, timeout=60)]
    script("main", [look_up, "ok"])
    got.append(await stub.Chat(asked(f"{text} {HER_ORDER}", customer=customer), timeout=60))
    script("main", ["status-500"])
    got.append(await stub.Chat(asked(text + " 2"), timeout=60))
    script("spare", ["status-503"])
    got.append(await stub.Chat(asked(text + " 3"), timeout=60))
    got.append(await failing(stub.Chat(asked(text + " 4", options=model_only), timeout=60)))
    got.append(await failing(stub.Chat(chat_pb2.ChatRequest(), timeout=60)))
    got.append(await failing(stub.Chat(asked(text, knowledge_base="none"), timeout=60)))
    feedback = feedback_pb2.SubmitFeedbackRequest(request_id=got[0].info.request_id)
    feedback.rating = feedback_pb2.RATING_UP
    got.append(await stub.SubmitFeedback(feedback, timeout=60))
    return got
