"""The messages of one streaming call on their way to the door."""

from collections.abc import Awaitable, Callable

from google.protobuf.message import Message

from gateway.core.events import ReaderGone

Send = Callable[[Message], Awaitable[object]]
"""Hands a message to a caller; returns once there is room for the next."""


class Sending:
    """Sends, and notes whether the last message told a whole answer.

    What the door raises becomes ReaderGone on its way through the walk: a caller who is gone is no
    failure of a model.
    """

    __slots__ = ("_send", "whole")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.whole = False

    async def __call__(self, message: Message) -> None:
        """Send one. Raises ReaderGone."""
        try:
            await self._send(message)
        except Exception as error:
            raise ReaderGone(error) from error
        self.whole = message.HasField("completed")
