"""The table of bounds against the contract itself."""

import re
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_tools import protoc

from gateway.api.bounds import RULES, Rule
from gateway.api.validation import REQUESTS

PROTO = Path(__file__).parents[2] / "proto"
BOUND = re.compile(r"\bat most [\d,]*\d|\b[\d,]*\d to [\d,]*\d|\bgreater than \d+")


def reachable() -> dict[str, Any]:
    """Descriptors of every request and of what it holds, but for well-known types and maps."""
    found: dict[str, Any] = {}
    todo: list[Any] = [request.DESCRIPTOR for request in REQUESTS]
    while todo:
        descriptor = todo.pop()
        if descriptor.full_name == Timestamp.DESCRIPTOR.full_name:
            continue
        if not descriptor.GetOptions().map_entry:
            found[descriptor.name] = descriptor
            todo += [
                f.message_type
                for f in descriptor.fields
                if f.message_type and f.message_type.name not in found
            ]
    return found


@lru_cache
def comments() -> dict[tuple[str, str], str]:
    """(message, field) -> its comment on one line."""
    out = PROTO.parent / ".cache" / "comments.bin"
    out.parent.mkdir(exist_ok=True)
    files = sorted(p.relative_to(PROTO).as_posix() for p in PROTO.glob("gateway/v1/*.proto"))
    well_known = str(resources.files("grpc_tools") / "_proto")
    flags = [f"-I{PROTO}", f"-I{well_known}", f"--descriptor_set_out={out}"]
    assert protoc.main(["protoc", *flags, "--include_source_info", *files]) == 0
    found = {}
    for file in FileDescriptorSet.FromString(out.read_bytes()).file:
        for location in file.source_code_info.location:
            match list(location.path):
                case [4, message, 2, field]:
                    owner = file.message_type[message]
                    name = (owner.name, owner.field[field].name)
                    found[name] = " ".join(location.leading_comments.split())
    return found


FIELDS = [(m, f) for m, descriptor in reachable().items() for f in descriptor.fields]
RULED = [
    (message, field, rule) for message, rules in RULES.items() for field, rule in rules.items()
]


@pytest.mark.parametrize(("message", "field"), FIELDS, ids=lambda v: getattr(v, "name", v))
def test_every_string_list_and_map_of_every_request_has_a_bound(message: str, field: Any) -> None:
    if field.type == FieldDescriptor.TYPE_STRING or field.is_repeated:
        assert field.name in RULES[message]
        assert getattr(RULES[message][field.name], "most", 0) > 0


@pytest.mark.parametrize(("message", "field", "rule"), RULED)
def test_every_row_names_a_field_that_exists(message: str, field: str, rule: Rule) -> None:
    assert field in reachable()[message].fields_by_name
    assert isinstance(rule, Rule)


@pytest.mark.parametrize(("message", "field", "rule"), RULED)
def test_the_protos_comment_states_the_rule(message: str, field: str, rule: Rule) -> None:
    comment = comments()[message, field].lower()
    if phrases := rule.phrases():
        assert any(phrase in comment for phrase in phrases), f"{comment!r} lacks {phrases!r}"


@pytest.mark.parametrize(("message", "field"), FIELDS, ids=lambda v: getattr(v, "name", v))
def test_every_bound_in_a_comment_is_in_the_table(message: str, field: Any) -> None:
    comment = comments()[message, field.name].lower()
    rule = RULES.get(message, {}).get(field.name)
    said = " ".join(rule.phrases()) if rule else ""
    for bound in BOUND.findall(comment):
        assert bound in said, f"{message}.{field.name} says {bound!r}, the table {said!r}"


def test_unsigned_64_bit_fields_are_not_used() -> None:
    for _, field in FIELDS:
        assert field.type not in (FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64)
