"""The server's life: deadlines, cancellation, many calls at once, health, reflection, drain."""

import asyncio
import json
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from gateway.api.gate import Gate
from gateway.api.grpc_options import GrpcOptions
from gateway.api.grpc_server import GrpcServer
from gateway.core.events import Delta, Started, Tell
from gateway.core.model import Caller
from gateway.v1 import chat_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.api.conftest import DEFAULT_DEADLINE_S, LOCAL, Running, edge, until
from tests.api.test_grpc_errors import refused
from tests.api.test_grpc_server import QUESTION

pytestmark = pytest.mark.anyio

RETRYING = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{}],
                "waitForReady": True,
                "retryPolicy": {
                    "maxAttempts": 5,
                    "initialBackoff": "0.05s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 2,
                    # a stopping grpc.aio ends calls not yet handed over as CANCELLED
                    "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
                },
            }
        ]
    }
)


class Hold:
    """An `act` that keeps calls waiting until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    def __call__(self, _: Caller) -> Any:
        self.reached.set()
        return self.opened.wait()


# ---- time


async def test_the_callers_deadline_is_the_budget(running: Running) -> None:
    before_s = asyncio.get_running_loop().time()
    await running.stub.Chat(QUESTION, timeout=7)
    after_s = asyncio.get_running_loop().time()
    (_, caller) = running.engine.seen[0]
    assert before_s + 6 < caller.deadline.at_s <= after_s + 7


@pytest.mark.parametrize("asked_s", [0.25, 3.33, 12.345, 30.001, 120.5])
async def test_rounding_of_the_timeout_never_gives_more_time_than_the_caller_waits(
    running: Running, asked_s: float
) -> None:
    loop = asyncio.get_running_loop()
    before_s = loop.time()
    await running.stub.Chat(QUESTION, timeout=asked_s)
    (_, caller) = running.engine.seen[0]
    assert caller.deadline.at_s <= loop.time() + asked_s
    assert caller.deadline.at_s >= before_s + asked_s * 0.98 - 0.01


async def test_without_a_deadline_the_routes_default_holds(running: Running) -> None:
    before_s = asyncio.get_running_loop().time()
    await running.stub.Chat(QUESTION)
    after_s = asyncio.get_running_loop().time()
    (_, caller) = running.engine.seen[0]
    assert before_s <= caller.deadline.at_s - DEFAULT_DEADLINE_S <= after_s


async def test_a_passed_deadline_ends_the_call_and_its_work(running: Running) -> None:
    running.engine.act = Hold()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await running.stub.Chat(QUESTION, timeout=0.1)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await asyncio.wait_for(running.engine.cancelled.wait(), 5)
    assert await running.gate.wait_empty(5)


async def test_a_call_that_arrives_too_late_is_not_begun(running: Running) -> None:
    arrival = running.service.arrive("Chat", (), 0.0)
    with pytest.raises(Exception, match="DEADLINE_EXCEEDED"):
        await running.service.unary(arrival, QUESTION)
    assert running.engine.seen == []


# ---- cancellation


async def test_hanging_up_on_a_unary_call_cancels_its_work(running: Running) -> None:
    hold = running.engine.act = Hold()
    call = running.stub.Chat(QUESTION)
    waiting = asyncio.ensure_future(call)
    await asyncio.wait_for(hold.reached.wait(), 5)
    call.cancel()
    await asyncio.wait_for(running.engine.cancelled.wait(), 5)
    assert await running.gate.wait_empty(5)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_hanging_up_in_mid_stream_cancels_its_work(running: Running) -> None:
    running.engine.act = Hold()
    call = running.stub.StreamChat(chat_pb2.StreamChatRequest(chat=QUESTION))
    assert (await call.read()).WhichOneof("event") == "started"
    call.cancel()
    await asyncio.wait_for(running.engine.cancelled.wait(), 5)
    assert await running.gate.wait_empty(5)


async def test_a_stray_cancellation_inside_is_a_bug_and_ends_the_call(running: Running) -> None:
    def stray(_: Caller) -> None:
        raise asyncio.CancelledError

    running.engine.act = stray
    failed, _, _ = await refused(running.stub.Chat(QUESTION, timeout=10))
    assert failed.code() is grpc.StatusCode.INTERNAL


async def test_a_stream_without_completed_never_ends_ok() -> None:
    class Truncated:
        async def relay(self, *call: Any) -> None:
            tell: Tell = call[-1]
            await tell(Started("deepseek"))
            await tell(Delta("half of"))

    async with edge(streams=Truncated()) as running:
        call = running.stub.StreamChat(chat_pb2.StreamChatRequest(chat=QUESTION))
        failed, _, _ = await refused(call)
        assert failed.code() is grpc.StatusCode.INTERNAL


# ---- many at once


async def test_two_thousand_calls_at_once_are_all_answered(running: Running) -> None:
    hold = running.engine.act = Hold()
    calls = [asyncio.ensure_future(running.stub.Chat(QUESTION, timeout=60)) for _ in range(2_000)]
    await until(lambda: running.gate.inside == 2_000)
    hold.opened.set()
    answers = await asyncio.gather(*calls)
    assert len({answer.info.request_id for answer in answers}) == 2_000


async def test_over_its_limit_a_method_sheds_while_others_and_health_go_on() -> None:
    async with edge(gate=Gate({"Chat": 1})) as running:
        hold = running.engine.act = Hold()
        first = asyncio.ensure_future(running.stub.Chat(QUESTION))
        await asyncio.wait_for(hold.reached.wait(), 5)
        failed, status, trailers = await refused(running.stub.Chat(QUESTION))
        assert failed.code() is grpc.StatusCode.UNAVAILABLE
        assert b"OVERLOADED" in status.SerializeToString()
        assert int(trailers["grpc-retry-pushback-ms"]) > 0
        assert await health(running) == health_pb2.HealthCheckResponse.SERVING
        hold.opened.set()
        assert (await first).text
        assert (await running.stub.Chat(QUESTION)).text


# ---- health and reflection


async def health(running: Running, service: str = "") -> int:
    stub = health_pb2_grpc.HealthStub(running.channel)
    return (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status  # type: ignore[no-any-return]


async def test_health_knows_the_server_and_the_service(running: Running) -> None:
    for service in ("", "gateway.v1.GatewayService"):
        assert await health(running, service) == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await health(running, "no.such.Service")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def services(running: Running) -> list[str]:
    stub = reflection_pb2_grpc.ServerReflectionStub(running.channel)
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    async for answer in stub.ServerReflectionInfo(iter([asked])):
        return [service.name for service in answer.list_services_response.service]
    return []


async def test_reflection_lists_the_service(running: Running) -> None:
    assert "gateway.v1.GatewayService" in await services(running)


async def test_reflection_can_be_switched_off() -> None:
    async with edge(GrpcOptions(address="127.0.0.1:0", reflection=False)) as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await services(running)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_health_lists_what_there_is(running: Running) -> None:
    stub = health_pb2_grpc.HealthStub(running.channel)
    listed = (await stub.List(health_pb2.HealthListRequest())).statuses
    assert set(listed) == {"", "gateway.v1.GatewayService"}


async def test_watching_an_unknown_service_says_so(running: Running) -> None:
    asked = health_pb2.HealthCheckRequest(service="no.such.Service")
    watch = health_pb2_grpc.HealthStub(running.channel).Watch(asked)
    unknown = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    assert (await watch.read()).status == unknown
    watch.cancel()


# ---- going away


async def test_a_drain_turns_health_refuses_new_calls_and_loses_none() -> None:
    async with edge() as running:
        hold = running.engine.act = Hold()
        watch = health_pb2_grpc.HealthStub(running.channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        inside = [asyncio.ensure_future(running.stub.Chat(QUESTION)) for _ in range(20)]
        stream = running.stub.StreamChat(chat_pb2.StreamChatRequest(chat=QUESTION))
        await stream.read()
        await until(lambda: running.gate.inside == 21)
        draining = asyncio.ensure_future(running.server.drain(30))
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        failed, status, trailers = await refused(running.stub.Chat(QUESTION))
        assert failed.code() is grpc.StatusCode.UNAVAILABLE
        assert b"DRAINING" in status.SerializeToString()
        assert int(trailers["grpc-retry-pushback-ms"]) > 0
        hold.opened.set()
        assert all(answer.text for answer in await asyncio.gather(*inside))
        kinds = []
        while event := await stream.read():
            kinds.append(event.WhichOneof("event"))
        assert kinds[-1] == "completed"
        assert await stream.code() is grpc.StatusCode.OK
        assert await draining is True


async def test_a_drain_ends_at_its_time_and_cancels_what_is_left() -> None:
    async with edge(GrpcOptions(address="127.0.0.1:0", grace_s=0.1)) as running:
        running.engine.act = Hold()
        call = asyncio.ensure_future(running.stub.Chat(QUESTION))
        await until(lambda: running.gate.inside == 1)
        assert await running.server.drain(0.1) is False
        await asyncio.wait_for(running.engine.cancelled.wait(), 5)
        assert running.gate.inside == 0
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert caught.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


async def test_a_restart_under_load_loses_no_call_of_a_retrying_client() -> None:
    async with edge() as first:
        port, answered, stop = first.server.port, 0, asyncio.Event()
        options = (("grpc.service_config", RETRYING), ("grpc.min_reconnect_backoff_ms", 50))
        async with grpc.aio.insecure_channel(first.target, options=options) as channel:
            stub = GatewayServiceStub(channel)

            async def caller() -> int:
                count = 0
                while not stop.is_set():
                    await stub.Chat(QUESTION, timeout=30)
                    count += 1
                return count

            callers = [asyncio.ensure_future(caller()) for _ in range(16)]
            for _ in range(50):
                await asyncio.sleep(0.005)
            await first.server.drain(10)
            gate = Gate()
            async with edge(GrpcOptions(address=f"127.0.0.1:{port}"), gate) as second:
                await until(lambda: len(second.engine.seen) >= 100)
                stop.set()
                answered = sum(await asyncio.gather(*callers))
        assert answered >= 100


async def test_a_taken_port_is_named(running: Running) -> None:
    taken = GrpcServer(running.service, running.gate, GrpcOptions(address=running.target))
    with pytest.raises(OSError, match=str(running.server.port)):
        await taken.start()


def test_the_default_address_is_loopback() -> None:
    assert GrpcOptions().address.startswith("127.0.0.1:")
    assert not LOCAL.shared_port
