from typing import Any

import pytest

from gateway.adapters.litellm.asking import asked, strict_schema
from gateway.core.model import Message, Prompt, Role, ToolCall
from tests.adapters.litellm.samples import SCHEMA, TOOLS, deployment, prompt


def test_messages_with_tool_calls_and_results_are_carried() -> None:
    messages = (
        Message(Role.USER, "Where is 1001?"),
        Message(Role.ASSISTANT, "", (ToolCall("a", "order", '{"id":1001}'),)),
        Message(Role.TOOL, "in Rotterdam", tool_call_id="a"),
    )
    request = asked(deployment(), Prompt(messages=messages, max_output_tokens=9), stream=False)
    function = {"name": "order", "arguments": '{"id":1001}'}
    assert request.messages == [
        {"role": "user", "content": "Where is 1001?"},
        {
            "role": "assistant",
            "tool_calls": [{"id": "a", "type": "function", "function": function}],
        },
        {"role": "tool", "content": "in Rotterdam", "tool_call_id": "a"},
    ]


def test_tools_are_offered_as_functions() -> None:
    request = asked(deployment(), prompt(tools=TOOLS), stream=False)
    assert [tool["function"]["name"] for tool in request.carried["tools"]] == ["order", "ship"]


def test_a_stream_asks_for_usage() -> None:
    request = asked(deployment(), prompt(), stream=True)
    assert request.constants["stream"] is True
    assert request.carried["stream_options"] == {"include_usage": True}


def test_a_wish_for_json_becomes_a_system_message_when_there_is_none() -> None:
    bare = Prompt(messages=(Message(Role.USER, "x"),), max_output_tokens=9, json_schema=SCHEMA)
    request = asked(deployment(provider="deepseek"), bare, stream=False)
    assert [message["role"] for message in request.messages] == ["system", "user"]
    assert "JSON" in request.messages[0]["content"]


def test_no_temperature_is_sent_when_none_is_asked() -> None:
    assert "temperature" not in asked(deployment(), prompt(), stream=False).constants


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (SCHEMA, True),
        ({**SCHEMA, "required": []}, False),
        ({**SCHEMA, "additionalProperties": True}, False),
        ({"type": "object", "properties": {"a": {"type": "object"}}}, False),
        ({**SCHEMA, "properties": {"keywords": {"items": {"type": "object"}}}}, False),
        ({"type": "string"}, True),
    ],
)  # fmt: skip
def test_strict_output_is_asked_only_of_schemas_that_keep_its_rules(
    schema: dict[str, Any], strict: bool
) -> None:
    assert strict_schema(schema) is strict
