"""What a prompt may need at most, before it is asked. Pure.

No tokenizer: each model has its own, and loading one takes longer than a call. Nothing is lost by
a wrong guess but room for the seconds that the call takes, for real usage replaces it.
"""

import json
from collections.abc import Mapping
from typing import Any

from gateway.core.model import Completion, Prompt, Usage

BYTES_PER_TOKEN = 3
"""UTF-8 bytes for a token, on the safe side for most text. Counted on customers' questions with
OpenAI's o200k_base: English 4.4, Chinese 3.4 (the older cl100k_base: 2.6)."""
TOKENS_PER_MESSAGE = 4
"""Role and separators around each message (OpenAI's count)."""


def prompt_usage(prompt: Prompt) -> Usage:
    """The most that a try with this prompt is likely to use: its text, and the longest answer."""
    texts = sum(_tokens(message.text) for message in prompt.messages)
    calls = sum(
        _tokens(call.arguments_json) for message in prompt.messages for call in message.tool_calls
    )
    offered = sum(
        _tokens(tool.name + tool.description) + _json_tokens(tool.parameters)
        for tool in prompt.tools
    )
    schema = _json_tokens(prompt.json_schema) if prompt.json_schema else 0
    frame = TOKENS_PER_MESSAGE * (len(prompt.messages) + 1)
    return Usage(
        input_tokens=texts + calls + offered + schema + frame,
        output_tokens=prompt.max_output_tokens,
    )


def used(prompt: Usage, completion: Completion) -> Usage:
    """What a completion used: as told, or a guess from its text where a provider tells nothing."""
    usage = completion.usage
    if usage.input_tokens or usage.output_tokens:
        return usage
    calls = sum(_tokens(call.arguments_json) for call in completion.tool_calls)
    return Usage(input_tokens=prompt.input_tokens, output_tokens=_tokens(completion.text) + calls)


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def _json_tokens(value: Mapping[str, Any]) -> int:
    return _tokens(json.dumps(value, ensure_ascii=False, default=str))
