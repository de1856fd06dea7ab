"""How a failed call ends, for any door: google.rpc.Status with typed details, of bounded size."""

from dataclasses import dataclass
from urllib.parse import quote

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status as RpcStatus
from grpc import StatusCode

MAX_STATUS_BYTES = 4_096
"""Most bytes of message and details as sent; gRPC drops details at random from about 8 KB."""

MAX_MESSAGE_CHARACTERS = 512
"""Longest status message; what is longer stands in the details."""


@dataclass(frozen=True, slots=True)
class Status:
    """A canonical code, a text for people, and details for programs.

    `details`: the ErrorInfo first. `pushback_ms`: how long a gRPC client is told to wait before it
    retries (`grpc-retry-pushback-ms`); -1 for never, None to leave it to the client.
    """

    code: StatusCode
    reason: str
    message: str
    request_id: str
    details: tuple[Message, ...] = ()
    pushback_ms: int | None = None

    def rpc(self) -> RpcStatus:
        """As google.rpc.Status, at most MAX_STATUS_BYTES on the wire."""
        return fitted(
            RpcStatus(
                code=self.code.value[0],
                message=self.message,
                details=[_packed(detail) for detail in self.details],
            )
        )


class CallFailed(Exception):
    """A call ends with this status; the one exception that leaves the service layer."""

    def __init__(self, status: Status) -> None:
        super().__init__(f"{status.code.name} {status.reason}: {status.message}")
        self.status = status


def wire_bytes(status: RpcStatus) -> int:
    """Size of the trailers: the message percent-encoded, the whole status in base64."""
    return len(quote(status.message)) + (len(status.SerializeToString()) + 2) // 3 * 4


def fitted(status: RpcStatus) -> RpcStatus:
    """The same status within MAX_STATUS_BYTES: last violations go first, then last details."""
    while wire_bytes(status) > MAX_STATUS_BYTES and status.details:
        last = status.details[-1]
        request = BadRequest()
        if last.Unpack(request) and len(request.field_violations) > 1:
            del request.field_violations[-1]
            last.Pack(request)
        else:
            del status.details[-1]
    return status


def plain(text: str) -> str:
    """A text fit for a status message: one line, no control characters, bounded."""
    line = "".join(c if c.isprintable() else " " for c in text[: 2 * MAX_MESSAGE_CHARACTERS])
    return line if len(line) <= MAX_MESSAGE_CHARACTERS else line[: MAX_MESSAGE_CHARACTERS - 1] + "…"


def _packed(detail: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)
    return packed
