"""Fakes and rooms for calls under limits."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.adapters.memory_limits import MemoryLimits
from gateway.core.engine import Engine
from gateway.core.limits.checks import Check, Grant, Refusal
from gateway.core.limits.ledger import Ledger
from gateway.core.limits.ports import AS_RESERVED, LimitsUnavailable
from gateway.core.model import Usage
from gateway.core.options import CallerLimitOptions, Deployment, Plan, TenantLimits
from tests.fakes import Behaviour, FakeProvider, rooms


@dataclass
class FakeClock:
    """Moves when it is told to."""

    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class FakePrices:
    """Millionths of a dollar for one token, by deployment; others are not known."""

    by_name: Mapping[str, int] = field(default_factory=dict)

    def cost_usd_micros(self, deployment: Deployment, usage: Usage) -> int | None:
        each = self.by_name.get(deployment.name)
        return None if each is None else each * (usage.input_tokens + usage.output_tokens)


@dataclass
class BreakableLimits:
    """A store that can go away, or lose its replies on the way; counts its round trips."""

    inner: MemoryLimits
    away: bool = False
    mute: bool = False
    trips: int = 0

    async def reserve(self, checks: Sequence[Check]) -> Grant | Refusal:
        await self._reached()
        verdict = await self.inner.reserve(checks)
        self._replied()
        return verdict

    async def settle(self, grant: Grant, actual: Mapping[str, int] = AS_RESERVED) -> None:
        await self._reached()
        await self.inner.settle(grant, actual)
        self._replied()

    async def _reached(self) -> None:
        self.trips += 1
        await asyncio.sleep(0)
        if self.away:
            raise LimitsUnavailable("the shared store is away")

    def _replied(self) -> None:
        if self.mute:
            raise LimitsUnavailable("no reply came")


@dataclass
class Under:
    """An engine under limits, with what tests look at."""

    engine: Engine
    provider: FakeProvider
    ledger: Ledger
    clock: FakeClock
    rooms: Any

    def levels(self) -> dict[str, float]:
        return {f"{s.scope}.{s.owner}.{s.knob}": s.level for s in self.rooms.limit_board}


def under(plan: Plan, script: dict[str, list[Behaviour]], **other: Any) -> Under:
    provider = other.pop("provider", None) or FakeProvider(script)
    ledger, clock = Ledger(), FakeClock()
    limits = MemoryLimits(clock, ledger)
    given = rooms(provider, plan, **({"limits": limits} | other))
    return Under(Engine(given), provider, ledger, clock, given)


def tenants(**of_each: Any) -> TenantLimits:
    return TenantLimits(each_tenant=CallerLimitOptions(**of_each))
