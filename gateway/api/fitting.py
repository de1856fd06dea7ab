"""Whether a message keeps all the rules of gateway.api.bounds: yes or no, without paths.

Most messages do. Naming what is wrong where (gateway.api.validation) takes twice as long, so it is
left to those that do not. What this knows nothing of does not fit: then the other one decides.
"""
# ruff: noqa: ANN401  # predicates are found by descriptor at run time, so values have no static type

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.protobuf.descriptor import FieldDescriptor

from gateway.api.across import ACROSS
from gateway.api.bounds import (
    RULES,
    Chosen,
    Entries,
    Items,
    Kind,
    Moment,
    Needed,
    Number,
    Rule,
    Text,
)
from gateway.api.found import Found
from gateway.api.points import point_faults, time_fault
from gateway.v1 import anomaly_pb2

Fits = Callable[[Any], bool]
"""Whether a value keeps its rule."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    if not _ZONE.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


SPELT: Mapping[Kind, Callable[[str], bool]] = {
    Kind.FREE: lambda _: True,
    Kind.NAME: str.isprintable,
    Kind.LANGUAGE: lambda text: bool(_LANGUAGE.fullmatch(text)),
    Kind.ZONE: _is_zone,
}
"""Whether a text that is not empty is of its kind."""


def is_needed(rule: Rule | None) -> bool:
    """Whether leaving the field out breaks its rule."""
    match rule:
        case Needed() | Moment() | Chosen():
            return True
        case Text(least=least) | Items(least=least):
            return least > 0
        case Number():
            return not rule.holds(0)
    return False


def fitting(descriptor: Any) -> Fits:
    """The predicate of a kind of message."""
    rules = RULES.get(descriptor.name, {})
    fields: dict[Any, tuple[Fits, bool]] = {}
    for field in descriptor.fields:
        rule = rules.get(field.name)
        fields[field] = (_field(field, rule), is_needed(rule))
    needed = sum(needs for _, needs in fields.values())
    across = ACROSS.get(descriptor.name)
    unknown: tuple[Fits, bool] = (_never, False)

    def fits_message(message: Any) -> bool:
        missing = needed
        for field, value in message.ListFields():  # those that are set
            fits, needs = fields.get(field, unknown)
            if not fits(value):
                return False
            missing -= needs
        if missing or across is None:
            return not missing
        found = Found()
        across(message, "", found)
        return not found.violations

    return fits_message


def _never(_value: object) -> bool:
    return False


def _always(_value: object) -> bool:
    return True


def _field(field: FieldDescriptor, rule: Rule | None) -> Fits:
    if not field.is_repeated:
        return _value(field, rule)
    if isinstance(rule, Entries):
        return _entries(rule)
    if not isinstance(rule, Items):
        return _never
    if field.message_type is anomaly_pb2.Point.DESCRIPTOR:
        return _items(rule, lambda values: next(point_faults(values, ""), None) is None)
    each = _value(field, rule.each)
    return _items(rule, lambda values: all(map(each, values)))


def _value(field: FieldDescriptor, rule: Rule | None) -> Fits:
    match field.type, rule:
        case FieldDescriptor.TYPE_STRING, Text():
            return _text(rule)
        case FieldDescriptor.TYPE_ENUM, None | Chosen():
            return _enum(field.enum_type, rule)
        case ((FieldDescriptor.TYPE_DOUBLE | FieldDescriptor.TYPE_INT32), None | Number()):
            return _number(rule)
        case FieldDescriptor.TYPE_MESSAGE, Moment():
            return lambda value: not time_fault(value)
        case FieldDescriptor.TYPE_MESSAGE, None | Needed():
            return fitting(field.message_type)
        case FieldDescriptor.TYPE_BOOL, None:
            return _always
    return _never


def _text(rule: Text) -> Fits:
    least, most, spelt = rule.least, rule.most, SPELT[rule.kind]
    if rule.kind is Kind.FREE:
        return lambda value: least <= len(value) <= most
    return lambda value: least <= len(value) <= most and (not value or spelt(value))


def _enum(enum: Any, rule: Chosen | None) -> Fits:
    return (frozenset(enum.values_by_number) - ({0} if rule else set())).__contains__


def _items(rule: Items, all_fit: Fits) -> Fits:
    least, most = rule.least, rule.most
    return lambda values: least <= len(values) <= most and all_fit(values)


def _entries(rule: Entries) -> Fits:
    most, fits_key, fits_value = rule.most, _text(rule.key), _text(rule.value)

    def fits_entries(values: Any) -> bool:
        if len(values) > most:
            return False
        for key in values:  # noqa: SIM110 # `all` of a generator takes twice as long
            if not fits_key(key) or not fits_value(values[key]):
                return False
        return True

    return fits_entries


def _number(rule: Number | None) -> Fits:
    return lambda value: isfinite(value) and (rule is None or rule.holds(value))
