"""Work that is done to its end although who waits for it may hang up."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Tails:
    """Keeps tasks until they end; a caller's cancellation ends its waiting, not the work."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __repr__(self) -> str:
        return f"Tails({len(self._running)} running)"

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start it; nobody needs to wait for it."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, which goes on when this is cancelled."""
        return await asyncio.shield(self.begin(work))

    async def drain(self, most_s: float) -> None:
        """Wait for what still runs, for at most `most_s`; then end it."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + most_s
        while self._running and (left_s := until_s - loop.time()) > 0:
            await asyncio.wait(set(self._running), timeout=left_s)
        for task in self._running:
            task.cancel()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # who waited may have gone; asyncio must not complain
