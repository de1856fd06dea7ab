"""What a healthy model says: a canned answer, as one completion or as the chunks of a stream.

The shapes are those of the OpenAI chat API, which DeepSeek and DashScope's compatible mode copy.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

import orjson

CREATED = 1_767_225_600  # a fixed `created`, 2026-01-01T00:00:00Z: the same call, the same bytes
PROMPT_TOKENS = 120  # what every usage block claims for the prompt

TEXT = (
    "Thank you for writing to us about your order. The parcel left our warehouse in Hangzhou on "
    "Monday and reached the carrier in Rotterdam on Thursday. Delivery usually takes some more "
    "working days after that scan. You can follow every step with the tracking number in your "
    "account. Please write again if nothing arrives by Tuesday: we will send another."
)
"""The default answer: exactly 60 tokens as `tokens_of` counts them, and no figure, for one that
stands nowhere in knowledge or talk is refused."""

TEXT_ZH = (
    "您好，您的那份订单已经在本周一从杭州仓库发出，周四到达鹿特丹的承运商手中。"
    "通常再过几个工作日即可送达，请留意查收。感谢！"
)
"""The answer of `ok-zh`: exactly 60 tokens of three bytes each."""

KEYWORDS = {
    "keywords": [
        {"text": "wireless earbuds", "score": 0.94, "reason": "what the product is"},
        {"text": "bluetooth headphones", "score": 0.81, "reason": "what shoppers call it"},
        {"text": "noise cancelling", "score": 0.66, "reason": "main feature"},
    ]
}
"""The answer of `ok-json`, and of `ok` when the caller asks for JSON."""

_TOKEN = re.compile(r"\s*[\u3000-\u9fff\uff00-\uffef]|\s*[^\s\u3000-\u9fff\uff00-\uffef]+|\s+")

UsageWhen = Literal["asked", "none", "zero", "every", "last", "finish"]
ContentShape = Literal["text", "null", "no-choices"]


def tokens_of(text: str) -> tuple[str, ...]:
    """Cut a text into tokens: a word with the space before it, or one Chinese character.

    Joined again they are the text, byte for byte.
    """
    return tuple(_TOKEN.findall(text))


DEFAULT_TOKENS = tokens_of(TEXT)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for; `arguments` is JSON text, as on the wire."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream, or one slice of a unary body.

    `token` is the number of the token it carries, from 1; 0 for none.
    """

    data: bytes
    token: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything a reply says, before it is put on the wire."""

    model: str
    tokens: tuple[str, ...] = DEFAULT_TOKENS
    reasoning: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str | None = "stop"
    usage_when: UsageWhen = "asked"
    content: ContentShape = "text"
    end_marker: bool = True

    @property
    def id(self) -> str:
        """The completion's id, the same for every call of a model."""
        return f"chatcmpl-fault-{self.model}"


def completion(answer: Answer) -> bytes:
    """The JSON body of a unary call."""
    body: dict[str, Any] = {
        "id": answer.id,
        "object": "chat.completion",
        "created": CREATED,
        "model": answer.model,
        "choices": [
            {"index": 0, "message": _message(answer), "finish_reason": _finish(answer)},
        ],
    }
    if answer.content == "no-choices":
        body["choices"] = []
    if answer.usage_when != "none":
        body["usage"] = usage(answer, len(answer.tokens))
    return orjson.dumps(body)


def chunks(answer: Answer, *, include_usage: bool) -> list[Event]:
    """The events of a stream, `[DONE]` included; their data without the `data: ` of SSE.

    `include_usage` is what the caller asked for in `stream_options`.
    """
    deltas = [*_reasoning_deltas(answer), *_content_deltas(answer)]
    events = [_event(answer, {"role": "assistant", "content": ""}, 0)]
    events += [_event(answer, delta, number) for number, delta in enumerate(deltas, start=1)]
    finish = _finish(answer)
    if finish is not None:
        events.append(_finish_event(answer, finish))
    if answer.usage_when in ("last", "zero") or (answer.usage_when == "asked" and include_usage):
        final = {**_chunk(answer), "choices": [], "usage": usage(answer, len(answer.tokens))}
        events.append(Event(orjson.dumps(final)))
    if answer.end_marker:
        events.append(Event(b"[DONE]"))
    return events


def usage(answer: Answer, completion_tokens: int) -> dict[str, int]:
    """The usage block after so many tokens; all zero for `zero`."""
    if answer.usage_when == "zero":
        return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": completion_tokens,
        "total_tokens": PROMPT_TOKENS + completion_tokens,
    }


def _message(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(answer.tokens)}
    if answer.tool_calls or answer.content == "null":
        message["content"] = None
    if answer.reasoning:
        message["reasoning_content"] = "".join(answer.reasoning)
    if answer.tool_calls:
        calls = enumerate(answer.tool_calls)
        message["tool_calls"] = [_tool_call(i, call, call.arguments) for i, call in calls]
    return message


def _finish(answer: Answer) -> str | None:
    return "tool_calls" if answer.tool_calls and answer.finish == "stop" else answer.finish


def _tool_call(index: int, call: ToolCall, arguments: str) -> dict[str, Any]:
    function = {"name": call.name, "arguments": arguments}
    return {"index": index, "id": f"call_fault_{index}", "type": "function", "function": function}


def _reasoning_deltas(answer: Answer) -> list[dict[str, Any]]:
    return [{"content": None, "reasoning_content": token} for token in answer.reasoning]


def _content_deltas(answer: Answer) -> list[dict[str, Any]]:
    if not answer.tool_calls:
        null = answer.content == "null"
        return [{"content": None if null else token} for token in answer.tokens]
    deltas: list[dict[str, Any]] = []
    for index, call in enumerate(answer.tool_calls):
        deltas.append({"content": None, "tool_calls": [_tool_call(index, call, "")]})
        pieces = [call.arguments[at : at + 5] for at in range(0, len(call.arguments), 5)]
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in pieces
        ]
    return deltas


def _chunk(answer: Answer) -> dict[str, Any]:
    kind = "chat.completion.chunk"
    return {"id": answer.id, "object": kind, "created": CREATED, "model": answer.model}


def _event(answer: Answer, delta: dict[str, Any], token: int) -> Event:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    body = {**_chunk(answer), "choices": [choice] if answer.content != "no-choices" else []}
    if answer.usage_when == "every":
        body["usage"] = usage(answer, token)
    return Event(orjson.dumps(body), token)


def _finish_event(answer: Answer, finish: str) -> Event:
    choice = {"index": 0, "delta": {}, "finish_reason": finish}
    body = {**_chunk(answer), "choices": [choice] if answer.content != "no-choices" else []}
    if answer.usage_when in ("every", "finish"):
        body["usage"] = usage(answer, len(answer.tokens))
    return Event(orjson.dumps(body))
