"""Equal calls at several gateways: one asks, and nobody waits longer than asking takes."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

import pytest

from gateway.core.latency import Latency
from gateway.core.shared_flights import NoLeases, SharedFlights, patience_s

pytestmark = pytest.mark.anyio

KEY = b"k" * 32
LONG = (30.0, 30.0)


class Leases:
    """Kept for ever, until they are given back."""

    def __init__(self) -> None:
        self.held: dict[bytes, bytes] = {}

    async def take(self, key: bytes, token: bytes, ttl_s: float) -> bool:
        return self.held.setdefault(key, token) == token

    def release(self, key: bytes, token: bytes) -> None:
        if self.held.get(key) == token:
            del self.held[key]


class Models:
    """A cache that is filled by whoever asks; asking ends when `go` is set."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked = 0
        self.kept: str | None = None
        self.brings: str | None = "answer"

    async def look(self) -> str | None:
        return self.kept

    async def ask(self) -> str | None:
        self.asked += 1
        await self.go.wait()
        self.kept = self.brings
        return self.brings


def gateways(leases: Leases) -> Callable[[], SharedFlights]:
    numbers = count()
    return lambda: SharedFlights(
        leases, asyncio.get_running_loop().time, lambda: b"%d" % next(numbers)
    )


def started(work: Awaitable[str | None]) -> "asyncio.Future[str | None]":
    return asyncio.ensure_future(work)


async def asked(models: Models, times: int) -> None:
    async with asyncio.timeout(20):
        while models.asked < times:
            await asyncio.sleep(0)


async def test_of_equal_calls_one_asks_and_the_others_get_its_answer() -> None:
    models, gateway = Models(), gateways(leases := Leases())
    calls = [started(gateway().share(KEY, LONG, models.look, models.ask)) for _ in range(5)]
    await asked(models, 1)
    models.go.set()
    assert await asyncio.gather(*calls) == ["answer"] * 5
    assert models.asked == 1
    assert not leases.held


async def test_when_the_leader_brings_nothing_the_next_asks_for_itself() -> None:
    models, gateway = Models(), gateways(Leases())
    models.brings = None
    calls = [started(gateway().share(KEY, LONG, models.look, models.ask)) for _ in range(3)]
    await asked(models, 1)
    models.go.set()
    assert await asyncio.gather(*calls) == [None] * 3
    assert models.asked == 3


async def test_when_the_leader_is_cancelled_its_lease_comes_free() -> None:
    models, gateway = Models(), gateways(leases := Leases())
    leader = started(gateway().share(KEY, LONG, models.look, models.ask))
    await asked(models, 1)
    leader.cancel()
    follower = started(gateway().share(KEY, LONG, models.look, models.ask))
    await asked(models, 2)
    models.go.set()
    assert await follower == "answer"
    assert not leases.held


class SlowLeases(Leases):
    """Redis has the lease before its reply comes."""

    async def take(self, key: bytes, token: bytes, ttl_s: float) -> bool:
        await super().take(key, token, ttl_s)
        await asyncio.Event().wait()
        return True


async def test_a_leader_that_is_cancelled_while_it_takes_the_lease_gives_it_back() -> None:
    models, gateway = Models(), gateways(leases := SlowLeases())
    leader = started(gateway().share(KEY, LONG, models.look, models.ask))
    await asyncio.sleep(0)
    assert leases.held
    leader.cancel()
    await asyncio.gather(leader, return_exceptions=True)
    assert not leases.held


async def test_a_leader_that_died_holds_nobody_up_for_longer_than_asking_takes() -> None:
    models, leases = Models(), Leases()
    leases.held[KEY] = b"of a gateway that is no more"
    models.go.set()
    assert await gateways(leases)().share(KEY, (0.05, 30.0), models.look, models.ask) == "answer"
    assert models.asked == 1
    assert leases.held[KEY] == b"of a gateway that is no more"


async def test_who_has_no_time_to_wait_asks_at_once() -> None:
    models, leases = Models(), Leases()
    leases.held[KEY] = b"another's"
    models.go.set()
    assert await gateways(leases)().share(KEY, (0.0, 30.0), models.look, models.ask) == "answer"


async def test_a_gateway_alone_always_asks() -> None:
    assert await NoLeases().take(KEY, b"t", 30.0)


def test_patience_is_what_asking_usually_takes_and_leaves_time_for_a_slow_answer() -> None:
    known = Latency()
    for _ in range(50):
        known.add(2.0)
    usual_s = known.percentile_s(0.5)
    assert usual_s is not None
    assert patience_s(known, 60.0) == usual_s
    assert patience_s(known, 0.5) == 0.0
    assert patience_s(Latency(), 60.0) == 1.0
    assert patience_s(Latency(), 1.0) == 0.5
