"""The chunks of one streamed reply, straight from the bytes of its connection."""

import asyncio
from typing import Self

import aiohttp

from gateway.adapters.litellm.assembly import Assembly
from gateway.adapters.litellm.http import MAX_STREAM_BYTES, Body, Client, Unpacker, drained
from gateway.adapters.litellm.reply import Source
from gateway.adapters.litellm.sse import EventReader
from gateway.core.model import Chunk

AFTER_FINISH_S = 1.0
"""How long usage and the end marker are waited for after a finish reason."""
LEAVE_IN_TIME = 0.9
"""... but not beyond this share of the stream's time: a whole answer must not time out."""
DRAIN_S = 0.02
"""How long the end of the HTTP body is waited for after the end marker."""


class EventStream:
    """An iterator of chunks (`gateway.core.ahead.AtHand`): all text of one read is one chunk.

    No generator: it is asked for every token, and can tell what has come without waiting.
    """

    __slots__ = (
        "_assembly",
        "_client",
        "_content",
        "_ended",
        "_patience",
        "_reader",
        "_response",
        "_taken",
        "_unpacker",
    )

    def __init__(self, response: Body, client: Client, source: Source, timeout_s: float) -> None:
        self._response = response
        self._content = response.content
        self._client = client
        self._assembly = Assembly(source)
        self._reader = EventReader()
        packed = response.headers.get("Content-Encoding", "")
        self._unpacker = Unpacker(packed, MAX_STREAM_BYTES, source.deployment)
        self._patience = _Patience(timeout_s)
        self._ended = False
        self._taken = 0

    def __repr__(self) -> str:
        return f"EventStream({self._assembly!r}, ended={self._ended})"

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chunk:
        """The next chunk; the last one has the finish. Raises what a failure means."""
        while not self._ended:
            try:
                if self._assembly.finished:
                    block = await self._last_block()
                else:
                    block = await self._content.readany()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise self._client.translated(error) from error
            if chunk := self._read(block):
                return chunk
        if self._assembly.marked and not self._content.at_eof():
            await drained(self._response, DRAIN_S)
        raise StopAsyncIteration

    def at_hand(self) -> Chunk | None:
        """What has come already, as one chunk."""
        content = self._content
        if content.total_bytes == self._taken or self._ended or content.exception() is not None:
            return None  # if there is more than silence, the next read tells
        return self._read(content.read_nowait())

    def _read(self, block: bytes) -> Chunk | None:
        """The text in these bytes; empty bytes are the end, as is the end marker."""
        assembly = self._assembly
        self._taken += len(block)
        events = self._reader.feed(self._unpacker.feed(block)) if block else self._reader.end()
        for event in events:
            assembly.take_data(event)
        if block and not assembly.marked:
            return assembly.chunk()
        self._ended = True
        return assembly.end()

    async def _last_block(self) -> bytes:
        """Bytes that come after the finish; empty when enough was waited, or nothing can come."""
        try:
            async with asyncio.timeout_at(self._patience.until_s()):
                return await self._content.readany()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return b""


class _Patience:
    """When waiting after the finish reason ends: a little before the stream's own time does."""

    __slots__ = ("_clock", "_latest_s", "_until_s")

    def __init__(self, timeout_s: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._latest_s = self._clock() + timeout_s * LEAVE_IN_TIME
        self._until_s: float | None = None

    def until_s(self) -> float:
        if self._until_s is None:
            self._until_s = min(self._clock() + AFTER_FINISH_S, self._latest_s)
        return self._until_s
