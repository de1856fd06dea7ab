"""What a stream's events mean, and what becomes of a stream that is left."""

import gc
from collections.abc import Iterator

import grpc
import pytest

from erp_gateway_client import ChatStream, Piece, StreamTruncated
from gateway.v1.chat_pb2 import (
    ChatResponse,
    StreamChatResponse,
    StreamDelta,
    StreamRestarted,
    StreamStarted,
)

STARTED = StreamChatResponse(started=StreamStarted(request_id="r"))
RESTARTED = StreamChatResponse(restarted=StreamRestarted(failed_deployment="main"))
COMPLETED = StreamChatResponse(completed=ChatResponse(text="Good day."))


def delta(text: str) -> StreamChatResponse:
    return StreamChatResponse(delta=StreamDelta(text=text))


class Call:
    """A running stream that says what it was told, and counts hang-ups."""

    def __init__(self, *events: StreamChatResponse) -> None:
        self._events = events
        self.cancelled = 0

    def __iter__(self) -> Iterator[StreamChatResponse]:
        return iter(self._events)

    def cancel(self) -> None:
        self.cancelled += 1


def test_pieces_start_over_when_the_answer_does() -> None:
    call = Call(STARTED, delta("Hel"), RESTARTED, delta("Good "), delta("day."), COMPLETED)
    with ChatStream(call, "r") as stream:
        pieces = list(stream.pieces())
    assert pieces == [
        Piece("Hel"),
        Piece("", starts_over=True),
        Piece("Good "),
        Piece("day."),
    ]
    assert stream.answer.text == "Good day."


def test_a_stream_that_ends_without_the_whole_answer_raises() -> None:
    with ChatStream(Call(STARTED, delta("Hel")), "r") as stream:
        with pytest.raises(StreamTruncated) as caught:
            list(stream.pieces())
        assert caught.value.code is grpc.StatusCode.DATA_LOSS
        with pytest.raises(RuntimeError, match="read to its end"):
            _ = stream.answer


def test_leaving_early_hangs_up_once() -> None:
    call = Call(STARTED, delta("Hel"), COMPLETED)
    with ChatStream(call, "r") as stream:
        next(stream)
    stream.close()
    assert call.cancelled == 1


def test_a_stream_that_is_dropped_hangs_up() -> None:
    call = Call(STARTED, COMPLETED)
    stream = ChatStream(call, "r")
    next(stream)
    del stream
    gc.collect()
    assert call.cancelled == 1
