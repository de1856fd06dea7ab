"""Messages on their way to the door."""

import pytest
from google.protobuf.message import Message

from gateway.api.sending import Sending
from gateway.core.events import ReaderGone
from gateway.v1 import chat_pb2 as pb

pytestmark = pytest.mark.anyio

DELTA = pb.StreamChatResponse(delta=pb.StreamDelta(text="a"))
WHOLE = pb.StreamChatResponse(completed=pb.ChatResponse(text="a"))


async def test_only_a_stream_that_ends_with_the_answer_is_whole() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    sending = Sending(send)
    for message, whole in ((DELTA, False), (WHOLE, True), (DELTA, False)):
        await sending(message)
        assert sending.whole is whole
    assert sent == [DELTA, WHOLE, DELTA]


async def test_what_a_door_raises_is_a_reader_who_left() -> None:
    async def send(_: Message) -> None:
        raise ConnectionResetError("gone")

    sending = Sending(send)
    with pytest.raises(ReaderGone) as gone:
        await sending(WHOLE)
    assert isinstance(gone.value.error, ConnectionResetError)
    assert not sending.whole
