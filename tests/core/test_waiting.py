"""Work under a deadline whose timer is set only when the work waits."""

import asyncio

import pytest

from gateway.core.waiting import within

pytestmark = pytest.mark.anyio

FAR_S = 30.0


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def _at_once(value: int) -> int:
    return value


async def _failing() -> None:
    raise ValueError("broken")


async def test_work_that_never_waits_brings_its_result_even_after_the_deadline() -> None:
    assert await within(_now_s() - 1, _at_once(7)) == 7


async def test_what_work_raises_gets_out_whether_it_has_waited_or_not() -> None:
    async def later() -> None:
        await asyncio.sleep(0)
        await _failing()

    for work in (_failing(), later()):
        with pytest.raises(ValueError, match="broken"):
            await within(_now_s() + FAR_S, work)


async def test_work_may_wait_several_times_and_catch_what_its_waiting_raises() -> None:
    async def work() -> int:
        for _ in range(3):
            await asyncio.sleep(0)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)
        except TimeoutError:
            await asyncio.sleep(0)
            return 5
        return 0

    assert await within(_now_s() + FAR_S, work()) == 5


async def test_work_that_waits_is_stopped_at_its_deadline_and_may_clean_up() -> None:
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append("yes")

    with pytest.raises(TimeoutError):
        await within(_now_s() + 0.01, work())
    assert cleaned == ["yes"]


async def test_a_cancelled_caller_cancels_the_work() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    task = asyncio.create_task(within(_now_s() + FAR_S, work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled.is_set()
