"""Of equal calls at the same time one asks, and none is worse off than it would be alone."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.core import errors
from gateway.core.engine import Engine
from gateway.core.model import DegradeReason, Outcome, Source
from gateway.core.options import Plan
from gateway.core.tools import Asker
from tests.core.tool_fakes import TOOLS, DictTools, ToolModel, ToolTask, wish
from tests.fakes import Behaviour, EchoTask, FakeProvider, caller, deployment, rooms
from tests.fakes import plan as plan_of
from tests.virtual_time import VirtualLoop

pytestmark = pytest.mark.anyio

A, B = deployment("a"), deployment("b")
SILENT = 600.0


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": VirtualLoop}


def now_s() -> float:
    return asyncio.get_running_loop().time()


class Stage:
    """An engine with its models' script; calls are begun one after the other."""

    def __init__(self, of: Plan, script: dict[str, list[Behaviour]], **other: Any) -> None:
        self.provider = FakeProvider(script)
        self.engine = Engine(rooms(self.provider, of, **other))

    async def begun(
        self, within_s: float, task: Any = None, **who: Any
    ) -> "asyncio.Task[tuple[Any, float]]":
        """A call that has gone as far as it can for now."""
        call = asyncio.create_task(self.timed(task or EchoTask(), within_s, **who))
        await asyncio.sleep(0.01)
        return call

    async def timed(self, task: Any, within_s: float, **who: Any) -> tuple[Any, float]:
        """The answer, and how long it took."""
        began_s = now_s()
        answer = await self.engine.answer(task, "hi", caller(within_s, **who))
        return answer, now_s() - began_s

    @property
    def asked(self) -> list[str]:
        return [name for name, _ in self.provider.asked]


def outcomes(answer: Any) -> list[tuple[str, Outcome]]:
    return [(attempt.deployment, attempt.outcome) for attempt in answer.attempts]


async def ended(*calls: "asyncio.Task[Any]") -> Sequence[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


# ---- its own time


async def test_behind_a_leader_with_more_time_a_call_gets_the_rules_before_its_deadline() -> None:
    stage = Stage(plan_of([A]), {"a": [SILENT, SILENT]})
    leader = await stage.begun(10.0)
    answer, took_s = await (await stage.begun(0.8))
    assert (answer.source, answer.degrade_reason) == (
        Source.RULES,
        DegradeReason.MODELS_TOO_SLOW,
    )
    assert took_s <= 0.8
    leader.cancel()
    await ended(leader)


async def test_behind_a_leader_with_more_time_a_call_still_gets_its_next_model() -> None:
    stage = Stage(plan_of([A], [B]), {"a": [SILENT, SILENT], "b": ["hello", "hello"]})
    leader = await stage.begun(30.0)
    answer, took_s = await (await stage.begun(1.0))
    assert (answer.deployment, answer.value.text) == ("b", "hello")
    assert outcomes(answer) == [("a", Outcome.DEADLINE), ("b", Outcome.OK)]
    assert took_s < 1.0
    leader.cancel()
    await ended(leader)


async def test_calls_with_less_time_share_one_flight_of_their_own() -> None:
    stage = Stage(plan_of([A], [B]), {"a": [SILENT, SILENT], "b": ["hello"]})
    leader = await stage.begun(30.0)
    calls = [await stage.begun(1.0) for _ in range(10)]
    answers = [answer for answer, _ in await asyncio.gather(*calls)]
    assert {answer.value.text for answer in answers} == {"hello"}
    assert stage.asked == ["a", "a", "b"]
    leader.cancel()
    await ended(leader)


async def test_a_call_with_about_the_leaders_time_waits_for_its_answer() -> None:
    stage = Stage(plan_of([A], [B]), {"a": [SILENT], "b": ["hello"]})
    leader = await stage.begun(1.0)
    follower = await stage.begun(0.95)
    (led, _), (followed, _) = await asyncio.gather(leader, follower)
    assert (led.source, followed.source) == (Source.MODEL, Source.CACHE)
    assert stage.asked == ["a", "b"]


async def test_a_call_behind_a_leader_that_brings_nothing_asks_for_itself() -> None:
    stage = Stage(plan_of([A]), {"a": [SILENT, "hello"]})
    leader = await stage.begun(1.0)
    follower = await stage.begun(5.0)
    (led, _), (followed, _) = await asyncio.gather(leader, follower)
    assert (led.source, followed.source) == (Source.RULES, Source.MODEL)
    assert outcomes(followed) == [("a", Outcome.OK)]


class PacedRunner:
    """A pool in which each piece of work takes 0.3 s."""

    async def run(self, function: Any, *args: Any) -> Any:
        await asyncio.sleep(0.3)
        return function(*args)


class Heavy(EchoTask):
    """As keywords and anomalies: drafted off the loop before any model is asked."""

    heavy = True
    drafts_first = True


async def test_heavy_rules_need_no_more_time_behind_a_leader_than_alone() -> None:
    stage = Stage(plan_of([A]), {"a": [SILENT, SILENT]}, runner=PacedRunner())
    leader = await stage.begun(5.1, Heavy())
    answer, took_s = await (await stage.begun(5.0, Heavy()))
    assert (answer.source, answer.degrade_reason) == (
        Source.RULES,
        DegradeReason.MODELS_TOO_SLOW,
    )
    assert took_s <= 5.0
    await ended(leader)


# ---- its own cancellation


async def test_two_equal_calls_of_a_connection_that_breaks_both_end() -> None:
    stage = Stage(plan_of([A]), {"a": [SILENT, SILENT]})
    calls = [await stage.begun(10.0) for _ in range(2)]
    for call in calls:
        call.cancel()
    done, _ = await asyncio.wait(calls, timeout=1.0)
    assert [call.cancelled() for call in calls] == [True, True]
    assert len(done) == 2
    assert stage.asked == ["a"]


async def test_the_last_of_equal_calls_cancelled_first_changes_nothing_for_the_others() -> None:
    stage = Stage(plan_of([A]), {"a": [1.0]})
    calls = [await stage.begun(10.0) for _ in range(3)]
    calls[2].cancel()
    (led, _), (followed, _), cancelled = await ended(*calls)
    assert (led.source, followed.source) == (Source.MODEL, Source.CACHE)
    assert isinstance(cancelled, asyncio.CancelledError)


async def test_a_leader_that_is_cancelled_hands_over_to_one_of_those_that_wait() -> None:
    stage = Stage(plan_of([A]), {"a": [SILENT, 0.5]})
    calls = [await stage.begun(10.0) for _ in range(5)]
    calls[0].cancel()
    _, *answers = await ended(*calls)
    assert sorted(answer.source for answer, _ in answers) == [Source.CACHE] * 3 + [Source.MODEL]
    assert stage.asked == ["a", "a"]


async def test_a_leader_that_is_cancelled_after_another_took_over_takes_nothing_along() -> None:
    stage = Stage(plan_of([A]), {"a": [SILENT, 0.2, "late"]})
    leader = await stage.begun(30.0)
    second = await stage.begun(0.8)
    await asyncio.sleep(0.4)  # its time to wait is over; now it leads
    third = await stage.begun(0.6)
    leader.cancel()
    _, (led, _), (followed, _) = await ended(leader, second, third)
    assert (led.source, followed.source) == (Source.MODEL, Source.CACHE)
    assert repr(stage.engine._flights) == "Flights(in_flight=0)"


# ---- its own permission


def two_customers(script: list[Any]) -> tuple[Engine, ToolModel]:
    model = ToolModel({"a": script})
    of = plan_of([A], tools=tuple(TOOLS))
    of = Plan(version="v1", deployments=of.deployments, routes=of.routes, tools=TOOLS)
    tools = DictTools({"A1": {"status": "shipped"}})
    return Engine(rooms(model, of, tools=tools)), model


async def test_an_answer_that_tools_had_a_part_in_is_given_to_nobody_else() -> None:
    engine, model = two_customers([(wish(),), "C1's parcel", "hello, C2"])
    one, other = (ToolTask(Asker(who, verified=True)) for who in ("C1", "C2"))
    answers = await asyncio.gather(
        *(engine.answer(task, "where is it", caller()) for task in (one, other))
    )
    assert [answer.value.text for answer in answers] == ["C1's parcel", "hello, C2"]
    assert [answer.source for answer in answers] == [Source.MODEL, Source.MODEL]
    assert len(model.asked) == 3


# ---- the truth


async def test_a_shared_answer_costs_nothing_and_tells_no_tries_but_its_degrade_reason() -> None:
    failing: list[Behaviour] = [errors.AuthFailed("401")]
    stage = Stage(plan_of([A], [B]), {"a": failing, "b": [0.5]})
    calls = [await stage.begun(5.0) for _ in range(2)]
    (led, _), (followed, _) = await asyncio.gather(*calls)
    assert (followed.source, followed.deployment) == (Source.CACHE, "b")
    assert followed.degrade_reason is led.degrade_reason is DegradeReason.FALLBACK_MODEL
    assert (followed.attempts, followed.usage.output_tokens, followed.cache_age_s) == ((), 0, 0.0)
    assert len(led.attempts) == 2
