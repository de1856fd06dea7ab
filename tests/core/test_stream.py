"""The walk of a stream, with fakes at the ports."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from gateway.core import errors
from gateway.core.engine import Engine
from gateway.core.events import Completed, Delta, Event, Restarted, Started
from gateway.core.model import Chunk, DegradeReason, Outcome, Source
from gateway.core.options import Plan, Timeouts
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fakes import Behaviour, EchoTask, FakeObserver, FakeProvider, caller, deployment, rooms
from tests.fakes import plan as plan_of

pytestmark = pytest.mark.anyio

CLOCKS = Timeouts(first_token_s=0.08, idle_s=0.08, total_s=2.0)
A, B = deployment("a", timeouts=CLOCKS), deployment("b", timeouts=CLOCKS)


def engine(of: Plan, script: dict[str, list[Behaviour]], **other: Any) -> StreamEngine:
    return StreamEngine(Engine(rooms(FakeProvider(script), of, **other)))


async def events(gateway: StreamEngine, request: str = "hi", **of: Any) -> list[Event]:
    async with aclosing(streams.events(gateway, EchoTask(), request, caller(**of))) as stream:
        return [event async for event in stream]


def shown(told: list[Event]) -> str:
    """What a reader who follows the rules has on the screen in the end."""
    text = ""
    for event in told:
        if isinstance(event, Restarted):
            text = ""
        elif isinstance(event, Delta):
            text += event.text
    return text


def completed(told: list[Event]) -> Any:
    assert isinstance(told[-1], Completed)
    assert sum(isinstance(event, Completed) for event in told) == 1
    assert told[-1].answer.value.text == shown(told)
    return told[-1].answer


async def test_a_stream_begins_spells_the_answer_and_completes_it() -> None:
    told = await events(engine(plan_of([A], [B]), {"a": ["Hel", "lo", " you"]}))
    assert told[0] == Started("a")
    answer = completed(told)
    assert (answer.value.text, answer.source, answer.degraded) == ("Hello you", Source.MODEL, False)
    assert (answer.usage.output_tokens, answer.model) == (3, "model-a")


async def test_text_is_coalesced_but_the_first_is_not_delayed() -> None:
    told = await events(engine(plan_of([A]), {"a": [str(n % 10) for n in range(50)]}))
    deltas = [event for event in told if isinstance(event, Delta)]
    assert len(deltas) <= 3
    assert len(completed(told).value.text) == 50


async def test_a_failure_before_the_first_text_is_silent() -> None:
    script: dict[str, list[Behaviour]] = {"a": [errors.Overloaded("busy")], "b": ["hello"]}
    told = await events(engine(plan_of([A], [B]), script))
    assert [type(event) for event in told] == [Started, Delta, Completed]
    answer = completed(told)
    assert answer.degrade_reason is DegradeReason.FALLBACK_MODEL
    assert [a.outcome for a in answer.attempts] == [Outcome.OVERLOADED, Outcome.OK]


async def test_after_a_silent_failure_the_next_ones_first_text_is_not_thrown_away() -> None:
    paced: list[Behaviour] = ["x", 0.03, "y", 0.03, "z"]
    script: dict[str, list[Behaviour]] = {"a": [errors.Overloaded("busy")], "b": paced}
    told = await events(engine(plan_of([A], [B]), script))
    assert len([event for event in told if isinstance(event, Delta)]) > 1
    assert not [event for event in told if isinstance(event, Restarted)]
    assert completed(told).value.text == "xyz"


async def test_a_restart_names_the_deployment_whose_text_is_thrown_away() -> None:
    cut: list[Behaviour] = ["Hel", errors.StreamTruncated("cut")]
    script: dict[str, list[Behaviour]] = {
        "a": cut,
        "b": [errors.Overloaded("busy")],
        "c": ["hello"],
    }
    told = await events(engine(plan_of([A], [B], [deployment("c", timeouts=CLOCKS)]), script))
    restarts = [event for event in told if isinstance(event, Restarted)]
    assert restarts == [Restarted("a", Outcome.TRUNCATED, "c")]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (errors.StreamTruncated("cut"), Outcome.TRUNCATED),
        (errors.ConnectionLost("reset"), Outcome.CONNECTION_LOST),
        (5.0, Outcome.TIMEOUT),
    ],
)
async def test_a_failure_after_text_restarts_with_the_next_and_nothing_is_spliced(
    fault: Behaviour, outcome: Outcome
) -> None:
    script: dict[str, list[Behaviour]] = {
        "a": ["half an ", fault, "half an ", fault],
        "b": ["whole"],
    }
    told = await events(engine(plan_of([A], [B]), script))
    restarts = [event for event in told if isinstance(event, Restarted)]
    assert restarts[-1] == Restarted("a", outcome, "b")
    assert completed(told).value.text == "whole"


async def test_when_all_models_fail_the_rules_take_over_even_in_the_middle() -> None:
    told = await events(engine(plan_of([A]), {"a": ["half", errors.StreamTruncated("cut")]}))
    assert Restarted("a", Outcome.TRUNCATED, "") in told
    answer = completed(told)
    assert (answer.value.text, answer.source) == ("rules: HI", Source.RULES)
    assert answer.degrade_reason is DegradeReason.MODELS_FAILED


async def test_no_first_token_in_time_moves_on() -> None:
    told = await events(engine(plan_of([A], [B]), {"a": [5.0], "b": ["hello"]}))
    assert [a.outcome for a in completed(told).attempts] == [Outcome.TIMEOUT, Outcome.OK]


async def test_an_empty_stream_is_no_answer() -> None:
    class Strict(EchoTask):
        def parse(self, request: str, draft: str | None, completion: Any) -> Any:
            if not completion.text:
                raise errors.OutputInvalid("empty")
            return super().parse(request, draft, completion)

    gateway = engine(plan_of([A], [B]), {"a": [], "b": ["hello"]})
    async with aclosing(streams.events(gateway, Strict(), "hi", caller())) as stream:
        told = [event async for event in stream]
    assert completed(told).deployment == "b"


async def test_an_equal_stream_comes_from_the_cache() -> None:
    gateway = engine(plan_of([A]), {"a": ["hello"]})
    await events(gateway)
    told = await events(gateway)
    assert told[0] == Started("")
    assert completed(told).source is Source.CACHE


async def test_a_slow_reader_bounds_memory_and_is_not_taken_for_a_silent_model() -> None:
    gateway = engine(plan_of([A]), {"a": ["x" * 40_000] * 20})
    told = []
    async with aclosing(streams.events(gateway, EchoTask(), "hi", caller())) as stream:
        async for event in stream:
            told.append(event)
            if len(told) in {2, 3}:
                await asyncio.sleep(0.12)  # longer than the idle clock
    deltas = [len(event.text) for event in told if isinstance(event, Delta)]
    assert max(deltas) <= 64 * 1024 + 40_000
    assert len(completed(told).value.text) == 800_000


async def test_a_closed_stream_closes_upstream_and_is_abandoned() -> None:
    observer = FakeObserver()
    gateway = engine(plan_of([A]), {"a": ["hello", 60.0]}, observer=observer)
    async with aclosing(streams.events(gateway, EchoTask(), "hi", caller())) as stream:
        async for event in stream:
            if isinstance(event, Delta):
                break
    assert [a.outcome for a in observer.attempts] == [Outcome.ABANDONED]
    provider = gateway._rooms.provider
    assert isinstance(provider, FakeProvider)
    assert provider.open == 0


async def test_the_deadline_ends_a_stream_by_rules_in_time() -> None:
    script: dict[str, list[Behaviour]] = {"a": ["half", 0.04, " ", 0.04] * 40}
    told = await events(engine(plan_of([A]), script), within_s=0.5)
    answer = completed(told)
    assert answer.source is Source.RULES
    assert answer.degrade_reason is DegradeReason.MODELS_TOO_SLOW


async def test_content_policy_ends_a_stream_with_the_callers_error() -> None:
    with pytest.raises(errors.ContentRefused):
        await events(engine(plan_of([A], [B]), {"a": [errors.ContentFiltered("no")], "b": ["x"]}))


async def test_a_stream_without_a_first_token_leaves_the_next_its_chance() -> None:
    patient = deployment("a", timeouts=Timeouts(first_token_s=30))
    gateway = engine(plan_of([patient], [B]), {"a": [60.0], "b": ["hello"]})
    assert completed(await events(gateway, within_s=1.0)).deployment == "b"


async def test_a_provider_that_takes_its_text_back_restarts_the_stream_and_stays() -> None:
    script: list[Behaviour] = ["bad ", 0.03, "words", 0.03, Chunk(text="Sor", restart=True), "ry."]
    told = await events(engine(plan_of([A], [B]), {"a": script}))
    assert completed(told).value.text == "Sorry."
    assert [event for event in told if isinstance(event, Restarted)] == [
        Restarted("a", Outcome.ABANDONED, "a")
    ]


async def test_text_that_was_taken_back_before_it_was_sent_is_never_seen() -> None:
    script: list[Behaviour] = ["first ", "bad", Chunk(text="Sorry.", restart=True)]
    told = await events(engine(plan_of([A]), {"a": script}))
    assert "bad" not in "".join(event.text for event in told if isinstance(event, Delta))
    assert completed(told).value.text == "Sorry."


async def test_a_restart_after_another_deployments_text_names_the_one_that_failed() -> None:
    script: dict[str, list[Behaviour]] = {
        "a": ["half ", 0.03, errors.ConnectionLost("gone"), errors.ConnectionLost("gone")],
        "b": [Chunk(text="Whole.", restart=True)],
    }
    told = await events(engine(plan_of([A], [B]), script))
    assert completed(told).value.text == "Whole."
    restarts = [event for event in told if isinstance(event, Restarted)]
    assert [(r.failed_deployment, r.deployment) for r in restarts] == [("a", "b")]
