"""Checks a request against the documented limits before anything else looks at it.

`check` walks a message by the rules of gateway.api.bounds and those of gateway.api.across. It names
every violation by its AIP-193 field path (`messages[3].text`), up to 20. Checkers are put together
once, at import. Most messages break no rule, which gateway.api.fitting tells sooner.
"""
# ruff: noqa: ANN401  # checkers are found by descriptor at run time, so values have no static type

from collections.abc import Iterable, Mapping
from contextlib import suppress
from math import isfinite
from operator import itemgetter
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gateway.api.across import ACROSS
from gateway.api.bounds import (
    MAX_VIOLATIONS,
    RULES,
    Chosen,
    Entries,
    Items,
    Moment,
    Needed,
    Number,
    Rule,
    Text,
)
from gateway.api.fitting import SPELT, Fits, fitting, is_needed
from gateway.api.found import Check, Enough, Found
from gateway.api.points import point_faults, time_fault
from gateway.core.errors import InvalidRequest, Violation
from gateway.v1 import anomaly_pb2, chat_pb2, feedback_pb2, keywords_pb2

REQUESTS: tuple[type[Message], ...] = (
    chat_pb2.ChatRequest,
    chat_pb2.StreamChatRequest,
    keywords_pb2.ExtractKeywordsRequest,
    anomaly_pb2.DetectAnomalyRequest,
    feedback_pb2.SubmitFeedbackRequest,
)
"""Every request of the service."""

_SHOWN_KEY_CHARACTERS = 40
MISSING = "is missing; send it"


def check(message: Message, before: Iterable[Violation] = ()) -> None:
    """Raise InvalidRequest if the message breaks documented rules.

    `before`: violations found earlier (in the metadata), listed first.
    """
    if not before and _FITS[type(message)](message):
        return
    found = Found(before)
    with suppress(Enough):
        _CHECKS[message.DESCRIPTOR.full_name](message, "", found)
    if found.violations:
        raise InvalidRequest(found.violations[:MAX_VIOLATIONS])


# ---- 1. texts


def _text(rule: Text) -> Check:
    fits, least, most = SPELT[rule.kind], rule.least, rule.most
    wanted = rule.phrases()[0]

    def check_text(value: str, path: str, found: Found) -> None:
        length = len(value)
        if not least <= length <= most:
            found.add(path, f"has {length:,} characters; send {wanted}")
        elif length and not fits(value):
            found.add(path, f"must be {rule.kind.value}")

    return check_text


# ---- 2. lists and maps


def _count(rule: Items, length: int, path: str, found: Found) -> None:
    if not rule.least <= length <= rule.most:
        wanted = f"{rule.least:,} to {rule.most:,}" if rule.least else f"at most {rule.most:,}"
        found.add(path, f"has {length:,} items; send {wanted}")


def _items(rule: Items, each: Check) -> Check:
    def check_items(values: Any, path: str, found: Found) -> None:
        _count(rule, len(values), path, found)
        for index, value in enumerate(values[: rule.most]):
            each(value, f"{path}[{index}]", found)

    return check_items


def _points(rule: Items) -> Check:
    def check_points(values: Any, path: str, found: Found) -> None:
        _count(rule, len(values), path, found)
        for fault in point_faults(values[: rule.most], path):
            found.add(fault.field, fault.description)

    return check_points


def _entries(rule: Entries) -> Check:
    check_key, check_value = _text(rule.key), _text(rule.value)

    def check_entries(values: Any, path: str, found: Found) -> None:
        if len(values) > rule.most:
            found.add(path, f"has {len(values):,} entries; send at most {rule.most:,}")
            return
        for key, value in values.items():
            at = f"{path}[{key[:_SHOWN_KEY_CHARACTERS]!a}]"
            check_key(key, at, found)
            check_value(value, at, found)

    return check_entries


# ---- 3. numbers, enums, times


def _number(rule: Number | None) -> Check:
    wanted = f"must be a finite number, {rule.phrases()[0]}" if rule else "must be a finite number"

    def check_number(value: float, path: str, found: Found) -> None:
        if not isfinite(value) or (rule and not rule.holds(value)):
            found.add(path, wanted)

    return check_number


def _enum(enum: Any, rule: Chosen | None) -> Check:
    known = frozenset(enum.values_by_number) - ({0} if rule else set())
    name = enum.name

    def check_enum(value: int, path: str, found: Found) -> None:
        if value not in known:
            found.add(path, f"{value} is no allowed number of {name}; see the contract")

    return check_enum


def _moment(value: Any, path: str, found: Found) -> None:
    if fault := time_fault(value):
        found.add(path, fault)


# ---- 4. whole messages


def _value_check(field: FieldDescriptor, rule: Rule | None) -> Check | None:
    """The check of one value of a field; None if any value will do."""
    match field.type, rule:
        case FieldDescriptor.TYPE_STRING, Text():
            return _text(rule)
        case FieldDescriptor.TYPE_ENUM, None | Chosen():
            return _enum(field.enum_type, rule)
        case ((FieldDescriptor.TYPE_DOUBLE | FieldDescriptor.TYPE_INT32), None | Number()):
            return _number(rule)
        case FieldDescriptor.TYPE_MESSAGE, Moment():
            return _moment
        case FieldDescriptor.TYPE_MESSAGE, None | Needed():
            return _message(field.message_type)
        case FieldDescriptor.TYPE_BOOL, None:
            return None
    raise TypeError(f"{field.full_name!r} has no fitting rule in gateway.api.bounds: {rule!r}")


def _field_check(field: FieldDescriptor, rule: Rule | None) -> Check | None:
    if not field.is_repeated:
        return _value_check(field, rule)
    if isinstance(rule, Entries):
        return _entries(rule)
    if not isinstance(rule, Items):
        raise TypeError(f"{field.full_name!r} needs a bound in gateway.api.bounds, not {rule!r}")
    if field.message_type is anomaly_pb2.Point.DESCRIPTOR:
        return _points(rule)
    each = _value_check(field, rule.each)
    return _items(rule, each) if each else None


def _message(descriptor: Any) -> Check:
    rules = RULES.get(descriptor.name, {})
    checks: dict[int, tuple[str, Check]] = {}
    needed: dict[int, str] = {}
    for field in descriptor.fields:
        rule = rules.get(field.name)
        if (check_field := _field_check(field, rule)) is None:
            continue
        checks[field.number] = field.name, check_field
        if is_needed(rule):
            needed[field.number] = MISSING if field.has_presence else ""
    across = ACROSS.get(descriptor.name)

    def check_message(message: Any, path: str, found: Found) -> None:
        prefix = f"{path}." if path else ""
        sent = [(field.number, value) for field, value in message.ListFields()]
        if needed and (missing := needed.keys() - {number for number, _ in sent}):
            sent = sorted([*sent, *((number, None) for number in missing)], key=itemgetter(0))
        for number, value in sent:  # most fields of most requests are empty, and may be
            if value is None and (told := needed[number]):
                found.add(prefix + checks[number][0], told)
            elif named := checks.get(number):
                name, check_field = named
                check_field(
                    getattr(message, name) if value is None else value, prefix + name, found
                )
        if across:
            across(message, prefix, found)

    return check_message


_CHECKS: Mapping[str, Check] = {
    request.DESCRIPTOR.full_name: _message(request.DESCRIPTOR) for request in REQUESTS
}
_FITS: Mapping[type[Message], Fits] = {request: fitting(request.DESCRIPTOR) for request in REQUESTS}
