"""The cache in two levels, over a real Redis."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.adapters.memory_cache import MemoryCache
from gateway.adapters.redis import RedisLink, State, TieredCache
from gateway.core.options import CacheMemoryOptions
from gateway.core.ports import CacheEntry
from tests.adapters.redis.conftest import Open
from tests.fakes import completion
from tests.redis_servers import RedisServer, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

KEY = bytes(range(32))
LOCAL_S = 30.0


class Wall:
    """A calendar's clock that is set by hand, and a monotonic one that goes with it."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0
        self.set_back_s = 0.0

    def __call__(self) -> float:
        return self.now_s - self.set_back_s

    def clock(self) -> float:
        return self.now_s


def tiered(link: RedisLink, wall: Wall) -> TieredCache:
    near = MemoryCache(CacheMemoryOptions(), wall)
    return TieredCache(near, link, wall, LOCAL_S, wall.clock)


def entry(text: str = "hello", value: Any = None, at_s: float = 900.0) -> CacheEntry:
    return CacheEntry(completion(text), "a", at_s, value)


async def told(server: RedisServer) -> None:
    """What was written without waiting has come to Redis."""

    async def kept() -> bool:
        return bool(await server.say("DBSIZE"))

    await eventually(kept)


async def text_of(cache: TieredCache) -> str | None:
    found = await cache.get(KEY)
    return found.completion.text if found else None


async def test_another_process_finds_the_answer_and_its_own_memory_keeps_the_value(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    wall = Wall()
    here, there = tiered(link, wall), tiered(await links(server.url), wall)
    await here.put(KEY, entry(value="parsed"), 600.0)
    await told(server)
    found = await there.get(KEY)
    assert found is not None
    assert (found.completion, found.deployment, found.stored_at_s) == (
        completion("hello"),
        "a",
        900.0,
    )
    assert found.value is None  # it is read anew by this process's own version
    wall.now_s += LOCAL_S
    known = await here.get(KEY)
    assert known is not None
    assert known.value == "parsed"


async def test_redis_forgets_it_when_its_time_is_over(server: RedisServer, link: RedisLink) -> None:
    await tiered(link, Wall()).put(KEY, entry(), 600.0)
    await told(server)
    (name,) = await server.say("KEYS", "*")
    assert 590 <= await server.say("TTL", name) <= 600


async def test_a_rejected_answer_is_gone_here_at_once_and_elsewhere_when_memory_asks_again(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    wall = Wall()
    here, there = tiered(link, wall), tiered(await links(server.url), wall)
    await here.put(KEY, entry(), 600.0)
    await told(server)
    assert await text_of(there) == "hello"
    await here.drop(KEY)
    assert await text_of(here) is None
    assert await text_of(there) == "hello"
    wall.now_s += LOCAL_S
    assert await text_of(there) is None


async def test_a_clock_that_is_set_back_makes_no_rejection_and_no_flush_wait(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    wall = Wall()
    here, there = tiered(link, wall), tiered(await links(server.url), wall)
    await here.put(KEY, entry(), 600.0)
    await told(server)
    assert await text_of(there) == "hello"
    await here.drop(KEY)
    wall.set_back_s = 3_600.0
    wall.now_s += LOCAL_S
    assert await text_of(there) is None
    await here.put(KEY, entry("new", at_s=wall()), 600.0)

    async def new_there() -> bool:
        wall.now_s += LOCAL_S
        return await text_of(there) == "new"

    await eventually(new_there)
    wall.set_back_s = 7_200.0
    await here.flush()

    async def flushed_there() -> bool:
        wall.now_s += 1.0
        return await text_of(there) is None

    await eventually(flushed_there)


async def test_an_answer_that_redis_threw_away_to_make_room_stands(
    server: RedisServer, link: RedisLink
) -> None:
    wall = Wall()
    cache = tiered(link, wall)
    await cache.put(KEY, entry(), 600.0)
    await told(server)
    await server.say("FLUSHALL")
    wall.now_s += LOCAL_S
    assert await text_of(cache) == "hello"
    wall.now_s += 600.0
    assert await text_of(cache) is None


async def test_memory_serves_alone_while_redis_is_away_and_a_rejection_is_told_later(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    wall = Wall()
    here, there = tiered(link, wall), tiered(await links(server.url), wall)
    await here.put(KEY, entry(), 600.0)
    await told(server)
    assert await text_of(there) == "hello"
    server.pause()
    wall.now_s += LOCAL_S
    assert await text_of(there) == "hello"
    await here.drop(KEY)
    assert await text_of(here) is None
    server.resume()

    async def gone() -> bool:
        wall.now_s += LOCAL_S
        return await text_of(there) is None

    await eventually(lambda: link.state is State.UP)
    await eventually(gone)


@pytest.mark.parametrize("bytes_", [b"", b"\x03[]", b"\x01[]", b"\x02nonsense", b"{}", b"\x01nul"])
async def test_what_another_version_wrote_is_a_miss(
    server: RedisServer, link: RedisLink, bytes_: bytes
) -> None:
    await link.write("SET", link.key("answer", KEY), bytes_)
    assert await text_of(tiered(link, Wall())) is None


async def test_a_strangers_data_at_our_key_is_a_miss(link: RedisLink) -> None:
    await link.write("LPUSH", link.key("answer", KEY), "x")
    assert await text_of(tiered(link, Wall())) is None
    assert link.state is State.UP


async def test_a_key_says_nothing_of_what_it_is_about(link: RedisLink) -> None:
    name = link.key("kind", "tenant-a", "where is my order?", b"secret")
    assert name.startswith("erp-gateway:kind:{")
    assert not any(word in name for word in ("tenant", "order", "secret"))
    assert name != link.key("kind", "tenant-", "awhere is my order?", b"secret")


async def test_a_flush_of_a_tenant_or_route_is_heeded_everywhere_and_spares_the_others(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    wall = Wall()
    here, there = tiered(link, wall), tiered(await links(server.url), wall)
    keys = {name: bytes([n]) * 32 for n, name in enumerate(("a/r", "a/s", "b/r", "b/s"))}
    for name, key in keys.items():
        tenant, _, route = name.partition("/")
        await here.put(key, replace(entry(name), tenant=tenant, route=route), 600.0)

    async def all_told() -> bool:
        return bool(await server.say("DBSIZE") == 4)

    await eventually(all_told)
    assert all([await there.get(key) for key in keys.values()])
    await here.flush("a", "r")
    await here.flush("", "s")

    async def left(cache: TieredCache) -> list[str]:
        wall.now_s += 1.0
        return [name for name, key in keys.items() if await cache.get(key)]

    async def heeded() -> bool:
        return await left(there) == ["b/r"]

    assert await left(here) == ["b/r"]
    await eventually(heeded)
    late = tiered(await links(server.url), wall)
    assert await left(late) == ["b/r"]
    await here.put(keys["a/r"], replace(entry(at_s=wall()), tenant="a", route="r"), 600.0)
    assert await left(here) == ["a/r", "b/r"]
