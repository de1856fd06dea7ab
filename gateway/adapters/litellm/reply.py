"""The chat-completion reply as ours: text, finish, tool calls and usage out of a JSON body.

Reasoning never becomes text, whether it comes as a field of its own (DeepSeek, Qwen) or as a
leading <think> block (models served without a reasoning parser).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from gateway.adapters.litellm.errors import Kind
from gateway.adapters.litellm.pricing import NO_TARIFF, Tariff, cost_usd_micros
from gateway.adapters.litellm.thinking import without_thinking
from gateway.adapters.litellm.translating import kind_of_reply
from gateway.core.errors import ContentFiltered, OutputInvalid, Overloaded
from gateway.core.model import NO_USAGE, Completion, Finish, ToolCall, Usage

FINISHES: Mapping[str, Finish] = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "end_turn": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "tool_calls": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
}
"""Finish reasons; one that is not known counts as STOP, as LiteLLM has it."""

FAILED_FINISHES: Mapping[str, Kind] = {
    "content_filter": ContentFiltered,
    "insufficient_system_resource": Overloaded,  # DeepSeek breaks off
}


@dataclass(frozen=True, slots=True)
class Source:
    """Whose reply is read: for messages and for its price."""

    deployment: str
    model: str
    tariff: Tariff = field(default=NO_TARIFF)


def completion_of(body: object, source: Source) -> Completion:
    """The completion in a parsed body.

    Raises OutputInvalid for anything without an answer, ContentFiltered for a refusal, and what
    the error means for an error body under status 200.
    """
    if not isinstance(body, Mapping):
        raise OutputInvalid(f"deployment {source.deployment!r} sent no JSON object")
    raise_error_body(body, source)
    usage = usage_of(body.get("usage"), source.tariff) or NO_USAGE
    choice = first_choice(body)
    message = choice.get("message") if choice is not None else None
    if choice is None or not isinstance(message, Mapping):
        raise OutputInvalid(f"deployment {source.deployment!r} sent no choices", usage=usage)
    raise_failed_finish(choice.get("finish_reason"), source, usage)
    text = without_thinking(text_of(message.get("content")))
    calls = tool_calls_of(message.get("tool_calls"))
    raise_empty(text, calls, source, refusal=message.get("refusal"), usage=usage)
    return Completion(
        text=text,
        model=model_of(body) or source.model,
        finish=finish_of(choice.get("finish_reason"), calls),
        usage=usage,
        tool_calls=calls,
    )


def raise_error_body(body: Mapping[str, Any], source: Source) -> None:
    """Raise what an `error` under status 200 means."""
    if body.get("error"):
        kind = kind_of_reply(200, body)
        raise kind(f"deployment {source.deployment!r} sent an error under status 200")


def raise_failed_finish(reason: object, source: Source, usage: Usage) -> None:
    """Raise for a finish reason that means the answer was broken off by the provider."""
    kind = FAILED_FINISHES.get(reason) if isinstance(reason, str) else None
    if kind is not None:
        raise kind(f"deployment {source.deployment!r} finished with {reason!r}", usage=usage)


def raise_empty(
    text: str, calls: tuple[ToolCall, ...], source: Source, *, refusal: object, usage: Usage
) -> None:
    """Raise when there is neither text nor a tool call."""
    if calls or (text and not text.isspace()):
        return
    if isinstance(refusal, str) and refusal:
        raise ContentFiltered(f"deployment {source.deployment!r} sent a refusal", usage=usage)
    raise OutputInvalid(f"deployment {source.deployment!r} sent an empty answer", usage=usage)


def first_choice(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The choice with index 0, or the first that carries no index."""
    choices = body.get("choices")
    if not isinstance(choices, list):
        return None
    for choice in choices:
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return None


def text_of(content: object) -> str:
    """The text of a message or delta: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = (part.get("text") for part in content if isinstance(part, Mapping))
    return "".join(part for part in parts if isinstance(part, str))


def model_of(body: Mapping[str, Any]) -> str:
    """The model the provider reports; empty when it does not."""
    model = body.get("model")
    return model if isinstance(model, str) else ""


def finish_of(reason: object, calls: tuple[ToolCall, ...]) -> Finish:
    """Why the model stopped. Providers that call a tool and say `stop` are corrected."""
    finish = FINISHES.get(reason, Finish.STOP) if isinstance(reason, str) else Finish.STOP
    return Finish.TOOL_CALLS if calls and finish is Finish.STOP else finish


def tool_calls_of(calls: object) -> tuple[ToolCall, ...]:
    """Whole tool calls; those without a function name are dropped."""
    if not isinstance(calls, list):
        return ()
    read = (tool_call_of(call, index) for index, call in enumerate(calls))
    return tuple(call for call in read if call is not None)


def tool_call_of(call: object, index: int) -> ToolCall | None:
    """One tool call; an id is made from its place when there is none."""
    function = call.get("function") if isinstance(call, Mapping) else None
    if (
        not isinstance(call, Mapping)
        or not isinstance(function, Mapping)
        or not function.get("name")
    ):
        return None
    arguments = arguments_of(function.get("arguments")) or "{}"
    return ToolCall(str(call.get("id") or f"call_{index}"), str(function["name"]), arguments)


def arguments_of(arguments: object) -> str:
    """A tool call's arguments as JSON text: Ollama sends the object, a confused model anything."""
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return orjson.dumps(arguments).decode()


def usage_of(usage: object, tariff: Tariff) -> Usage | None:
    """Usage with its cost; None when there is none."""
    if not isinstance(usage, Mapping):
        return None
    given, made = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    cached = _count(given.get("cached_tokens")) if isinstance(given, Mapping) else 0
    reasoning = _count(made.get("reasoning_tokens")) if isinstance(made, Mapping) else 0
    read = Usage(
        input_tokens=_count(usage.get("prompt_tokens")),
        # DeepSeek, and Moonshot
        cached_input_tokens=cached
        or _count(usage.get("prompt_cache_hit_tokens"))
        or _count(usage.get("cached_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
        reasoning_tokens=reasoning,
    )
    return replace(read, cost_usd_micros=cost_usd_micros(read, tariff))


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
