"""Our JSON against google.protobuf.json_format, the reference."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.errors import MalformedRequest
from gateway.api.json_reading import from_json
from gateway.api.json_writing import to_json
from gateway.api.validation import REQUESTS
from gateway.core.errors import InvalidRequest
from gateway.v1 import anomaly_pb2, chat_pb2, keywords_pb2
from tests.api.wellformed import wellformed

RESPONSES = (
    chat_pb2.ChatResponse,
    chat_pb2.StreamChatResponse,
    keywords_pb2.ExtractKeywordsResponse,
    anomaly_pb2.DetectAnomalyResponse,
)
ODD: tuple[Any, ...] = (None, 0, -1, 2**31, 1e300, "x", [], [None], [{}], {}, {"a": 1})
LAX: tuple[Any, ...] = (
    True,
    False,
    1.5,
    3.0,
    "",
    "7",
    "NaN",
    "Infinity",
    " 1",
    "1_0",
    "1e5",
    "-2147483648",
)
TIMES = (
    "2026-11-22T08:00:00Z",
    "2026-11-22T08:00:00.5+08:00",
    "2024-02-29T23:59:59.123456789-11:30",
)


def reference(kind: Any, value: Any) -> Message | None:
    """What json_format reads; None if it refuses."""
    try:
        return json_format.ParseDict(value, kind())  # type: ignore[no-any-return]
    except json_format.ParseError:
        return None


def ours(kind: Any, value: Any) -> Message | None:
    try:
        return from_json(kind, json.dumps(value).encode())  # type: ignore[no-any-return]
    except (MalformedRequest, InvalidRequest):
        return None


def mutated(value: Any, rng: Random, odd: Sequence[Any]) -> Any:
    """The same JSON with something odd at a random place."""
    if rng.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return rng.choice((*odd, *TIMES))
    copy: Any = value.copy()
    key = rng.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
    copy[key] = mutated(copy[key], rng, odd)
    if isinstance(copy, dict) and rng.random() < 0.1:
        copy["notAField"] = 1
    return copy


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: kind.__name__)
def test_wellformed_requests_survive_the_way_through_json(kind: Any) -> None:
    rng = Random(7)
    for _ in range(40):
        message = wellformed(kind, rng)
        for original_names in (False, True):
            text = json_format.MessageToJson(message, preserving_proto_field_name=original_names)
            assert from_json(kind, text.encode()) == message
        assert json.loads(to_json(message)) == json_format.MessageToDict(message)


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("odd", [ODD, LAX], ids=["odd", "lax"])
def test_what_is_accepted_means_what_the_reference_makes_of_it(
    kind: Any, odd: Sequence[Any]
) -> None:
    rng = Random(11)
    for _ in range(300):
        base = wellformed(kind, rng)
        if kind is anomaly_pb2.DetectAnomalyRequest:
            del base.series.points[5:]
        value = mutated(json_format.MessageToDict(base), rng, odd)
        if isinstance(value, dict):
            read, wanted = ours(kind, value), reference(kind, value)
            if read is not None or odd is ODD:  # of lax values we refuse more
                assert str(read) == str(wanted), value  # as text: NaN is not equal to itself


@pytest.mark.parametrize("kind", RESPONSES, ids=lambda kind: kind.__name__)
@given(seed=st.integers(0, 2**32))
def test_responses_are_written_as_the_reference_writes_them(kind: Any, seed: int) -> None:
    message = kind()
    filled(message, Random(seed))
    assert json.loads(to_json(message)) == json_format.MessageToDict(message)


def filled(message: Any, rng: Random, depth: int = 0) -> None:
    """Set random fields of any message to random values."""
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.5 or depth > 4:
            continue
        if field.is_repeated:
            values = [one(field, rng, depth) for _ in range(rng.randint(0, 3))]
            getattr(message, field.name).extend(values)
        elif field.message_type:
            getattr(message, field.name).CopyFrom(one(field, rng, depth))
        else:
            setattr(message, field.name, one(field, rng, depth))


def one(field: Any, rng: Random, depth: int) -> Any:
    if field.message_type and field.message_type.full_name.startswith("google.protobuf."):
        nanos = rng.choice((0, 5_000_000, 120_000, 123_456_789))
        return field.message_type._concrete_class(seconds=rng.randrange(10**9), nanos=nanos)
    if field.message_type:
        made = field.message_type._concrete_class()
        filled(made, rng, depth + 1)
        return made
    if field.enum_type:
        return rng.choice([*field.enum_type.values_by_number, 77])
    kinds: dict[Any, Any] = {
        field.TYPE_STRING: rng.choice(("", "text", '不锈钢 "x"\n', "🐶")),
        field.TYPE_BOOL: rng.random() < 0.5,
        field.TYPE_DOUBLE: rng.choice((0.0, -0.0, 1.5, 1e300, float("nan"), float("-inf"))),
        field.TYPE_INT32: rng.choice((0, -5, 2**31 - 1)),
        field.TYPE_INT64: rng.choice((0, -(2**60), 2**62)),
    }
    return kinds[field.type]


def test_every_fault_is_named_by_its_path() -> None:
    text = """{"messages": [{"role": "ROLE_USER", "txt": "hi"}, 7, {"role": "USER", "text": null}],
      "maxOutputTokens": 1.5, "max_output_tokens": 3, "customer": 3, "temperature": "hot",
      "options": {"labels": {"team": 4}}, "a b": 1}"""
    with pytest.raises(InvalidRequest) as caught:
        from_json(chat_pb2.ChatRequest, text.encode())
    assert [(v.field, v.description.split(",")[0]) for v in caught.value.violations] == [
        ("messages[0].txt", "is no field of ChatMessage"),
        ("messages[1]", "must be an object"),
        ("messages[2].role", "must be one of ROLE_USER"),
        ("maxOutputTokens", "must be a whole number of at most 32 bits"),
        ("max_output_tokens", "is sent twice"),
        ("customer", "must be an object"),
        ("temperature", "must be a number"),
        ("options.labels['team']", "must be a string"),
        ("'a b'", "is no field of ChatRequest"),
    ]


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"7", b"\xff", b'{"a":"\\ud800"}', b"[" * 5_000, b'{"temperature":NaN}'],
)
def test_what_is_no_json_object_is_malformed(text: bytes) -> None:
    with pytest.raises(MalformedRequest):
        from_json(chat_pb2.ChatRequest, text)


@pytest.mark.parametrize("text", [*TIMES, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_times_are_read_as_the_reference_reads_them(text: str) -> None:
    value = {"series": {"points": [{"time": text}]}}
    read = ours(anomaly_pb2.DetectAnomalyRequest, value)
    assert read is not None
    assert read == reference(anomaly_pb2.DetectAnomalyRequest, value)


@pytest.mark.parametrize(
    "text",
    ["2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22 08:00:00Z", "x", 7],
)
def test_other_times_are_refused(text: Any) -> None:
    assert ours(anomaly_pb2.DetectAnomalyRequest, {"series": {"points": [{"time": text}]}}) is None
