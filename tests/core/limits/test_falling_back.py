"""Limits while the shared store is away, and when it is back."""

import logging

import pytest

from gateway.adapters.memory_limits import MemoryLimits
from gateway.core.limits.checks import Check, Grant, Places, Rate, Refusal, Window
from gateway.core.limits.falling_back import FallingBackLimits, SharedOut
from tests.core.limits.fakes import BreakableLimits, FakeClock

pytestmark = pytest.mark.anyio


class Pair:
    """One process in front of a shared store."""

    def __init__(self, share: float, shared: BreakableLimits | None = None) -> None:
        self.clock = FakeClock()
        self.shared = shared or BreakableLimits(MemoryLimits(self.clock))
        self.limits = FallingBackLimits(self.shared, MemoryLimits(self.clock), share, self.clock)

    async def passed(self, check: Check, times: int = 100) -> int:
        verdicts = [await self.limits.reserve([check]) for _ in range(times)]
        return sum(isinstance(verdict, Grant) for verdict in verdicts)


def tokens(amount: int, limit: int = 100) -> Window:
    return Window(key="tokens/1", limit=limit, amount=amount, left_s=60.0)


async def test_four_processes_alone_let_no_more_through_than_one_limit() -> None:
    rate = Rate(key="calls", interval_s=0.6, burst=20)
    places = Places(key="places", limit=8, ttl_s=60.0)
    totals = []
    for check in (rate, places, tokens(1)):
        alone = [Pair(0.25) for _ in range(4)]
        for process in alone:
            process.shared.away = True
        totals.append(sum([await process.passed(check) for process in alone]))
    assert totals == [20, 8, 100]


async def test_the_pace_of_one_process_is_its_share_of_the_pace() -> None:
    here = Pair(0.25)
    here.shared.away = True
    rate = Rate(key="calls", interval_s=0.6, burst=20)
    assert await here.passed(rate) == 5
    here.clock.now_s += 24.0
    assert await here.passed(rate) == 5
    here.clock.now_s += 2.4
    assert await here.passed(rate) == 1


async def test_alone_a_process_uses_its_share_of_what_was_left() -> None:
    here = Pair(0.5)
    assert isinstance(await here.limits.reserve([tokens(80)]), Grant)
    here.shared.away = True
    assert await here.passed(tokens(1)) == 10


async def test_a_window_that_was_used_up_stays_so() -> None:
    here = Pair(0.5)
    await here.limits.reserve([tokens(100)])
    here.shared.away = True
    assert isinstance(await here.limits.reserve([tokens(0)]), Refusal)


async def test_what_was_used_alone_is_added_to_the_shared_count_when_it_is_back() -> None:
    here = Pair(0.5)
    here.shared.away = True
    grant = await here.limits.reserve([tokens(20)])
    assert isinstance(grant, Grant)
    assert grant.local
    await here.limits.settle(grant, {"tokens/1": 30})
    here.shared.away = False
    await here.limits.reserve([tokens(0)])
    verdict = await here.shared.inner.reserve([tokens(0)])
    assert verdict.levels == (0.3,)


async def test_what_ended_meanwhile_is_not_added() -> None:
    here = Pair(1.0)
    here.shared.away = True
    grant = await here.limits.reserve([tokens(20)])
    assert isinstance(grant, Grant)
    await here.limits.settle(grant)
    here.clock.now_s += 61
    here.shared.away = False
    await here.limits.reserve([tokens(0)])
    verdict = await here.shared.inner.reserve([tokens(0)])
    assert verdict.levels == (0.0,)


async def test_a_grant_is_settled_where_it_was_given() -> None:
    here = Pair(1.0)
    shared = await here.limits.reserve([tokens(10)])
    here.shared.away = True
    local = await here.limits.reserve([tokens(10)])
    assert isinstance(shared, Grant)
    assert isinstance(local, Grant)
    here.shared.away = False
    await here.limits.settle(local, {"tokens/1": 0})
    await here.limits.settle(shared, {"tokens/1": 4})
    verdict = await here.limits.reserve([tokens(0)])
    assert (verdict.levels, verdict.local) == ((0.04,), False)


async def test_what_cannot_be_settled_stays_reserved_and_fails_nobody() -> None:
    here = Pair(1.0)
    grant = await here.limits.reserve([tokens(60)])
    assert isinstance(grant, Grant)
    here.shared.away = True
    await here.limits.settle(grant, {"tokens/1": 0})
    here.shared.away = False
    assert isinstance(await here.limits.reserve([tokens(50)]), Refusal)


async def test_falling_back_and_coming_back_are_told_once_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    here = Pair(0.25)
    with caplog.at_level(logging.WARNING):
        for away in (True, True, False, False):
            here.shared.away = away
            await here.limits.reserve([tokens(1)])
            assert here.limits.away is away
    assert caplog.messages == [
        "limits fall back to this process: the shared store is away; it enforces 0.25 of each "
        "limit by itself",
        "limits are shared again: the store is back",
    ]


async def test_shared_limits_take_one_round_trip_for_each_step() -> None:
    here = Pair(1.0)
    grant = await here.limits.reserve([tokens(1), Places(key="p", limit=1, ttl_s=1.0)])
    assert isinstance(grant, Grant)
    await here.limits.settle(grant)
    assert here.shared.trips == 2


@pytest.mark.parametrize("share", [0, -1, 1.5])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share must be above 0 and at most 1"):
        Pair(share)


def test_it_shows_whether_it_is_alone() -> None:
    assert repr(Pair(0.5).limits) == "<FallingBackLimits shared>"


async def test_processes_that_share_nothing_have_their_part_each() -> None:
    clock = FakeClock()
    totals = []
    for check in (Rate(key="calls", interval_s=0.6, burst=20), tokens(1)):
        parts = [SharedOut(MemoryLimits(clock), 0.25) for _ in range(4)]
        verdicts = [await part.reserve([check]) for part in parts for _ in range(50)]
        assert all(verdict.local for verdict in verdicts)
        totals.append(sum(isinstance(verdict, Grant) for verdict in verdicts))
    assert totals == [20, 100]


async def test_a_part_is_given_back_too() -> None:
    part = SharedOut(MemoryLimits(FakeClock()), 0.5)
    for _ in range(5):
        grant = await part.reserve([tokens(50)])
        assert isinstance(grant, Grant)
        await part.settle(grant, {"tokens/1": 0})
    assert repr(part) == "<SharedOut 0.5 of each limit>"
