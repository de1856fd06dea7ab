"""Work that is done to its end although who waits for it hangs up."""

import asyncio

import pytest

from gateway.core.tails import Tails

pytestmark = pytest.mark.anyio


async def test_a_caller_that_is_cancelled_leaves_the_work_running_to_its_end() -> None:
    tails, go, done = Tails(), asyncio.Event(), list[str]()

    async def work() -> str:
        await go.wait()
        done.append("done")
        return "result"

    patient = asyncio.create_task(tails.finish(work()))
    leaving = asyncio.create_task(tails.finish(work()))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert repr(tails) == "Tails(2 running)"
    go.set()
    await tails.drain(60.0)
    assert (await patient, done) == ("result", ["done", "done"])


async def test_work_that_begins_while_it_drains_is_waited_for_too() -> None:
    tails, done = Tails(), list[str]()

    async def second() -> None:
        done.append("second")

    async def first() -> None:
        tails.begin(second())

    tails.begin(first())
    await tails.drain(60.0)
    assert done == ["second"]


async def test_what_never_ends_is_ended_when_the_time_to_drain_is_over() -> None:
    tails = Tails()
    task = tails.begin(asyncio.Event().wait())
    await tails.drain(0.0)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_failure_that_nobody_waits_for_is_not_told_by_asyncio() -> None:
    tails, told = Tails(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    async def fails() -> None:
        raise OSError("gone")

    tails.begin(fails())
    await tails.drain(60.0)
    assert told == []
