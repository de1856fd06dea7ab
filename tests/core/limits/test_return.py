"""What was used alone reaches the shared count once, in whatever order things happen."""

import asyncio

import pytest

from gateway.adapters.memory_limits import MemoryLimits
from gateway.core.limits.checks import Grant, Places, Refusal, Window
from gateway.core.limits.falling_back import FallingBackLimits
from gateway.core.limits.owed import AT_ONCE
from tests.core.limits.fakes import BreakableLimits, FakeClock

pytestmark = pytest.mark.anyio

LIMIT = 1_000


def money(amount: int, key: str = "money") -> Window:
    return Window(key=key, limit=LIMIT, amount=amount, left_s=3_600.0)


class Shop:
    """Processes in front of one shared store that can go away."""

    def __init__(self, share: float = 0.5, processes: int = 1) -> None:
        self.clock = FakeClock()
        self.shared = BreakableLimits(MemoryLimits(self.clock))
        self.processes = [
            FallingBackLimits(self.shared, MemoryLimits(self.clock), share, self.clock)
            for _ in range(processes)
        ]
        self.here = self.processes[0]

    async def use(self, amount: int, at: FallingBackLimits | None = None) -> Grant:
        """Reserve and settle; the grant."""
        limits = at or self.here
        grant = await limits.reserve([money(amount)])
        assert isinstance(grant, Grant)
        await limits.settle(grant, {"money": amount})
        return grant

    async def count(self, key: str = "money") -> int:
        """What the shared store says is used, once all tails have ended."""
        for one in self.processes:
            await one.drain(60.0)
        return round((await self.shared.inner.reserve([money(0, key)])).levels[0] * LIMIT)


async def test_many_calls_at_the_return_add_it_once() -> None:
    shop = Shop()
    await shop.use(100)
    shop.shared.away = True
    await shop.use(50)
    shop.shared.away = False
    verdicts = await asyncio.gather(*(shop.here.reserve([money(0)]) for _ in range(20)))
    assert await shop.count() == 150
    assert not any(verdict.local for verdict in verdicts)


async def test_the_first_call_after_the_return_is_judged_by_what_was_used_meanwhile() -> None:
    shop = Shop(share=1.0)
    await shop.use(100)
    shop.shared.away = True
    await shop.use(900)
    shop.shared.away = False
    verdicts = await asyncio.gather(*(shop.here.reserve([money(10)]) for _ in range(5)))
    assert [type(verdict) for verdict in verdicts] == [Refusal] * 5
    assert await shop.count() == LIMIT


async def test_it_is_added_too_when_more_is_used_than_this_process_share() -> None:
    shop = Shop()
    await shop.use(600)
    shop.shared.away = True
    await shop.use(50)
    shop.shared.away = False
    await shop.here.reserve([money(0)])
    assert await shop.count() == 650


async def test_it_is_added_too_when_the_whole_limit_is_used_by_then() -> None:
    shop = Shop(processes=2)
    other = shop.processes[1]
    shop.shared.away = True
    await shop.use(50)
    shop.shared.away = False
    await shop.use(LIMIT, at=other)
    await shop.here.reserve([money(0)])
    assert await shop.count() == LIMIT + 50


async def test_a_call_that_ends_after_the_return_is_added_too() -> None:
    shop = Shop()
    shop.shared.away = True
    late = await shop.here.reserve([money(10)])
    shop.shared.away = False
    await shop.use(100)
    assert isinstance(late, Grant)
    assert late.local
    await shop.here.settle(late, {"money": 30})
    assert await shop.count() == 130


async def test_a_reply_that_is_lost_on_the_way_does_not_add_it_twice() -> None:
    shop = Shop()
    shop.shared.away = True
    await shop.use(50)
    shop.shared.away, shop.shared.mute = False, True
    assert (await shop.here.reserve([money(0)])).local
    assert (await shop.here.reserve([money(0)])).local
    shop.shared.mute = False
    assert not (await shop.here.reserve([money(0)])).local
    assert await shop.count() == 50


async def test_a_store_that_goes_again_in_the_middle_of_the_return_loses_nothing() -> None:
    shop = Shop()
    shop.shared.away = True
    await shop.use(50)
    shop.shared.away = False
    returning = asyncio.create_task(shop.here.reserve([money(0)]))
    while shop.shared.trips < 3:
        await asyncio.sleep(0)
    shop.shared.away = True
    assert (await returning).local
    await shop.use(20)
    shop.shared.away = False
    await shop.here.reserve([money(0)])
    assert await shop.count() == 70


async def test_who_hangs_up_during_the_return_neither_loses_it_nor_holds_anything() -> None:
    shop = Shop()
    place = Places(key="places", limit=1, ttl_s=60.0)
    shop.shared.away = True
    await shop.use(50)
    shop.shared.away = False
    returning = asyncio.create_task(shop.here.reserve([money(10), place]))
    await asyncio.sleep(0)
    returning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await returning
    assert await shop.count() == 50
    assert isinstance(await shop.here.reserve([place]), Grant)


async def test_several_processes_that_come_back_at_once_are_all_added() -> None:
    shop = Shop(share=0.25, processes=4)
    shop.shared.away = True
    for n, process in enumerate(shop.processes):
        await shop.use(10 + n, at=process)
    shop.shared.away = False
    calls = [process.reserve([money(0)]) for process in shop.processes for _ in range(5)]
    await asyncio.gather(*calls)
    assert await shop.count() == 10 + 11 + 12 + 13


async def test_a_process_that_gets_no_call_adds_its_part_when_it_is_told_of_the_return() -> None:
    shop = Shop()
    shop.shared.away = True
    await shop.use(50)
    shop.shared.away = False
    shop.here.come_back()
    assert await shop.count() == 50
    assert not shop.here.away


async def test_the_share_of_a_second_outage_begins_at_what_is_left_then() -> None:
    shop = Shop()
    for used in (200, 400):
        shop.shared.away = True
        await shop.use(used)
        shop.shared.away = False
        await shop.here.reserve([money(0)])
    assert await shop.count() == 600
    shop.shared.away = True
    assert isinstance(await shop.here.reserve([money(201)]), Grant)
    assert isinstance(await shop.here.reserve([money(1)]), Refusal)


async def test_what_a_call_used_beyond_its_reservation_is_added_when_the_store_was_away() -> None:
    shop = Shop()
    grant = await shop.here.reserve([money(10)])
    assert isinstance(grant, Grant)
    shop.shared.away = True
    await shop.here.settle(grant, {"money": 70})
    shop.shared.away = False
    await shop.here.reserve([money(0)])
    assert await shop.count() == 70


async def test_more_windows_than_fit_one_batch_are_all_added() -> None:
    shop = Shop()
    shop.shared.away = True
    keys = [f"money/{n}" for n in range(2 * AT_ONCE + 1)]
    for key in keys:
        grant = await shop.here.reserve([money(7, key)])
        assert isinstance(grant, Grant)
        await shop.here.settle(grant, {key: 7})
    shop.shared.away = False
    await shop.here.reserve([money(0)])
    assert [await shop.count(key) for key in keys] == [7] * len(keys)


async def test_a_caller_who_hangs_up_while_it_is_settled_gives_back_all_the_same() -> None:
    shop = Shop()
    grant = await shop.here.reserve([money(60)])
    assert isinstance(grant, Grant)
    settling = asyncio.create_task(shop.here.settle(grant, {"money": 4}))
    await asyncio.sleep(0)
    settling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await settling
    assert await shop.count() == 4
