"""Writes protobuf's JSON mapping, for the kinds of fields that our messages have.

The same texts as google.protobuf.json_format's (a test compares them) in a fifth of its time.
"""
# ruff: noqa: ANN401  # values are read by descriptor

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from math import isfinite
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

Write = Callable[[Any], Any]
"""Takes a field's value, gives what stands for it in JSON."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def to_json(message: Message) -> bytes:
    """The JSON text of a message; fields with their default value are left out."""
    return orjson.dumps(_message(message.DESCRIPTOR)(message))


@cache
def _message(descriptor: Descriptor) -> Write:
    writers: Mapping[int, tuple[str, Write | None]] = {
        field.number: (field.json_name, _field(field)) for field in descriptor.fields
    }

    def write_message(message: Any) -> Any:
        told = {}
        for field, value in message.ListFields():
            name, write = writers[field.number]
            told[name] = write(value) if write else value
        return told

    return write_message


def _field(field: FieldDescriptor) -> Write | None:
    """None: the value stands for itself."""
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        if {each.type for each in kind.fields} == {FieldDescriptor.TYPE_STRING}:
            return dict
        raise TypeError(f"{field.full_name!r} is a map of other than strings, unknown until now")
    write = _value(field)
    if not field.is_repeated:
        return write
    if write is None:
        return list
    each = write
    return lambda values: [each(value) for value in values]


def _value(field: Any) -> Write | None:  # stubs: types of messages and enums may be None
    match field.type:
        case FieldDescriptor.TYPE_MESSAGE:
            return _known_message(field.message_type)
        case FieldDescriptor.TYPE_ENUM:
            names = {value.number: value.name for value in field.enum_type.values}
            return lambda number: names.get(number, number)
        case FieldDescriptor.TYPE_DOUBLE:
            return lambda number: number if isfinite(number) else _not_finite(number)
        case FieldDescriptor.TYPE_INT64:
            return str
        case FieldDescriptor.TYPE_STRING | FieldDescriptor.TYPE_BOOL | FieldDescriptor.TYPE_INT32:
            return None
    raise TypeError(f"{field.full_name!r} is of a kind that no message had until now")


def _known_message(descriptor: Descriptor) -> Write:
    match descriptor.full_name:
        case "google.protobuf.Timestamp":
            return _time
        case "google.protobuf.Duration":
            return lambda duration: duration.ToJsonString()
    return _message(descriptor)


def _not_finite(number: float) -> str:
    if number != number:  # noqa: PLR0124 # NaN
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


def _time(moment: Any) -> str:
    """RFC 3339 in UTC with 0, 3, 6 or 9 digits."""
    text = (_EPOCH + timedelta(seconds=moment.seconds)).isoformat()
    nanos = moment.nanos
    if not nanos:
        return f"{text}Z"
    digits = f"{nanos:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}Z"
