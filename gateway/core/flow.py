"""The flow of one upstream stream: its clocks, and its text in pieces worth sending.

Upstream is read by one task, whenever it has nothing to send, so a slow reader stops the reading,
and the clocks, which run only while upstream is awaited. Writes to a caller are dear, so
text is coalesced; the first text is never delayed.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from gateway.core.ahead import AtHand, at_hand
from gateway.core.clocks import Clocks
from gateway.core.model import Chunk
from gateway.core.options import Timeouts

FLUSH_EVERY_S = 0.02
"""Text waits at most this long for more of it; below what a reader's eye can tell."""

FLUSH_CHARACTERS = 128
"""... or until there is this much of it: about 32 tokens."""


NEVER_S = -FLUSH_EVERY_S


class Sink(Protocol):
    """Where a stream flows to."""

    def take(self, chunk: Chunk) -> str:
        """Note a chunk, every one and in order; its text."""
        ...

    async def show(self, text: str) -> bool:
        """Pass text on; returns once there is room for more: whether a reader has seen any."""
        ...

    async def take_back(self) -> None:
        """All text before is taken back."""
        ...


class Flow:
    """Carries the chunks of one stream to a sink."""

    __slots__ = ("_held", "_sink")

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._held = ""

    async def run(self, chunks: AsyncIterator[Chunk], timeouts: Timeouts, given_s: float) -> None:
        """Carry them to their end. Raises ProviderTimeout when a clock runs out.

        TimeoutError: all of `given_s` has passed; who gave it knows whose fault that is.

        In a task of its own, which is woken twice for every chunk: from the call's own, each time
        would go down through all that the walk of the call is made of.
        """
        carrying = asyncio.create_task(self._carry(chunks, timeouts, given_s))
        try:
            await carrying
        finally:
            if carrying.done() and not carrying.cancelled():
                carrying.exception()  # known: a caller may hang up just when it comes

    async def _carry(
        self, chunks: AsyncIterator[Chunk], timeouts: Timeouts, given_s: float
    ) -> None:
        now, flushed_s = asyncio.get_running_loop().time, NEVER_S
        async with at_hand(chunks) as upstream, Clocks(timeouts, given_s) as clocks:
            while (chunk := await clocks.next(upstream)) is not None:
                if chunk.restart:
                    await self._take_back()
                self._held += self._sink.take(chunk)
                if not self._held:
                    continue
                began_s = now()
                wait_s = flushed_s + FLUSH_EVERY_S - began_s
                if wait_s > 0 and len(self._held) < FLUSH_CHARACTERS and chunk.finish is None:
                    await asyncio.sleep(wait_s)
                    began_s = now()
                if flushed_s != NEVER_S and (more := upstream.at_hand()) is not None:
                    await self._take_all(more, upstream)
                if not self._held:
                    continue
                text, self._held = self._held, ""
                clocks.spoken()
                if await self._sink.show(text):  # until then the next piece is the first
                    flushed_s = began_s

    async def _take_all(self, chunk: Chunk | None, upstream: AtHand) -> None:
        while chunk is not None:
            if chunk.restart:
                await self._take_back()
            self._held += self._sink.take(chunk)
            chunk = upstream.at_hand()

    async def _take_back(self) -> None:
        self._held = ""  # it was never seen
        await self._sink.take_back()
