"""The promise: a well-formed request is answered, whatever stands in it. Real process, by rules.

FUZZ_SEED and FUZZ_ROUNDS widen the search.
"""

import os
from collections.abc import AsyncIterator
from math import isfinite
from pathlib import Path
from random import Random
from typing import Any

import grpc
import pytest

from gateway.v1 import anomaly_pb2, chat_pb2, keywords_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.api.wellformed import wellformed
from tests.processes import gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

SEED = os.environ.get("FUZZ_SEED", "20261122")
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "20"))
KNOWLEDGE = Path(__file__).resolve().parents[2] / "config" / "knowledge"
CONFIG = """
server: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
routes: [{{name: all, tiers: []}}]
"""
# MODEL_ONLY without a model; a knowledge base that is not there; a listing or series beyond sense
REFUSALS = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.INVALID_ARGUMENT,
}


@pytest.fixture
async def stub(tmp_path: Path) -> AsyncIterator[Any]:
    config = tmp_path / "gateway.yaml"
    config.write_text(CONFIG.format(knowledge=KNOWLEDGE))
    async with (
        gateway(config, tmp_path / "log") as process,
        grpc.aio.insecure_channel(process.address) as channel,
    ):
        yield GatewayServiceStub(channel)


async def answered(call: Any) -> Any:
    """The answer of a call, the last event of a stream, or None for a documented refusal."""
    try:
        if not hasattr(call, "__aiter__"):
            return await call
        return [event async for event in call][-1].completed
    except grpc.aio.AioRpcError as error:
        if error.code() not in REFUSALS:
            raise
        return None


async def test_every_wellformed_request_is_answered_soundly(stub: Any) -> None:
    refused = 0
    for number in range(ROUNDS):
        rng = Random(f"{SEED}-{number}")
        question = wellformed(chat_pb2.ChatRequest, rng)
        listing = wellformed(keywords_pb2.ExtractKeywordsRequest, rng)
        series = wellformed(anomaly_pb2.DetectAnomalyRequest, rng)
        streamed = chat_pb2.StreamChatRequest(chat=question)
        answers = [
            chat := await answered(stub.Chat(question, timeout=30)),
            stream := await answered(stub.StreamChat(streamed, timeout=30)),
            keywords := await answered(stub.ExtractKeywords(listing, timeout=30)),
            anomalies := await answered(stub.DetectAnomaly(series, timeout=30)),
        ]
        refused += answers.count(None)
        assert all(reply is None or reply.text for reply in (chat, stream))
        assert keywords is None or sound_keywords(keywords, listing)
        assert anomalies is None or sound_anomalies(anomalies)
    assert refused < 2 * ROUNDS  # of 4 a round


def sound_keywords(response: Any, request: Any) -> bool:
    longest = request.search_terms_max_bytes or 5_000
    return (
        all(0 < keyword.score <= 1 for keyword in response.keywords)
        and len(response.keywords) <= (request.max_keywords or 5)
        and len(response.search_terms.encode()) <= longest
    )


def sound_anomalies(response: Any) -> bool:
    names = ("value", "expected", "lower", "upper", "score", "impact")
    return all(
        isfinite(getattr(anomaly, name)) for anomaly in response.anomalies for name in names
    ) and all(isfinite(point.expected + point.lower + point.upper) for point in response.band)
