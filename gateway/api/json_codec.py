"""Protobuf's JSON mapping."""

from typing import TypeVar

import orjson
from google.protobuf import json_format
from google.protobuf.message import Message

from gateway.api.errors import MalformedRequest

M = TypeVar("M", bound=Message)


def from_json(kind: type[M], text: bytes) -> M:
    """The message of a JSON text; raises MalformedRequest."""
    try:
        return json_format.ParseDict(orjson.loads(text), kind())
    except (ValueError, json_format.ParseError) as error:
        raise MalformedRequest(
            f"the text is no JSON of {kind.DESCRIPTOR.full_name}: {error}"
        ) from error


def to_json(message: Message) -> bytes:
    """The JSON text of a message."""
    return orjson.dumps(json_format.MessageToDict(message))
