"""The messages of one gRPC stream on their way out: text is written one message behind."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from google.protobuf.message import Message

from gateway.v1 import chat_pb2 as pb

Write = Callable[[bytes], Coroutine[Any, Any, object]]
"""`ServicerContext.write`: returns once gRPC has room for the next; one at a time."""


class Writing:
    """Writes each message at once; of text, it is waited for only before the next message.

    gRPC takes a message with the first step of a write, and has room again a moment later. To be
    woken for that moment costs a call as much as reading a chunk. The steps are taken by hand,
    since a task of its own for each write would cost more than the wake-up.
    """

    __slots__ = ("_begun", "_room", "_write")

    def __init__(self, write: Write) -> None:
        self._write = write
        self._begun: Coroutine[Any, Any, object] | None = None
        self._room: asyncio.Future[object] | None = None

    def __repr__(self) -> str:
        return f"Writing(begun={self._begun is not None})"

    async def __call__(self, message: Message) -> None:
        """Write a message. Raises what the write before it or its own raises."""
        if self._begun is not None:
            await self._written(self._begun)
        write = self._write(message.SerializeToString())
        if not isinstance(message, pb.StreamChatResponse) or not message.HasField("delta"):
            # the end of a stream must be known before its call ends, and that initial metadata
            # went with its first message before a status goes: grpc.aio notes it after the write
            await write
            return
        self._step(write)

    def close(self) -> None:
        """Give up a write that is not finished."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.close()
            _forget(self._room)

    async def _written(self, begun: Coroutine[Any, Any, object]) -> None:
        while self._begun is not None:
            if self._room is not None and not self._room.done():
                await asyncio.wait((self._room,))  # a slow reader
            self._step(begun)

    def _step(self, write: Coroutine[Any, Any, object]) -> None:
        """Go on with a write, up to where it waits for room."""
        self._begun = None
        try:
            self._room = write.send(None)
        except StopIteration:
            self._room = None
        else:
            self._begun = write


def _forget(room: "asyncio.Future[object] | None") -> None:
    """What is still to come, or has come, of a write that was given up concerns nobody."""
    if room is not None and not room.cancel() and not room.cancelled():
        room.exception()  # else asyncio complains that nobody asked
