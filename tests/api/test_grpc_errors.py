"""Every status over the wire, with its typed details."""

import logging
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RetryInfo
from google.rpc.status_pb2 import Status

from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.core.errors import (
    ContentRefused,
    DeadlineExceeded,
    GatewayError,
    NoAnswer,
    NotFound,
    PermissionDenied,
    PromptTooLong,
    QuotaExhausted,
    ServerError,
    Shed,
    Unauthenticated,
)
from gateway.core.model import Caller
from gateway.core.scopes import Scopes
from gateway.v1 import chat_pb2
from tests.api.conftest import Running, edge
from tests.api.test_grpc_server import QUESTION

pytestmark = pytest.mark.anyio

RAISED: list[tuple[Exception, grpc.StatusCode, str]] = [
    (ContentRefused("qwen"), grpc.StatusCode.INVALID_ARGUMENT, "CONTENT_FILTERED"),
    (PromptTooLong(), grpc.StatusCode.INVALID_ARGUMENT, "CONTEXT_TOO_LONG"),
    (Unauthenticated("no key"), grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
    (PermissionDenied("no"), grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
    (QuotaExhausted("rpm", 3.0), grpc.StatusCode.RESOURCE_EXHAUSTED, "QUOTA_EXHAUSTED"),
    (NotFound("no such one"), grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
    (NoAnswer("all failed"), grpc.StatusCode.UNAVAILABLE, "ALL_MODELS_FAILED"),
    (DeadlineExceeded("late"), grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
    (Shed("full", 2.0), grpc.StatusCode.UNAVAILABLE, "OVERLOADED"),
    (ServerError("sk-secret"), grpc.StatusCode.INTERNAL, "INTERNAL"),
    (ZeroDivisionError("sk-secret"), grpc.StatusCode.INTERNAL, "INTERNAL"),
]


def raising(error: BaseException) -> Any:
    def act(_: Caller) -> None:
        raise error

    return act


async def whole(call: Any) -> None:
    """Await a call of either kind to its end."""
    if hasattr(call, "__aiter__"):
        _ = [message async for message in call]
    else:
        await call


async def refused(call: Any) -> tuple[grpc.aio.AioRpcError, Status, dict[str, Any]]:
    """The error of a call that must fail, its google.rpc.Status and its trailers."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await whole(call)
    trailers = dict(caught.value.trailing_metadata() or ())
    return caught.value, Status.FromString(trailers["grpc-status-details-bin"]), trailers


def detail(status: Status, kind: Any) -> Any:
    (found,) = [each for each in status.details if each.Is(kind.DESCRIPTOR)]
    message = kind()
    found.Unpack(message)
    return message


@pytest.mark.parametrize("stream", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize(("error", "code", "reason"), RAISED, ids=str)
async def test_each_error_has_its_code_and_reason(
    running: Running, error: Exception, code: grpc.StatusCode, reason: str, stream: bool
) -> None:
    running.engine.act = raising(error)
    metadata = (("x-request-id", "r-9"),)
    if stream:
        asked = chat_pb2.StreamChatRequest(chat=QUESTION)
        call = running.stub.StreamChat(asked, metadata=metadata)
    else:
        call = running.stub.Chat(QUESTION, metadata=metadata)
    failed, status, trailers = await refused(call)
    assert failed.code() is code
    assert (status.code, status.message) == (code.value[0], failed.details())
    info = detail(status, ErrorInfo)
    assert (info.reason, info.domain) == (reason, "gateway.erpai")
    assert info.metadata["request_id"] == trailers["x-request-id"] == "r-9"
    assert "secret" not in str(failed) + str(status)


async def test_a_bug_is_logged_under_the_request_id(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.engine.act = raising(ZeroDivisionError("what really happened"))
    with caplog.at_level(logging.ERROR, "gateway.api.service"):
        await refused(running.stub.Chat(QUESTION, metadata=(("x-request-id", "r-42"),)))
    assert "r-42" in caplog.text
    assert "what really happened" in caplog.text


async def test_all_violations_are_listed_at_once(running: Running) -> None:
    message = chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=9, text=""), chat_pb2.ChatMessage(role=2, text="x")],  # type: ignore[arg-type]
        temperature=float("nan"),
    )
    message.options.locale = "zh_CN"
    failed, status, _ = await refused(
        running.stub.Chat(message, metadata=(("x-erp-version", "?"),))
    )
    assert failed.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert [v.field for v in detail(status, BadRequest).field_violations] == [
        "x-erp-version",
        "messages[0].role",
        "messages[0].text",
        "temperature",
        "options.locale",
        "messages[1].role",
    ]


async def test_quota_and_wait_are_typed(running: Running) -> None:
    running.engine.act = raising(QuotaExhausted("rpm", 3.0))
    _, status, trailers = await refused(running.stub.Chat(QUESTION))
    assert detail(status, QuotaFailure).violations[0].subject == "rpm"
    assert detail(status, RetryInfo).retry_delay.seconds == 3
    assert "grpc-retry-pushback-ms" not in trailers


@pytest.mark.parametrize(
    ("error", "low_ms", "high_ms"),
    [(NoAnswer("failed"), -1, -1), (Shed("full", 2.0), 1_000, 3_000)],
    ids=["no answer", "shed"],
)
async def test_pushback_tells_clients_whether_and_when_to_retry(
    running: Running, error: GatewayError, low_ms: int, high_ms: int
) -> None:
    running.engine.act = raising(error)
    _, _, trailers = await refused(running.stub.Chat(QUESTION))
    assert low_ms <= int(trailers["grpc-retry-pushback-ms"]) <= high_ms


@pytest.mark.parametrize(
    "method", ["/gateway.v1.GatewayService/Nope", "/x.Y/Z", "/grpc.health.v1.Health/No"]
)
async def test_an_unknown_method_is_refused_as_documented(running: Running, method: str) -> None:
    failed, status, _ = await refused(running.channel.unary_unary(method)(b"\xff"))
    assert failed.code() is grpc.StatusCode.UNIMPLEMENTED
    assert detail(status, ErrorInfo).reason == "UNIMPLEMENTED"


async def test_system_messages_need_a_key_that_allows_them() -> None:
    question = chat_pb2.ChatRequest()
    question.messages.add(role=chat_pb2.ROLE_SYSTEM, text="Answer in rhymes.")
    question.messages.add(role=chat_pb2.ROLE_USER, text="Where is my order?")
    scopes = {"Bearer strong": Scopes(system_messages=True), "Bearer weak": Scopes()}

    def identify(_method: str, metadata: CallMetadata) -> Identity:
        return Identity("shop", scopes[metadata.authorization])

    async with edge(identify=identify) as running:
        answer = await running.stub.Chat(question, metadata=(("authorization", "Bearer strong"),))
        assert answer.text
        weak = running.stub.Chat(question, metadata=(("authorization", "Bearer weak"),))
        failed, _, _ = await refused(weak)
        assert failed.code() is grpc.StatusCode.PERMISSION_DENIED
        assert running.engine.seen[0][1].tenant == "shop"


async def test_a_key_is_judged_before_the_request_is_read() -> None:
    def nobody(_method: str, _metadata: CallMetadata) -> Identity:
        raise Unauthenticated("send `authorization: Bearer <key>`")

    async with edge(identify=nobody) as running:
        call = running.channel.unary_unary("/gateway.v1.GatewayService/Chat")(b"\xff")
        failed, _, _ = await refused(call)
        assert failed.code() is grpc.StatusCode.UNAUTHENTICATED
