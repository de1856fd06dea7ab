"""Results by request id over a real Redis, and what is left of them without it."""

import time

import pytest

from gateway.adapters.memory_results import MemoryResults
from gateway.adapters.redis import RedisLink, RedisResults, State
from gateway.core.idempotency import Claim, Repeatable, repeat_key
from gateway.core.model import Deadline
from tests.adapters.redis.conftest import Open
from tests.redis_servers import RedisServer, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

SAME = Repeatable(repeat_key("acme", "Chat", "r-1"), b"s" * 32, Deadline(30.0))
OTHER = Repeatable(SAME.key, b"o" * 32, Deadline(30.0))


def store(link: RedisLink) -> RedisResults:
    return RedisResults(link, MemoryResults(time.monotonic))


async def test_gateways_agree_on_who_works_and_on_what_came_of_it(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    here, there = store(link), store(await links(server.url))
    assert await here.claim(SAME, b"t1", 30) is Claim.MINE
    assert await there.claim(SAME, b"t2", 30) is Claim.BUSY
    assert await there.claim(OTHER, b"t3", 30) is Claim.OTHER
    assert await here.claim(SAME, b"t4", 30) is Claim.BUSY
    here.finish(SAME, b"t1", b"\x00answer\xff", 600)

    async def known() -> bool:
        return await there.claim(SAME, b"t5", 30) == b"\x00answer\xff"

    await eventually(known)
    assert await there.claim(OTHER, b"t6", 30) is Claim.OTHER
    (name,) = await server.say("KEYS", "*")
    assert 590 <= await server.say("TTL", name) <= 600


async def test_a_claim_that_is_given_up_is_the_next_ones(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    here, there = store(link), store(await links(server.url))
    assert await here.claim(SAME, b"t1", 30) is Claim.MINE
    here.release(SAME, b"t1")

    async def free() -> bool:
        return await there.claim(OTHER, b"t2", 30) is Claim.MINE

    await eventually(free)


async def test_a_claim_of_a_gateway_that_died_ends(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    assert await store(link).claim(SAME, b"t1", 0.1) is Claim.MINE
    there = store(await links(server.url))

    async def free() -> bool:
        return await there.claim(SAME, b"t2", 30) is Claim.MINE

    await eventually(free)


async def test_a_late_result_does_not_replace_another_claim(
    server: RedisServer, link: RedisLink
) -> None:
    late = store(link)
    assert await late.claim(SAME, b"t1", 30) is Claim.MINE
    await server.say("FLUSHALL")
    assert await store(link).claim(OTHER, b"t2", 30) is Claim.MINE
    late.finish(SAME, b"t1", b"late", 600)
    late.release(SAME, b"t1")
    assert await store(link).claim(SAME, b"t3", 30) is Claim.OTHER


async def test_without_redis_equal_calls_at_one_gateway_still_meet(
    server: RedisServer, link: RedisLink
) -> None:
    kept = store(link)
    await server.kill()
    assert await kept.claim(SAME, b"t1", 30) is Claim.MINE
    assert await kept.claim(SAME, b"t2", 30) is Claim.BUSY
    kept.finish(SAME, b"t1", b"answer", 600)
    assert await kept.claim(SAME, b"t3", 30) == b"answer"
    await server.start()
    await eventually(lambda: link.state is State.UP)
    assert await kept.claim(SAME, b"t4", 30) == b"answer"
