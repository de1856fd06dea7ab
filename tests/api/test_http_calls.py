"""Every call over HTTP, in JSON and binary; the same answers as over gRPC."""

from base64 import b64decode
from random import Random
from typing import Any

import grpc
import pytest
from google.rpc.status_pb2 import Status

from gateway.api.connect_protocol import code_name
from gateway.v1 import anomaly_pb2, chat_pb2, feedback_pb2, keywords_pb2
from tests.api.http import SERVICE, Door, HttpFailed, door
from tests.api.test_grpc_server import QUESTION
from tests.api.wellformed import wellformed

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("is_json", [False, True], ids=["binary", "json"])
ASKED = chat_pb2.StreamChatRequest(chat=QUESTION)
KINDS: dict[str, Any] = {
    "Chat": chat_pb2.ChatRequest,
    "ExtractKeywords": keywords_pb2.ExtractKeywordsRequest,
    "DetectAnomaly": anomaly_pb2.DetectAnomalyRequest,
    "SubmitFeedback": feedback_pb2.SubmitFeedbackRequest,
}


@BOTH
async def test_chat_is_answered_with_the_trail(is_json: bool) -> None:
    async with door() as opened:
        answer = await opened.call(
            "Chat", QUESTION, is_json=is_json, x_request_id="r-1", x_erp_version="1.2"
        )
        assert answer.text == "Your order is on its way."
        assert answer.info.request_id == "r-1"
        (_, caller) = opened.edge.engine.seen[0]
        assert (caller.request_id, caller.erp_version) == ("r-1", "1.2")


@BOTH
async def test_a_stream_ends_well_after_completed(is_json: bool) -> None:
    async with door() as opened:
        events = [event async for event in opened.stream(ASKED, is_json=is_json)]
    kinds = [event.WhichOneof("event") for event in events]
    assert kinds == ["started", "delta", "delta", "completed"]
    assert events[-1].completed.text == "Your order is on its way."


async def over_grpc(call: Any) -> Any:
    """The answers of a gRPC call, or its code and ErrorInfo."""
    try:
        return [each async for each in call] if hasattr(call, "__aiter__") else [await call]
    except grpc.aio.AioRpcError as error:
        trailers = dict(error.trailing_metadata() or ())
        status = Status.FromString(trailers["grpc-status-details-bin"])
        return code_name(error.code()), status.message, [d.value for d in status.details[1:]]


async def over_http(answers: Any) -> Any:
    try:
        return (
            [each async for each in answers] if hasattr(answers, "__aiter__") else [await answers]
        )
    except HttpFailed as failed:
        return failed.error["code"], failed.error["message"], detail_bytes(failed)


def detail_bytes(failed: HttpFailed) -> list[bytes]:
    return [b64decode(each["value"] + "==") for each in failed.error["details"][1:]]


def comparable(result: Any) -> Any:
    """Without what differs from call to call: ids and times."""
    for answer in result if isinstance(result, list) else ():
        if isinstance(answer, chat_pb2.StreamChatResponse):
            if answer.HasField("started"):
                answer.started.ClearField("request_id")
            if answer.HasField("completed"):
                clear(answer.completed.info)
        else:
            clear(answer.info)
    return result


def clear(info: Any) -> None:
    info.ClearField("request_id")
    info.ClearField("gateway_latency")


@BOTH
async def test_wellformed_requests_get_the_same_answers_through_both_doors(is_json: bool) -> None:
    rng = Random(20261122)
    async with door() as opened:
        for _ in range(25):
            for method, kind in KINDS.items():
                request = wellformed(kind, rng)
                grpc_call = getattr(opened.edge.stub, method)(request, timeout=30)
                http_call = opened.call(method, request, is_json=is_json)
                asked = len(opened.edge.engine.seen)
                by_grpc = comparable(await over_grpc(grpc_call))
                assert comparable(await over_http(http_call)) == by_grpc
                seen = [request for request, _ in opened.edge.engine.seen[asked:]]
                assert len(seen) in (0, 2)
                assert seen[:1] == seen[1:]  # the engine was asked the same twice


@BOTH
async def test_wellformed_questions_get_the_same_streams_through_both_doors(is_json: bool) -> None:
    rng = Random(3)
    async with door() as opened:
        for _ in range(25):
            asked = chat_pb2.StreamChatRequest(chat=wellformed(chat_pb2.ChatRequest, rng))
            by_grpc = comparable(await over_grpc(opened.edge.stub.StreamChat(asked, timeout=30)))
            by_http = comparable(await over_http(opened.stream(asked, is_json=is_json)))
            assert by_http == by_grpc


async def test_plain_curl_is_enough() -> None:
    """As in docs/http.md: no header but the content type."""
    body = b'{"messages":[{"role":"ROLE_USER","text":"Where is my order?"}]}'
    async with door() as opened:
        url = f"{opened.base}{SERVICE}Chat"
        headers = {"Content-Type": "application/json; charset=utf-8"}
        async with opened.session.post(url, data=body, headers=headers) as got:
            assert got.status == 200
            answer = await got.json()
    assert answer["text"] == "Your order is on its way."
    assert answer["info"]["source"] == "SOURCE_RULES"
    assert answer["info"]["requestId"] == got.headers["x-request-id"]
    assert got.headers["Server"] == "erp-gateway"


async def test_the_largest_series_fits_as_json(anyio_backend: str) -> None:
    points = [anomaly_pb2.Point(value=i + 0.5) for i in range(20_000)]
    for i, point in enumerate(points):
        point.time.seconds = 1_700_000_000 + 3_600 * i
    request = anomaly_pb2.DetectAnomalyRequest(series=anomaly_pb2.Series(points=points))
    async with door() as opened:
        answer = await opened.call("DetectAnomaly", request, is_json=True)
        assert answer.summary
        (asked, _) = opened.edge.engine.seen[0]
        assert len(asked.series.points) == 20_000


async def health(opened: Door, path: str) -> tuple[int, str]:
    async with opened.session.get(opened.base + path) as got:
        return got.status, await got.text()


async def test_probes_are_answered_until_the_drain() -> None:
    async with door() as opened:
        assert await health(opened, "/healthz") == (200, "live\n")
        assert await health(opened, "/readyz") == (200, "ready\n")
        opened.edge.gate.drain()
        assert await health(opened, "/healthz") == (200, "live\n")
        assert await health(opened, "/readyz") == (503, "draining\n")
