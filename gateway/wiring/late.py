"""A TCP port that is open before what answers on it has loaded."""

import asyncio
from collections.abc import Callable
from typing import cast

Answers = Callable[[], asyncio.Protocol]
"""Makes the protocol of one connection."""


class LatePort:
    """The protocol factory of a listener: connections wait until `serve` says who answers.

    So callers that come in the first tenths of a second wait, and are not refused.
    """

    def __init__(self) -> None:
        self._answers: Answers | None = None
        self._waiting: dict[_Waiting, asyncio.Transport] = {}

    def __repr__(self) -> str:
        return f"LatePort({'serving' if self._answers else 'loading'}, {len(self._waiting)} wait)"

    def __call__(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        return self._answers() if self._answers else _Waiting(self._waiting)

    def serve(self, answers: Answers) -> None:
        """From now on these answer, those who wait first."""
        self._answers = answers
        waiting = list(self._waiting.items())
        self._waiting.clear()
        for before, transport in waiting:
            protocol = answers()
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
            if before.heard:
                protocol.data_received(before.heard)
            transport.resume_reading()

    def close(self) -> None:
        """Hang up on those who wait."""
        for transport in self._waiting.values():
            transport.abort()


class _Waiting(asyncio.Protocol):
    """A connection of which nothing is read yet but its first block.

    uvloop begins to read after `connection_made`, whatever was paused there.
    """

    def __init__(self, waiting: "dict[_Waiting, asyncio.Transport]") -> None:
        self._waiting = waiting
        self.heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._waiting[self] = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self._waiting[self].pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # asyncio's signature
        self._waiting.pop(self, None)
