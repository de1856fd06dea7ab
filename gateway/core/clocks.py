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
    looks how far the time has been moved since, and is set anew. `has_spoken`: text has come, so
    that from now on the clock is the one between tokens.
    """

    __slots__ = ("_due_s", "_ends_s", "_loop", "_timeout", "_timeouts", "_timer", "has_spoken")

    def __init__(self, timeouts: Timeouts, given_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeouts = timeouts
        self._ends_s = self._loop.time() + given_s
        self._due_s: float | None = None  # None: nothing is awaited, so no clock runs
        self._timer: asyncio.TimerHandle | None = None
        self._timeout = asyncio.timeout(None)
        self.has_spoken = False

    def __repr__(self) -> str:
        return f"Clocks(due_s={self._due_s}, ends_s={self._ends_s}, has_spoken={self.has_spoken})"

    async def next(self, chunks: AsyncIterator[Chunk]) -> Chunk | None:
        """The next chunk, None at the end. The block is left with TimeoutError when it is late."""
        self._set(self._loop.time() + self._silence_s)
        chunk = await anext(chunks, None)
        self._due_s = None
        if self._timeout.when() is not None:  # it rang just when the chunk came
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
            what = "next token" if self.has_spoken else "first token"
            raise ProviderTimeout(f"no {what} within {self._silence_s:.1f} s") from late

    @property
    def _silence_s(self) -> float:
        timeouts = self._timeouts
        return timeouts.idle_s if self.has_spoken else timeouts.first_token_s

    def _set(self, silent_until_s: float) -> None:
        due_s = self._due_s = min(self._ends_s, silent_until_s)
        if self._timer is None or self._timer.when() > due_s:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(due_s, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._due_s is None:
            return  # the next wait sets it again
        if self._loop.time() < self._due_s:
            self._timer = self._loop.call_at(self._due_s, self._ring)
        else:
            self._timeout.reschedule(self._due_s)
