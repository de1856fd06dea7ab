"""A stream that is pushed, pulled: for tests that read event by event, wait, or leave."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from gateway.core.events import Event
from gateway.core.model import Caller
from gateway.core.stream import StreamEngine


async def pulled(
    push: Callable[[Callable[[Any], Awaitable[None]]], Awaitable[None]],
) -> AsyncGenerator[Any, None]:
    """What `push` hands to its argument, one by one; it goes on when the next one is asked for.

    Closing cancels it, as a door does when its caller hangs up.
    """
    told: asyncio.Queue[tuple[Any, asyncio.Event] | None] = asyncio.Queue()

    async def tell(item: Any) -> None:
        taken = asyncio.Event()
        told.put_nowait((item, taken))
        await taken.wait()

    task = asyncio.ensure_future(push(tell))
    task.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while (next_told := await told.get()) is not None:
            yield next_told[0]
            next_told[1].set()
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def events(
    engine: StreamEngine, task: Any, request: Any, caller: Caller
) -> AsyncGenerator[Event, None]:
    """The events of one call."""
    return pulled(lambda tell: engine.relay(task, request, caller, tell))
