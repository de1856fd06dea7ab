"""Limits on the walk of a call: refused before any work, given back, told truthfully."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from gateway.core import errors
from gateway.core.events import Completed
from gateway.core.limits.checks import Grant, Window
from gateway.core.model import AnswerBy, DegradeReason, Outcome, Source, Usage
from gateway.core.options import (
    CacheOptions,
    CallerLimitOptions,
    HedgeOptions,
    LimitOptions,
    OnExhausted,
    Plan,
    RetryOptions,
    RulesOptions,
)
from gateway.core.stream import StreamEngine
from tests import streams
from tests.core.limits.fakes import FakePrices, Under, tenants, under
from tests.fakes import Behaviour, EchoTask, caller, deployment
from tests.fakes import plan as plan_of

pytestmark = pytest.mark.anyio

A, B = deployment("a"), deployment("b")
NO_CACHE = CacheOptions(enabled=False)
TASK = EchoTask()
USED = 10
"""Tokens of each answer of the fake provider."""
EXPECTED = 64 + 9
"""Tokens reserved for a try with "hi": the longest answer, its own text, two messages' frames."""


def plan(*tiers: Any, limits: Any = None, **route: Any) -> Plan:
    made = plan_of(*tiers, **({"cache": NO_CACHE} | route))
    return replace(made, limits=limits) if limits else made


def many(text: str = "hello", count: int = 50) -> list[Behaviour]:
    return [text] * count


def tried(answer: Any) -> list[tuple[str, Outcome]]:
    return [(a.deployment, a.outcome) for a in answer.attempts]


async def ask(here: Under, text: str = "hi", **options: Any) -> Any:
    return await here.engine.answer(TASK, text, caller(**options))


async def refused(here: Under, text: str = "hi", **options: Any) -> errors.QuotaExhausted:
    with pytest.raises(errors.QuotaExhausted) as raised:
        await ask(here, text, **options)
    return raised.value


# ---- at the door


async def test_a_call_beyond_the_tenants_pace_is_refused_before_any_work() -> None:
    here = under(plan([A], limits=tenants(calls_per_minute=60, burst=2)), {"a": many()})
    await ask(here)
    await ask(here)
    error = await refused(here)
    assert error.limit == "tenant.calls_per_minute"
    assert error.retry_after_s == pytest.approx(1.0)
    assert len(here.provider.asked) == 2
    here.clock.now_s += error.retry_after_s
    assert (await ask(here)).source is Source.MODEL


async def test_each_tenant_has_its_own_count() -> None:
    here = under(plan([A], limits=tenants(calls_per_minute=1)), {"a": many()})
    await ask(here, tenant="noisy")
    await refused(here, tenant="noisy")
    assert (await ask(here, tenant="quiet")).source is Source.MODEL


@pytest.mark.parametrize("name", ["a/calls_per_minute", "a%2Fcalls", "a b", "租户", "a:1"])
async def test_no_name_of_a_tenant_reaches_into_anothers_count(name: str) -> None:
    here = under(plan([A], limits=tenants(calls_per_minute=1)), {"a": many()})
    await ask(here, tenant="a")
    assert (await ask(here, tenant=name)).source is Source.MODEL


async def test_a_route_is_limited_over_all_tenants() -> None:
    limits = CallerLimitOptions(calls_per_minute=1)
    here = under(plan_of([A], cache=NO_CACHE, limits=limits), {"a": many()})
    await ask(here, tenant="one")
    error = await refused(here, tenant="two")
    assert error.limit == "route.main.calls_per_minute"


async def test_a_refused_call_consumes_nothing_at_any_level() -> None:
    route = CallerLimitOptions(calls_per_minute=600, burst=9, tokens_per_minute=1000)
    here = under(
        replace(
            plan([A], limits=tenants(concurrent_calls=5, calls_per_minute=1)),
            routes=(replace(plan([A]).routes[0], limits=route),),
        ),
        {"a": many()},
    )
    await ask(here)
    before = here.levels()
    for _ in range(20):
        await refused(here)
    assert here.levels() == {
        **before,
        "tenant.default.concurrent_calls": 0.0,
        "route.main.tokens_per_minute": USED / 1000,
    }


async def test_places_are_held_while_a_call_lasts_and_given_back_after_it() -> None:
    here = under(plan([A], limits=tenants(concurrent_calls=1)), {"a": [0.05, "x", "y"]})
    first = asyncio.create_task(ask(here))
    await asyncio.sleep(0.01)
    error = await refused(here)
    assert (error.limit, error.retry_after_s) == ("tenant.concurrent_calls", 1.0)
    await first
    assert (await ask(here)).source is Source.MODEL


async def test_who_hangs_up_gives_its_place_tokens_and_money_back_but_was_a_call() -> None:
    limits = tenants(
        concurrent_calls=1, calls_per_minute=60, burst=2, tokens_per_minute=100, cost_usd_per_day=1
    )
    prices = FakePrices({"a": 1})
    here = under(plan([A], limits=limits), {"a": [30.0, "x"]}, prices=prices)
    hung_up = asyncio.create_task(ask(here))
    await asyncio.sleep(0.01)
    hung_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hung_up
    await ask(here)
    assert here.levels() == {
        "tenant.default.calls_per_minute": 1.0,
        "tenant.default.concurrent_calls": 1.0,
        "tenant.default.tokens_per_minute": EXPECTED / 100,
        "tenant.default.cost_usd_per_day": EXPECTED / 1e6,
    }
    assert (await refused(here)).limit == "tenant.calls_per_minute"


async def test_a_call_that_nothing_could_answer_is_given_back() -> None:
    here = under(
        plan([A], limits=tenants(calls_per_minute=1), rules=RulesOptions(allowed=False)),
        {"a": [errors.Overloaded("busy"), "hello"]},
    )
    with pytest.raises(errors.NoAnswer):
        await ask(here)
    assert (await ask(here)).source is Source.MODEL


async def test_a_policy_of_rules_answers_by_rules_and_says_why() -> None:
    limits = tenants(calls_per_minute=1, on_exhausted=OnExhausted.RULES)
    here = under(plan([A], limits=limits), {"a": many()})
    await ask(here)
    answer = await ask(here)
    assert (answer.source, answer.degrade_reason) == (
        Source.RULES,
        DegradeReason.BUDGET_EXHAUSTED,
    )
    assert (len(here.provider.asked), answer.usage) == (1, Usage())


async def test_where_rules_may_not_answer_a_policy_of_rules_refuses() -> None:
    limits = tenants(calls_per_minute=1, on_exhausted=OnExhausted.RULES)
    here = under(plan([A], limits=limits), {"a": many()})
    await ask(here)
    assert (await refused(here, answer_by=AnswerBy.MODEL_ONLY)).limit == "tenant.calls_per_minute"


async def test_the_longest_wait_is_told_when_several_limits_refuse() -> None:
    limits = tenants(calls_per_minute=60, burst=1, tokens_per_minute=USED)
    here = under(plan([A], limits=limits), {"a": many()})
    await ask(here)
    error = await refused(here)
    assert error.limit == "tenant.tokens_per_minute"
    assert error.retry_after_s == 20.0  # the wall of the rooms says 1,000 s: 40 s into a minute


# ---- tokens and money


async def test_real_usage_takes_the_place_of_what_was_reserved() -> None:
    limits = tenants(tokens_per_minute=EXPECTED + 3 * USED)
    here = under(plan([A], limits=limits), {"a": many()})
    for _ in range(4):
        assert (await ask(here)).source is Source.MODEL
    assert (await refused(here)).limit == "tenant.tokens_per_minute"
    assert here.levels()["tenant.default.tokens_per_minute"] == 4 * USED / (EXPECTED + 3 * USED)


async def test_calls_at_the_same_time_cannot_spend_the_same_tokens() -> None:
    limits = tenants(tokens_per_minute=2 * EXPECTED)
    here = under(plan([A], limits=limits), {"a": [0.02] * 5})
    answers = await asyncio.gather(*(ask(here) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, errors.QuotaExhausted) for answer in answers) == 3


async def test_failed_tries_give_tokens_and_money_back_and_useless_replies_do_not() -> None:
    limits = tenants(tokens_per_minute=1000, cost_usd_per_month=1)
    script: dict[str, list[Behaviour]] = {"a": [errors.Overloaded("busy")], "b": ["bad", "good"]}
    here = under(plan([A], [B], limits=limits), script, prices=FakePrices({"a": 9, "b": 1}))
    await ask(here)
    held = here.rooms.limits
    verdict = await held.reserve(
        [Window(key="tenant/default/tokens_per_minute/16", limit=1000, amount=0, left_s=20.0)]
    )
    assert isinstance(verdict, Grant)
    assert verdict.levels == (2 * USED / 1000,)


async def test_cache_hits_and_rules_cost_neither_tokens_nor_money() -> None:
    limits = tenants(tokens_per_minute=EXPECTED + 5)
    here = under(plan([A], limits=limits, cache=CacheOptions()), {"a": many()})
    await ask(here)
    for _ in range(30):
        assert (await ask(here)).source is Source.CACHE
        assert (await ask(here, answer_by=AnswerBy.RULES_ONLY)).source is Source.RULES
    assert here.levels()["tenant.default.tokens_per_minute"] == USED / (EXPECTED + 5)


async def test_calls_for_the_rules_go_on_when_tokens_are_used_up() -> None:
    here = under(plan([A], limits=tenants(tokens_per_minute=USED)), {"a": many()})
    await ask(here)
    await refused(here)
    assert (await ask(here, answer_by=AnswerBy.RULES_ONLY)).source is Source.RULES


async def test_a_need_beyond_the_whole_limit_passes_when_nothing_is_used() -> None:
    here = under(plan([A], limits=tenants(tokens_per_minute=5)), {"a": many()})
    assert (await ask(here)).source is Source.MODEL
    assert here.levels()["tenant.default.tokens_per_minute"] == 1.0
    assert (await refused(here)).limit == "tenant.tokens_per_minute"


async def test_money_refused_at_the_try_refuses_the_call_and_gives_the_call_back() -> None:
    limits = tenants(cost_usd_per_day=100e-6, calls_per_minute=60, burst=2)
    here = under(plan([A], limits=limits), {"a": many()}, prices=FakePrices({"a": 1}))
    for _ in range(3):
        here.clock.now_s += 60
        await ask(here)
    here.clock.now_s += 60
    for _ in range(5):  # 30 of 100 used, 73 needed at most: at the door some is left
        assert (await refused(here)).limit == "tenant.cost_usd_per_day"
    assert here.levels()["tenant.default.calls_per_minute"] == 0.5


async def test_once_a_model_was_asked_the_rules_answer_instead_of_a_refusal() -> None:
    limits = tenants(tokens_per_minute=EXPECTED + 4)
    script: dict[str, list[Behaviour]] = {"a": ["bad"], "b": many()}
    here = under(plan([A], [B], limits=limits), script)
    answer = await ask(here)
    assert answer.source is Source.RULES
    assert tried(answer) == [
        ("a", Outcome.OUTPUT_INVALID),
        ("a", Outcome.LIMITED),
    ]


# ---- cheaper


CHEAP = FakePrices({"dear": 10, "cheap": 1, "free": 0})
DEAR, CHEAPER, FREE = deployment("dear"), deployment("cheap"), deployment("free")


def cheaper(**knobs: Any) -> Any:
    return tenants(on_exhausted=OnExhausted.CHEAPER, **knobs)


async def test_money_that_does_not_reach_for_the_dear_model_goes_to_a_cheaper_one() -> None:
    here = under(
        plan([DEAR], [CHEAPER], limits=cheaper(cost_usd_per_day=200e-6)),
        {"dear": many(), "cheap": many()},
        prices=CHEAP,
    )
    answer = await ask(here)
    assert answer.deployment == "dear"  # more than the whole limit passes once, on an empty window
    assert here.levels()["tenant.default.cost_usd_per_day"] == 1.0
    answer = await ask(here)
    assert (answer.deployment, answer.degrade_reason) == (
        "cheap",
        DegradeReason.BUDGET_EXHAUSTED,
    )
    assert tried(answer) == [("dear", Outcome.LIMITED), ("cheap", Outcome.OK)]


async def test_when_most_money_is_gone_the_cheapest_is_asked_first() -> None:
    limits = cheaper(cost_usd_per_day=1000e-6, cheaper_from=0.02)
    script = {"dear": many(), "cheap": many(), "free": many()}
    here = under(plan([DEAR], [CHEAPER], [FREE], limits=limits), script, prices=CHEAP)
    answers = [await ask(here) for _ in range(4)]
    assert [answer.deployment for answer in answers] == ["dear", "dear", "free", "free"]
    assert answers[-1].degrade_reason is DegradeReason.BUDGET_EXHAUSTED


async def test_one_whose_price_is_not_known_is_asked_last_when_money_is_short() -> None:
    limits = cheaper(cost_usd_per_day=1000e-6, cheaper_from=0.01)
    script = {"dear": many(), "cheap": many(), "a": many()}
    here = under(plan([A, DEAR, CHEAPER], limits=limits), script, prices=CHEAP)
    await ask(here)
    assert (await ask(here)).deployment == "cheap"


async def test_when_all_money_is_gone_free_models_answer_and_else_the_rules() -> None:
    limits = cheaper(cost_usd_per_day=10e-6)
    script = {"dear": many(), "free": many()}
    here = under(plan([DEAR], [FREE], limits=limits), script, prices=CHEAP)
    await ask(here)
    assert (await ask(here)).deployment == "free"
    alone = under(plan([DEAR], limits=limits), {"dear": many()}, prices=CHEAP)
    await ask(alone)
    answer = await ask(alone)
    assert (answer.source, answer.degrade_reason) == (
        Source.RULES,
        DegradeReason.BUDGET_EXHAUSTED,
    )
    assert tried(answer) == [("dear", Outcome.LIMITED)]
    await refused(alone, answer_by=AnswerBy.MODEL_ONLY)


# ---- deployments


async def test_a_deployment_whose_limit_is_used_up_is_skipped_and_told() -> None:
    limited = deployment("a", limits=LimitOptions(calls_per_minute=1))
    here = under(plan([limited], [B]), {"a": many(), "b": many()})
    await ask(here)
    answer = await ask(here)
    assert tried(answer) == [("a", Outcome.LIMITED), ("b", Outcome.OK)]
    assert answer.degrade_reason is DegradeReason.FALLBACK_MODEL


async def test_with_every_deployment_limited_the_rules_say_budget() -> None:
    limited = deployment("a", limits=LimitOptions(concurrent_calls=1))
    here = under(plan([limited]), {"a": [0.05, "x"]})
    first = asyncio.create_task(ask(here))
    await asyncio.sleep(0.01)
    answer = await ask(here)
    assert (answer.degrade_reason, tried(answer)) == (
        DegradeReason.BUDGET_EXHAUSTED,
        [("a", Outcome.LIMITED)],
    )
    await first
    assert (await ask(here)).source is Source.MODEL


async def test_a_try_that_never_reached_the_provider_gives_its_call_back() -> None:
    limited = deployment("a", limits=LimitOptions(calls_per_minute=1))
    none = RetryOptions(per_request=0)
    here = under(
        plan([limited], retry=none), {"a": [errors.ConnectFailed("down"), errors.Overloaded("x")]}
    )
    await ask(here)
    assert tried(await ask(here)) == [("a", Outcome.OVERLOADED)]
    assert tried(await ask(here)) == [("a", Outcome.LIMITED)]


async def test_a_hedge_without_room_leaves_the_first_try_alone() -> None:
    hedge = HedgeOptions(enabled=True, minimum_s=0.001, share_of_calls=1.0)
    limits = tenants(tokens_per_minute=USED + EXPECTED + 5)
    here = under(plan([A], [B], limits=limits, hedge=hedge), {"a": ["warm", 0.05], "b": many()})
    await ask(here)
    for _ in range(40):
        here.rooms.health.of(A).latency.add(0.001)
    answer = await ask(here)
    assert (answer.deployment, tried(answer)) == (
        "a",
        [("b", Outcome.LIMITED), ("a", Outcome.OK)],
    )


# ---- streams


async def streamed(here: Under, text: str = "hi", **options: Any) -> Any:
    async with aclosing(
        streams.events(StreamEngine(here.engine), TASK, text, caller(**options))
    ) as events:
        return [event async for event in events]


async def test_a_stream_is_counted_adjusted_and_refused_as_a_unary_call() -> None:
    limits = tenants(tokens_per_minute=EXPECTED + USED, concurrent_calls=1)
    here = under(plan([A], limits=limits), {"a": ["one"]})
    for _ in range(2):
        assert isinstance((await streamed(here))[-1], Completed)
        here.provider.script["a"] = ["two"]
    with pytest.raises(errors.QuotaExhausted):
        await streamed(here)
    assert here.levels()["tenant.default.tokens_per_minute"] == 2 * USED / (EXPECTED + USED)


async def test_a_stream_that_is_closed_early_gives_back() -> None:
    limits = tenants(tokens_per_minute=EXPECTED, concurrent_calls=1)
    here = under(plan([A], limits=limits), {"a": ["one", 30.0]})
    async with aclosing(streams.events(StreamEngine(here.engine), TASK, "hi", caller())) as events:
        await anext(events)
        await anext(events)
        assert here.provider.open == 1
    here.provider.script["a"] = ["two"]
    assert isinstance((await streamed(here))[-1], Completed)


# ---- shadow


async def test_a_shadow_limit_refuses_nobody_and_counts_whom_it_would_refuse() -> None:
    limits = tenants(calls_per_minute=1, tokens_per_minute=USED, shadow=True)
    here = under(plan([A], limits=limits), {"a": many()})
    for _ in range(5):
        answer = await ask(here)
        assert (answer.source, answer.degraded) == (Source.MODEL, False)
    shadows = {s.knob: s for s in here.rooms.limit_board}
    assert shadows["calls_per_minute"].would_refuse == 4
    assert shadows["tokens_per_minute"].would_refuse >= 4
    assert all(s.shadow and not s.refused for s in shadows.values())


async def test_without_limits_the_store_is_never_asked() -> None:
    here = under(plan([A]), {"a": many()})
    await ask(here)
    assert len(here.ledger) == 0
    assert repr(here.ledger).endswith("grants=0>")
