"""Whatever happens to calls, the books balance: nothing is held, and used is what was really used.

Calls of all kinds run at once under small random limits, some hung up at random moments. What the
ledger has counted at the end must be what the provider really gave, no more and no less.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core import errors
from gateway.core.limits.rules import Knob, Owner, Scope
from gateway.core.model import Chunk, Completion, Finish, Prompt, Usage
from gateway.core.options import (
    CacheOptions,
    CallerLimitOptions,
    Deployment,
    LimitOptions,
    OnExhausted,
    TenantLimits,
)
from gateway.core.stream import StreamEngine
from tests import streams
from tests.core.limits.fakes import FakePrices, under
from tests.fakes import EchoTask, FakeProvider, caller, deployment
from tests.fakes import plan as plan_of

KINDS = st.sampled_from(["good", "bad", "busy", "refused", "slow"])
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "calls_per_minute": st.integers(1, 600),
        "concurrent_calls": st.integers(1, 4),
        "tokens_per_minute": st.integers(50, 600),
        "cost_usd_per_day": st.integers(50, 900).map(lambda micros: micros / 1e6),
        "shadow": st.booleans(),
    },
)
USAGE = Usage(input_tokens=6, output_tokens=4, cost_usd_micros=10)
POLICY = st.sampled_from(OnExhausted)


@dataclass
class Paid(FakeProvider):
    """Answers as the text of the request says, and keeps the bill."""

    tokens: int = 0

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        kind = prompt.messages[0].text
        if kind == "refused":
            raise errors.ConnectFailed("down")
        for _ in range(20 if kind == "slow" else 1):
            await asyncio.sleep(0)
        if kind == "busy":
            raise errors.Overloaded("busy")
        self.tokens += 10
        return Completion(text=kind, model="m", finish=Finish.STOP, usage=USAGE)

    @asynccontextmanager
    async def stream(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> AsyncIterator[AsyncIterator[Chunk]]:
        async def chunks() -> AsyncIterator[Chunk]:
            whole = await self.complete(deployment, prompt, timeout_s)
            yield Chunk(text=whole.text)
            yield Chunk(finish=Finish.STOP, usage=USAGE)

        yield chunks()


async def play(gateway: Any, calls: list[tuple[str, bool, int]]) -> list[Any]:
    """All calls at once; each may be hung up after so many turns of the loop."""

    async def one(kind: str, stream: bool) -> Any:
        if not stream:
            return await gateway.engine.answer(EchoTask(), kind, caller())
        events = streams.events(StreamEngine(gateway.engine), EchoTask(), kind, caller())
        async with contextlib.aclosing(events):
            return [event async for event in events][-1]

    async def hung_up(kind: str, stream: bool, turns: int) -> Any:
        task = asyncio.create_task(one(kind, stream))
        for _ in range(turns):
            await asyncio.sleep(0)
        if turns:
            task.cancel()
        return await task

    running = (hung_up(kind, stream, turns) for kind, stream, turns in calls)
    return await asyncio.gather(*running, return_exceptions=True)


def used(gateway: Any, owner: Owner, knob: Knob) -> float:
    """What the ledger holds for an owner, whatever the window's name."""
    key = f"{owner.scope}/{owner.name}/{knob}"
    states = [s for k, s in gateway.ledger._states.items() if k.split("/")[:3] == key.split("/")]
    return sum(getattr(state, "amount", len(getattr(state, "expiry_s", ()))) for state in states)


@settings(max_examples=150, deadline=None)
@given(
    tenant=LIMITS,
    route=LIMITS,
    model=LIMITS,
    policy=POLICY,
    calls=st.lists(st.tuples(KINDS, st.booleans(), st.integers(0, 12)), min_size=1, max_size=12),
)
def test_nothing_is_held_and_what_is_counted_is_what_was_used(
    tenant: dict[str, Any],
    route: dict[str, Any],
    model: dict[str, Any],
    policy: OnExhausted,
    calls: list[tuple[str, bool, int]],
) -> None:
    asyncio.run(balanced((tenant, route, model), policy, calls))


async def balanced(
    limits: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    policy: OnExhausted,
    calls: list[tuple[str, bool, int]],
) -> None:
    tenant, route, model = limits
    one = deployment("a", limits=LimitOptions(**model))
    of = plan_of([one], cache=CacheOptions(enabled=False))
    route_limits = CallerLimitOptions(**route, on_exhausted=policy)
    of = replace(
        of,
        routes=(replace(of.routes[0], limits=route_limits),),
        limits=TenantLimits(each_tenant=CallerLimitOptions(**tenant, on_exhausted=policy)),
    )
    gateway = under(of, {}, provider=(provider := Paid()), prices=FakePrices({"a": 1}))
    ends = await play(gateway, calls)
    expected = (errors.QuotaExhausted, asyncio.CancelledError)
    unexpected = [e for e in ends if isinstance(e, BaseException) and not isinstance(e, expected)]
    assert not unexpected, unexpected
    owners = (
        Owner(Scope.TENANT, "default", of.limits.each_tenant),
        Owner(Scope.ROUTE, "main", route_limits),
        Owner(Scope.DEPLOYMENT, "a", one.limits),
    )
    for owner in owners:
        assert used(gateway, owner, Knob.CONCURRENT_CALLS) == 0
        if owner.options.shadow or any(stream and turns for _, stream, turns in calls):
            continue  # shadow counts no more when used up; a stream's bill may come as it is left
        for knob in (Knob.TOKENS_PER_MINUTE, Knob.COST_USD_PER_DAY):
            limit = owner.options.tokens_per_minute, owner.options.cost_usd_per_day
            if limit[knob is Knob.COST_USD_PER_DAY] is not None:
                assert used(gateway, owner, knob) == provider.tokens
