"""Who hangs up in the middle of a round trip to a real Redis leaves nothing held or lost."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from gateway.adapters.memory_cache import MemoryCache
from gateway.adapters.memory_limits import MemoryLimits
from gateway.adapters.memory_results import MemoryResults
from gateway.adapters.redis import (
    RedisLeases,
    RedisLimits,
    RedisLink,
    RedisResults,
    State,
    TieredCache,
)
from gateway.core.idempotency import Claim, Repeatable, repeat_key
from gateway.core.limits.checks import Check, Grant, Places, Rate, Window
from gateway.core.limits.falling_back import FallingBackLimits
from gateway.core.limits.ports import LimitsUnavailable
from gateway.core.model import Deadline
from gateway.core.options import CacheMemoryOptions
from gateway.core.ports import CacheEntry
from gateway.core.shared_flights import SharedFlights
from tests.adapters.redis.conftest import Open
from tests.fakes import completion
from tests.redis_servers import RedisServer, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

LONG_S = 3_600.0


def wall() -> float:
    return 1_000.0


CALL = Repeatable(repeat_key("acme", "Chat", "r-1"), b"p" * 32, Deadline(30.0))
CHECKS: list[Check] = [
    Rate(key="calls", interval_s=LONG_S, burst=1),
    Window(key="money", limit=100, amount=60, left_s=LONG_S),
    Places(key="places", limit=1, ttl_s=LONG_S),
]


async def hung_up(server: RedisServer, work: Coroutine[Any, Any, object]) -> None:
    """Begin it, and cancel it while Redis has not answered; then let Redis answer."""
    server.pause()
    try:
        task = asyncio.create_task(work)
        for _ in range(20):  # the operation is on its way, in a task of the guard
            await asyncio.sleep(0)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    finally:
        server.resume()


async def test_the_same_call_sent_again_at_once_is_not_kept_waiting(
    server: RedisServer, link: RedisLink
) -> None:
    store = RedisResults(link, MemoryResults(time.monotonic))
    await hung_up(server, store.claim(CALL, b"t1", LONG_S))

    async def mine() -> bool:
        return await store.claim(CALL, b"t2", LONG_S) is Claim.MINE

    await eventually(mine)


async def test_another_gateway_may_work_on_the_call_too(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    here = RedisResults(link, MemoryResults(time.monotonic))
    there = RedisResults(await links(server.url), MemoryResults(time.monotonic))
    await hung_up(server, here.claim(CALL, b"t1", LONG_S))

    async def mine() -> bool:
        return await there.claim(CALL, b"t2", LONG_S) is Claim.MINE

    await eventually(mine)


async def test_a_lease_that_nobody_waits_for_any_more_is_given_back(
    server: RedisServer, link: RedisLink
) -> None:
    leases = RedisLeases(link)
    flights = SharedFlights(leases, time.monotonic, lambda: b"t1")

    async def never() -> None:
        raise AssertionError("who hung up asks no more")

    await hung_up(server, flights.share(b"k", (LONG_S, LONG_S), never, never))

    async def free() -> bool:
        return await leases.take(b"k", b"t2", LONG_S)

    await eventually(free)


async def test_a_reservation_that_nobody_waits_for_any_more_is_given_back(
    server: RedisServer, link: RedisLink
) -> None:
    limits = FallingBackLimits(RedisLimits(link), MemoryLimits(time.monotonic), 1.0, time.monotonic)
    await hung_up(server, limits.reserve(CHECKS))

    async def all_free() -> bool:
        verdict = await limits.reserve(CHECKS)
        return isinstance(verdict, Grant) and not verdict.local

    await eventually(all_free)


async def test_a_reservation_that_came_too_late_is_given_back(
    server: RedisServer, links: Open
) -> None:
    link = await links(server.url, timeout_s=0.1)
    limits = RedisLimits(link)
    server.pause()
    with pytest.raises(LimitsUnavailable):
        await limits.reserve(CHECKS)
    server.resume()
    await eventually(lambda: link.state is State.UP)

    async def all_free() -> bool:
        return isinstance(await limits.reserve(CHECKS), Grant)

    await eventually(all_free)


async def test_flushes_are_asked_for_again_when_the_first_to_ask_hangs_up(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    def cache(way: RedisLink) -> TieredCache:
        return TieredCache(MemoryCache(CacheMemoryOptions(), wall), way, wall, 30.0)

    here, there = cache(link), cache(await links(server.url))
    await here.put(b"k", CacheEntry(completion("flushed"), "a", 900.0), 600.0)
    await here.flush()

    async def all_told() -> bool:
        return bool(await server.say("DBSIZE") == 2)

    await eventually(all_told)
    await hung_up(server, there.get(b"k"))
    assert await there.get(b"k") is None


async def test_what_is_given_back_last_still_reaches_redis(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    closing: RedisLink = await links(server.url)
    await eventually(lambda: closing.state is State.UP)
    here = RedisResults(closing, MemoryResults(time.monotonic))
    there = RedisResults(link, MemoryResults(time.monotonic))
    assert await here.claim(CALL, b"t1", LONG_S) is Claim.MINE
    here.finish(CALL, b"t1", b"answer", LONG_S)
    await closing.aclose()
    assert await there.claim(CALL, b"t2", LONG_S) == b"answer"
