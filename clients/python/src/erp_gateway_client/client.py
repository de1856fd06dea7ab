"""The client for threads."""

from types import TracebackType
from typing import Protocol, Self, TypeVar, Unpack

import grpc

from erp_gateway_client.calls import CallOptions, Metadata, sending
from erp_gateway_client.errors import error_of
from erp_gateway_client.settings import Settings
from erp_gateway_client.stream_sync import ChatStream
from gateway.v1.anomaly_pb2 import DetectAnomalyRequest, DetectAnomalyResponse
from gateway.v1.chat_pb2 import ChatRequest, ChatResponse, StreamChatRequest
from gateway.v1.feedback_pb2 import SubmitFeedbackRequest, SubmitFeedbackResponse
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from gateway.v1.keywords_pb2 import ExtractKeywordsRequest, ExtractKeywordsResponse

Q_contra = TypeVar("Q_contra", contravariant=True)
A_co = TypeVar("A_co", covariant=True)
Q = TypeVar("Q")
A = TypeVar("A")


class _Call(Protocol[Q_contra, A_co]):
    """A unary call of the generated stub."""

    def __call__(self, request: Q_contra, /, *, timeout: float, metadata: Metadata) -> A_co: ...


class GatewayClient:
    """Calls a gateway; safe to share between threads. Make one and keep it: it holds connections.

    `target`: `host:port`, or any gRPC name such as `dns:///gateway.internal:50051` (all addresses
    are used) or `ipv4:10.0.0.1:50051,10.0.0.2:50051`. Every call raises GatewayError, and its
    keyword arguments are `CallOptions`. Make it after a fork, never before.
    """

    def __init__(self, target: str, settings: Settings | None = None) -> None:
        self.target = target
        self.settings = settings or Settings()
        options = self.settings.channel_options(target)
        if self.settings.tls is None:
            self._channel = grpc.insecure_channel(target, options)
        else:
            self._channel = grpc.secure_channel(target, self.settings.tls.credentials(), options)
        self._stub = GatewayServiceStub(self._channel)

    def __repr__(self) -> str:
        return f"GatewayClient({self.target!r}, {self.settings!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; calls in progress end as Cancelled."""
        self._channel.close()

    def chat(self, request: ChatRequest, **call: Unpack[CallOptions]) -> ChatResponse:
        """Answer a customer's question."""
        return self._ask(self._stub.Chat, request, call)

    def stream_chat(self, request: ChatRequest, **call: Unpack[CallOptions]) -> ChatStream:
        """Answer a customer's question while it is being written; errors come with the events."""
        sent = sending(self.settings, call)
        asked = StreamChatRequest(chat=request)
        events = self._stub.StreamChat(asked, timeout=sent.timeout_s, metadata=sent.metadata)
        return ChatStream(events, sent.request_id)

    def extract_keywords(
        self, request: ExtractKeywordsRequest, **call: Unpack[CallOptions]
    ) -> ExtractKeywordsResponse:
        """Find the best search keywords of a product listing."""
        return self._ask(self._stub.ExtractKeywords, request, call)

    def detect_anomaly(
        self, request: DetectAnomalyRequest, **call: Unpack[CallOptions]
    ) -> DetectAnomalyResponse:
        """Find the unusual points of a series."""
        return self._ask(self._stub.DetectAnomaly, request, call)

    def submit_feedback(
        self, request: SubmitFeedbackRequest, **call: Unpack[CallOptions]
    ) -> SubmitFeedbackResponse:
        """Tell the gateway what people thought of an answer."""
        return self._ask(self._stub.SubmitFeedback, request, call)

    def _ask(self, method: _Call[Q, A], request: Q, call: CallOptions) -> A:
        sent = sending(self.settings, call)
        try:
            return method(request, timeout=sent.timeout_s, metadata=sent.metadata)
        except grpc.RpcError as error:
            raise error_of(error, sent.request_id) from error
