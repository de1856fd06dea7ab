"""A candidate gets copies on the side; whatever it makes of them, callers do not feel it."""

import asyncio

import pytest

from gateway.core.engine import Engine
from gateway.core.errors import ServerError
from gateway.core.mirror import MirrorCount
from gateway.core.options import MirrorOptions, Timeouts
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fakes import (
    Behaviour,
    EchoTask,
    FakeCache,
    FakeProvider,
    caller,
    deployment,
    plan,
    rooms,
)

pytestmark = pytest.mark.anyio


def engine_with(
    candidate: list[Behaviour], at_once: int = 2, main: list[Behaviour] | None = None
) -> tuple[Engine, FakeProvider]:
    of = plan(
        [deployment("main")],
        mirror=MirrorOptions(deployment="candidate", percent=100.0, at_once=at_once),
    )
    extra = deployment("candidate", timeouts=Timeouts(total_s=0.2))
    of = type(of)(
        version=of.version, deployments={**of.deployments, "candidate": extra}, routes=of.routes
    )
    provider = FakeProvider({"main": main or ["fine"] * 9, "candidate": candidate})
    return Engine(rooms(provider, of)), provider


async def ended(engine: Engine) -> MirrorCount:
    (count,) = engine.mirrors.counts.values()
    async with asyncio.timeout(5):
        while count.good + sum(count.failed.values()) < count.sent:
            await asyncio.sleep(0.001)
    return count


async def test_a_copy_goes_to_the_candidate_after_the_answer_and_is_counted() -> None:
    engine, provider = engine_with(["also fine"])
    answer = await engine.answer(EchoTask(), "hello", caller())
    assert [name for name, _ in provider.asked] == ["main"]
    assert answer.value.text == "fine"
    count = await ended(engine)
    assert [name for name, _ in provider.asked] == ["main", "candidate"]
    assert provider.asked[0][1] is provider.asked[1][1]
    assert (count.sent, count.good, count.cost_usd_micros) == (1, 1, 10)
    assert answer.usage.cost_usd_micros == 10


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [(ServerError("x"), "server_error"), ("bad", "output_invalid"), (9.0, "timeout"),
     (ZeroDivisionError("bug"), "server_error")],
)  # fmt: skip
async def test_a_failing_candidate_is_counted_and_its_breaker_knows_nothing(
    behaviour: Behaviour, outcome: str
) -> None:
    engine, _ = engine_with([behaviour] * 9)
    for turn in range(6):
        answer = await engine.answer(EchoTask(), f"hello {turn}", caller())
        assert (answer.value.text, answer.degraded) == ("fine", False)
        count = await ended(engine)
    assert count.failed == {outcome: 6}
    (health,) = [h for h in engine.rooms.health if h.deployment.name == "candidate"]
    assert health.snapshot(0.0).breaker == "closed"
    assert health.snapshot(0.0).in_flight == 0


async def test_copies_are_bounded_and_further_ones_dropped() -> None:
    engine, _ = engine_with([9.0, 9.0], at_once=2)
    for turn in range(5):
        await engine.answer(EchoTask(), f"hello {turn}", caller())
    (count,) = engine.mirrors.counts.values()
    assert (count.sent, count.dropped) == (2, 3)
    await engine.mirrors.close()


async def test_closing_ends_what_is_under_way_and_sends_no_more() -> None:
    engine, provider = engine_with([9.0])
    await engine.answer(EchoTask(), "hello", caller())
    await asyncio.sleep(0)
    await engine.mirrors.close()
    (count,) = engine.mirrors.counts.values()
    assert count.failed == {"abandoned": 1}
    await engine.answer(EchoTask(), "hello again", caller())
    assert count.sent == 1
    assert [name for name, _ in provider.asked] == ["main", "candidate", "main"]


async def test_cached_and_rules_answers_are_not_copied() -> None:
    engine, _provider = engine_with(["x"] * 5)
    assert isinstance(engine.rooms.cache, FakeCache)
    await engine.answer(EchoTask(), "hello", caller())
    await ended(engine)
    await engine.answer(EchoTask(), "hello", caller())
    await engine.answer(EchoTask(), "rules please", caller())
    (count,) = engine.mirrors.counts.values()
    assert count.sent == 1


async def test_streams_are_copied_once_they_are_whole() -> None:
    engine, _provider = engine_with(["also fine"])
    events = [
        event async for event in streams.events(StreamEngine(engine), EchoTask(), "hello", caller())
    ]
    assert len(events) > 1
    count = await ended(engine)
    assert (count.sent, count.good) == (1, 1)
