"""The adaptive limit, and the queue for places against a plain list."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.core.options import ConcurrencyOptions
from gateway.core.slots import AdaptiveLimit, Slots

FOR_EVER = 1e6


def limit(**options: Any) -> AdaptiveLimit:
    return AdaptiveLimit(ConcurrencyOptions(**options))


def test_it_starts_at_the_maximum() -> None:
    assert limit().limit == 256


def test_pushed_back_it_shrinks_by_three_tenths_down_to_the_minimum() -> None:
    it, seen = limit(maximum=100), []
    for now_s in range(12):
        it.pushed_back(float(now_s), float(now_s))
        seen.append(it.limit)
    assert seen == [70, 49, 34, 24, 16, 11, 8, 5, 4, 4, 4, 4]


def test_all_calls_in_flight_at_one_push_shrink_it_once() -> None:
    it = limit(maximum=100)
    it.pushed_back(started_s=1.0, now_s=2.0)
    it.pushed_back(started_s=1.9, now_s=5.0)
    assert it.limit == 70
    it.pushed_back(started_s=2.0, now_s=6.0)
    assert it.limit == 49


def test_it_grows_only_while_half_of_it_is_used() -> None:
    it = limit(maximum=100)
    it.pushed_back(0.0, 0.0)
    for _ in range(1000):
        it.answered(in_use=34)
    assert it.limit == 70
    for _ in range(14):
        it.answered(in_use=35)
    assert it.limit == 70
    it.answered(in_use=36)
    assert it.limit == 71


def test_some_twenty_good_rounds_grow_it_back_to_the_maximum() -> None:
    it = limit(maximum=100)
    for now_s in range(20):
        it.pushed_back(float(now_s), float(now_s))
    assert it.limit == 4
    rounds = 0
    while it.limit < 100:
        rounds += 1
        for _ in range(it.limit):
            it.answered(in_use=it.limit)
    assert 18 <= rounds <= 24


def test_a_small_limit_grows_by_one_a_round() -> None:
    it = limit(maximum=5, minimum=1)
    for now_s in range(9):
        it.pushed_back(float(now_s), float(now_s))
    assert it.limit == 1
    it.answered(in_use=1)
    assert it.limit == 2
    it.answered(in_use=2)
    it.answered(in_use=2)
    assert it.limit == 2
    it.answered(in_use=2)
    assert it.limit == 3


def test_a_minimum_above_the_maximum_gives_way() -> None:
    it = limit(maximum=2, minimum=4)
    it.pushed_back(0.0, 0.0)
    assert it.limit == 2


def test_new_bounds_hold_at_once_and_a_full_limit_stays_full() -> None:
    it = limit(maximum=100)
    it.options = ConcurrencyOptions(maximum=200)
    assert it.limit == 200
    it.pushed_back(0.0, 0.0)
    it.options = ConcurrencyOptions(maximum=300)
    assert it.limit == 140
    it.options = ConcurrencyOptions(maximum=50)
    assert it.limit == 50
    it.pushed_back(1.0, 1.0)
    it.options = ConcurrencyOptions(maximum=50, minimum=40)
    assert it.limit == 40
    assert it.options.minimum == 40


def test_the_limit_shows_itself() -> None:
    it = limit(maximum=100)
    it.pushed_back(0.0, 0.0)
    assert repr(it) == "<AdaptiveLimit 70 of 100>"


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.lists(st.tuples(st.booleans(), st.integers(0, 300), st.floats(0, 5))),
)
def test_it_never_leaves_its_bounds_and_moves_the_right_way(
    maximum: int, minimum: int, events: list[tuple[bool, int, float]]
) -> None:
    it, now_s = limit(maximum=maximum, minimum=minimum), 0.0
    for good, in_use, gap_s in events:
        now_s += gap_s
        before = it.limit
        if good:
            it.answered(in_use)
            assert it.limit >= before
            assert it.limit == before or 2 * in_use >= before
        else:
            it.pushed_back(now_s, now_s)
            assert it.limit < before or before == min(minimum, maximum)
        assert min(minimum, maximum) <= it.limit <= maximum


@pytest.mark.anyio
async def test_a_free_place_is_taken_at_once() -> None:
    slots = Slots(lambda: 2)
    assert await slots.acquire(0.0)
    assert await slots.acquire(0.0)
    assert slots.in_use == 2
    assert repr(slots) == "<Slots 2 of 2 in use, 0 waiting>"
    assert not await slots.acquire(0.0)
    slots.release()
    assert await slots.acquire(0.0)


@pytest.mark.anyio
async def test_a_wait_that_is_over_takes_no_place_and_leaves_the_queue() -> None:
    slots = Slots(lambda: 1)
    assert await slots.acquire(0.0)
    assert not await slots.acquire(0.001)
    assert (slots.in_use, slots.waiting) == (1, 0)
    slots.release()
    assert slots.in_use == 0


@pytest.mark.anyio
async def test_a_place_that_comes_free_during_a_short_wait_is_taken() -> None:
    slots = Slots(lambda: 1)
    assert await slots.acquire(0.0)
    waiting = asyncio.create_task(slots.acquire(0.9))
    await asyncio.sleep(0)
    slots.release()
    assert await waiting
    assert slots.in_use == 1


@pytest.mark.anyio
async def test_a_newcomer_does_not_overtake_the_queue_when_the_limit_grows() -> None:
    capacity = [1]
    slots = Slots(lambda: capacity[0])
    assert await slots.acquire(0.0)
    first = asyncio.create_task(slots.acquire(FOR_EVER))
    await asyncio.sleep(0)
    capacity[0] = 2
    assert not await slots.acquire(0.0)
    assert await first


@pytest.mark.anyio
async def test_cancelled_in_the_moment_of_its_turn_it_hands_the_place_on() -> None:
    slots = Slots(lambda: 1)
    assert await slots.acquire(0.0)
    unlucky = asyncio.create_task(slots.acquire(FOR_EVER))
    next_one = asyncio.create_task(slots.acquire(FOR_EVER))
    await asyncio.sleep(0)
    slots.release()  # the place is the first one's now, who has not run yet
    unlucky.cancel()
    assert await next_one
    assert unlucky.cancelled()
    assert (slots.in_use, slots.waiting) == (1, 0)


@pytest.mark.anyio
async def test_a_release_too_many_is_a_bug_and_says_so() -> None:
    slots = Slots(lambda: 1)
    with pytest.raises(RuntimeError, match="a slot was released that nobody held; release once"):
        slots.release()
    assert slots.in_use == 0


class Queue(RuleBasedStateMachine):
    """Callers come, go, give up and are cancelled while the capacity changes."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.capacity = 2
        self.slots = Slots(lambda: self.capacity)
        self.inside = 0
        self.queue: list[asyncio.Task[bool]] = []

    def settle(self) -> None:
        """Let every task run as far as it can; the model's queue moves up."""
        self.loop.run_until_complete(self.idle())
        while self.queue and self.inside < self.capacity:
            self.inside += 1
            assert self.queue.pop(0).result() is True

    async def idle(self) -> None:
        for _ in range(6):
            await asyncio.sleep(0)

    @rule()
    def come(self) -> None:
        self.queue.append(self.loop.create_task(self.slots.acquire(FOR_EVER)))
        self.settle()

    @rule()
    def look_in(self) -> None:
        got = self.loop.run_until_complete(self.slots.acquire(0.0))
        self.settle()
        assert got == (not self.queue and self.inside < self.capacity)
        self.inside += got

    @precondition(lambda self: self.inside)
    @rule()
    def leave(self) -> None:
        self.slots.release()
        self.inside -= 1
        self.settle()

    @precondition(lambda self: self.queue)
    @rule(data=st.data(), leaving=st.booleans())
    def cancel(self, data: st.DataObject, leaving: bool) -> None:
        place = data.draw(st.integers(0, len(self.queue) - 1))
        if leaving and self.inside:
            self.slots.release()  # in the same step, so that its turn may have come already
            self.inside -= 1
        task = self.queue.pop(place)
        task.cancel()
        self.settle()
        assert task.cancelled()

    @rule(capacity=st.integers(0, 4))
    def resize(self, capacity: int) -> None:
        self.capacity = capacity
        self.slots.let_in()
        self.settle()

    @invariant()
    def agrees(self) -> None:
        assert self.slots.in_use == self.inside
        assert self.slots.waiting == len(self.queue)
        assert not any(task.done() for task in self.queue)

    def teardown(self) -> None:
        for task in self.queue:
            task.cancel()
        self.loop.run_until_complete(self.idle())
        self.loop.close()


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
