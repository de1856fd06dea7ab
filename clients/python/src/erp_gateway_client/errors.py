"""What a failed call raises: one tree, by what the caller can do about it.

GatewayError                 every failed call; `code`, `reason`, `request_id` and more
├── InvalidRequest           the request breaks documented rules: `violations`; do not send it again
│   ├── ContentFiltered      the provider refused the content on its policy
│   └── ContextTooLong       no model can hold the request; shorten it
├── Unauthenticated          no, unknown or expired key
├── PermissionDenied         the key may not do this
├── NotFound                 no such conversation or knowledge base
├── NotOffered               this gateway does not offer the call yet
├── QuotaExhausted           a limit is used up: `retry_after_s`
├── Unavailable              no gateway could take the call, although it was retried
│   └── AllModelsFailed      no model answered, and rules were forbidden
├── DeadlineExceeded         the deadline passed
├── Cancelled                the call was cancelled
├── StreamTruncated          a stream ended well, but without the whole answer
└── InternalError            a bug, or a broken connection; quote the request id
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from erp_gateway_client.calls import REQUEST_ID

DOMAIN = "gateway.erpai"
"""`ErrorInfo.domain` of the gateway's own errors."""

DETAILS = "grpc-status-details-bin"
Pairs = Iterable[tuple[str, str | bytes]]
D = TypeVar("D", bound=Message)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: the field's path such as `messages[3].text`, and what is wrong."""

    field: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What is known of a failed call.

    `reason`: the gateway's own, such as ALL_MODELS_FAILED; branch on it. Empty when gRPC itself
    ended the call. `metadata`: what ErrorInfo adds, such as `attempts`. `retry_after_s`: when the
    same call may succeed; None when the gateway did not say.
    """

    code: StatusCode
    message: str
    request_id: str
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()
    retry_after_s: float | None = None


class GatewayError(Exception):
    """A call failed. `failure` holds all that is known; the properties are short for it."""

    def __init__(self, failure: Failure) -> None:
        what = f"{failure.code.name} {failure.reason}".rstrip()
        super().__init__(f"{what}: {failure.message} (request id {failure.request_id})")
        self.failure = failure

    def __reduce__(self) -> tuple[type["GatewayError"], tuple[Failure]]:
        """Pickle whole: worker processes hand errors on."""
        return type(self), (self.failure,)

    @property
    def code(self) -> StatusCode:
        """The canonical code."""
        return self.failure.code

    @property
    def reason(self) -> str:
        """The gateway's reason; empty when gRPC itself ended the call."""
        return self.failure.reason

    @property
    def metadata(self) -> Mapping[str, str]:
        """What ErrorInfo adds."""
        return self.failure.metadata

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The broken rules, of an InvalidRequest."""
        return self.failure.violations

    @property
    def retry_after_s(self) -> float | None:
        """When the same call may succeed."""
        return self.failure.retry_after_s

    @property
    def request_id(self) -> str:
        """The call's id, to be quoted to the gateway's operators."""
        return self.failure.request_id


class InvalidRequest(GatewayError):
    """The request breaks documented rules."""


class ContentFiltered(InvalidRequest):
    """The provider refused the content on its policy."""


class ContextTooLong(InvalidRequest):
    """No model of the route can hold the request."""


class Unauthenticated(GatewayError):
    """No, unknown or expired key."""


class PermissionDenied(GatewayError):
    """The key may not do this."""


class NotFound(GatewayError):
    """No such conversation or knowledge base."""


class NotOffered(GatewayError):
    """The gateway does not offer this call."""


class QuotaExhausted(GatewayError):
    """A limit is used up."""


class Unavailable(GatewayError):
    """No gateway could take the call, although it was retried."""


class AllModelsFailed(Unavailable):
    """No model answered, and the route or the caller forbids rules."""


class DeadlineExceeded(GatewayError):
    """The deadline passed."""


class Cancelled(GatewayError):
    """The call was cancelled."""


class StreamTruncated(GatewayError):
    """A stream ended well, but without the whole answer."""


class InternalError(GatewayError):
    """A bug, or a broken connection."""


BY_REASON: Mapping[str, type[GatewayError]] = MappingProxyType(
    {
        "CONTENT_FILTERED": ContentFiltered,
        "CONTEXT_TOO_LONG": ContextTooLong,
        "ALL_MODELS_FAILED": AllModelsFailed,
        "QUOTA_EXHAUSTED": QuotaExhausted,
        "REQUEST_TOO_LARGE": InvalidRequest,
    }
)
BY_CODE: Mapping[StatusCode, type[GatewayError]] = MappingProxyType(
    {
        StatusCode.INVALID_ARGUMENT: InvalidRequest,
        StatusCode.UNAUTHENTICATED: Unauthenticated,
        StatusCode.PERMISSION_DENIED: PermissionDenied,
        StatusCode.NOT_FOUND: NotFound,
        StatusCode.UNIMPLEMENTED: NotOffered,
        # without a reason of the gateway: a message too large for one side
        StatusCode.RESOURCE_EXHAUSTED: GatewayError,
        StatusCode.UNAVAILABLE: Unavailable,
        StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
        StatusCode.CANCELLED: Cancelled,
    }
)


def error_of(error: grpc.RpcError, request_id: str) -> GatewayError:
    """The typed error of a failed gRPC call."""
    if not isinstance(error, grpc.Call | grpc.aio.AioRpcError):
        known = Failure(code=StatusCode.UNKNOWN, message=repr(error), request_id=request_id)
        return InternalError(known)
    failure = read(error.code(), error.details() or "", error.trailing_metadata() or (), request_id)
    kind = BY_REASON.get(failure.reason) or BY_CODE.get(failure.code, InternalError)
    return kind(failure)


def truncated(request_id: str) -> StreamTruncated:
    """The error of a stream that ended without `completed`."""
    message = "the stream ended without the whole answer; do not use what came"
    return StreamTruncated(
        Failure(code=StatusCode.DATA_LOSS, message=message, request_id=request_id)
    )


def read(code: StatusCode, message: str, trailers: Pairs, request_id: str) -> Failure:
    """What the status and its typed details say; details that cannot be read are left out."""
    sent = dict(trailers)
    status = _status(sent.get(DETAILS))
    info = _detail(status, ErrorInfo)
    wait = _detail(status, RetryInfo)
    broken = _detail(status, BadRequest)
    own = info is not None and info.domain == DOMAIN
    echoed = sent.get(REQUEST_ID)
    return Failure(
        code=code,
        message=message,
        request_id=echoed if isinstance(echoed, str) and echoed else request_id,
        reason=info.reason if info is not None and own else "",
        metadata=dict(info.metadata) if info is not None and own else {},
        violations=tuple(
            Violation(v.field, v.description) for v in (broken.field_violations if broken else ())
        ),
        retry_after_s=wait.retry_delay.ToNanoseconds() / 1e9 if wait else None,
    )


def _status(raw: str | bytes | None) -> Status:
    try:
        return Status.FromString(raw) if isinstance(raw, bytes) else Status()
    except DecodeError:
        return Status()


def _detail(status: Status, kind: type[D]) -> D | None:
    for packed in status.details:
        found = kind()
        if packed.Is(kind.DESCRIPTOR):
            try:
                packed.Unpack(found)
            except DecodeError:
                continue
            return found
    return None
