"""The clocks of a stream run while upstream is awaited, and only then."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.core.clocks import Clocks
from gateway.core.errors import ProviderTimeout
from gateway.core.model import Chunk
from gateway.core.options import Timeouts

pytestmark = pytest.mark.anyio

PATIENT_S = 60.0
TICK_S = 0.03


async def paced(*pauses_s: float) -> AsyncIterator[Chunk]:
    for pause_s in pauses_s:
        await asyncio.sleep(pause_s)
        yield Chunk(text="x")


def timeouts(first_token_s: float, idle_s: float) -> Timeouts:
    return Timeouts(first_token_s=first_token_s, idle_s=idle_s, total_s=PATIENT_S)


async def read(chunks: AsyncIterator[Chunk], of: Timeouts, given_s: float = PATIENT_S) -> None:
    async with Clocks(of, given_s) as clocks:
        while await clocks.next(chunks) is not None:
            clocks.spoken()


async def test_silence_before_the_first_token_is_told_as_such() -> None:
    with pytest.raises(ProviderTimeout, match="no first token within"):
        await read(paced(PATIENT_S), timeouts(TICK_S, PATIENT_S))


async def test_after_text_the_shorter_clock_between_tokens_takes_over() -> None:
    with pytest.raises(ProviderTimeout, match="no next token"):
        await read(paced(0, PATIENT_S), timeouts(PATIENT_S, TICK_S))


async def test_chunks_that_keep_coming_move_the_clock_on() -> None:
    chunks = paced(*[TICK_S] * 20)  # twice the clock in all
    await read(chunks, timeouts(PATIENT_S, 10 * TICK_S))


async def test_the_whole_time_ends_even_a_stream_that_speaks() -> None:
    with pytest.raises(TimeoutError):
        await read(paced(*[TICK_S] * 1_000), timeouts(PATIENT_S, PATIENT_S), 3 * TICK_S)


async def test_no_clock_runs_while_nothing_is_awaited() -> None:
    chunks = paced(0, 0, TICK_S)
    async with Clocks(timeouts(2 * TICK_S, 2 * TICK_S), PATIENT_S) as clocks:
        await clocks.next(chunks)
        await asyncio.sleep(5 * TICK_S)  # a slow reader
        clocks.spoken()
        await clocks.next(chunks)
        await asyncio.sleep(5 * TICK_S)
        assert await clocks.next(chunks) is not None
        assert await clocks.next(chunks) is None


async def test_a_stream_costs_one_timer_however_many_chunks_it_has() -> None:
    loop = CountingLoop()
    try:
        of = read(ready(1_000), timeouts(PATIENT_S, PATIENT_S))
        await asyncio.to_thread(loop.run_until_complete, of)
    finally:
        loop.close()
    assert loop.timers <= 2


async def ready(chunks: int) -> AsyncIterator[Chunk]:
    for _ in range(chunks):
        yield Chunk(text="x")


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts the timers that are set."""

    timers = 0

    def call_at(self, *args: Any, **how: Any) -> asyncio.TimerHandle:  # type: ignore[override] # passed on as it is
        self.timers += 1
        return super().call_at(*args, **how)


async def test_a_cancellation_from_outside_stays_one() -> None:
    task = asyncio.create_task(read(paced(PATIENT_S), timeouts(PATIENT_S, PATIENT_S)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
