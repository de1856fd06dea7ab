"""A real Redis for each test, and ways to it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gateway.adapters.redis import RedisLink, State
from gateway.core.options import RedisAccess
from tests.redis_servers import RedisServer, eventually, redis_server

PATIENT_S = 2.0
"""Timeout where a test is not about time: this machine may be busy."""

Open = Callable[..., Any]


@pytest.fixture
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
async def links() -> AsyncIterator[Open]:
    """Opens ways to a Redis, as many processes would."""
    async with AsyncExitStack() as stack:

        async def opened(url: str, **options: Any) -> RedisLink:
            access = RedisAccess(**{"url": url, "timeout_s": PATIENT_S, **options})
            link = RedisLink(access, time.monotonic)
            stack.push_async_callback(link.aclose)
            await link.start()
            return link

        yield opened


@pytest.fixture
async def link(server: RedisServer, links: Open) -> RedisLink:
    made: RedisLink = await links(server.url)
    await eventually(lambda: made.state is State.UP)
    return made
