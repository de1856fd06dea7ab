"""Redis killed, paused, slow or full: a few callers wait, none fails, and it comes back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.adapters.redis import RedisLink, State
from gateway.adapters.redis.errors import RedisAway
from gateway.core.options import Secret
from tests.adapters.redis.conftest import Open
from tests.redis_servers import RedisServer, eventually, redis_server

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

MOST_SLOW = 5
CALLS = 300


async def calls(link: RedisLink, count: int = CALLS) -> int:
    """Read and write as calls do, many at once and one after the other; how many had no Redis."""

    async def one(n: int) -> bool:
        try:
            if n % 2:
                await link.read("GET", link.key("answer", str(n)))
            else:
                await link.write("SET", link.key("answer", str(n)), "x" * 100, "PX", 60_000)
        except RedisAway:
            return False
        return True

    answered = 0
    for begin in range(0, count, 20):
        batch = await asyncio.gather(*(one(n) for n in range(begin, begin + 20)))
        answered += sum(batch)
    return count - answered


async def is_up(link: RedisLink) -> None:
    await eventually(lambda: link.state is State.UP)


async def test_a_redis_that_is_killed_costs_nobody_anything_and_comes_back(
    server: RedisServer, link: RedisLink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert await calls(link) == 0
    await server.kill()
    assert await calls(link) == CALLS
    assert link.state is State.AWAY
    assert link.waits <= MOST_SLOW
    await server.start()
    await is_up(link)
    assert await calls(link) == 0
    told = [r.getMessage() for r in caplog.records if r.name.startswith("gateway.adapters.redis")]
    assert [words.split(" (")[0].split(",")[0] for words in told] == [
        "Redis is away",
        "Redis is there",
    ]


async def test_a_redis_that_is_paused_holds_up_few_and_comes_back(
    server: RedisServer, links: Open
) -> None:
    link = await links(server.url, timeout_s=0.1)
    await is_up(link)
    before = link.waits
    server.pause()
    assert await calls(link) == CALLS
    assert link.state is State.AWAY
    assert link.waits - before <= MOST_SLOW
    server.resume()
    await is_up(link)


async def test_a_redis_that_is_full_is_read_and_written_again_when_it_has_room(
    server: RedisServer, link: RedisLink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await link.write("SET", link.key("answer", "1"), "kept")
    await server.say("CONFIG", "SET", "maxmemory", "1mb", "maxmemory-policy", "noeviction")
    assert await calls(link) == CALLS / 2
    assert link.state is State.FULL
    assert await link.read("GET", link.key("answer", "1")) == b"kept"
    assert link.waits <= MOST_SLOW
    await server.say("CONFIG", "SET", "maxmemory", "0")

    async def writes() -> bool:
        await calls(link, 20)
        return link.state is State.UP

    await eventually(writes)
    told = [r.getMessage() for r in caplog.records if "takes no writes" in r.getMessage()]
    assert len(told) == 1


@asynccontextmanager
async def slow_way(port: int, delay_s: list[float]) -> AsyncIterator[int]:
    """A way to `port` on which every packet takes its time."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await asyncio.sleep(delay_s[0])
            writer.write(data)
        writer.close()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer), return_exceptions=True)

    way = await asyncio.start_server(joined, "127.0.0.1", 0)
    async with way:
        yield int(way.sockets[0].getsockname()[1])


async def test_a_redis_that_is_slow_is_left_alone_until_it_is_quick(
    server: RedisServer, links: Open
) -> None:
    delay_s = [0.0]
    async with slow_way(server.port, delay_s) as port:
        link = await links(f"redis://127.0.0.1:{port}", timeout_s=0.2)
        await is_up(link)
        before = link.waits
        delay_s[0] = 0.06  # there and back: an answer in time, but slow
        await calls(link)
        assert link.state is State.AWAY
        assert link.waits - before <= MOST_SLOW
        delay_s[0] = 0.0
        await is_up(link)
        assert await calls(link) == 0


async def test_without_a_redis_at_the_start_calls_go_on_and_find_it_later(
    tmp_path: Path, links: Open
) -> None:
    server = RedisServer(tmp_path)
    link = await links(server.url)
    assert await calls(link) == CALLS
    try:
        await server.start()
        await is_up(link)
        assert await calls(link) == 0
    finally:
        await server.stop()


@asynccontextmanager
async def old_redis() -> AsyncIterator[int]:
    """What answers every command as Redis 6.2 answers INFO."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            writer.write(b"$25\r\nredis_version:6.2.14\r\na:b\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def test_an_old_redis_is_not_used_and_the_log_says_what_to_do(
    links: Open, caplog: pytest.LogCaptureFixture
) -> None:
    async with old_redis() as port:
        link = await links(f"redis://127.0.0.1:{port}")
        assert link.state is State.AWAY
    assert "Redis 7 or newer is needed, this is '6.2.14'; upgrade it" in caplog.text


async def test_the_password_opens_redis_and_a_wrong_one_is_told_without_showing_it(
    tmp_path: Path, links: Open, caplog: pytest.LogCaptureFixture
) -> None:
    async with redis_server(tmp_path, password="open-sesame") as server:
        link = await links(server.url, password=Secret("open-sesame"))
        await is_up(link)
        await links(server.url, password=Secret("open-barley"))
    assert "invalid username-password pair" in caplog.text
    assert "barley" not in caplog.text


async def test_a_caller_who_gives_up_leaves_nothing_broken(
    server: RedisServer, link: RedisLink
) -> None:
    waiting = [asyncio.create_task(link.read("GET", link.key("answer", "1"))) for _ in range(50)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await calls(link) == 0
