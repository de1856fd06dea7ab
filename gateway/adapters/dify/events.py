"""From the events of a Dify stream to chunks. Pure.

1. `message`, `agent_message`: text
2. `message_replace`: all text so far is taken back (its moderation replaced the answer)
3. `message_end`: usage and the end; nothing after it is read
4. `error`: a failure, whatever came before
5. anything else (`ping`, `agent_thought`, `node_started`, `tts_message`, ...): a sign of life
"""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.adapters.dify.errors import kind_of_event
from gateway.adapters.litellm.pricing import Tariff, cost_usd_micros
from gateway.core.errors import OutputInvalid, StreamTruncated
from gateway.core.model import NO_USAGE, Chunk, Finish, Usage

MAX_ID_CHARACTERS = 128


class Events:
    """The events of one reply. `ended` once it is whole; ids as Dify gave them, empty till then."""

    __slots__ = ("_deployment", "_model", "_tariff", "conversation_id", "ended", "heard", "task_id")

    def __init__(self, deployment: str, model: str, tariff: Tariff) -> None:
        self._deployment = deployment
        self._model = model
        self._tariff = tariff
        self.conversation_id = ""
        self.task_id = ""
        self.heard = False
        self.ended = False

    def take(self, data: bytes) -> Chunk | None:
        """The chunk of one event's data, if it has one. Raises ProviderError."""
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise OutputInvalid(f"deployment {self._deployment!r}: an event is no JSON") from error
        if not isinstance(event, dict):
            raise OutputInvalid(f"deployment {self._deployment!r}: an event is no JSON object")
        self.task_id = _id(event, "task_id") or self.task_id
        self.conversation_id = _id(event, "conversation_id") or self.conversation_id
        match event.get("event"):
            case "message" | "agent_message":
                return self._text(event)
            case "message_replace":
                self.heard = True
                return Chunk(text=_answer(event), restart=True)
            case "message_end":
                return self._end(event)
            case "error":
                raise kind_of_event(event)(f"deployment {self._deployment!r}: an error event")
        return None

    def check_end(self) -> None:
        """Raises StreamTruncated where the stream ended and the reply did not."""
        if not self.ended:
            raise StreamTruncated(f"deployment {self._deployment!r}: no message_end")

    def _end(self, event: Mapping[str, Any]) -> Chunk:
        self.ended = True
        usage = _usage(event, self._tariff)
        if not self.heard:
            raise OutputInvalid(f"deployment {self._deployment!r} said nothing", usage=usage)
        return Chunk(finish=Finish.STOP, usage=usage, model=self._model)

    def _text(self, event: Mapping[str, Any]) -> Chunk | None:
        text = _answer(event)
        if not text:
            return None
        self.heard = True
        return Chunk(text=text)


def _answer(event: Mapping[str, Any]) -> str:
    answer = event.get("answer")
    return answer if isinstance(answer, str) else ""


def _id(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) and len(value) <= MAX_ID_CHARACTERS else ""


def _usage(event: Mapping[str, Any], tariff: Tariff) -> Usage:
    metadata = event.get("metadata")
    told = metadata.get("usage") if isinstance(metadata, Mapping) else None
    if not isinstance(told, Mapping):
        return NO_USAGE
    usage = Usage(
        input_tokens=_count(told.get("prompt_tokens")),
        output_tokens=_count(told.get("completion_tokens")),
    )
    cost = cost_usd_micros(usage, tariff) if tariff else _price(told)
    return Usage(usage.input_tokens, 0, usage.output_tokens, 0, cost)


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _price(told: Mapping[str, Any]) -> int:
    """Dify's own price in millionths of a dollar; 0 in another currency."""
    if told.get("currency") != "USD":
        return 0
    try:
        return max(0, round(float(told.get("total_price") or 0) * 1e6))
    except (TypeError, ValueError, OverflowError):
        return 0
