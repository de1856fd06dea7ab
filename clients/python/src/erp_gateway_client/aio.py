"""The client for asyncio."""

from collections.abc import Awaitable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, Unpack, cast

import grpc

from erp_gateway_client.calls import CallOptions, Metadata, sending
from erp_gateway_client.errors import error_of
from erp_gateway_client.settings import Settings
from erp_gateway_client.stream_aio import AsyncChatStream, AsyncEventCall
from gateway.v1.anomaly_pb2 import DetectAnomalyRequest, DetectAnomalyResponse
from gateway.v1.chat_pb2 import ChatRequest, ChatResponse, StreamChatRequest
from gateway.v1.feedback_pb2 import SubmitFeedbackRequest, SubmitFeedbackResponse
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from gateway.v1.keywords_pb2 import ExtractKeywordsRequest, ExtractKeywordsResponse

if TYPE_CHECKING:
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

Q_contra = TypeVar("Q_contra", contravariant=True)
A_co = TypeVar("A_co", covariant=True)
Q = TypeVar("Q")
A = TypeVar("A")


class _Call(Protocol[Q_contra, A_co]):
    """A unary call of the generated stub."""

    def __call__(
        self, request: Q_contra, /, *, timeout: float, metadata: Metadata
    ) -> Awaitable[A_co]: ...


class AsyncGatewayClient:
    """Calls a gateway from one event loop. Make one and keep it: it holds connections.

    Targets, settings, errors and options are those of `GatewayClient`. Cancelling the task that
    awaits a call hangs up at once, and the gateway stops asking the model.
    """

    def __init__(self, target: str, settings: Settings | None = None) -> None:
        self.target = target
        self.settings = settings or Settings()
        options = self.settings.channel_options(target)
        if self.settings.tls is None:
            self._channel = grpc.aio.insecure_channel(target, options)
        else:
            credentials = self.settings.tls.credentials()
            self._channel = grpc.aio.secure_channel(target, credentials, options)
        self._stub: GatewayServiceAsyncStub = GatewayServiceStub(self._channel)

    def __repr__(self) -> str:
        return f"AsyncGatewayClient({self.target!r}, {self.settings!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; calls in progress are cancelled."""
        await self._channel.close()

    async def chat(self, request: ChatRequest, **call: Unpack[CallOptions]) -> ChatResponse:
        """Answer a customer's question."""
        return await self._ask(self._stub.Chat, request, call)

    def stream_chat(self, request: ChatRequest, **call: Unpack[CallOptions]) -> AsyncChatStream:
        """Answer a customer's question while it is being written; errors come with the events."""
        sent = sending(self.settings, call)
        asked = StreamChatRequest(chat=request)
        events = self._stub.StreamChat(asked, timeout=sent.timeout_s, metadata=sent.metadata)
        return AsyncChatStream(cast("AsyncEventCall", events), sent.request_id)

    async def extract_keywords(
        self, request: ExtractKeywordsRequest, **call: Unpack[CallOptions]
    ) -> ExtractKeywordsResponse:
        """Find the best search keywords of a product listing."""
        return await self._ask(self._stub.ExtractKeywords, request, call)

    async def detect_anomaly(
        self, request: DetectAnomalyRequest, **call: Unpack[CallOptions]
    ) -> DetectAnomalyResponse:
        """Find the unusual points of a series."""
        return await self._ask(self._stub.DetectAnomaly, request, call)

    async def submit_feedback(
        self, request: SubmitFeedbackRequest, **call: Unpack[CallOptions]
    ) -> SubmitFeedbackResponse:
        """Tell the gateway what people thought of an answer."""
        return await self._ask(self._stub.SubmitFeedback, request, call)

    async def _ask(
        self, method: _Call[Q_contra, A_co], request: Q_contra, call: CallOptions
    ) -> A_co:
        sent = sending(self.settings, call)
        try:
            return await method(request, timeout=sent.timeout_s, metadata=sent.metadata)
        except grpc.RpcError as error:
            raise error_of(error, sent.request_id) from error
