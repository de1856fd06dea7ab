"""The Python clients as the golden cases want to call them."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from erp_gateway_client import (
    AsyncGatewayClient,
    CallOptions,
    ChatStream,
    GatewayClient,
    GatewayError,
    Settings,
)
from erp_gateway_client.calls import sending
from erp_gateway_client.errors import error_of
from gateway.v1.anomaly_pb2 import DetectAnomalyRequest
from gateway.v1.chat_pb2 import ChatRequest, StreamChatRequest
from gateway.v1.feedback_pb2 import SubmitFeedbackRequest
from gateway.v1.keywords_pb2 import ExtractKeywordsRequest
from tests.golden.case import Outcome
from tests.golden.replay import Step

REQUESTS: Mapping[str, type[Message]] = {
    "Chat": ChatRequest,
    "StreamChat": StreamChatRequest,
    "ExtractKeywords": ExtractKeywordsRequest,
    "DetectAnomaly": DetectAnomalyRequest,
    "SubmitFeedback": SubmitFeedbackRequest,
}
METHODS = {
    "Chat": "chat",
    "ExtractKeywords": "extract_keywords",
    "DetectAnomaly": "detect_anomaly",
    "SubmitFeedback": "submit_feedback",
}
SERVICE = "/gateway.v1.GatewayService/"


def options(step: Step) -> CallOptions:
    return CallOptions(
        deadline_s=step.get("deadline_s", 60),
        request_id=step.get("metadata", {}).get("x-request-id", f"golden-{uuid4().hex}"),
    )


def settings(step: Step, base: Settings) -> Settings:
    """The client's settings; the ERP's version belongs to the client, not to a call."""
    version = step.get("metadata", {}).get("x-erp-version", "")
    return Settings(erp_version=version, tls=base.tls) if version else base


def request(step: Step) -> Any:
    return ParseDict(step["request"], REQUESTS[step["call"]]())


def failed(error: GatewayError, asked: CallOptions, events: list[Any] | None = None) -> Outcome:
    assert error.request_id == asked["request_id"]
    return Outcome(
        status=error.code.name,
        reason=error.reason,
        metadata=error.metadata,
        violations=[(v.field, v.description) for v in error.violations],
        retry_after_s=error.retry_after_s,
        request_id=error.request_id,
        events=[MessageToDict(event) for event in events or ()],
    )


def answered(response: Message, asked: CallOptions) -> Outcome:
    return Outcome(response=MessageToDict(response), request_id=asked["request_id"])


def streamed(events: list[Any], asked: CallOptions) -> Outcome:
    found = [MessageToDict(event) for event in events]
    return Outcome(
        events=found, response=found[-1].get("completed"), request_id=asked["request_id"]
    )


def _first_delta(stream: ChatStream) -> None:
    for event in stream:
        if event.HasField("delta"):
            return


class SyncCaller:
    """`GatewayClient`, one call at a time in a thread."""

    def __init__(self, target: str, base: Settings | None = None) -> None:
        self._target = target
        self._base = base or Settings()
        self._clients: dict[Settings, GatewayClient] = {}

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def client(self, step: Step) -> GatewayClient:
        wanted = settings(step, self._base)
        if wanted not in self._clients:
            self._clients[wanted] = GatewayClient(self._target, wanted)
        return self._clients[wanted]

    async def call(self, step: Step) -> Outcome:
        if "request_base64" in step:
            return await asyncio.to_thread(self._raw, step)
        way = self._stream if step["call"] == "StreamChat" else self._unary
        return await asyncio.to_thread(way, step)

    async def hold(self, step: Step, until: AsyncExitStack) -> None:
        stream = self.client(step).stream_chat(request(step).chat, **options(step))
        until.callback(stream.close)
        await asyncio.to_thread(_first_delta, stream)

    def _unary(self, step: Step) -> Outcome:
        asked = options(step)
        method: Callable[..., Message] = getattr(self.client(step), METHODS[step["call"]])
        try:
            return answered(method(request(step), **asked), asked)
        except GatewayError as error:
            return failed(error, asked)

    def _stream(self, step: Step) -> Outcome:
        asked, events = options(step), []
        with self.client(step).stream_chat(request(step).chat, **asked) as stream:
            try:
                for event in stream:
                    events.append(event)
                    if len(events) == step.get("cancel_after"):
                        return streamed(events, asked)
            except GatewayError as error:
                return failed(error, asked, events)
            assert stream.answer == events[-1].completed
        return streamed(events, asked)

    def _raw(self, step: Step) -> Outcome:
        """Bytes that the client itself would never send, through its channel."""
        asked, client = options(step), self.client(step)
        sent = sending(client.settings, asked)
        method: Any = client._channel.unary_stream(SERVICE + step["call"])
        raw = base64.b64decode(step["request_base64"])
        try:
            list(method(raw, timeout=sent.timeout_s, metadata=sent.metadata))
        except grpc.RpcError as error:
            return failed(error_of(error, sent.request_id), asked)
        return Outcome()


class AsyncCaller:
    """`AsyncGatewayClient`."""

    def __init__(self, target: str, base: Settings | None = None) -> None:
        self._target = target
        self._base = base or Settings()
        self._clients: dict[Settings, AsyncGatewayClient] = {}

    async def aclose(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    def client(self, step: Step) -> AsyncGatewayClient:
        wanted = settings(step, self._base)
        if wanted not in self._clients:
            self._clients[wanted] = AsyncGatewayClient(self._target, wanted)
        return self._clients[wanted]

    async def call(self, step: Step) -> Outcome:
        if "request_base64" in step:
            return await self._raw(step)
        if step["call"] == "StreamChat":
            return await self._stream(step)
        asked = options(step)
        method = getattr(self.client(step), METHODS[step["call"]])
        try:
            return answered(await method(request(step), **asked), asked)
        except GatewayError as error:
            return failed(error, asked)

    async def hold(self, step: Step, until: AsyncExitStack) -> None:
        stream = self.client(step).stream_chat(request(step).chat, **options(step))
        until.push_async_callback(stream.aclose)
        async for event in stream:
            if event.HasField("delta"):
                return

    async def _stream(self, step: Step) -> Outcome:
        asked, events = options(step), []
        async with self.client(step).stream_chat(request(step).chat, **asked) as stream:
            try:
                async for event in stream:
                    events.append(event)
                    if len(events) == step.get("cancel_after"):
                        return streamed(events, asked)
            except GatewayError as error:
                return failed(error, asked, events)
            assert stream.answer == events[-1].completed
        return streamed(events, asked)

    async def _raw(self, step: Step) -> Outcome:
        asked, client = options(step), self.client(step)
        sent = sending(client.settings, asked)
        method: Any = client._channel.unary_stream(SERVICE + step["call"])
        raw = base64.b64decode(step["request_base64"])
        try:
            async for _ in method(raw, timeout=sent.timeout_s, metadata=sent.metadata):
                pass
        except grpc.RpcError as error:
            return failed(error_of(error, sent.request_id), asked)
        return Outcome()
