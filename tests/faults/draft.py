"""A reply being composed: behaviours take a draft and hand back a changed one; `wire` sends it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal

from tests.faults.answer import Answer, Event


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent for so many seconds; `scaled`: times the server's `time_scale`."""

    seconds: float
    scaled: bool = True


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same bytes again and again, without holding them all in memory; -1 times: for ever."""

    block: bytes
    times: int


class Ending(Enum):
    """How a connection goes when it does not go well."""

    CLOSE = "close"  # FIN after what was written
    RESET = "reset"  # RST at once
    HANG = "hang"  # open and silent until the caller gives up


Item = Event | Pause | Repeat | Ending
Edit = Callable[[list[Item]], list[Item]]
Framing = Literal["auto", "chunked", "until-close", "length-long", "length-short"]


@dataclass(frozen=True, slots=True)
class Call:
    """What a behaviour may know about the request it answers."""

    model: str
    body: dict[str, Any]
    elsewhere: str = ""  # base URL of "another host" (this server by another name)

    @property
    def stream(self) -> bool:
        """Whether the caller asked for server-sent events."""
        return self.body.get("stream") is True

    @property
    def include_usage(self) -> bool:
        """Whether the caller asked for a usage chunk at the end of the stream."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def response_format(self) -> str:
        """`text`, `json_object` or `json_schema`."""
        wanted = self.body.get("response_format")
        return str(wanted.get("type", "text")) if isinstance(wanted, dict) else "text"

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages that are well-formed enough to look at."""
        messages = self.body.get("messages")
        kept = messages if isinstance(messages, list) else []
        return [message for message in kept if isinstance(message, dict)]


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it is bytes. `body` set: these items are sent instead of the answer."""

    answer: Answer
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = None
    body: tuple[Item, ...] | None = None
    edits: tuple[Edit, ...] = ()
    framing: Framing = "auto"
    instead: Ending | None = None  # no byte is sent at all
    wait_s: float = 0.0  # before the first byte of the head
    drip: tuple[int, float] | None = None  # bytes per write, seconds between
    drip_head: bool = False
    split: int = 0  # bytes per HTTP chunk and write; -1: inside every multi-byte character
    line_end: bytes = b"\n"
    data_prefix: bytes = b"data: "
    preamble: bytes = b""  # SSE lines before every event
    refused: bool = False  # a check failed: later behaviours leave it alone

    def edited(self, edit: Edit) -> "Draft":
        """This draft with one more change to its items."""
        return replace(self, edits=(*self.edits, edit))

    def saying(self, **changes: Any) -> "Draft":
        """This draft with the answer's named fields changed."""
        return replace(self, answer=replace(self.answer, **changes))

    def fixed(self, status: int, body: bytes, content_type: str = "application/json") -> "Draft":
        """This draft with a status and a body of its own in place of the answer."""
        return replace(self, status=status, body=(Event(body),), content_type=content_type)


def position_after(items: list[Item], token: int) -> int:
    """Where in the items the given token has been sent; the end if there are fewer tokens."""
    for index, item in enumerate(items):
        if isinstance(item, Event) and item.token > token:
            return index
        if isinstance(item, Event) and item.token == token > 0:
            return index + 1
    return len(items)
