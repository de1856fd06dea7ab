"""JSON Schemas of requests, from protobuf's descriptors and the table of bounds."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.api.bounds import RULES, Chosen, Entries, Items, Moment, Needed, Number, Text

Schema = dict[str, Any]

_PLAIN: Mapping[int, str] = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BOOL: "boolean",
    FieldDescriptor.TYPE_DOUBLE: "number",
    FieldDescriptor.TYPE_INT32: "integer",
}


def schema_of(
    message: Descriptor, said: Mapping[str, str], hidden: frozenset[str] = frozenset()
) -> Schema:
    """The schema of a message in protobuf's JSON mapping.

    `said`: descriptions by path (`listing.title`), for readers who choose what to send. `hidden`:
    paths that are left out.
    """
    return _message(message, "", said, hidden)


def _message(
    message: Descriptor, path: str, said: Mapping[str, str], hidden: frozenset[str]
) -> Schema:
    rules = RULES.get(message.name, {})
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for field in message.fields:
        at = f"{path}.{field.name}".removeprefix(".")
        if at in hidden:
            continue
        rule = rules.get(field.name)
        schema = _field(field, at, said, hidden) | _bounds(rule)
        properties[field.json_name] = schema | ({"description": said[at]} if at in said else {})
        if isinstance(rule, Needed | Chosen | Moment) or (
            isinstance(rule, Text | Items) and rule.least
        ):
            required.append(field.json_name)
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def _field(field: Any, at: str, said: Mapping[str, str], hidden: frozenset[str]) -> Schema:  # noqa: ANN401 # stubs
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return {"type": "object", "additionalProperties": {"type": "string"}}
    schema = _value(field, at, said, hidden)
    return {"type": "array", "items": schema} if field.is_repeated else schema


def _value(field: Any, at: str, said: Mapping[str, str], hidden: frozenset[str]) -> Schema:  # noqa: ANN401 # stubs
    if field.message_type is not None:
        if field.message_type.full_name == "google.protobuf.Timestamp":
            return {"type": "string", "format": "date-time"}
        return _message(field.message_type, at, said, hidden)
    if field.enum_type is not None:
        names = [value.name for value in field.enum_type.values if value.number]
        return {"type": "string", "enum": [n for n in names if f"{at}.{n}" not in hidden]}
    return {"type": _PLAIN[field.type]}


def _bounds(rule: object) -> Schema:
    match rule:
        case Text():
            return {"maxLength": rule.most} | ({"minLength": rule.least} if rule.least else {})
        case Items():
            return {"maxItems": rule.most} | ({"minItems": rule.least} if rule.least else {})
        case Entries():
            return {"maxProperties": rule.most}
        case Number():
            low = 0 if rule.or_zero else rule.low
            return {("exclusiveMinimum" if rule.above else "minimum"): low, "maximum": rule.high}
    return {}
