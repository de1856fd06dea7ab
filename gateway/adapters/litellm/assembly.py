"""Puts a streamed reply together: JSON events in, text out at once, the end when it is whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.adapters.litellm.reply import (
    Source,
    arguments_of,
    finish_of,
    first_choice,
    model_of,
    raise_empty,
    raise_error_body,
    raise_failed_finish,
    text_of,
    tool_call_of,
    usage_of,
)
from gateway.adapters.litellm.thinking import Thinking
from gateway.core.errors import OutputInvalid, StreamTruncated
from gateway.core.model import NO_USAGE, Chunk, ToolCall, Usage

END_MARKER = b"[DONE]"
TOKENS_IN = ("content", "reasoning_content", "reasoning", "tool_calls")
MAX_TOOL_CALLS = 128


@dataclass(slots=True)
class _CallParts:
    """A tool call as its fragments arrive."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class Assembly:
    """The state of one stream. Feed it event by event, ask for text, then for the end.

    An event that is no JSON is skipped if usage proves that it held nothing of the answer.
    `began`: any event came. `marked`: the end marker did. `finished`: a finish reason did.
    """

    __slots__ = (
        "_calls",
        "_events_with_tokens",
        "_finish_reason",
        "_model",
        "_reasoning",
        "_source",
        "_spoke",
        "_text",
        "_usage",
        "began",
        "finished",
        "invalid_events",
        "marked",
    )

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text: list[str] = []
        self._reasoning = Thinking()
        self._calls: dict[int, _CallParts] = {}
        self._usage: Usage | None = None
        self._model = ""
        self._finish_reason = ""
        self._spoke = False
        self._events_with_tokens = 0
        self.began = False
        self.finished = False
        self.marked = False
        self.invalid_events = 0

    def __repr__(self) -> str:
        return (
            f"Assembly({self._source.deployment!r}, finished={self.finished}, "
            f"marked={self.marked}, tool_calls={len(self._calls)}, "
            f"invalid_events={self.invalid_events})"
        )

    def take_data(self, data: bytes) -> None:
        """One event's data, as it came from the wire."""
        self.began = True
        if data.strip() == END_MARKER:
            self.marked = True
            return
        try:
            self.take(orjson.loads(data))
        except orjson.JSONDecodeError:
            self._take_unreadable(data)

    def take(self, event: object) -> None:
        """One parsed event. Raises what an error event or a failed finish means."""
        self.began = True
        if not isinstance(event, dict):
            self.invalid_events += 1
            return
        if event.get("error"):
            raise_error_body(event, self._source)
        if not self._model:
            self._model = model_of(event)
        if event.get("usage"):  # in every event, in the last only, or never: the last one counts
            self._usage = usage_of(event["usage"], self._source.tariff) or self._usage
        if event.get("choices") and (choice := first_choice(event)) is not None:
            self._take_choice(choice)

    def text(self) -> str:
        """Text that came since the last time, without reasoning."""
        if not self._text:
            return ""
        text = self._reasoning.without("".join(self._text))
        self._text.clear()
        if not self._spoke:
            self._spoke = bool(text and not text.isspace())
        return text

    def chunk(self) -> Chunk | None:
        """The text that is new, as a chunk."""
        text = self.text()
        return Chunk(text=text, model=self._model or self._source.model) if text else None

    def end(self) -> Chunk:
        """The last chunk, once the stream is over.

        Raises StreamTruncated when neither a finish reason nor the end marker came, OutputInvalid
        when the answer is empty or has a hole.
        """
        usage = self._usage or NO_USAGE
        name = self._source.deployment
        if not self.began:
            raise OutputInvalid(f"{name!r} sent no event stream")
        if not self.finished and not self.marked:
            raise StreamTruncated(f"the stream of {name!r} ended before its answer", usage=usage)
        if not self._is_whole():
            raise OutputInvalid(f"{name!r} streamed an event that is no JSON", usage=usage)
        rest = self.text() + self._reasoning.rest()
        calls = self._whole_calls(usage)
        raise_empty("x" if self._spoke else rest, calls, self._source, refusal="", usage=usage)
        return Chunk(
            text=rest,
            finish=finish_of(self._finish_reason, calls),
            usage=self._usage,
            model=self._model or self._source.model,
            tool_calls=calls,
        )

    def _take_unreadable(self, data: bytes) -> None:
        """Lines that are events of their own (a forgotten empty line), or a spoilt event.

        What does not begin as an object was never a part of the answer.
        """
        lines = data.split(b"\n")
        if len(lines) > 1:
            for line in lines:
                self.take_data(line)
        elif data.lstrip().startswith(b"{"):
            self.invalid_events += 1

    def _is_whole(self) -> bool:
        """Whether no spoilt event can have held a part of the answer.

        Every event carries at least one token, so as many events as tokens leave none for it.
        """
        if not self.invalid_events:
            return True
        tokens = self._usage.output_tokens if self._usage is not None else 0
        return 0 < tokens <= self._events_with_tokens

    def _take_choice(self, choice: Mapping[str, Any]) -> None:
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            content = delta.get("content")
            if content and isinstance(content, str):  # most are just this
                self._events_with_tokens += 1
                self._text.append(content)
            else:
                self._events_with_tokens += any(delta.get(name) for name in TOKENS_IN)
                if content := text_of(content):
                    self._text.append(content)
            self._take_calls(delta.get("tool_calls"))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            raise_failed_finish(reason, self._source, self._usage or NO_USAGE)
            self.finished = True
            self._finish_reason = reason

    def _take_calls(self, fragments: object) -> None:
        if not isinstance(fragments, list):
            return
        for fragment in fragments:
            if isinstance(fragment, Mapping):
                self._take_fragment(fragment)

    def _take_fragment(self, fragment: Mapping[str, Any]) -> None:
        index = fragment.get("index")
        if not isinstance(index, int):  # a server that sends whole calls without an index
            index = len(self._calls) if fragment.get("id") else max(len(self._calls) - 1, 0)
        if len(self._calls) >= MAX_TOOL_CALLS and index not in self._calls:
            raise OutputInvalid(f"{self._source.deployment!r} called over {MAX_TOOL_CALLS} tools")
        parts = self._calls.setdefault(index, _CallParts())
        parts.id = parts.id or str(fragment.get("id") or "")
        function = fragment.get("function")
        if not isinstance(function, Mapping):
            return
        parts.name = parts.name or str(function.get("name") or "")  # Qwen repeats the name
        parts.arguments += arguments_of(function.get("arguments"))

    def _whole_calls(self, usage: Usage) -> tuple[ToolCall, ...]:
        calls: list[ToolCall] = []
        for index in sorted(self._calls):
            parts = self._calls[index]
            function = {"name": parts.name, "arguments": parts.arguments}
            call = tool_call_of({"id": parts.id, "function": function}, index)
            if call is None:
                name = self._source.deployment
                raise OutputInvalid(f"{name!r} streamed a tool call without a name", usage=usage)
            calls.append(call)
        return tuple(calls)
