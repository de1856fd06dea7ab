"""Failover from a Dify app that misbehaves: a whole answer or the rules', and nothing spliced."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from gateway.adapters.dify import DifyProvider
from gateway.core.engine import Engine
from gateway.core.events import Completed, Delta, Event, Restarted
from gateway.core.model import Outcome
from gateway.core.options import BreakerOptions, Deployment, Timeouts
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fake_dify import (
    CUT,
    END,
    JUNK,
    PING,
    RESET,
    SILENT,
    THOUGHT,
    Failure,
    FakeDify,
    Play,
    Refusal,
    Replace,
    Step,
)
from tests.fakes import EchoTask, FakeObserver, caller, plan, rooms

pytestmark = pytest.mark.anyio

WHOLE, SECOND, RULES = "One two three.", "I am the second.", "rules: SECRET ORDER"
GOOD: Play = ["One ", "two ", "three.", END]
BAD: dict[str, Play] = {
    "cut": ["One ", "two ", CUT],
    "reset": ["One ", "two ", RESET],
    "reset before any byte": [RESET],
    "an end without message_end": ["One ", "two ", "three."],
    "an error event": ["One ", Failure(400, "completion_request_error")],
    "an error event first": [Failure(503, "service_unavailable")],
    "silence": [SILENT],
    "silence in the middle": ["One ", SILENT],
    "pings without end": [PING, 0.05] * 200,
    "thoughts without end": [THOUGHT, 0.05] * 200,
    "junk": ["One ", JUNK, "three.", END],
    "a replaced text that is then cut": ["One ", Replace("No"), CUT],
    "nothing": [END],
    "429": Refusal(429, "too_many_requests"),
    "503": Refusal(503),
    "500": Refusal(500, "internal_server_error"),
    "401": Refusal(401, "unauthorized"),
    "404": Refusal(404, "not_found"),
    "400": Refusal(400, "invalid_param"),
}


@dataclass
class Stage:
    """Two Dify apps behind one gateway."""

    first: FakeDify
    second: FakeDify
    provider: DifyProvider
    total_s: float = 5.0

    def deployments(self, *, fallback: bool) -> list[list[Deployment]]:
        both = [self._app("first", self.first), self._app("second", self.second)]
        return [[one] for one in both[: 1 + fallback]]

    def engine(self, *, fallback: bool) -> Engine:
        of = plan(*self.deployments(fallback=fallback))
        return Engine(rooms(self.provider, of))  # type: ignore[arg-type] # the port, not its fake

    def _app(self, name: str, dify: FakeDify) -> Deployment:
        return Deployment(
            name=name,
            provider="dify",
            base_url=dify.url,
            timeouts=Timeouts(first_token_s=0.4, idle_s=0.4, total_s=self.total_s),
            breaker=BreakerOptions(consecutive_failures=50, minimum_calls=50),
        )


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with FakeDify() as first, FakeDify() as second:
        second.play(["I am ", "the second.", END])
        provider = DifyProvider()
        yield Stage(first, second, provider)
        await provider.aclose()


def shown(events: list[Event]) -> str:
    """What a reader who obeys the events has in the end."""
    text = ""
    for event in events:
        if isinstance(event, Restarted):
            text = ""
        elif isinstance(event, Delta):
            text += event.text
    return text


async def streamed(engine: Engine) -> list[Event]:
    stream = streams.events(StreamEngine(engine), EchoTask(), "secret order", caller(5.0))
    async with aclosing(stream) as events:
        return [event async for event in events]


@pytest.mark.parametrize("fallback", [True, False], ids=["fallback", "rules"])
@pytest.mark.parametrize("name", BAD)
async def test_a_stream_ends_whole_and_unspliced(stage: Stage, name: str, fallback: bool) -> None:
    stage.first.play(BAD[name])
    events = await streamed(stage.engine(fallback=fallback))
    last = events[-1]
    assert isinstance(last, Completed)
    assert shown(events) == last.answer.value.text == (SECOND if fallback else RULES)
    assert last.answer.attempts[0].deployment == "first"
    assert last.answer.attempts[0].outcome is not Outcome.OK


@pytest.mark.parametrize("name", BAD)
async def test_a_unary_call_is_answered_whole(stage: Stage, name: str) -> None:
    stage.first.play(BAD[name])
    stage.total_s = 0.5
    engine = stage.engine(fallback=True)
    answer = await engine.answer(EchoTask(), "secret order", caller(8.0))
    assert answer.value.text in (SECOND, RULES)


async def test_pings_keep_a_slow_answer_alive_once_it_has_begun(stage: Stage) -> None:
    pings: list[Step] = [0.1, PING] * 8
    thoughts: list[Step] = [0.1, THOUGHT] * 8
    stage.first.play(["One ", *pings, "two ", *thoughts, "three.", END])
    events = await streamed(stage.engine(fallback=True))
    assert shown(events) == WHOLE


async def test_a_replaced_message_restarts_the_stream_at_the_same_app(stage: Stage) -> None:
    stage.first.play(["Bad ", 0.1, "words", 0.1, Replace("I cannot "), "say that.", END])
    events = await streamed(stage.engine(fallback=True))
    assert shown(events) == "I cannot say that."
    assert [e for e in events if isinstance(e, Restarted)] == [
        Restarted("first", Outcome.ABANDONED, "first")
    ]
    last = events[-1]
    assert isinstance(last, Completed)
    assert (last.answer.value.text, last.answer.deployment) == ("I cannot say that.", "first")
    assert [attempt.outcome for attempt in last.answer.attempts] == [Outcome.OK]


async def test_a_message_replaced_before_any_text_was_sent_restarts_nothing(stage: Stage) -> None:
    stage.first.play([Replace("I cannot say that."), END])
    events = await streamed(stage.engine(fallback=True))
    assert shown(events) == "I cannot say that."
    assert not [event for event in events if isinstance(event, Restarted)]


async def test_who_hangs_up_closes_the_stream_at_dify(stage: Stage) -> None:
    stage.first.play(["One ", SILENT])
    engine = stage.engine(fallback=False)
    async with aclosing(
        streams.events(StreamEngine(engine), EchoTask(), "secret order", caller())
    ) as stream:
        async for event in stream:
            if isinstance(event, Delta):
                break
    await stage.first.until_hung_up()
    call = asyncio.create_task(engine.answer(EchoTask(), "secret order", caller()))
    while not stage.first.open:
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await stage.first.until_hung_up(2)
    observer = engine.rooms.observer
    assert isinstance(observer, FakeObserver)
    assert [attempt.outcome for attempt in observer.attempts] == [Outcome.ABANDONED] * 2


async def test_healthy_it_answers_itself(stage: Stage) -> None:
    stage.first.play(GOOD)
    events = await streamed(stage.engine(fallback=True))
    assert shown(events) == WHOLE
    assert stage.second.seen == []
