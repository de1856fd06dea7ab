"""A fault of our own reading or check is never held against a deployment."""

from typing import Any

import pytest

from gateway.core import errors
from gateway.core.engine import Engine
from gateway.core.model import Completion, Outcome, Source
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fakes import (
    Behaviour,
    Echo,
    EchoTask,
    FakeObserver,
    FakeProvider,
    caller,
    deployment,
    plan,
    rooms,
)

pytestmark = pytest.mark.anyio

A, B = deployment("a"), deployment("b")
FAULTS = [ValueError("exceeds the limit"), errors.Shed("the rules' processes are busy")]


class Gate:
    """Raises for the first text."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def take(self, text: str) -> str:
        raise self._fault

    def rest(self) -> str:
        return ""


class Faulty(EchoTask):
    """Cannot read any reply."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def parse(self, request: str, draft: str | None, completion: Completion) -> Echo:
        raise self._fault


class FaultyGate(EchoTask):
    """Cannot check any text of a stream."""

    drafts_first = True

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def gate(self, request: str, draft: str | None) -> Gate:
        return Gate(self._fault)

    def refused(self, draft: str) -> str:
        return draft


def engine() -> tuple[Engine, FakeProvider]:
    script: dict[str, list[Behaviour]] = {"a": ["good"] * 20, "b": ["good"] * 20}
    provider = FakeProvider(script)
    return Engine(rooms(provider, plan([A], [B]), observer=FakeObserver())), provider


def open_breakers(gateway: Engine) -> list[str]:
    now_s = gateway.rooms.clock()
    boards = [(of.name, gateway.rooms.health.of(of)) for of in (A, B)]
    return [name for name, health in boards if health.refusal(now_s) is not None]


def check(gateway: Engine, provider: FakeProvider, answer: Any) -> None:
    assert answer.source is Source.RULES
    tried = [(attempt.deployment, attempt.outcome) for attempt in answer.attempts]
    assert tried == [("a", Outcome.ANSWER_REFUSED), ("b", Outcome.ANSWER_REFUSED)]
    assert len(provider.asked) == 2
    assert open_breakers(gateway) == []


@pytest.mark.parametrize("fault", FAULTS, ids=["fault", "busy"])
async def test_a_fault_while_reading_is_paid_but_neither_repeated_nor_counted(
    fault: Exception,
) -> None:
    gateway, provider = engine()
    answer = await gateway.answer(Faulty(fault), "hi", caller())
    check(gateway, provider, answer)
    assert answer.usage.output_tokens == 6


@pytest.mark.parametrize("fault", FAULTS, ids=["fault", "busy"])
async def test_many_faults_open_no_breaker(fault: Exception) -> None:
    gateway, _ = engine()
    for n in range(8):
        await gateway.answer(Faulty(fault), f"hi {n}", caller())
    assert open_breakers(gateway) == []


@pytest.mark.parametrize("fault", FAULTS, ids=["fault", "busy"])
async def test_a_fault_of_a_streams_gate_is_neither_repeated_nor_counted(fault: Exception) -> None:
    gateway, provider = engine()
    stream = streams.events(StreamEngine(gateway), FaultyGate(fault), "hi", caller())
    told = [event async for event in stream]
    check(gateway, provider, told[-1].answer)  # type: ignore[union-attr]


@pytest.mark.parametrize("fault", FAULTS, ids=["fault", "busy"])
async def test_a_fault_after_a_whole_stream_is_neither_repeated_nor_counted(
    fault: Exception,
) -> None:
    gateway, provider = engine()
    for of in ("a", "b"):
        provider.script[of] = ["good"]
    stream = streams.events(StreamEngine(gateway), Faulty(fault), "hi", caller())
    told = [event async for event in stream]
    check(gateway, provider, told[-1].answer)  # type: ignore[union-attr]
