"""A call sent again: once answered, once paid; an id stands for one request only."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from gateway.adapters.memory_results import MemoryResults
from gateway.core.errors import DeadlineExceeded, RequestIdReused
from gateway.core.idempotency import MAX_RESULT_BYTES, Once, Repeatable, repeat_key
from gateway.core.model import Deadline

pytestmark = pytest.mark.anyio

KEY = repeat_key("acme", "Chat", "r-1")


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def call(request: bytes = b"same", key: bytes = KEY, at_s: float = 30.0) -> Repeatable:
    return Repeatable(key, request, Deadline(at_s))


class Work:
    """Counts how often it was done; waits until `go` is set."""

    def __init__(self) -> None:
        self.done = 0
        self.go = asyncio.Event()
        self.fails = False

    async def __call__(self) -> bytes:
        self.done += 1
        await self.go.wait()
        if self.fails:
            raise ValueError
        return b"answer %d" % self.done


def once(clock: Callable[[], float] | None = None) -> Once:
    clock = clock or Clock()
    return Once(MemoryResults(clock), clock, lambda: uuid4().bytes)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def started(work: Awaitable[bytes]) -> "asyncio.Future[bytes]":
    return asyncio.ensure_future(work)


async def test_the_same_request_gets_the_first_answer_for_ten_minutes() -> None:
    clock, work = Clock(), Work()
    runs = once(clock)
    work.go.set()
    assert await runs.run(call(), work) == b"answer 1"
    clock.now_s = 599.0
    assert await runs.run(call(at_s=700), work) == b"answer 1"
    clock.now_s = 600.0
    assert await runs.run(call(at_s=700), work) == b"answer 2"


async def test_another_request_under_the_same_id_is_refused_at_work_and_when_done() -> None:
    runs, work = once(), Work()
    first = started(runs.run(call(), work))
    await settled()
    with pytest.raises(RequestIdReused, match="x-request-id"):
        await runs.run(call(b"other"), work)
    work.go.set()
    assert await first == b"answer 1"
    with pytest.raises(RequestIdReused):
        await runs.run(call(b"other"), work)
    assert work.done == 1


async def test_equal_calls_at_once_wait_for_the_first() -> None:
    runs, work = once(), Work()
    calls = [started(runs.run(call(), work)) for _ in range(10)]
    await settled()
    work.go.set()
    assert set(await asyncio.gather(*calls)) == {b"answer 1"}
    assert work.done == 1


async def test_when_the_first_fails_the_next_does_the_work_itself() -> None:
    runs, work = once(), Work()
    work.fails = True
    first, second = (started(runs.run(call(), work)) for _ in range(2))
    await settled()
    work.go.set()
    with pytest.raises(ValueError):  # noqa: PT011 # the work of this test raises no other
        await first
    work.fails = False
    assert await second == b"answer 2"


async def test_when_the_first_hangs_up_the_next_does_the_work_itself() -> None:
    runs, work = once(), Work()
    first, second = (started(runs.run(call(), work)) for _ in range(2))
    await settled()
    first.cancel()
    work.go.set()
    assert await second == b"answer 2"


async def test_who_waits_gives_up_at_its_own_deadline() -> None:
    clock, work = Clock(), Work()
    runs = once(clock)
    first = started(runs.run(call(), work))
    await settled()
    with pytest.raises(DeadlineExceeded):
        await runs.run(call(at_s=0.01), work)
    work.go.set()
    assert await first == b"answer 1"


async def test_a_claim_ends_after_its_deadline_whatever_became_of_its_process() -> None:
    clock, lost, work = Clock(), Work(), Work()
    runs = once(clock)
    first = started(runs.run(call(at_s=30), lost))
    await settled()
    clock.now_s = 31.0
    work.go.set()
    assert await runs.run(call(at_s=60), work) == b"answer 1"
    lost.go.set()
    assert await first == b"answer 1"
    assert work.done == lost.done == 1


async def test_a_huge_answer_is_not_kept() -> None:
    runs, asked = once(), []

    async def huge() -> bytes:
        asked.append(1)
        return b"x" * (MAX_RESULT_BYTES + 1)

    await runs.run(call(), huge)
    await runs.run(call(), huge)
    assert len(asked) == 2


async def test_the_store_is_bounded_and_forgets_the_oldest() -> None:
    store = MemoryResults(Clock(), max_bytes=10_000)
    for n in range(20):
        await store.claim(call(key=b"%d" % n), b"t", 30)
        store.finish(call(key=b"%d" % n), b"t", b"x" * 1_500, 600)
    assert repr(store) == "MemoryResults(4, bytes=8048)"


def test_keys_of_tenants_methods_and_ids_never_meet() -> None:
    keys = {
        repeat_key(*parts)
        for parts in (("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""), ("", "ab", "c"))
    }
    assert len(keys) == 4
