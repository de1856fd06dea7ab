"""From what a door hands over to a message of the method's kind, in either encoding."""

from dataclasses import dataclass
from typing import TypeVar, cast

from google.protobuf.message import DecodeError, Message

from gateway.api.errors import MalformedRequest
from gateway.api.json_reading import from_json

M = TypeVar("M", bound=Message)

OFF_LOOP_BYTES = 32_768
"""Larger requests are decoded, checked and converted in a thread: about 2 ms of work from here."""

OFF_LOOP_JSON_BYTES = 16_384
"""The same for JSON."""


@dataclass(frozen=True, slots=True)
class Json:
    """A request in protobuf's JSON mapping, as it came."""

    text: bytes


Body = bytes | Json | Message
"""A request: protobuf's binary encoding, JSON, or the method's own message."""


def decoded(kind: type[M], body: Body) -> M:
    """The message; raises MalformedRequest, or InvalidRequest for JSON whose fields do not fit."""
    if isinstance(body, Json):
        return from_json(kind, body.text)
    if not isinstance(body, bytes):
        return cast("M", body)  # a door that decodes itself sends the method's own message
    try:
        return kind.FromString(body)
    except DecodeError as error:
        name = kind.DESCRIPTOR.full_name
        raise MalformedRequest(f"the bytes are no {name}, or hold text not in UTF-8") from error


def is_large(body: Body) -> bool:
    """Whether decoding it takes long enough to leave the event loop for."""
    if isinstance(body, Json):
        return len(body.text) > OFF_LOOP_JSON_BYTES
    size = len(body) if isinstance(body, bytes) else body.ByteSize()
    return size > OFF_LOOP_BYTES
