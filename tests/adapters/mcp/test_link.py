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
from tests.adapters.mcp.fakes import GET_ORDER, FakeServer, Play, server

pytestmark = pytest.mark.anyio

LONG_S = 3_600.0
AT_ONCE_S = 0.0
"""Every wait is long enough to count as the server's silence."""


@asynccontextmanager
async def linked(
    fake: FakeServer,
    listed: list[Mapping[str, Described]] | None = None,
    silent_s: float = LONG_S,
) -> AsyncIterator[Link]:
    told = (listed if listed is not None else []).append
    link = Link(server(), fake.connect, told, Random(1), silent_s)
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
    async with linked(fake, silent_s=AT_ONCE_S) as link:
        await link.ready()
        for _ in range(MOST_SILENT):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await link.call("get_order", {}, {})
        await link.ready()
        assert (await link.call("get_order", {}, {})).structured
        assert fake.opened == 2


async def hung_up(link: Link, fake: FakeServer, times: int) -> None:
    """So many callers begin a call and leave before there is a reply."""
    for _ in range(times):
        before = len(fake.seen)
        leaving = asyncio.create_task(link.call("get_order", {}, {}))
        while len(fake.seen) == before:
            await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving


async def test_callers_who_hang_up_say_nothing_of_the_server() -> None:
    script: list[Play] = ["hang" for _ in range(3 * MOST_SILENT)]
    fake = FakeServer(script)
    async with linked(fake) as link:
        await link.ready()
        await hung_up(link, fake, 3 * MOST_SILENT)
        assert (await link.call("get_order", {}, {})).structured
        assert fake.opened == 1


async def test_a_session_thought_dead_is_replaced_at_once_and_its_running_calls_end_well() -> None:
    fake = FakeServer(["slow", *["hang"] * MOST_SILENT])
    async with linked(fake, silent_s=AT_ONCE_S) as link:
        await link.ready()
        running = asyncio.create_task(link.call("get_order", {}, {}))
        await hung_up(link, fake, MOST_SILENT)
        await link.ready()
        assert (await link.call("get_order", {}, {})).structured
        assert (fake.opened, fake.open) == (2, 2)
        fake.go.set()
        assert (await running).structured
        while fake.open > 1:
            await asyncio.sleep(0)
    assert fake.open == 0


async def test_closing_ends_calls_on_a_session_that_was_replaced_too() -> None:
    fake = FakeServer(["hang"] * (1 + MOST_SILENT))
    async with linked(fake, silent_s=AT_ONCE_S) as link:
        await link.ready()
        running = asyncio.create_task(link.call("get_order", {}, {}))
        await hung_up(link, fake, MOST_SILENT)
        await link.ready()
    with pytest.raises(SessionLost):
        await running
    assert fake.open == 0


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
