"""A chat answer while it is being written, for threads."""

import weakref
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Protocol, Self

import grpc

from erp_gateway_client.errors import error_of
from erp_gateway_client.stream import Piece, Reading
from gateway.v1.chat_pb2 import ChatResponse, StreamChatResponse


class EventCall(Protocol):
    """What a running stream of gRPC offers."""

    def __iter__(self) -> Iterator[StreamChatResponse]:
        """The events."""
        ...

    def cancel(self) -> object:
        """Hang up."""
        ...


class ChatStream:
    """The events of one streamed answer. Use it in a `with`, so that leaving early hangs up.

    Iterate it for the events, or `pieces()` for the text alone; either raises the typed error of a
    failed call. `answer` is the whole answer, once the end was reached.
    """

    def __init__(self, call: EventCall, request_id: str) -> None:
        self.request_id = request_id
        self._call = call
        self._reading = Reading(request_id)
        self._events = self._read()
        # a call that is dropped without cancel() is never freed (grpcio 1.83 and newer)
        self._hang_up: Callable[[], object] = weakref.finalize(self, call.cancel)

    def __repr__(self) -> str:
        return f"ChatStream({self._reading!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[StreamChatResponse]:
        return self._events

    def __next__(self) -> StreamChatResponse:
        return next(self._events)

    def pieces(self) -> Iterator[Piece]:
        """The text as it comes; a piece that `starts_over` says to throw away what was shown."""
        # the reading has noted the event already: taking it again changes nothing
        return (piece for event in self if (piece := self._reading.take(event)))

    @property
    def answer(self) -> ChatResponse:
        """The whole, authoritative answer; raises RuntimeError before the stream has ended."""
        return self._reading.answer

    def close(self) -> None:
        """Hang up if the stream has not ended; the gateway stops asking the model at once."""
        self._hang_up()

    def _read(self) -> Iterator[StreamChatResponse]:
        try:
            for event in self._call:
                self._reading.take(event)
                yield event
        except grpc.RpcError as error:
            raise error_of(error, self.request_id) from error
        self._reading.end()
