"""A deadline for work that mostly need not wait: its timer is set when the work first waits.

Work that never waits cannot be stopped by a timer anyway; an answer from the cache in this process
is such work. Setting and clearing one takes about 4 us, and twice that between other calls' work.
"""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar, cast

T = TypeVar("T")


async def within(at_s: float, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; raises TimeoutError at the loop's time `at_s`, as `asyncio.timeout_at`."""
    try:
        waits_for = work.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    async with asyncio.timeout_at(at_s):
        return await _resumed(work, waits_for)


@coroutine
def _resumed(work: Coroutine[Any, Any, T], waits_for: object) -> Generator[Any, None, T]:
    """Go on with work that has begun and waits, as `await` would from its beginning."""
    while True:
        try:
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 # the work's to take, or to let through
                waits_for = work.throw(error)
            else:
                waits_for = work.send(None)
        except StopIteration as done:
            return cast("T", done.value)
