"""Cool-downs told from gateway to gateway: taken over, never told back, never made longer."""

from collections.abc import Mapping
from random import Random

import pytest

from gateway.core.cooldown import COOLDOWN_CAP_S
from gateway.core.cooldown_sharing import CooldownSharing, shared_name
from gateway.core.health import HealthBoard, Why
from gateway.core.model import Outcome
from tests.fakes import deployment

pytestmark = pytest.mark.anyio

A = deployment("a")


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Store:
    """Knows until when, on the clock that all share."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.until_s: dict[str, float] = {}
        self.told: list[Mapping[str, float]] = []

    async def exchange(self, known_s: Mapping[str, float]) -> Mapping[str, float]:
        self.told.append(known_s)
        for name, left_s in known_s.items():
            self.until_s[name] = max(self.until_s.get(name, 0.0), self.clock() + left_s)
        return {n: u - self.clock() for n, u in self.until_s.items() if u > self.clock()}


class Gateway:
    def __init__(self, store: Store) -> None:
        self.board = HealthBoard(Random(1))
        self.health = self.board.of(A)
        self.sharing = CooldownSharing(store, self.board, store.clock)

    def meets_a_429(self, now_s: float, retry_after_s: float) -> None:
        ticket = self.health.admit(now_s)
        self.health.settle(ticket, now_s, Outcome.RATE_LIMITED, 0.1, retry_after_s)  # type: ignore[arg-type]


async def test_what_one_gateway_was_told_the_others_heed() -> None:
    store = Store(clock := Clock())
    here, there = Gateway(store), Gateway(store)
    here.meets_a_429(clock(), 20.0)
    await here.sharing.exchange()
    clock.now_s += 1.0
    await there.sharing.exchange()
    refusal = there.health.refusal(clock())
    assert refusal is not None
    assert (refusal.reason, refusal.until_s) == (Why.COOLING, 120.0)
    clock.now_s = 120.0
    assert there.health.refusal(clock()) is None


async def test_what_was_learned_is_not_told_back() -> None:
    store = Store(clock := Clock())
    here, there = Gateway(store), Gateway(store)
    here.meets_a_429(clock(), 20.0)
    await here.sharing.exchange()
    for _ in range(10):
        clock.now_s += 0.5
        await there.sharing.exchange()
    assert store.told[0] == {shared_name(A): 20.0}
    assert not any(store.told[1:])


async def test_a_longer_cool_down_of_its_own_is_told() -> None:
    store = Store(clock := Clock())
    here, there = Gateway(store), Gateway(store)
    here.meets_a_429(clock(), 5.0)
    await here.sharing.exchange()
    await there.sharing.exchange()
    clock.now_s = 106.0
    there.meets_a_429(clock(), 40.0)
    await there.sharing.exchange()
    await here.sharing.exchange()
    assert here.health.cooling_s(clock()) == 40.0


async def test_short_ones_are_kept_to_itself_and_no_other_is_longer_than_the_cap() -> None:
    store = Store(clock := Clock())
    here = Gateway(store)
    here.meets_a_429(clock(), 0.5)
    store.until_s[shared_name(A)] = clock() + 10_000.0
    await here.sharing.exchange()
    assert store.told == [{}]
    assert here.health.cooling_s(clock()) == COOLDOWN_CAP_S


def test_the_same_name_at_another_address_is_another_deployment() -> None:
    assert shared_name(A) == shared_name(deployment("a"))
    assert shared_name(A) != shared_name(deployment("b"))
