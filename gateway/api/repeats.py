"""Calls sent again under the caller's own request id get the first answer (see CallMetadata)."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from google.protobuf.message import Message

from gateway.api.decoding import Body, decoded
from gateway.api.methods import Method, UnaryMethod
from gateway.api.sending import Send
from gateway.core.idempotency import Once, Repeatable, repeat_key
from gateway.core.model import Caller
from gateway.v1 import chat_pb2


class Repeats:
    """Answers a repeated call with its first response, byte for byte."""

    def __init__(self, once: Once) -> None:
        self._once = once

    def __repr__(self) -> str:
        return f"Repeats({self._once!r})"

    async def answer(
        self,
        method: UnaryMethod[Any, Any, Any],
        call: Repeatable,
        work: Callable[[], Awaitable[Message]],
    ) -> Message:
        """The response of `work`, or the one that the same request got before.

        Raises RequestIdReused and DeadlineExceeded beside what `work` raises.
        """
        made: list[Message] = []

        async def bytes_made() -> bytes:
            made.append(await work())
            return made[0].SerializeToString()

        result = await self._once.run(call, bytes_made)
        return made[0] if made else method.response.FromString(result)

    async def stream(
        self, call: Repeatable, work: Callable[[Send], Awaitable[None]], send: Send
    ) -> None:
        """Send what `work` sends, or what tells the answer that the same request got before."""
        claim = await self._once.claim(call)
        if isinstance(claim, bytes):
            for message in _told_again(chat_pb2.ChatResponse.FromString(claim)):
                await send(message)
            return
        whole: bytes | None = None

        def noted(message: Message) -> Awaitable[object]:
            nonlocal whole
            if isinstance(message, chat_pb2.StreamChatResponse) and message.HasField("completed"):
                whole = message.completed.SerializeToString()
            return send(message)

        try:
            await work(noted)
        finally:
            claim.end(whole)


def _told_again(answer: chat_pb2.ChatResponse) -> Iterator[chat_pb2.StreamChatResponse]:
    started = chat_pb2.StreamStarted(
        request_id=answer.info.request_id,
        conversation_id=answer.conversation_id,
        deployment=answer.info.deployment,
    )
    yield chat_pb2.StreamChatResponse(started=started)
    yield chat_pb2.StreamChatResponse(delta=chat_pb2.StreamDelta(text=answer.text))
    yield chat_pb2.StreamChatResponse(completed=answer)


def repeatable(method: Method[Any, Any], body: Body, who: Caller) -> Repeatable:
    """The call as a store knows it. Any encoding of the same request is the same."""
    message = decoded(method.request, body)
    digest = hashlib.sha256(message.SerializeToString(deterministic=True)).digest()
    # a key that may do less must not be told what one that may do more was told
    name = f"{method.name} {who.scopes!r}"
    return Repeatable(repeat_key(who.tenant, name, who.request_id), digest, who.deadline)
