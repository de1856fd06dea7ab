"""The walk of a request, with fakes at the ports."""

import asyncio
from typing import Any

import pytest

from gateway.core import errors
from gateway.core.engine import Engine
from gateway.core.model import AnswerBy, CacheMode, DegradeReason, Outcome, Role, Source
from gateway.core.options import (
    CacheOptions,
    HedgeOptions,
    OnOverload,
    Plan,
    RulesOptions,
    Timeouts,
)
from gateway.core.slots import Slots
from tests.fakes import Behaviour, EchoTask, FakeObserver, FakeProvider, caller, deployment, rooms
from tests.fakes import plan as plan_of

pytestmark = pytest.mark.anyio

A, B = deployment("a"), deployment("b")
NO_CACHE = CacheOptions(enabled=False)


def engine(of: Plan, script: dict[str, list[Behaviour]], **other: Any) -> tuple[Engine, Any]:
    provider = FakeProvider(script)
    return Engine(rooms(provider, of, **other)), provider


def outcomes(answer: Any) -> list[tuple[str, Outcome]]:
    return [(a.deployment, a.outcome) for a in answer.attempts]


async def test_the_first_deployment_answers_and_the_trail_says_so() -> None:
    gateway, _ = engine(plan_of([A], [B]), {"a": ["hello"]})
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert (answer.value.text, answer.source, answer.degraded) == ("hello", Source.MODEL, False)
    assert (answer.deployment, answer.model, answer.route) == ("a", "model-a", "main")
    assert outcomes(answer) == [("a", Outcome.OK)]
    assert answer.usage.input_tokens == 7


async def test_a_failing_deployment_is_replaced_by_the_next_tier_and_the_answer_says_degraded() -> (
    None
):
    gateway, _ = engine(plan_of([A], [B]), {"a": [errors.Overloaded("busy")], "b": ["hello"]})
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert answer.deployment == "b"
    assert answer.degrade_reason is DegradeReason.FALLBACK_MODEL
    assert outcomes(answer) == [("a", Outcome.OVERLOADED), ("b", Outcome.OK)]


async def test_a_server_error_is_retried_once_at_the_same_deployment() -> None:
    gateway, _ = engine(plan_of([A], [B]), {"a": [errors.ServerError("500"), "hello"]})
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert outcomes(answer) == [("a", Outcome.SERVER_ERROR), ("a", Outcome.OK)]
    assert not answer.degraded


async def test_silence_is_never_retried_here() -> None:
    slow = deployment("a", timeouts=Timeouts(total_s=0.06))
    gateway, provider = engine(plan_of([slow], [B]), {"a": [5.0, "late"], "b": ["hello"]})
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert outcomes(answer) == [("a", Outcome.TIMEOUT), ("b", Outcome.OK)]
    assert [name for name, _ in provider.asked] == ["a", "b"]


async def test_when_all_models_fail_the_rules_answer() -> None:
    script: dict[str, list[Behaviour]] = {
        "a": [errors.Overloaded("busy")],
        "b": [errors.AuthFailed("401")],
    }
    gateway, _ = engine(plan_of([A], [B]), script)
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert (answer.value.text, answer.source) == ("rules: HI", Source.RULES)
    assert answer.degrade_reason is DegradeReason.MODELS_FAILED
    assert outcomes(answer) == [("a", Outcome.OVERLOADED), ("b", Outcome.AUTH_FAILED)]


async def test_without_any_deployment_the_rules_answer_with_that_reason() -> None:
    gateway, _ = engine(plan_of([]), {})
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert answer.degrade_reason is DegradeReason.NO_MODEL_CONFIGURED


async def test_a_caller_that_asks_for_rules_gets_them_undegraded() -> None:
    gateway, provider = engine(plan_of([A]), {"a": ["never"]})
    answer = await gateway.answer(EchoTask(), "hi", caller(answer_by=AnswerBy.RULES_ONLY))
    assert (answer.source, answer.degraded, provider.asked) == (Source.RULES, False, [])


async def test_a_task_that_needs_no_model_is_answered_by_rules_undegraded() -> None:
    gateway, provider = engine(plan_of([A]), {"a": ["never"]})
    answer = await gateway.answer(EchoTask(), "rules please", caller())
    assert (answer.source, answer.degraded, provider.asked) == (Source.RULES, False, [])


async def test_model_only_turns_a_rule_answer_into_no_answer_with_the_trail() -> None:
    gateway, _ = engine(plan_of([A]), {"a": [errors.Overloaded("busy")]})
    with pytest.raises(errors.NoAnswer) as raised:
        await gateway.answer(EchoTask(), "hi", caller(answer_by=AnswerBy.MODEL_ONLY))
    assert [a.outcome for a in raised.value.attempts] == [Outcome.OVERLOADED]


async def test_a_route_may_forbid_rules() -> None:
    gateway, _ = engine(plan_of([], rules=RulesOptions(allowed=False)), {})
    with pytest.raises(errors.NoAnswer):
        await gateway.answer(EchoTask(), "hi", caller())


async def test_a_useless_reply_is_asked_again_and_told_why() -> None:
    gateway, provider = engine(plan_of([A]), {"a": ["bad", "good"]})
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert outcomes(answer) == [("a", Outcome.OUTPUT_INVALID), ("a", Outcome.OK)]
    roles = [message.role for message in provider.asked[1][1].messages]
    assert roles == [Role.USER, Role.ASSISTANT, Role.USER]
    assert "the reply is bad" in provider.asked[1][1].messages[-1].text
    assert answer.usage.output_tokens == 6, "both replies were paid for"


async def test_content_policy_is_never_routed_around() -> None:
    gateway, provider = engine(plan_of([A], [B]), {"a": [errors.ContentFiltered("no")], "b": ["x"]})
    with pytest.raises(errors.ContentRefused):
        await gateway.answer(EchoTask(), "hi", caller())
    assert len(provider.asked) == 1


async def test_a_prompt_too_long_goes_to_a_larger_model_only() -> None:
    small, same, large = (
        deployment(name, context_tokens=size)
        for name, size in (("small", 8_000), ("same", 8_000), ("large", 128_000))
    )
    gateway, provider = engine(
        plan_of([small], [same], [large]),
        {"small": [errors.ContextTooLong("8k")], "large": ["hello"]},
    )
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert answer.deployment == "large"
    assert [name for name, _ in provider.asked] == ["small", "large"]


async def test_a_prompt_too_long_for_every_model_is_the_callers_error() -> None:
    gateway, _ = engine(plan_of([A]), {"a": [errors.ContextTooLong("8k")]})
    with pytest.raises(errors.PromptTooLong):
        await gateway.answer(EchoTask(), "hi", caller())


async def test_a_bug_in_an_adapter_never_reaches_the_caller() -> None:
    gateway, _ = engine(plan_of([A], [B]), {"a": [IndexError, IndexError], "b": ["hello"]})
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert answer.deployment == "b"
    assert answer.attempts[0].outcome is Outcome.SERVER_ERROR


async def test_an_equal_call_is_answered_from_the_cache_at_no_cost() -> None:
    gateway, provider = engine(plan_of([A]), {"a": ["hello"]})
    await gateway.answer(EchoTask(), "hi", caller())
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert (answer.source, answer.value.text, answer.cache_age_s) == (Source.CACHE, "hello", 0.0)
    assert (answer.usage.output_tokens, answer.attempts, len(provider.asked)) == (0, (), 1)
    assert answer.deployment == "a"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"tenant": "one"}, {"tenant": "two"}),
        ({"locale": "en"}, {"locale": "zh"}),
        ({}, {"cache": CacheMode.OFF}),
        ({}, {"cache": CacheMode.REFRESH}),
        ({"cache": CacheMode.READ_ONLY}, {}),
        ({"cache": CacheMode.OFF}, {}),
    ],
)
async def test_nothing_is_shared_across_tenants_languages_or_against_the_mode(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    gateway, _ = engine(plan_of([A]), {"a": ["one", "two"]})
    await gateway.answer(EchoTask(), "hi", caller(**first))
    answer = await gateway.answer(EchoTask(), "hi", caller(**second))
    assert (answer.source, answer.value.text) == (Source.MODEL, "two")


async def test_degraded_answers_are_not_kept() -> None:
    script: dict[str, list[Behaviour]] = {"a": [errors.Overloaded(""), "first"], "b": ["fallback"]}
    gateway, _ = engine(plan_of([A], [B]), script)
    await gateway.answer(EchoTask(), "hi", caller())
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert answer.value.text == "first"


async def test_what_the_task_calls_personal_is_not_kept() -> None:
    gateway, _ = engine(plan_of([A]), {"a": ["one", "two"]})
    await gateway.answer(EchoTask(), "secret", caller())
    assert (await gateway.answer(EchoTask(), "secret", caller())).value.text == "two"


async def test_of_equal_calls_at_the_same_time_one_asks_and_the_others_share() -> None:
    gateway, provider = engine(plan_of([A]), {"a": ["hello"]})
    answers = await asyncio.gather(*(gateway.answer(EchoTask(), "hi", caller()) for _ in range(20)))
    assert {a.value.text for a in answers} == {"hello"}
    assert len(provider.asked) == 1
    assert sorted(a.source for a in answers).count(Source.MODEL) == 1
    assert sum(a.usage.output_tokens for a in answers) == 3


async def test_the_callers_deadline_leaves_time_for_the_rules() -> None:
    gateway, _ = engine(plan_of([A], [B], cache=NO_CACHE), {"a": [60.0], "b": [60.0]})
    answer = await gateway.answer(EchoTask(), "hi", caller(within_s=0.4))
    assert answer.degrade_reason is DegradeReason.MODELS_TOO_SLOW
    assert outcomes(answer)[0] == ("a", Outcome.DEADLINE)


class SlowTask(EchoTask):
    """A task whose rules never come to an end in time (off the loop)."""

    heavy = True

    def draft(self, request: str, route: Any) -> Any:
        return asyncio.sleep(60)


class AwaitingRunner:
    """Awaits what it is given, as a busy process would be awaited."""

    async def run(self, function: Any, *args: Any) -> Any:
        return await function(*args)


async def test_rules_that_take_too_long_end_with_the_deadline() -> None:
    gateway, _ = engine(plan_of([]), {}, runner=AwaitingRunner())
    with pytest.raises(errors.DeadlineExceeded):
        await gateway.answer(SlowTask(), "hi", caller(within_s=0.05))


async def test_a_cancelled_call_frees_its_slot_and_is_abandoned() -> None:
    observer = FakeObserver()
    gateway, provider = engine(plan_of([A]), {"a": [60.0]}, observer=observer)
    call = asyncio.create_task(gateway.answer(EchoTask(), "hi", caller()))
    while not provider.asked:
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert [a.outcome for a in observer.attempts] == [Outcome.ABANDONED]
    snapshot = gateway.rooms.health.of(A).snapshot(gateway.rooms.clock())
    assert (snapshot.in_flight, gateway.rooms.health.of(A).slots.in_use) == (0, 0)


async def test_without_a_place_the_rules_answer_or_the_call_is_shed_as_the_route_says() -> None:
    full = {call: Slots(lambda: 0) for call in EchoTask.call.__class__}
    gateway, _ = engine(plan_of([A]), {"a": []}, doors=full)
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert answer.degrade_reason is DegradeReason.OVERLOADED
    strict = plan_of([A], rules=RulesOptions(on_overload=OnOverload.REJECT))
    gateway, _ = engine(strict, {"a": []}, doors=full)
    with pytest.raises(errors.Shed):
        await gateway.answer(EchoTask(), "hi", caller())


async def test_with_every_breaker_open_the_rules_answer_without_a_try() -> None:
    fault: list[Behaviour] = [errors.AuthFailed("401")]
    gateway, provider = engine(plan_of([A]), {"a": fault})
    await gateway.answer(EchoTask(), "hi", caller())
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert outcomes(answer) == [("a", Outcome.SKIPPED)]
    assert (answer.degrade_reason, len(provider.asked)) == (DegradeReason.MODELS_FAILED, 1)


async def test_a_hedge_starts_beside_a_slow_first_and_the_first_whole_answer_wins() -> None:
    hedged = plan_of(
        [A],
        [B],
        cache=NO_CACHE,
        hedge=HedgeOptions(enabled=True, minimum_s=0.01, share_of_calls=1.0),
    )
    usual: list[Behaviour] = ["usual"] * 40
    gateway, _ = engine(hedged, {"a": [*usual, 60.0], "b": ["from b"]})
    for _ in range(40):
        await gateway.answer(EchoTask(), "hi", caller())
    answer = await gateway.answer(EchoTask(), "hi", caller())
    assert answer.value.text == "from b"
    assert set(outcomes(answer)) == {("a", Outcome.ABANDONED), ("b", Outcome.OK)}
    assert gateway.rooms.health.of(A).slots.in_use == 0


async def test_a_library_that_is_still_loading_is_waited_for_and_held_against_nobody() -> None:
    gateway, provider = engine(plan_of([A], cache=NO_CACHE), {"a": ["hello"]})
    provider.up = asyncio.Event()
    answer = await gateway.answer(EchoTask(), "hi", caller(within_s=0.3))
    assert (answer.degrade_reason, answer.attempts) == (DegradeReason.MODELS_TOO_SLOW, ())
    provider.up.set()
    assert (await gateway.answer(EchoTask(), "hi", caller())).value.text == "hello"


async def test_a_silent_first_leaves_the_next_its_chance_under_a_short_deadline() -> None:
    gateway, _ = engine(plan_of([A], [B], cache=NO_CACHE), {"a": [60.0], "b": ["hello"]})
    answer = await gateway.answer(EchoTask(), "hi", caller(within_s=1.0))
    assert (answer.deployment, answer.value.text) == ("b", "hello")
