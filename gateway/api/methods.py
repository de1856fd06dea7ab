"""The calls of the service as data: what differs between them at the edge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from gateway.api.convert_anomaly import detect_request, detect_response, is_large
from gateway.api.convert_chat import chat_request, chat_response
from gateway.api.convert_common import Passage
from gateway.api.convert_keywords import keyword_request, keyword_response
from gateway.api.ports import Identity
from gateway.core.errors import PermissionDenied
from gateway.core.model import Answer, Role
from gateway.core.ports import Task
from gateway.tasks.chat.model import ChatReply, ChatRequest
from gateway.tasks.nouns import DetectRequest, DetectResult, KeywordRequest, KeywordResult
from gateway.v1 import anomaly_pb2, chat_pb2, feedback_pb2, keywords_pb2
from gateway.v1.common_pb2 import RequestOptions

M = TypeVar("M", bound=Message)
Q = TypeVar("Q")
A = TypeVar("A")

SERVICE = "gateway.v1.GatewayService"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """The tasks behind the calls; the types are what the converters speak."""

    chat: Task[ChatRequest, Any, ChatReply]
    keywords: Task[KeywordRequest, Any, KeywordResult]
    anomaly: Task[DetectRequest, Any, DetectResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method(Generic[M, Q]):
    """One call up to the engine: `to_domain` gets a checked message, `permits` may refuse it."""

    name: str
    request: type[M]
    task: Task[Q, Any, Any]
    options: Callable[[M], RequestOptions]
    to_domain: Callable[[M], Q]
    permits: Callable[[Q, Identity], None] = lambda _asked, _identity: None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaryMethod(Method[M, Q], Generic[M, Q, A]):
    """... and back: the response of an answer, which for a large one takes more than 1 ms."""

    response: type[Message]
    to_response: Callable[[Answer[A], Passage], Message]
    is_large: Callable[[Answer[A]], bool] = lambda _answer: False


@dataclass(frozen=True, slots=True)
class FeedbackMethod:
    """SubmitFeedback: no model, no rules, no cache; the desk takes it."""

    name: str
    request: type[feedback_pb2.SubmitFeedbackRequest]


def unary_methods(tasks: Tasks) -> Mapping[str, UnaryMethod[Any, Any, Any] | FeedbackMethod]:
    """The unary calls by name."""
    return {
        "Chat": UnaryMethod(
            name="Chat",
            request=chat_pb2.ChatRequest,
            response=chat_pb2.ChatResponse,
            task=tasks.chat,
            options=lambda message: message.options,
            to_domain=chat_request,
            permits=_system_messages,
            to_response=chat_response,
        ),
        "ExtractKeywords": UnaryMethod(
            name="ExtractKeywords",
            request=keywords_pb2.ExtractKeywordsRequest,
            response=keywords_pb2.ExtractKeywordsResponse,
            task=tasks.keywords,
            options=lambda message: message.options,
            to_domain=keyword_request,
            to_response=keyword_response,
        ),
        "DetectAnomaly": UnaryMethod(
            name="DetectAnomaly",
            request=anomaly_pb2.DetectAnomalyRequest,
            response=anomaly_pb2.DetectAnomalyResponse,
            task=tasks.anomaly,
            options=lambda message: message.options,
            to_domain=detect_request,
            to_response=detect_response,
            is_large=is_large,
        ),
        "SubmitFeedback": FeedbackMethod("SubmitFeedback", feedback_pb2.SubmitFeedbackRequest),
    }


def stream_methods(tasks: Tasks) -> Mapping[str, Method[Any, Any]]:
    """The server-streaming calls by name."""
    return {
        "StreamChat": Method(
            name="StreamChat",
            request=chat_pb2.StreamChatRequest,
            task=tasks.chat,
            options=lambda message: message.chat.options,
            to_domain=lambda message: chat_request(message.chat),
            permits=_system_messages,
        )
    }


def _system_messages(asked: ChatRequest, identity: Identity) -> None:
    if identity.scopes.system_messages:
        return
    for message in asked.messages:
        if message.role is Role.SYSTEM:
            raise PermissionDenied("ROLE_SYSTEM needs a key with the scope 'system_messages'")
