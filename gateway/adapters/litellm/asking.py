"""A `Prompt` as the chat-completion protocol says it: the same for both transports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.adapters.litellm.quirks import extra_body_of, family_of, json_mode_of
from gateway.core.model import Message, Prompt, Role, ToolCall, ToolSpec
from gateway.core.options import Deployment, JsonMode

JSON_WISH = "Answer with one JSON object and nothing else. It must follow this JSON Schema: "
"""Says "json", without which DeepSeek refuses JSON mode; the schema that OBJECT lacks follows."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request before the provider's configuration has seen it.

    `constants` are hashable scalars that decide how LiteLLM maps parameters; `carried` are
    values that every chat-completion provider takes as they are (response_format, tools).
    """

    messages: list[Body]
    constants: Body
    carried: Body
    extra_body: Body


def asked(deployment: Deployment, prompt: Prompt, *, stream: bool) -> Asked:
    """What to send for a prompt."""
    messages = [_message(message) for message in prompt.messages]
    constants: Body = {"max_tokens": prompt.max_output_tokens}
    if prompt.temperature is not None:
        constants["temperature"] = prompt.temperature
    if stream:
        constants["stream"] = True
    carried: Body = {}
    if prompt.tools:
        carried["tools"] = [_tool(tool) for tool in prompt.tools]
    if prompt.json_schema is not None:
        mode = json_mode_of(deployment)
        carried.update(_response_format(mode, prompt.json_schema))
        if mode is not JsonMode.SCHEMA:
            _add_to_system(messages, JSON_WISH + orjson.dumps(prompt.json_schema).decode())
    if stream and family_of(deployment).stream_usage:
        carried["stream_options"] = {"include_usage": True}
    is_json = prompt.json_schema is not None
    return Asked(
        messages, constants, carried, extra_body_of(deployment, stream=stream, json=is_json)
    )


def strict_schema(schema: object) -> bool:
    """Whether a schema keeps OpenAI's rules for strict output, which refuses any other.

    Every object lists all its properties as required and allows no others.
    """
    if isinstance(schema, list):
        return all(strict_schema(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, Mapping):
        named = set(properties or ())
        if (
            schema.get("additionalProperties") is not False
            or set(schema.get("required", ())) != named
        ):
            return False
    return all(strict_schema(value) for value in schema.values())


def _response_format(mode: JsonMode, schema: Mapping[str, Any]) -> Body:
    if mode is JsonMode.PROMPT:
        return {}
    if mode is JsonMode.OBJECT:
        return {"response_format": {"type": "json_object"}}
    named = {"name": "answer", "schema": schema, "strict": strict_schema(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _add_to_system(messages: list[Body], text: str) -> None:
    if messages and messages[0]["role"] == Role.SYSTEM.value:
        messages[0]["content"] = f"{messages[0]['content']}\n\n{text}"
    else:
        messages.insert(0, {"role": Role.SYSTEM.value, "content": text})


def _message(message: Message) -> Body:
    body: Body = {"role": message.role.value}
    if message.text or not message.tool_calls:
        body["content"] = message.text
    if message.tool_calls:
        body["tool_calls"] = [_tool_call(call) for call in message.tool_calls]
    if message.tool_call_id:
        body["tool_call_id"] = message.tool_call_id
    return body


def _tool_call(call: ToolCall) -> Body:
    function = {"name": call.name, "arguments": call.arguments_json}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: ToolSpec) -> Body:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}
