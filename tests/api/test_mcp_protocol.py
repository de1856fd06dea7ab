"""Whatever comes as a message is a request or a named error; the schemas say what the checks do."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.bounds import RULES
from gateway.api.mcp_catalogue import OFFERS
from gateway.api.mcp_protocol import RpcError, check_standalone, request_of
from gateway.api.mcp_schema import schema_of
from gateway.v1 import chat_pb2

META = "io.modelcontextprotocol/"
KEYS = ["jsonrpc", "2.0", "id", "method", "params", "_meta", "tools/call", "name", "arguments"]
WORDS = st.sampled_from([*KEYS, f"{META}protocolVersion", f"{META}clientCapabilities"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(JSON, st.dictionaries(st.sampled_from(["Mcp-Method", "Mcp-Name"]), st.text()))
def test_any_json_is_a_request_or_a_named_error(body: Any, headers: dict[str, str]) -> None:
    try:
        asked = request_of(body)
        check_standalone(asked, headers.get)
    except RpcError as error:
        told = error
    else:
        raise AssertionError(f"no version is served that these headers could name: {asked}")
    assert told.code < -32000


@pytest.mark.parametrize("offer", OFFERS.values(), ids=list(OFFERS))
def test_every_described_field_is_there(offer: Any) -> None:
    described = json.dumps(offer.schema).count('"description": "')
    assert described == 5  # as many as the catalogue has words for
    jsonschema.Draft202012Validator.check_schema(offer.schema)


def test_a_schema_has_every_field_with_its_bound() -> None:
    schema = schema_of(chat_pb2.ChatRequest.DESCRIPTOR, {})
    names = {field.json_name for field in chat_pb2.ChatRequest.DESCRIPTOR.fields}
    assert set(schema["properties"]) == names
    assert schema["required"] == ["messages"]
    most = RULES["ChatRequest"]["messages"].most  # type: ignore[union-attr] # an Items
    assert schema["properties"]["messages"]["maxItems"] == most
    message = schema["properties"]["messages"]["items"]
    assert message["required"] == ["role", "text"]
    assert message["properties"]["role"]["enum"] == ["ROLE_USER", "ROLE_ASSISTANT", "ROLE_SYSTEM"]
