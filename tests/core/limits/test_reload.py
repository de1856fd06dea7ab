"""What a new configuration finds: counts, breakers and drained deployments as they were."""

from dataclasses import replace

import pytest

from gateway.core.engine import Engine
from gateway.core.errors import QuotaExhausted, ServerError
from gateway.core.options import BreakerOptions, Plan, RetryOptions
from tests.core.limits.fakes import Under, tenants, under
from tests.fakes import Behaviour, EchoTask, caller, deployment, plan

pytestmark = pytest.mark.anyio


def living(here: Under, force: list[Plan]) -> Engine:
    """An engine over the plan that is in force."""
    return Engine(replace(here.engine.rooms, plan=lambda: force[0]))


async def test_a_limit_that_is_used_up_stays_so_over_a_reload_and_a_wider_one_counts_at_once() -> (
    None
):
    narrow = replace(plan([deployment("a")]), limits=tenants(calls_per_minute=60, burst=2))
    force: list[Plan] = [narrow]
    engine = living(under(narrow, {"a": ["x"] * 9}), force)
    for text in ("one", "two"):
        await engine.answer(EchoTask(), text, caller())
    force[0] = replace(narrow, version="v2")
    with pytest.raises(QuotaExhausted):
        await engine.answer(EchoTask(), "three", caller())
    force[0] = replace(narrow, version="v3", limits=tenants(calls_per_minute=60, burst=5))
    assert (await engine.answer(EchoTask(), "four", caller())).config_version == "v3"


async def test_an_open_breaker_stays_open_over_a_reload() -> None:
    options = BreakerOptions(consecutive_failures=1, open_base_s=60, open_cap_s=60)
    retry = RetryOptions(per_request=0)
    first = plan([deployment("a", breaker=options)], [deployment("b")], retry=retry)
    force: list[Plan] = [first]
    script: dict[str, list[Behaviour]] = {"a": [ServerError("down"), "back"], "b": ["fine", "fine"]}
    engine = living(under(first, script), force)
    await engine.answer(EchoTask(), "one", caller())
    force[0] = replace(first, version="v2")
    engine.rooms.health.apply(force[0])
    answer = await engine.answer(EchoTask(), "two", caller())
    assert [(a.deployment, a.outcome.value) for a in answer.attempts] == [
        ("a", "skipped"),
        ("b", "ok"),
    ]
