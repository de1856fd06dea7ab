"""The whole edge over real sockets with real stubs."""

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.v1 import anomaly_pb2, chat_pb2, common_pb2, keywords_pb2
from tests.api.conftest import Running

pytestmark = pytest.mark.anyio

QUESTION = chat_pb2.ChatRequest(
    messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="Where is my order?")]
)


async def test_chat_is_answered_with_the_trail(running: Running) -> None:
    response = await running.stub.Chat(QUESTION, metadata=(("x-request-id", "r-1"),))
    assert response.text == "Your order is on its way."
    assert response.answer_kind == chat_pb2.ANSWER_KIND_FAQ
    assert response.info.request_id == "r-1"
    assert response.info.source == common_pb2.SOURCE_RULES


async def test_keywords_and_anomalies_are_answered(running: Running) -> None:
    listing = keywords_pb2.Listing(title="Orthopedic dog bed")
    found = await running.stub.ExtractKeywords(keywords_pb2.ExtractKeywordsRequest(listing=listing))
    assert found.search_terms == "dog bed"
    point = anomaly_pb2.Point(time=Timestamp(seconds=1_700_000_000), value=3.0)
    judged = await running.stub.DetectAnomaly(
        anomaly_pb2.DetectAnomalyRequest(series=anomaly_pb2.Series(points=[point]))
    )
    assert judged.summary == "Nothing unusual."


async def test_a_stream_ends_ok_after_completed(running: Running) -> None:
    call = running.stub.StreamChat(chat_pb2.StreamChatRequest(chat=QUESTION))
    events = [event async for event in call]
    assert [event.WhichOneof("event") for event in events] == [
        "started",
        "delta",
        "delta",
        "completed",
    ]
    assert events[0].started.deployment == "deepseek"
    assert await call.code() is grpc.StatusCode.OK
