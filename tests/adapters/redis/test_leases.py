"""One flight over several gateways on a real Redis."""

import asyncio
import time
from uuid import uuid4

import pytest

from gateway.adapters.memory_cache import MemoryCache
from gateway.adapters.redis import RedisLeases, RedisLink, TieredCache
from gateway.core.options import CacheMemoryOptions
from gateway.core.ports import CacheEntry
from gateway.core.shared_flights import SharedFlights
from tests.adapters.redis.conftest import Open
from tests.fakes import completion
from tests.redis_servers import RedisServer, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

KEY = bytes(range(32))
LONG = (30.0, 30.0)


class Gateway:
    """A cache and leases of its own over the Redis that is shared; `asked` is shared too."""

    def __init__(self, link: RedisLink, asked: list[int]) -> None:
        near = MemoryCache(CacheMemoryOptions(), time.time)
        self.cache = TieredCache(near, link, time.time, 30.0)
        self.flights = SharedFlights(RedisLeases(link), time.monotonic, lambda: uuid4().bytes)
        self.asked = asked

    async def look(self) -> str | None:
        entry = await self.cache.get(KEY)
        return entry.completion.text if entry else None

    async def ask(self) -> str | None:
        self.asked.append(1)
        await asyncio.sleep(0.1)
        await self.cache.put(KEY, CacheEntry(completion("answer"), "a", time.time()), 60.0)
        return "answer"

    async def call(self) -> str | None:
        return await self.flights.share(KEY, LONG, self.look, self.ask)


async def test_gateways_ask_once_for_the_same(server: RedisServer, links: Open) -> None:
    asked: list[int] = []
    gateways = [Gateway(await links(server.url), asked) for _ in range(4)]
    answers = await asyncio.gather(*(gateway.call() for gateway in gateways))
    assert answers == ["answer"] * 4
    assert len(asked) == 1


async def test_a_lease_ends_by_itself_and_is_given_back_by_its_owner_only(
    link: RedisLink,
) -> None:
    leases = RedisLeases(link)
    assert await leases.take(KEY, b"dead", 0.1)

    async def free() -> bool:
        return await leases.take(KEY, b"next", 30.0)

    await eventually(free)
    leases.release(KEY, b"dead")
    assert not await leases.take(KEY, b"third", 30.0)
    leases.release(KEY, b"next")

    async def given_back() -> bool:
        return await leases.take(KEY, b"third", 30.0)

    await eventually(given_back)


async def test_without_redis_each_gateway_asks(server: RedisServer, link: RedisLink) -> None:
    leases = RedisLeases(link)
    await server.kill()
    assert await leases.take(KEY, b"one", 30.0)
    assert await leases.take(KEY, b"two", 30.0)
