"""Every call at the door is told of once, however it ends."""

import asyncio
from typing import Any

import grpc
import pytest

from gateway.core.current import CURRENT, OTHER_METHOD, CallEnd, CallInProgress
from gateway.core.errors import NoAnswer, Unauthenticated
from gateway.v1 import chat_pb2
from tests.api.conftest import edge, until

pytestmark = pytest.mark.anyio


class Watcher:
    """Remembers what it heard."""

    def __init__(self) -> None:
        self.begins: list[tuple[str, str]] = []
        self.ends: list[tuple[str, str, str, str]] = []

    def begun(self, call: CallInProgress, traceparent: str) -> None:
        self.begins.append((call.method, traceparent))
        assert CURRENT.get() is call

    def ended(self, call: CallInProgress, end: CallEnd) -> None:
        self.ends.append((call.method, call.tenant, end.code, end.reason))


ASKED = chat_pb2.ChatRequest(messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="hi")])
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def raising(error: Exception) -> Any:
    def act(_caller: Any) -> None:
        raise error

    return act


async def test_an_answered_call_is_told_of_with_its_tenant_and_trace() -> None:
    watcher = Watcher()
    async with edge(watch=watcher) as on:
        await on.stub.Chat(ASKED, metadata=(("traceparent", TRACE),))
        async for _ in on.stub.StreamChat(chat_pb2.StreamChatRequest(chat=ASKED)):
            pass
    assert watcher.begins == [("Chat", TRACE), ("StreamChat", "")]
    assert watcher.ends == [("Chat", "default", "OK", ""), ("StreamChat", "default", "OK", "")]


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (NoAnswer("none"), "UNAVAILABLE", "ALL_MODELS_FAILED"),
        (KeyError("a bug"), "INTERNAL", "INTERNAL"),
        (asyncio.CancelledError(), "INTERNAL", "INTERNAL"),
    ],
)
async def test_a_failed_call_is_told_of_with_its_reason(
    error: Exception, code: str, reason: str
) -> None:
    watcher = Watcher()
    async with edge(watch=watcher) as on:
        on.engine.act = raising(error)
        with pytest.raises(grpc.aio.AioRpcError):
            await on.stub.Chat(ASKED)
    assert watcher.ends == [("Chat", "default", code, reason)]


async def test_a_call_refused_for_its_key_is_told_of_once_without_a_tenant() -> None:
    def nobody(_method: str, _metadata: Any) -> Any:
        raise Unauthenticated("no key")

    watcher = Watcher()
    async with edge(watch=watcher, identify=nobody) as on:
        with pytest.raises(grpc.aio.AioRpcError):
            await on.stub.Chat(ASKED)
    assert watcher.ends == [("Chat", "", "UNAUTHENTICATED", "UNAUTHENTICATED")]


async def test_a_caller_who_hangs_up_is_told_of() -> None:
    watcher = Watcher()
    async with edge(watch=watcher) as on:
        on.engine.act = lambda _: asyncio.Event().wait()
        call = on.stub.Chat(ASKED)
        await until(lambda: bool(on.engine.seen))
        call.cancel()
        await until(lambda: bool(watcher.ends))
    assert watcher.ends == [("Chat", "default", "CANCELLED", "HUNG_UP")]


async def test_methods_that_are_not_offered_share_one_name() -> None:
    watcher = Watcher()
    async with edge(watch=watcher) as on:
        arrival = on.service.arrive("MadeUp", (), None)
        with pytest.raises(Exception, match="UNIMPLEMENTED"):
            await on.service.unary(arrival, b"")
    assert watcher.ends == [(OTHER_METHOD, "", "UNIMPLEMENTED", "UNIMPLEMENTED")]
