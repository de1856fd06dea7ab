"""A chat answer while it is being written, for asyncio."""

from collections.abc import AsyncGenerator, AsyncIterator
from types import TracebackType
from typing import Protocol, Self

import grpc

from erp_gateway_client.errors import error_of
from erp_gateway_client.stream import Piece, Reading
from gateway.v1.chat_pb2 import ChatResponse, StreamChatResponse


class AsyncEventCall(Protocol):
    """What a running stream of grpc.aio offers."""

    def __aiter__(self) -> AsyncIterator[StreamChatResponse]:
        """The events."""
        ...

    def cancel(self) -> bool:
        """Hang up."""
        ...


class AsyncChatStream:
    """The events of one streamed answer. Use it in an `async with`: leaving early hangs up.

    Iterate it for the events, or `pieces()` for the text alone; either raises the typed error of a
    failed call. `answer` is the whole answer, once the end was reached.
    """

    def __init__(self, call: AsyncEventCall, request_id: str) -> None:
        self.request_id = request_id
        self._call = call
        self._reading = Reading(request_id)
        self._events = self._read()

    def __repr__(self) -> str:
        return f"AsyncChatStream({self._reading!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[StreamChatResponse]:
        return self._events

    async def __anext__(self) -> StreamChatResponse:
        return await anext(self._events)

    async def pieces(self) -> AsyncGenerator[Piece, None]:
        """The text as it comes; a piece that `starts_over` says to throw away what was shown."""
        async for event in self._events:
            # the reading has noted the event already: taking it again changes nothing
            if piece := self._reading.take(event):
                yield piece

    @property
    def answer(self) -> ChatResponse:
        """The whole, authoritative answer; raises RuntimeError before the stream has ended."""
        return self._reading.answer

    async def aclose(self) -> None:
        """Hang up if the stream has not ended; the gateway stops asking the model at once."""
        self._call.cancel()
        await self._events.aclose()

    async def _read(self) -> AsyncGenerator[StreamChatResponse, None]:
        try:
            async for event in self._call:
                self._reading.take(event)
                yield event
        except grpc.RpcError as error:
            raise error_of(error, self.request_id) from error
        self._reading.end()
