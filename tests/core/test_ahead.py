"""Chunks at hand, of streams that know what has come and of those that do not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

import pytest

from gateway.core.ahead import MAX_BUFFERED_CHARACTERS, ReadAhead, at_hand
from gateway.core.errors import ConnectionLost
from gateway.core.model import Chunk

pytestmark = pytest.mark.anyio


async def spoken(*texts: str, end: Exception | None = None) -> AsyncIterator[Chunk]:
    for text in texts:
        yield Chunk(text=text)
    if end is not None:
        raise end


class Knowing:
    """A stream that can tell what has come: nothing."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chunk:
        raise StopAsyncIteration

    def at_hand(self) -> Chunk | None:
        return None


async def turns(number: int = 5) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_a_stream_that_knows_is_left_alone() -> None:
    stream = Knowing()
    async with at_hand(stream) as upstream:
        assert upstream is stream


async def test_what_has_come_is_at_hand_without_waiting() -> None:
    async with at_hand(spoken("a", "b", "c")) as upstream:
        assert upstream.at_hand() is None  # the task has not begun
        assert await anext(upstream) == Chunk(text="a")
        assert upstream.at_hand() == Chunk(text="b")
        assert [chunk.text async for chunk in upstream] == ["c"]
        assert upstream.at_hand() is None


async def test_a_failure_comes_after_the_chunks_before_it() -> None:
    async with at_hand(spoken("a", "b", end=ConnectionLost("gone"))) as upstream:
        await turns()
        assert upstream.at_hand() == Chunk(text="a")
        assert await anext(upstream) == Chunk(text="b")
        assert upstream.at_hand() is None
        with pytest.raises(ConnectionLost):
            await anext(upstream)


async def test_reading_ahead_is_bounded() -> None:
    read = 0

    async def long() -> AsyncIterator[Chunk]:
        nonlocal read
        for _ in range(10):
            read += 1
            yield Chunk(text="x" * (MAX_BUFFERED_CHARACTERS // 2))

    ahead = ReadAhead(long())
    await turns(20)
    assert read == 2
    assert len([chunk async for chunk in ahead]) == 10
    await ahead.aclose()


async def test_leaving_stops_the_reading_at_once() -> None:
    over = asyncio.Event()

    async def endless() -> AsyncIterator[Chunk]:
        try:
            yield Chunk(text="a")
            await asyncio.sleep(60)
        finally:
            over.set()

    async with at_hand(endless()) as upstream:
        assert await anext(upstream) == Chunk(text="a")
        await turns()
    assert over.is_set()
