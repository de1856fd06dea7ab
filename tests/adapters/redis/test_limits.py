"""Limits over a real Redis: they decide as the embedded store, and exactly under contention."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.redis import RedisLimits, RedisLink
from gateway.core.limits.checks import Check, Grant, Places, Rate, Refusal, Window
from gateway.core.limits.ledger import Ledger
from gateway.core.limits.ports import LimitsUnavailable
from tests.adapters.redis.conftest import Open
from tests.adapters.redis.contender import BURST, PER_SECOND, PLACES, TOKENS
from tests.processes import ROOT
from tests.redis_servers import RedisServer, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

PROCESSES = 4
LONG_S = 10_000.0
"""Longer than any test: time does not pass, so the model needs no clock."""

CHECKS: dict[str, Check] = {
    "r": Rate(key="r", interval_s=LONG_S, burst=3),
    "R": Rate(key="R", interval_s=LONG_S, burst=2, shadow=True),
    "w": Window(key="w", limit=20, amount=7, left_s=LONG_S),
    "W": Window(key="W", limit=10, amount=4, left_s=LONG_S, shadow=True),
    "n": Window(key="n", limit=5, amount=0, left_s=LONG_S),
    "p": Places(key="p", limit=2, ttl_s=LONG_S),
    "P": Places(key="P", limit=1, ttl_s=LONG_S, shadow=True),
}
STEPS = st.lists(
    st.one_of(
        st.lists(st.sampled_from("rRwWnpP"), min_size=1, unique=True),
        st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 1), st.integers(0, 12)),
    ),
    max_size=25,
)


def told(verdict: Grant | Refusal) -> tuple[Any, ...]:
    refused = [r.index for r in verdict.refused] if isinstance(verdict, Refusal) else []
    return type(verdict), verdict.exceeded, refused, [round(level, 2) for level in verdict.levels]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_it_decides_as_the_embedded_store_does(
    server: RedisServer, link: RedisLink, steps: Sequence[Any]
) -> None:
    await server.say("FLUSHALL")
    store, model = RedisLimits(link), Ledger()
    grants: list[tuple[Grant, Grant]] = []
    for step in steps:
        if isinstance(step, list):
            checks = [CHECKS[name] for name in step]
            got, expected = await store.reserve(checks), model.reserve(checks, 0.0)
            assert told(got) == told(expected)
            if isinstance(got, Grant) and isinstance(expected, Grant):
                grants.append((got, expected))
        elif grants:
            which, tell, calls, amount = step
            mine, its = grants.pop(which % len(grants))
            actual = {c.key: calls if isinstance(c, Rate) else amount for c in mine.checks}
            await store.settle(mine, actual if tell else {})
            model.settle(its, 0.0, actual if tell else {})


async def test_a_refusal_says_when_there_is_room_again(link: RedisLink) -> None:
    store = RedisLimits(link)
    pace = Rate(key="r", interval_s=100.0, burst=1)
    window = Window(key="w", limit=5, amount=5, left_s=40.0)
    assert isinstance(await store.reserve([pace, window]), Grant)
    refusal = await store.reserve([pace, window])
    assert isinstance(refusal, Refusal)
    first, second = refusal.refused
    assert 99.0 < first.retry_after_s <= 100.0
    assert second.retry_after_s == 40.0


async def test_a_place_whose_process_died_is_free_again(link: RedisLink) -> None:
    store = RedisLimits(link)
    assert isinstance(await store.reserve([Places(key="p", limit=1, ttl_s=0.2)]), Grant)

    async def free() -> bool:
        return isinstance(await store.reserve([Places(key="p", limit=1, ttl_s=100.0)]), Grant)

    await eventually(free)
    assert not await free()


async def test_everything_kept_ends_by_itself(server: RedisServer, link: RedisLink) -> None:
    store = RedisLimits(link)
    grant = await store.reserve(list(CHECKS.values())[:6])
    assert isinstance(grant, Grant)
    await store.settle(grant, {"w": 9, "r": 0})
    names = await server.say("KEYS", "*")
    assert names
    assert all([await server.say("TTL", name) > 0 for name in names])


async def test_without_redis_it_says_so(server: RedisServer, link: RedisLink) -> None:
    store = RedisLimits(link)
    grant = await store.reserve([CHECKS["p"]])
    assert isinstance(grant, Grant)
    await server.kill()
    with pytest.raises(LimitsUnavailable):
        await store.reserve([CHECKS["p"]])
    with pytest.raises(LimitsUnavailable):
        await store.settle(grant)


async def contended(server: RedisServer, kind: str, seconds: float) -> dict[str, float]:
    """What four processes got together."""
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.adapters.redis.contender", server.url, kind, str(seconds)),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        for _ in range(PROCESSES)
    ]
    printed = [json.loads((await process.communicate())[0]) for process in running]
    assert all(process.returncode == 0 for process in running)
    folded = {"fullest": max, "from_s": min, "until_s": max}
    return {name: folded.get(name, sum)([one[name] for one in printed]) for name in printed[0]}


async def test_four_processes_together_use_up_a_window_exactly_and_refusals_consume_nothing(
    server: RedisServer, links: Open
) -> None:
    got = await contended(server, "window", 2.0)
    assert got["unknown"] == 0
    assert got["granted"] == TOKENS / 3
    assert got["refused"] > 0
    store = RedisLimits(await links(server.url))
    verdict = await store.reserve([Rate(key="calls", interval_s=1_000.0, burst=1_000_000)])
    assert verdict.levels[0] * 1_000_000 == pytest.approx(got["granted"] + 1, abs=1)


async def test_four_processes_together_keep_a_pace_to_one_percent(
    server: RedisServer, links: Open
) -> None:
    """What was let through is what has drained meanwhile and what is still in the bucket.

    So it holds on a machine that is too busy to ask all the time, too.
    """
    link = await links(server.url)
    got = await contended(server, "rate", 4.0)
    look = Rate(key="calls", interval_s=1 / PER_SECOND, burst=BURST, amount=0)
    verdict = await RedisLimits(link).reserve([look])
    seconds, micros = await link.read("TIME")
    drained = PER_SECOND * (float(seconds) + float(micros) / 1e6 - got["from_s"])
    assert got["unknown"] == 0
    assert got["refused"] > 0
    assert got["granted"] == pytest.approx(drained + verdict.levels[0] * BURST, rel=0.01)
    assert got["granted"] <= PER_SECOND * (got["until_s"] - got["from_s"]) + BURST + 1


async def test_four_processes_together_never_hold_more_places_than_there_are(
    server: RedisServer,
) -> None:
    got = await contended(server, "places", 2.0)
    assert got["unknown"] == 0
    assert got["granted"] > PLACES
    assert got["refused"] > 0
    assert got["fullest"] == 1.0
