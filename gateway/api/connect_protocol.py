"""The Connect protocol's own words: codes, error bodies, envelopes.

Pure: from our Status to the bytes that a Connect client reads, as
https://connectrpc.com/docs/protocol has them.
"""

from base64 import b64encode
from collections.abc import Mapping
from struct import Struct
from types import MappingProxyType
from typing import Any

import orjson
from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RetryInfo
from grpc import StatusCode

from gateway.api.errors import MalformedRequest
from gateway.api.status import Status

HTTP_STATUS: Mapping[StatusCode, int] = MappingProxyType(
    {
        StatusCode.OK: 200,
        StatusCode.CANCELLED: 499,
        StatusCode.UNKNOWN: 500,
        StatusCode.INVALID_ARGUMENT: 400,
        StatusCode.DEADLINE_EXCEEDED: 504,
        StatusCode.NOT_FOUND: 404,
        StatusCode.ALREADY_EXISTS: 409,
        StatusCode.PERMISSION_DENIED: 403,
        StatusCode.RESOURCE_EXHAUSTED: 429,
        StatusCode.FAILED_PRECONDITION: 400,
        StatusCode.ABORTED: 409,
        StatusCode.OUT_OF_RANGE: 400,
        StatusCode.UNIMPLEMENTED: 501,
        StatusCode.INTERNAL: 500,
        StatusCode.UNAVAILABLE: 503,
        StatusCode.DATA_LOSS: 500,
        StatusCode.UNAUTHENTICATED: 401,
    }
)
"""The HTTP status of each code, by the protocol's table."""

END_STREAM = 0b10
COMPRESSED = 0b01

_HEAD = Struct(">BI")
_DETAILS: Mapping[str, type[Message]] = {
    kind.DESCRIPTOR.full_name: kind for kind in (ErrorInfo, BadRequest, RetryInfo, QuotaFailure)
}


def code_name(code: StatusCode) -> str:
    """The protocol's name of a code: the canonical one in lower case, but `canceled`."""
    return "canceled" if code is StatusCode.CANCELLED else code.name.lower()


def error_body(status: Status) -> bytes:
    """The body of a failed unary call."""
    return orjson.dumps(error_of_status(status))


def end_of_stream(status: Status | None, request_id: str) -> bytes:
    """The last envelope of a stream: its trailers, and its error if it failed."""
    told: dict[str, Any] = {"metadata": {"x-request-id": [request_id]}}
    if status is not None:
        told["error"] = error_of_status(status)
    return envelope(orjson.dumps(told), END_STREAM)


def envelope(payload: bytes, flags: int = 0) -> bytes:
    """A message of a stream with its head: one byte of flags, four of length."""
    return _HEAD.pack(flags, len(payload)) + payload


def only_message(body: bytes) -> bytes:
    """The one message of a server stream's request; raises MalformedRequest."""
    if len(body) < _HEAD.size:
        raise MalformedRequest("the body ends inside its envelope's head of 5 bytes")
    flags, length = _HEAD.unpack_from(body)
    if flags:
        # 1. compressed: no compression was agreed on  2. end of stream: only servers send it
        raise MalformedRequest(f"the envelope's flags are {flags:#04x}; send 0x00, uncompressed")
    if length != len(body) - _HEAD.size:
        sent = len(body) - _HEAD.size
        raise MalformedRequest(f"the envelope promises {length:,} bytes, {sent:,} follow; send one")
    return body[_HEAD.size :]


def error_of_status(status: Status) -> dict[str, Any]:
    """An error as JSON."""
    sent = status.rpc()
    return {
        "code": code_name(status.code),
        "message": sent.message,
        "details": [_detail(detail) for detail in sent.details],
    }


def _detail(detail: AnyMessage) -> dict[str, Any]:
    """`value` for programs: base64 without padding; `debug` for people and plain JSON clients."""
    name = detail.type_url.rpartition("/")[2]
    told: dict[str, Any] = {
        "type": name,
        "value": b64encode(detail.value).decode().rstrip("="),
    }
    if kind := _DETAILS.get(name):
        told["debug"] = json_format.MessageToDict(kind.FromString(detail.value))
    return told
