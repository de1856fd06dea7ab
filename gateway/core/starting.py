"""Calls in the first moments of a process: they wait for what is still being loaded, but not long.

A call's last half second is not spent waiting. It is refused then in a way that is retried: here
a little later, or by another process, both within the caller's own deadline.
"""

import asyncio
from collections.abc import Awaitable

from gateway.core.errors import Starting

KEPT_S = 0.5
"""What is left to a refused caller. Engines take 0.45 s to load where the benchmarks run, so
most calls with more than that are answered without a refusal."""


async def loaded(loading: Awaitable[None], left_s: float) -> None:
    """Wait for what answers a call that has `left_s` seconds. Raises Starting, at once if need be.

    Costs nothing to speak of where all has loaded.
    """
    try:
        async with asyncio.timeout(left_s - KEPT_S):
            await loading
    except TimeoutError as error:
        raise Starting("this server is still loading what answers; try again at once") from error
