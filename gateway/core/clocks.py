"""The three clocks of a stream: first token, next token, the whole of it."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from gateway.core.errors import ProviderTimeout
from gateway.core.model import Chunk
from gateway.core.options import Timeouts


class Clocks:
    """Bounds every wait for a chunk, as an async context manager around the waits.

    One timer per stream, not one per chunk, which would cost as much as the chunk: when it rings it
    looks how far the time has been moved since, and is set anew.
    """

    __slots__ = (
        "_due_s",
        "_ends_s",
        "_idle_s",
        "_loop",
        "_rung",
        "_silence_s",
        "_spoken",
        "_timeout",
        "_timer",
    )

    def __init__(self, timeouts: Timeouts, given_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._silence_s, self._idle_s = timeouts.first_token_s, timeouts.idle_s
        self._ends_s = self._loop.time() + given_s
        self._due_s: float | None = None  # None: nothing is awaited, so no clock runs
        self._timer: asyncio.TimerHandle | None = None
        self._timeout = asyncio.timeout(None)
        self._rung = False
        self._spoken = False

    def __repr__(self) -> str:
        return f"Clocks(due_s={self._due_s}, ends_s={self._ends_s}, spoken={self._spoken})"

    def spoken(self) -> None:
        """Text has come: from now on the clock is the one between tokens."""
        self._spoken, self._silence_s = True, self._idle_s

    async def next(self, chunks: AsyncIterator[Chunk]) -> Chunk | None:
        """The next chunk, None at the end. The block is left with TimeoutError when it is late."""
        due_s = self._due_s = min(self._ends_s, self._loop.time() + self._silence_s)
        if self._timer is None or self._timer.when() > due_s:
            self._set(due_s)
        chunk: Chunk | None
        try:
            chunk = await chunks.__anext__()
        except StopAsyncIteration:
            chunk = None
        self._due_s = None
        if self._rung:  # just when the chunk came
            self._rung = False
            self._timeout.reschedule(None)
        return chunk

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raises ProviderTimeout for silence, TimeoutError when the whole time is over."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as late:
            if self._loop.time() >= self._ends_s:
                raise
            what = "next token" if self._spoken else "first token"
            raise ProviderTimeout(f"no {what} within {self._silence_s:.1f} s") from late

    def _set(self, due_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due_s, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._due_s is None:
            return  # the next wait sets it again
        if self._loop.time() < self._due_s:
            self._set(self._due_s)
        else:
            self._rung = True
            self._timeout.reschedule(self._due_s)
