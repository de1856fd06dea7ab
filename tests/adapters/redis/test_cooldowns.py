"""Cool-downs over a real Redis."""

import pytest

from gateway.adapters.redis import RedisCooldowns, RedisLink
from tests.adapters.redis.conftest import Open
from tests.redis_servers import RedisServer, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]


async def test_gateways_learn_of_one_another_and_the_longest_counts(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    here, there = RedisCooldowns(link), RedisCooldowns(await links(server.url))
    assert await here.exchange({}) == {}
    await here.exchange({"a": 60.0, "b": 30.0})
    learned = await there.exchange({"a": 20.0, "c": 40.0})
    assert learned == pytest.approx({"a": 60.0, "b": 30.0, "c": 40.0}, abs=10)
    (name,) = await server.say("KEYS", "*")
    assert 0 < await server.say("TTL", name) <= 61


async def test_what_is_over_is_known_no_more(link: RedisLink) -> None:
    kept = RedisCooldowns(link)
    await kept.exchange({"a": 0.2, "b": 60.0})

    async def over() -> bool:
        return list(await kept.exchange({})) == ["b"]

    await eventually(over)


async def test_without_redis_nothing_is_learned(server: RedisServer, link: RedisLink) -> None:
    await server.kill()
    assert await RedisCooldowns(link).exchange({"a": 60.0}) == {}
