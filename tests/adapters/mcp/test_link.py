"""The link to one MCP server: isolated from whatever its client does, and always rebuilt."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from random import Random

import pytest

from gateway.adapters.mcp.link import MOST_SILENT, Link
from gateway.adapters.mcp.session import Said, SessionLost
from gateway.core.described import Described
from gateway.core.errors import ToolFailed, ToolNotReached
from tests.adapters.mcp.fakes import GET_ORDER, FakeServer, server

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def linked(
    fake: FakeServer, listed: list[Mapping[str, Described]] | None = None
) -> AsyncIterator[Link]:
    link = Link(server(), fake.connect, (listed if listed is not None else []).append, Random(1))
    link.start()
    try:
        yield link
    finally:
        await link.aclose()


async def test_the_tools_are_listed_before_the_first_call_can_be_made() -> None:
    listed: list[Mapping[str, Described]] = []
    async with linked(FakeServer(), listed) as link:
        await link.ready()
        assert listed == [{"get_order": GET_ORDER}]


async def test_a_client_that_cancels_its_opener_and_its_caller_hurts_neither() -> None:
    fake = FakeServer(["die"])
    async with linked(fake) as link:
        await link.ready()
        with pytest.raises(SessionLost):
            await link.call("get_order", {}, {})
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        await link.ready()
        assert await link.call("get_order", {}, {}) == Said({"status": "shipped"}, "")
        assert (fake.opened, fake.open) == (2, 1)


async def test_every_call_in_flight_hears_of_the_loss() -> None:
    fake = FakeServer(["hang", "hang", "die"])
    async with linked(fake) as link:
        await link.ready()
        calls = [asyncio.create_task(link.call("get_order", {}, {})) for _ in range(3)]
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(end) for end in ended] == [SessionLost] * 3


async def test_a_callers_own_cancellation_ends_its_call_and_not_the_session() -> None:
    fake = FakeServer(["hang"])
    async with linked(fake) as link:
        await link.ready()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await link.call("get_order", {}, {})
        assert (await link.call("get_order", {}, {})).structured
        assert fake.opened == 1


async def test_a_session_that_only_times_out_is_rebuilt() -> None:
    fake = FakeServer(["hang"] * MOST_SILENT)
    async with linked(fake) as link:
        await link.ready()
        for _ in range(MOST_SILENT):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await link.call("get_order", {}, {})
        await link.ready()
        assert (await link.call("get_order", {}, {})).structured
        assert fake.opened == 2


async def test_a_failure_of_the_tool_is_none_of_the_session() -> None:
    fake = FakeServer([ToolFailed("no")])
    async with linked(fake) as link:
        await link.ready()
        with pytest.raises(ToolFailed):
            await link.call("get_order", {}, {})
        assert "up" in repr(link)
        assert fake.opened == 1


async def test_a_server_that_is_away_is_tried_until_it_is_there() -> None:
    fake = FakeServer(up=False)
    async with linked(fake) as link:
        while fake.opened < 3:
            await asyncio.sleep(0)
        fake.up = True
        await link.ready()
        assert (await link.call("get_order", {}, {})).structured


async def test_a_server_that_has_been_away_for_long_costs_no_call_any_time() -> None:
    fake = FakeServer(up=False)
    async with linked(fake) as link:
        link._down_s = float("-inf")
        with pytest.raises(ToolNotReached):
            await link.ready()


async def test_changed_tools_are_listed_when_the_server_says_so() -> None:
    fake, listed = FakeServer(), list[Mapping[str, Described]]()
    async with linked(fake, listed) as link:
        await link.ready()
        fake.tools = []
        fake.changed()
        while len(listed) < 2:
            await asyncio.sleep(0)
        assert listed[-1] == {}


async def test_closing_ends_calls_and_leaves_nothing_open() -> None:
    fake = FakeServer(["hang"])
    async with linked(fake) as link:
        await link.ready()
        call = asyncio.create_task(link.call("get_order", {}, {}))
        while not fake.seen:
            await asyncio.sleep(0)
    with pytest.raises(SessionLost):
        await call
    assert fake.open == 0
