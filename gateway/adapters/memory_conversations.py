"""The embedded store of conversations: bounded by count and size, the longest silent go first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from gateway.core.conversations import Conversation, Turn
from gateway.core.options import ConversationOptions

TURN_OVERHEAD_BYTES = 512
"""Counted for each turn on top of its texts: objects and bookkeeping."""


class _Kept(NamedTuple):
    conversation: Conversation
    expires_at_s: float
    size_bytes: int


class MemoryConversations:
    """A `ConversationStore` inside the process. `clock` in seconds, monotonic."""

    def __init__(self, bounds: ConversationOptions, clock: Callable[[], float]) -> None:
        self._bounds = bounds
        self._clock = clock
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._bytes = 0

    def __repr__(self) -> str:
        return f"MemoryConversations({len(self._kept)}, bytes={self._bytes})"

    async def read(self, key: bytes) -> Conversation | None:
        """The conversation, if it is known and not too old."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.expires_at_s <= self._clock():
            self._drop(key)
            return None
        return kept.conversation

    async def add(self, key: bytes, turn: Turn, *, with_person: bool | None, ttl_s: float) -> None:
        """Append a turn; the conversation becomes the newest."""
        before = await self.read(key) or Conversation()
        after = before.with_turn(turn, with_person)
        self._drop(key)
        self._kept[key] = _Kept(after, self._clock() + ttl_s, _size_of(after))
        self._bytes += self._kept[key].size_bytes
        while len(self._kept) > self._bounds.max_kept or self._bytes > self._bounds.max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: bytes) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.size_bytes


def _size_of(conversation: Conversation) -> int:
    return sum(
        TURN_OVERHEAD_BYTES + 4 * sum(len(message.text) for message in turn.messages)
        for turn in conversation.turns
    )
