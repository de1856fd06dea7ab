"""Calls that come before what answers them."""

import asyncio

import pytest

from gateway.core.errors import Starting
from gateway.core.starting import KEPT_S, loaded

pytestmark = pytest.mark.anyio


async def test_a_call_whose_time_is_short_is_refused_at_once() -> None:
    never = asyncio.Event()
    with pytest.raises(Starting, match="still loading"):
        await loaded(waited(never), 0.3)


async def test_a_call_is_refused_while_it_has_time_to_be_tried_elsewhere() -> None:
    never = asyncio.Event()
    with pytest.raises(Starting):
        async with asyncio.timeout(KEPT_S + 0.05):
            await loaded(waited(never), KEPT_S + 0.01)


async def test_a_call_with_time_waits() -> None:
    there = asyncio.Event()
    waiting = asyncio.create_task(loaded(waited(there), 30.0))
    await asyncio.sleep(0)
    there.set()
    await waiting


async def test_what_is_loaded_answers_a_call_of_any_time() -> None:
    there = asyncio.Event()
    there.set()
    await loaded(waited(there), 0.001)


async def waited(event: asyncio.Event) -> None:
    await event.wait()
