"""Limits over a real Redis that goes and comes back: everything used is counted, once."""

import asyncio
import time
from uuid import uuid4

import pytest

from gateway.adapters.memory_limits import MemoryLimits
from gateway.adapters.redis import RedisLimits, RedisLink, State
from gateway.adapters.redis.errors import RedisAway
from gateway.core.limits.checks import Check, Grant, Refusal, Window
from gateway.core.limits.falling_back import FallingBackLimits
from gateway.core.limits.owed import Owed
from gateway.core.limits.ports import LimitsUnavailable
from tests.adapters.redis.conftest import Open
from tests.redis_servers import RedisServer, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

LIMIT = 1_000


def money(amount: int) -> Window:
    return Window(key="money", limit=LIMIT, amount=amount, left_s=3_600.0)


def falling_back(link: RedisLink, share: float = 0.5) -> FallingBackLimits:
    local = MemoryLimits(time.monotonic)
    limits = FallingBackLimits(RedisLimits(link), local, share, time.monotonic)
    link.when_back(limits.come_back)
    return limits


async def lost(link: RedisLink) -> None:
    """Return once the link has found out that Redis is of no use, without any limit asked."""
    while link.state is not State.AWAY:
        try:
            await link.read("GET", uuid4().hex)
        except RedisAway:
            await asyncio.sleep(0)


async def back(link: RedisLink) -> None:
    await eventually(lambda: link.state is State.UP)


async def use(limits: FallingBackLimits, amount: int, *others: Check) -> Grant:
    grant = await limits.reserve([money(amount), *others])
    assert isinstance(grant, Grant)
    await limits.settle(grant, {"money": amount})
    return grant


async def count(link: RedisLink) -> int:
    verdict = await RedisLimits(link).reserve([money(0)])
    return round(verdict.levels[0] * LIMIT)


async def test_many_calls_that_see_it_back_add_what_was_used_meanwhile_once(
    server: RedisServer, links: Open
) -> None:
    link = await links(server.url, timeout_s=0.2)
    limits = falling_back(link)
    await use(limits, 100)
    server.pause()
    await lost(link)
    assert (await use(limits, 50)).local
    server.resume()
    await back(link)
    await asyncio.gather(*(limits.reserve([money(0)]) for _ in range(20)))
    assert await count(link) == 150


async def test_gateways_that_come_back_at_once_are_all_added_without_a_call(
    server: RedisServer, links: Open
) -> None:
    opened = [await links(server.url, timeout_s=0.2) for _ in range(4)]
    gateways = [falling_back(link, 0.25) for link in opened]
    await use(gateways[0], 100)
    server.pause()
    for link in opened:
        await lost(link)
    for limits in gateways:
        assert (await use(limits, 10)).local
    server.resume()
    for link in opened:
        await back(link)

    async def all_counted() -> bool:
        return await count(opened[0]) == 140

    await eventually(all_counted)
    for limits in gateways:
        await limits.drain(60.0)
    assert await count(opened[0]) == 140


async def test_a_redis_that_lost_everything_still_learns_what_was_used_meanwhile(
    server: RedisServer, link: RedisLink
) -> None:
    limits = falling_back(link)
    await use(limits, 100)
    await server.kill()
    await lost(link)
    await use(limits, 50)
    await server.start()
    await back(link)
    await limits.reserve([money(0)])
    assert await count(link) == 50


async def test_calls_between_reserve_and_settle_at_both_ends_of_an_outage_are_counted(
    server: RedisServer, links: Open
) -> None:
    link = await links(server.url, timeout_s=0.2)
    limits = falling_back(link)
    begun_before = await limits.reserve([money(10)])
    server.pause()
    await lost(link)
    begun_within = await limits.reserve([money(10)])
    assert isinstance(begun_before, Grant)
    assert isinstance(begun_within, Grant)
    await limits.settle(begun_before, {"money": 25})  # 15 more than is reserved
    server.resume()
    await back(link)
    await limits.settle(begun_within, {"money": 7})
    await limits.reserve([money(0)])
    await limits.drain(60.0)
    assert await count(link) == 25 + 7


async def test_what_was_told_too_late_to_be_known_of_stays_counted_and_is_refused_when_told_again(
    server: RedisServer, links: Open
) -> None:
    link = await links(server.url, timeout_s=0.1)
    limits, owed = RedisLimits(link), Owed()
    owed.note(money(0), 30, 0.0)
    batch = owed.batch()
    assert batch is not None
    server.pause()
    with pytest.raises(LimitsUnavailable):
        await limits.reserve(batch.checks(0.0))
    server.resume()
    await back(link)
    await asyncio.sleep(0.05)  # what is given back late has been by now
    assert isinstance(await limits.reserve(batch.checks(0.0)), Refusal)
    assert await count(link) == 30
