"""Calls sent again under the caller's own request id, over the wire."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import grpc
import pytest

from gateway.adapters.memory_results import MemoryResults
from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.api.repeats import Repeats
from gateway.core.idempotency import Once
from gateway.core.scopes import Scopes
from gateway.v1 import chat_pb2, keywords_pb2
from tests.api.conftest import Running, edge

pytestmark = pytest.mark.anyio


def question(text: str = "Where is my order?", **labels: str) -> chat_pb2.ChatRequest:
    request = chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)]
    )
    request.options.labels.update(labels)
    return request


@pytest.fixture
async def repeating(anyio_backend: str) -> AsyncIterator[Running]:
    clock = asyncio.get_running_loop().time
    once = Once(MemoryResults(clock), clock, lambda: uuid4().bytes)
    async with edge(repeats=Repeats(once)) as opened:
        yield opened


async def ask(running: Running, request: Any, request_id: str = "r-1") -> Any:
    metadata = (("x-request-id", request_id),) if request_id else ()
    return await running.stub.Chat(request, timeout=20, metadata=metadata)


async def test_the_same_request_gets_the_same_bytes_and_is_answered_once(
    repeating: Running,
) -> None:
    first = await ask(repeating, question(a="1", b="2"))
    second = await ask(repeating, question(b="2", a="1"))
    assert first.SerializeToString() == second.SerializeToString()
    assert len(repeating.engine.seen) == 1


async def test_another_request_under_its_id_is_refused(repeating: Running) -> None:
    await ask(repeating, question())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await ask(repeating, question("And my money?"))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "give every request an id of its own" in str(caught.value.details())


async def test_a_key_with_other_scopes_is_not_told_anothers_answer() -> None:
    scopes = {"Bearer wide": Scopes(), "Bearer narrow": Scopes(routes=("other",))}
    clock = asyncio.get_running_loop().time
    once = Once(MemoryResults(clock), clock, lambda: uuid4().bytes)

    def identify(_method: str, metadata: CallMetadata) -> Identity:
        return Identity("shop", scopes[metadata.authorization])

    async with edge(repeats=Repeats(once), identify=identify) as opened:
        for key in (*scopes, *scopes):
            metadata = (("x-request-id", "r-1"), ("authorization", key))
            await opened.stub.Chat(question(), timeout=20, metadata=metadata)
        asked = [caller.scopes for _, caller in opened.engine.seen]
    assert asked == list(scopes.values())  # the engine judges each once


async def test_an_id_of_our_own_making_repeats_nothing(repeating: Running) -> None:
    await ask(repeating, question(), "")
    await ask(repeating, question(), "")
    assert len(repeating.engine.seen) == 2


async def test_another_call_may_use_the_id(repeating: Running) -> None:
    await ask(repeating, question())
    listing = keywords_pb2.Listing(title="Dog bed")
    await repeating.stub.ExtractKeywords(
        keywords_pb2.ExtractKeywordsRequest(listing=listing),
        timeout=20,
        metadata=(("x-request-id", "r-1"),),
    )
    assert len(repeating.engine.seen) == 2


async def test_a_large_request_is_known_again_too(repeating: Running) -> None:
    large = keywords_pb2.Listing(title="Dog bed", description="soft " * 9_000)
    request = keywords_pb2.ExtractKeywordsRequest(listing=large)
    for _ in range(2):
        await repeating.stub.ExtractKeywords(
            request, timeout=20, metadata=(("x-request-id", "r-1"),)
        )
    assert len(repeating.engine.seen) == 1


async def test_a_call_that_failed_is_answered_anew(repeating: Running) -> None:
    def fail(_: Any) -> None:
        raise RuntimeError

    repeating.engine.act = fail
    with pytest.raises(grpc.aio.AioRpcError):
        await ask(repeating, question())
    repeating.engine.act = lambda _: None
    assert (await ask(repeating, question())).text


async def streamed(running: Running, request: chat_pb2.ChatRequest) -> list[Any]:
    told = running.stub.StreamChat(
        chat_pb2.StreamChatRequest(chat=request), timeout=20, metadata=(("x-request-id", "r-1"),)
    )
    return [message async for message in told]


async def test_a_stream_sent_again_tells_the_same_answer_and_is_answered_once(
    repeating: Running,
) -> None:
    first = await streamed(repeating, question())
    again = await streamed(repeating, question())
    assert again[-1].completed == first[-1].completed
    assert again[0].started == chat_pb2.StreamStarted(request_id="r-1")
    assert "".join(m.delta.text for m in again) == "".join(m.delta.text for m in first)
    assert len(repeating.engine.seen) == 1
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await streamed(repeating, question("And my money?"))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_stream_that_was_left_is_answered_anew(repeating: Running) -> None:
    waiting = asyncio.Event()
    repeating.engine.act = lambda _: waiting.wait()
    left = repeating.stub.StreamChat(
        chat_pb2.StreamChatRequest(chat=question()),
        timeout=20,
        metadata=(("x-request-id", "r-1"),),
    )
    assert (await left.read()).HasField("started")
    left.cancel()
    await repeating.engine.cancelled.wait()
    repeating.engine.act = lambda _: None
    assert (await streamed(repeating, question()))[-1].HasField("completed")
