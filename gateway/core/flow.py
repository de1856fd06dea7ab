"""The flow of one upstream stream: three clocks, bounded memory, coalesced text.

A pump task reads upstream, so that the clocks and the reader's pace stay apart: first-token, idle
and total clocks run only while upstream is awaited, and a slow reader stops the pump, not the
clocks. Writes to a caller are dear, so text is coalesced; the first text is never delayed.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from gateway.core.errors import ProviderTimeout
from gateway.core.model import Chunk
from gateway.core.options import Timeouts

FLUSH_EVERY_S = 0.02
"""Text waits at most this long for more of it; below what a reader's eye can tell."""

FLUSH_CHARACTERS = 128
"""... or until there is this much of it: about 32 tokens."""

MAX_BUFFERED_CHARACTERS = 64 * 1024
"""The pump stops reading when a slow reader has left this much; TCP then slows upstream down."""


class Flow:
    """Reads `chunks` once; `text_of` is called for every chunk in order and gives its text.

    Text that a chunk with `restart` takes back is dropped if it still waits; `restarted` is then
    true before the next flush, until it is set back.
    """

    def __init__(
        self,
        chunks: AsyncIterator[Chunk],
        text_of: Callable[[Chunk], str],
        timeouts: Timeouts,
        given_s: float,
    ) -> None:
        self._chunks = chunks
        self._text_of = text_of
        self._timeouts = timeouts
        self._given_s = given_s
        self._texts: list[str] = []
        self._buffered = 0
        self.restarted = False
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    async def flushes(self) -> AsyncGenerator[str, None]:
        """Text to pass on, piece by piece. Raises ProviderTimeout when a clock runs out."""
        loop = asyncio.get_running_loop()
        pump = asyncio.create_task(self._pump())
        pump.add_done_callback(lambda _: self._arrived.set())
        flushed_s = -FLUSH_EVERY_S
        try:
            while not (pump.done() and not self._texts):
                await self._arrived.wait()
                wait_s = flushed_s + FLUSH_EVERY_S - loop.time()
                if wait_s > 0 and self._buffered < FLUSH_CHARACTERS and not pump.done():
                    await asyncio.sleep(wait_s)
                if text := self._take(pump.done()):
                    flushed_s = loop.time()
                    yield text
            await pump  # raises what ended it
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    def _take(self, ended: bool) -> str:  # noqa: FBT001 # private, one caller
        text = "".join(self._texts)
        self._texts.clear()
        self._buffered = 0
        self._room.set()
        if not ended:
            self._arrived.clear()
        return text

    async def _pump(self) -> None:
        """Read upstream to its end, with its clocks."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + self._given_s
        silence_s, what = self._timeouts.first_token_s, "first token"
        try:
            async with asyncio.timeout(None) as clock:
                while True:
                    clock.reschedule(min(ends_s, loop.time() + silence_s))
                    chunk = await anext(self._chunks, None)
                    clock.reschedule(None)
                    if chunk is None:
                        return
                    if chunk.restart:
                        self.restarted = True
                        self._texts.clear()
                    if text := self._text_of(chunk):
                        silence_s, what = self._timeouts.idle_s, "next token"
                        await self._put(text)
        except TimeoutError as error:
            if loop.time() >= ends_s:
                raise  # the whole try's time: whoever gave it knows whose fault that is
            raise ProviderTimeout(f"no {what} within {silence_s:.1f} s") from error

    async def _put(self, text: str) -> None:
        self._texts.append(text)
        self._buffered += len(text)
        self._arrived.set()
        if self._buffered >= MAX_BUFFERED_CHARACTERS:
            self._room.clear()
            await self._room.wait()
