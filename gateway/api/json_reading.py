"""Reads protobuf's JSON mapping, for the kinds of fields that our requests have.

google.protobuf.json_format takes 37 us for a point of a series and stops at the first fault. Here
it is 3 us: orjson parses, readers put together once per message check types and make the arguments
of the message's own constructor, which is C. Every fault is named by its path, up to 20.

What is accepted means what json_format makes of it (a test compares them). Refused is what it
refuses, unknown fields included: a misspelt name in hand-written JSON must not be lost in silence;
and what it lets pass as Python does: true for 1, " 1" or "1_0" for numbers, 3.0 or "3" for enums.
Of a key sent twice the last counts.
"""
# ruff: noqa: ANN401  # values come from a JSON text, so they have no static type

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache, lru_cache
from typing import Any, TypeVar

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.api.errors import MalformedRequest
from gateway.api.found import Enough, Found
from gateway.core.errors import InvalidRequest

M = TypeVar("M", bound=Message)
Path = tuple[Any, ...]
"""Where a value stands: (path of the parent, key or index); () at the top."""
Read = Callable[[Any, Path, Found], Any]
"""Takes a JSON value, gives a constructor's argument, and adds what is wrong with it."""

INT32 = range(-(2**31), 2**31)
_PHP_EMPTY: list[Any] = []  # what PHP's json_encode makes of an empty array, meant as an object
_SHOWN_CHARACTERS = 40
_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?"
    r"(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_WHOLE = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def from_json(kind: type[M], text: bytes) -> M:
    """The message of a JSON text.

    Raises MalformedRequest for what is no JSON object, InvalidRequest for fields that do not fit.
    """
    name = kind.DESCRIPTOR.full_name
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest(f"the body is no JSON of {name}: {error}") from error
    if not isinstance(value, dict):
        raise MalformedRequest(f"the body must be a JSON object, a {name}")
    found = Found()
    with suppress(Enough):
        arguments = _message(kind.DESCRIPTOR)(value, (), found)
        if not found.violations:
            return kind(**arguments)
    raise InvalidRequest(found.violations)


def shown(path: Path) -> str:
    """A path as AIP-193 has it: `messages[3].text`."""
    if not path:
        return ""
    before, key = shown(path[0]), path[1]
    if isinstance(key, int):
        return f"{before}[{key}]"
    name = key if key.isidentifier() and key.isascii() else f"{key[:_SHOWN_CHARACTERS]!a}"
    return f"{before}.{name[:_SHOWN_CHARACTERS]}" if before else name[:_SHOWN_CHARACTERS]


# ---- single values


def _string(value: Any, path: Path, found: Found) -> Any:
    if type(value) is not str:
        found.add(shown(path), "must be a string")
    return value


def _bool(value: Any, path: Path, found: Found) -> Any:
    if type(value) is not bool:
        found.add(shown(path), "must be true or false")
    return value


def _double(value: Any, path: Path, found: Found) -> Any:
    if type(value) is float or type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value == value.strip() and "_" not in value:
        if value in _NOT_FINITE:
            return _NOT_FINITE[value]
        with suppress(ValueError):
            if (number := float(value)) - number == 0:  # neither NaN nor infinite
                return number
    found.add(shown(path), "must be a number")
    return 0.0


def _int32(value: Any, path: Path, found: Found) -> Any:
    number = value
    whole = value.is_integer() if type(value) is float else False
    if whole or (type(value) is str and _WHOLE.fullmatch(value)):
        number = int(value)
    if type(number) is not int or number not in INT32:
        found.add(shown(path), "must be a whole number of at most 32 bits")
        return 0
    return number


def _time(value: Any, path: Path, found: Found) -> Any:
    match = _TIME.fullmatch(value) if type(value) is str else None
    day = _day(match[1]) if match else None
    if match is None or day is None:
        found.add(shown(path), "must be a time such as 2026-11-22T08:00:00Z (RFC 3339)")
        return {}
    seconds = day * 86_400 + int(match[2]) * 3_600 + int(match[3]) * 60 + int(match[4])
    if match[6]:
        ahead = int(match[7]) * 3_600 + int(match[8]) * 60
        seconds += -ahead if match[6] == "+" else ahead
    return {"seconds": seconds, "nanos": int(match[5].ljust(9, "0")) if match[5] else 0}


@lru_cache(maxsize=4_096)
def _day(text: str) -> int | None:
    """Days since 1970-01-01; None if there is no such day."""
    with suppress(ValueError):
        return date.fromisoformat(text).toordinal() - _EPOCH_DAY
    return None


def _enum(descriptor: Any) -> Read:
    numbers = {value.name: value.number for value in descriptor.values}
    names = ", ".join(value.name for value in descriptor.values[1:])
    wanted = f"must be one of {names}"

    def read_enum(value: Any, path: Path, found: Found) -> Any:
        if type(value) is str and value in numbers:
            return numbers[value]
        if type(value) is int and value in INT32:
            return value  # an unknown number is the bounds' affair
        found.add(shown(path), wanted)
        return 0

    return read_enum


# ---- lists, maps, messages


def _list(read: Read) -> Read:
    def read_list(value: Any, path: Path, found: Found) -> Any:
        if type(value) is not list:
            found.add(shown(path), "must be a list")
            return []
        return [read(item, (path, index), found) for index, item in enumerate(value)]

    return read_list


def _texts(value: Any, path: Path, found: Found) -> Any:
    """A map of strings."""
    if type(value) is not dict:
        if value != _PHP_EMPTY:
            found.add(shown(path), "must be an object")
        return {}
    for key, item in value.items():
        if type(item) is not str:
            found.add(f"{shown(path)}[{key[:_SHOWN_CHARACTERS]!a}]", "must be a string")
    return value


@cache
def _message(descriptor: Descriptor) -> Read:
    """The reader of a message; put together once."""
    if any(
        oneof.fields[0].containing_oneof and len(oneof.fields) > 1 for oneof in descriptor.oneofs
    ):
        raise TypeError(f"{descriptor.full_name!r} has a oneof, which no request had until now")
    fields: Mapping[str, tuple[str, Read]] = {
        name: (field.name, _field(field))
        for field in descriptor.fields
        for name in (field.name, field.json_name)
    }
    unknown = f"is no field of {descriptor.name}, which has " + ", ".join(
        field.json_name for field in descriptor.fields
    )

    def read_message(value: Any, path: Path, found: Found) -> Any:
        arguments: dict[str, Any] = {}
        if type(value) is not dict:
            if value != _PHP_EMPTY:
                found.add(shown(path), "must be an object")
            return arguments
        for key, item in value.items():
            field = fields.get(key)
            if field is None:
                found.add(shown((path, key)), unknown)
            elif field[0] in arguments:
                found.add(shown((path, key)), f"is sent twice, also as {field[0]}")
            elif item is not None:  # null: as if it were not sent
                arguments[field[0]] = field[1](item, (path, key), found)
        return arguments

    return read_message


def _field(field: FieldDescriptor) -> Read:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        types = {each.type for each in kind.fields}
        if types == {FieldDescriptor.TYPE_STRING}:
            return _texts
        raise TypeError(f"{field.full_name!r} is a map of other than strings, unknown until now")
    read = _value(field)
    return _list(read) if field.is_repeated else read


def _value(field: Any) -> Read:  # stubs: types of messages and enums may be None
    match field.type:
        case FieldDescriptor.TYPE_MESSAGE:
            if field.message_type.full_name == "google.protobuf.Timestamp":
                return _time
            return _message(field.message_type)
        case FieldDescriptor.TYPE_ENUM:
            return _enum(field.enum_type)
    read: Read = _PLAIN[field.type]
    return read


_PLAIN: Mapping[int, Read] = {
    FieldDescriptor.TYPE_STRING: _string,
    FieldDescriptor.TYPE_BOOL: _bool,
    FieldDescriptor.TYPE_DOUBLE: _double,
    FieldDescriptor.TYPE_INT32: _int32,
}
