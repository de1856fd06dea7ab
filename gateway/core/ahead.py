"""Chunks with those that have come already at hand, whatever kind of stream they come from."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, Self, runtime_checkable

from gateway.core.model import Chunk

MAX_BUFFERED_CHARACTERS = 64 * 1024
"""Reading ahead stops when a slow reader has left this much; TCP then slows upstream down."""


@runtime_checkable
class AtHand(Protocol):
    """A stream of chunks that can tell without waiting what has come."""

    def __aiter__(self) -> AsyncIterator[Chunk]:
        """Itself."""
        ...

    async def __anext__(self) -> Chunk:
        """The next chunk, waiting for it."""
        ...

    def at_hand(self) -> Chunk | None:
        """What has come and was not handed out yet; None: nothing, or nothing of meaning."""
        ...


@asynccontextmanager
async def at_hand(chunks: AsyncIterator[Chunk]) -> AsyncIterator[AtHand]:
    """The chunks as a stream that can tell what has come; one that cannot is read ahead by a task.

    Leave it before the stream's own context: the task reads from there.
    """
    if isinstance(chunks, AtHand):
        yield chunks
        return
    ahead = ReadAhead(chunks)
    try:
        yield ahead
    finally:
        await ahead.aclose()


class ReadAhead:
    """Reads plain chunks in a task, at most MAX_BUFFERED_CHARACTERS ahead of who takes them."""

    def __init__(self, chunks: AsyncIterator[Chunk]) -> None:
        self._upstream = chunks
        self._chunks: deque[Chunk] = deque()
        self._characters = 0
        self._came = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._task = asyncio.create_task(self._read())
        self._task.add_done_callback(lambda _: self._came.set())

    def __repr__(self) -> str:
        return f"ReadAhead(waiting={len(self._chunks)}, ended={self._task.done()})"

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chunk:
        """The next chunk; raises what ended the stream once those before it are taken."""
        while (chunk := self.at_hand()) is None:
            if self._task.done():
                self._task.result()
                raise StopAsyncIteration
            self._came.clear()
            await self._came.wait()
        return chunk

    def at_hand(self) -> Chunk | None:
        """The next chunk that was read already."""
        if not self._chunks:
            return None
        chunk = self._chunks.popleft()
        self._characters -= len(chunk.text)
        if self._characters < MAX_BUFFERED_CHARACTERS:
            self._room.set()
        return chunk

    async def aclose(self) -> None:
        """Stop reading."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        async for chunk in self._upstream:
            self._chunks.append(chunk)
            self._characters += len(chunk.text)
            self._came.set()
            if self._characters >= MAX_BUFFERED_CHARACTERS:
                self._room.clear()
                await self._room.wait()
