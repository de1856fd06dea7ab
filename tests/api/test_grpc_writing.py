"""Messages on their way out: one at a time, in order, text waited for before the next only."""

import asyncio
import gc

import pytest

from gateway.api.grpc_writing import Writing
from gateway.v1 import chat_pb2 as pb

pytestmark = pytest.mark.anyio


def delta(text: str) -> pb.StreamChatResponse:
    return pb.StreamChatResponse(delta=pb.StreamDelta(text=text))


STARTED = pb.StreamChatResponse(started=pb.StreamStarted(request_id="r"))
WHOLE = pb.StreamChatResponse(completed=pb.ChatResponse(text="ab"))


class Wire:
    """Takes one write at a time, and has room for more when told."""

    def __init__(self, rooms: int = 0) -> None:
        self.taken: list[pb.StreamChatResponse] = []
        self.room = asyncio.Semaphore(rooms)
        self.writing = 0

    async def write(self, message: bytes) -> None:
        assert not self.writing, "two writes at once"
        self.writing += 1
        try:
            self.taken.append(pb.StreamChatResponse.FromString(message))
            await self.room.acquire()
        finally:
            self.writing -= 1


async def test_text_goes_out_at_once_and_is_waited_for_before_the_next() -> None:
    wire = Wire()
    writing = Writing(wire.write)
    await writing(delta("a"))
    assert wire.taken == [delta("a")]
    second = asyncio.create_task(writing(delta("b")))
    await asyncio.sleep(0.01)
    assert wire.taken == [delta("a")]
    wire.room.release()
    await second
    assert wire.taken == [delta("a"), delta("b")]


async def test_the_first_message_is_waited_for_or_a_failure_would_send_initial_metadata_again() -> (
    None
):
    wire = Wire()
    began = asyncio.create_task(Writing(wire.write)(STARTED))
    await asyncio.sleep(0.01)
    assert wire.taken == [STARTED]
    assert not began.done()
    wire.room.release()
    await began


async def test_the_end_is_waited_for() -> None:
    wire = Wire(rooms=1)
    writing = Writing(wire.write)
    await writing(delta("ab"))
    end = asyncio.create_task(writing(WHOLE))
    await asyncio.sleep(0.01)
    assert wire.taken == [delta("ab"), WHOLE]
    assert not end.done()
    wire.room.release()
    await end


async def test_many_messages_keep_their_order_on_a_wire_of_any_speed() -> None:
    wire = Wire(rooms=3)
    writing = Writing(wire.write)
    sent = [delta(str(number)) for number in range(20)] + [WHOLE]

    async def send() -> None:
        for message in sent:
            await writing(message)

    sending = asyncio.create_task(send())
    while not sending.done():
        wire.room.release()
        await asyncio.sleep(0)
    assert wire.taken == sent
    assert not wire.writing


async def test_what_a_write_raises_comes_with_the_next_message() -> None:
    async def fails_later(_: bytes) -> None:
        await asyncio.sleep(0)
        raise ConnectionResetError("gone")

    async def fails_at_once(_: bytes) -> None:
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        await Writing(fails_at_once)(delta("a"))
    writing = Writing(fails_later)
    await writing(delta("a"))
    with pytest.raises(ConnectionResetError):
        await writing(delta("b"))


async def test_a_call_that_ends_early_gives_up_the_write_that_no_reader_takes() -> None:
    wire = Wire()
    writing = Writing(wire.write)
    await writing(delta("a"))
    assert repr(writing) == "Writing(begun=True)"
    writing.close()
    assert not wire.writing
    assert repr(writing) == "Writing(begun=False)"


async def test_a_cancelled_wait_for_a_slow_reader_leaves_nothing_behind() -> None:
    wire = Wire()
    writing = Writing(wire.write)
    await writing(delta("a"))
    second = asyncio.create_task(writing(delta("b")))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    writing.close()
    assert not wire.writing


async def test_what_becomes_of_a_write_that_was_given_up_is_no_complaint() -> None:
    loop, complaints = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, told: complaints.append(told["message"]))
    late: asyncio.Future[object] = loop.create_future()
    failed: asyncio.Future[object] = loop.create_future()

    async def waits(room: "asyncio.Future[object]") -> None:
        await room

    for room in (late, failed):
        writing = Writing(lambda _, room=room: waits(room))  # type: ignore[misc]
        await writing(delta("a"))
        if room is failed:
            room.set_exception(ConnectionResetError("gone"))
        writing.close()
    assert late.cancelled()
    del failed, room, writing
    gc.collect()
    assert complaints == []
