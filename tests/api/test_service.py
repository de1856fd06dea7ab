"""The service layer without any transport: what a second door will build on."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

import grpc
import pytest

from gateway.api.decoding import OFF_LOOP_BYTES
from gateway.api.gate import Gate
from gateway.api.service import Service
from gateway.api.status import CallFailed
from gateway.core.errors import Shed
from gateway.core.model import Answer, Call, Source
from gateway.tasks.nouns import BandPoint
from gateway.v1 import anomaly_pb2, chat_pb2
from tests.api.conftest import backing
from tests.api.fakes import ANOMALY, FakeEngine
from tests.api.test_grpc_server import QUESTION
from tests.streams import pulled

pytestmark = pytest.mark.anyio


@pytest.fixture
async def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def service(engine: FakeEngine) -> AsyncIterator[Service]:
    made = Service(backing(engine, Gate()))
    yield made
    made.close()


async def failure(service: Service, method: str, request: Any, *metadata: Any) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await service.unary(service.arrive(method, metadata, 5.0), request)
    return caught.value


@pytest.mark.parametrize("request_", [QUESTION, QUESTION.SerializeToString()], ids=["pb", "bytes"])
async def test_a_door_may_bring_bytes_or_a_message(service: Service, request_: Any) -> None:
    response: Any = await service.unary(service.arrive("Chat", (), None), request_)
    assert response.text == "Your order is on its way."


async def test_a_stream_yields_messages_and_ends_with_completed(service: Service) -> None:
    asked = chat_pb2.StreamChatRequest(chat=QUESTION)
    arrival = service.arrive("StreamChat", (("x-request-id", "r-1"),), None)
    async with aclosing(pulled(partial(service.stream, arrival, asked))) as messages:
        kinds = [message.WhichOneof("event") async for message in messages]
    assert kinds == ["started", "delta", "delta", "completed"]


async def test_only_call_failed_gets_out(service: Service, engine: FakeEngine) -> None:
    def act(_: Any) -> None:
        raise KeyError("secret")

    engine.act = act
    failed = await failure(service, "Chat", QUESTION)
    assert failed.status.code is grpc.StatusCode.INTERNAL
    assert "secret" not in str(failed)


@pytest.mark.parametrize("method", ["Nope", "StreamChat", ""])
async def test_what_is_no_unary_call_is_not_offered(service: Service, method: str) -> None:
    failed = await failure(service, method, b"")
    assert failed.status.reason == "UNIMPLEMENTED"


async def test_a_shed_call_costs_no_work(engine: FakeEngine) -> None:
    class Full:
        def admit(self, method: str) -> Any:
            raise Shed(f"{method} is full")

    service = Service(replace(backing(engine, Gate()), admission=Full()))
    failed = await failure(service, "Chat", b"\xff\xff")  # not even decoded
    assert failed.status.reason == "OVERLOADED"
    service.close()


async def test_the_place_is_given_back_when_a_stream_is_left(engine: FakeEngine) -> None:
    gate = Gate()
    service = Service(backing(engine, gate))
    arrival = service.arrive("StreamChat", (), None)
    asked = chat_pb2.StreamChatRequest(chat=QUESTION)
    async with aclosing(pulled(partial(service.stream, arrival, asked))) as left:
        await anext(left)
        assert gate.inside == 1
    assert gate.inside == 0
    assert engine.cancelled.is_set()
    service.close()


async def test_large_requests_are_understood_beside_the_loop(engine: FakeEngine) -> None:
    request = anomaly_pb2.DetectAnomalyRequest()
    for i in range(4_000):
        request.series.points.add(value=float(i)).time.seconds = 1_700_000_000 + i
    body = request.SerializeToString()
    assert len(body) > OFF_LOOP_BYTES
    service = Service(backing(engine, Gate()))
    before = set(threading.enumerate())
    await service.unary(service.arrive("DetectAnomaly", (), None), body)
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"edge_0"}
    assert len(engine.seen[0][0].series.points) == 4_000
    service.close()


async def test_large_answers_are_told_beside_the_loop(engine: FakeEngine) -> None:
    band = tuple(BandPoint(1_700_000_000 + i, 1.0, 2.0, 0.5, 3.0, None) for i in range(2_000))

    class Banded:
        async def answer(self, *_: Any) -> Answer[Any]:
            return Answer(value=replace(ANOMALY, band=band), source=Source.RULES, route="r")

    request = anomaly_pb2.DetectAnomalyRequest()
    request.series.points.add(value=1.0).time.seconds = 1_700_000_000
    service = Service(replace(backing(engine, Gate()), engine=Banded()))
    before = set(threading.enumerate())
    response: Any = await service.unary(service.arrive("DetectAnomaly", (), None), request)
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"edge_0"}
    last = response.band[-1]
    assert (last.time.seconds, last.expected, last.lower, last.upper) == (
        *(1_700_001_999, 2.0, 0.5, 3.0),
    )
    service.close()


async def test_small_requests_start_no_thread(service: Service) -> None:
    before = threading.active_count()
    await service.unary(service.arrive("Chat", (), None), QUESTION)
    assert threading.active_count() == before


async def test_no_deadline_takes_the_routes_default_for_the_call_and_caller(
    engine: FakeEngine,
) -> None:
    asked: list[tuple[Call, str]] = []

    def default(call: Call, caller: Any) -> float:
        asked.append((call, caller.erp_version))
        return 4.0

    service = Service(replace(backing(engine, Gate()), default_deadline_s=default))
    arrival = service.arrive("Chat", (("x-erp-version", "1.2"),), None)
    await service.unary(arrival, QUESTION)
    assert asked == [(Call.CHAT, "1.2")]
    assert engine.seen[0][1].deadline.at_s == arrival.arrived_s + 4.0
    service.close()


async def test_a_callers_hang_up_is_passed_on_as_it_is(
    service: Service, engine: FakeEngine
) -> None:
    engine.act = lambda _: asyncio.Event().wait()
    call = asyncio.ensure_future(service.unary(service.arrive("Chat", (), None), QUESTION))
    while not engine.seen:
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert engine.cancelled.is_set()
