"""The real process, the real wire, the fault server behind it: what a caller gets."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest

from gateway.v1 import anomaly_pb2, chat_pb2, common_pb2, keywords_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.faults import FaultServer, Options
from tests.processes import GatewayProcess, gateway

if TYPE_CHECKING:
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

CONFIG = """
server: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
deployments:
  main: {{provider: openai, model: main, base_url: "{url}", api_key_env: TEST_KEY}}
  spare: {{provider: openai, model: spare, base_url: "{url}", api_key_env: TEST_KEY}}
routes:
  - name: all
    tiers: [main, spare]
    cache: {{enabled: false}}
    default_deadline_s: 60
"""
KNOWLEDGE = Path(__file__).resolve().parents[2] / "config" / "knowledge"
LISTING = keywords_pb2.Listing(
    title="Stainless Steel Water Bottle with Straw Lid, 32 oz, Leak Proof, for Hiking",
    bullet_points=["Keeps cold 24 hours", "Fits most car cup holders"],
)


@pytest.fixture
async def faults() -> AsyncIterator[FaultServer]:
    async with FaultServer(Options()) as server:
        yield server


@pytest.fixture
async def running(faults: FaultServer, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    config = tmp_path / "gateway.yaml"
    config.write_text(CONFIG.format(knowledge=KNOWLEDGE, url=faults.url))
    async with gateway(config, tmp_path / "log", {"TEST_KEY": "k-test"}) as process:
        yield process


@pytest.fixture
async def stub(running: GatewayProcess) -> AsyncIterator["GatewayServiceAsyncStub"]:
    async with grpc.aio.insecure_channel(running.address) as channel:
        yield GatewayServiceStub(channel)


def question(text: str = "How long does delivery to Germany take?") -> chat_pb2.ChatRequest:
    return chat_pb2.ChatRequest(messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)])


def series() -> anomaly_pb2.DetectAnomalyRequest:
    day = 86_400
    values = [100 + (n % 7) * 10 for n in range(89)] + [1000]
    points = [anomaly_pb2.Point(value=v) for v in values]
    for n, point in enumerate(points):
        point.time.seconds = 1_700_000_000 // day * day + n * day
    return anomaly_pb2.DetectAnomalyRequest(
        series=anomaly_pb2.Series(series_id="s", points=points, unit="pcs")
    )


async def test_a_model_answers_all_calls_and_the_trail_says_so(
    faults: FaultServer, stub: "GatewayServiceAsyncStub"
) -> None:
    faults.script("main", ["ok"])
    chat = await stub.Chat(question(), timeout=60)
    assert chat.info.source == common_pb2.SOURCE_MODEL
    assert (chat.info.deployment, chat.info.degraded) == ("main", False)
    assert [a.outcome for a in chat.info.attempts] == [common_pb2.ATTEMPT_OUTCOME_OK]
    assert chat.info.usage.input_tokens > 0
    proposals = {"keywords": ["insulated steel bottle", "hiking water bottle", "nike shoes"]}
    faults.script("main", [{"do": "ok-json", "json": proposals}])
    keywords = await stub.ExtractKeywords(
        keywords_pb2.ExtractKeywordsRequest(listing=LISTING), timeout=60
    )
    assert keywords.info.source == common_pb2.SOURCE_MODEL
    assert len(keywords.keywords) == 5
    assert "hiking water bottle" in [keyword.text for keyword in keywords.keywords]
    assert [refused.text for refused in keywords.rejected] == ["nike shoes"]


async def test_without_models_rules_answer_all_calls_within_the_deadline(
    faults: FaultServer, stub: "GatewayServiceAsyncStub"
) -> None:
    await faults.go_down()
    chat = await stub.Chat(question(), timeout=60)
    keywords = await stub.ExtractKeywords(
        keywords_pb2.ExtractKeywordsRequest(listing=LISTING), timeout=60
    )
    anomaly = await stub.DetectAnomaly(series(), timeout=60)
    for info in (chat.info, keywords.info, anomaly.info):
        assert info.source == common_pb2.SOURCE_RULES
        assert info.degrade_reason == common_pb2.DEGRADE_REASON_MODELS_FAILED
    assert chat.text
    assert len(keywords.keywords) == 5
    assert [found.kind for found in anomaly.anomalies] == [anomaly_pb2.ANOMALY_KIND_SPIKE]


async def test_killing_the_models_in_the_middle_degrades_the_next_answers_and_none_fails(
    faults: FaultServer, stub: "GatewayServiceAsyncStub"
) -> None:
    faults.script("main", ["ok"])
    faults.script("spare", ["ok"])
    sources = []
    for turn in range(12):
        if turn == 4:
            await faults.go_down()
        answer = await stub.Chat(question(), timeout=60)
        sources.append(answer.info.source)
    assert sources[:4] == [common_pb2.SOURCE_MODEL] * 4
    assert sources[4:] == [common_pb2.SOURCE_RULES] * 8


async def test_a_stream_is_completed_by_the_spare_when_the_first_is_cut(
    faults: FaultServer, stub: "GatewayServiceAsyncStub"
) -> None:
    faults.script("main", ["cut-40"])
    faults.script("spare", ["ok"])
    request = chat_pb2.StreamChatRequest(chat=question())
    text, last = "", None
    async for event in stub.StreamChat(request, timeout=60):
        last = event
        if event.HasField("restarted"):
            text = ""
        text += event.delta.text
    assert last is not None
    assert last.completed.text == text.strip()
    assert last.completed.info.deployment == "spare"
    outcomes = [a.outcome for a in last.completed.info.attempts]
    assert outcomes[-1] == common_pb2.ATTEMPT_OUTCOME_OK
    assert common_pb2.ATTEMPT_OUTCOME_CONNECTION_LOST in outcomes
