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
        self._closed = False

    def __repr__(self) -> str:
        return f"LatePort({'serving' if self._answers else 'loading'}, {len(self._waiting)} wait)"

    def __call__(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        return self._answers() if self._answers else _Waiting(self)

    def serve(self, answers: Answers) -> None:
        """From now on these answer, those who wait first."""
        self._answers = answers
        waiting = list(self._waiting.items())
        self._waiting.clear()
        for before, transport in waiting:
            _answered(transport, answers)
            if before.heard:
                cast("asyncio.Protocol", transport.get_protocol()).data_received(before.heard)
            transport.resume_reading()

    def close(self) -> None:
        """Hang up on those who wait."""
        self._closed = True
        for transport in self._waiting.values():
            transport.abort()

    def connected(self, before: "_Waiting", transport: asyncio.Transport) -> None:
        """A connection that was accepted a moment ago: meanwhile `serve` or `close` may have come.

        The loop makes a protocol first and tells it of its connection later.
        """
        if self._closed:
            transport.abort()
        elif self._answers:
            _answered(transport, self._answers)
        else:
            self._waiting[before] = transport

    def heard(self, before: "_Waiting") -> None:
        """Its first block has come: no more is read."""
        self._waiting[before].pause_reading()

    def lost(self, before: "_Waiting") -> None:
        """It is gone."""
        self._waiting.pop(before, None)


def _answered(transport: asyncio.Transport, answers: Answers) -> None:
    """From now on `answers` answer this connection."""
    protocol = answers()
    transport.set_protocol(protocol)
    protocol.connection_made(transport)


class _Waiting(asyncio.Protocol):
    """A connection of which nothing is read yet but its first block.

    uvloop begins to read after `connection_made`, whatever was paused there.
    """

    def __init__(self, port: LatePort) -> None:
        self._port = port
        self.heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._port.connected(self, cast("asyncio.Transport", transport))

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self._port.heard(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # asyncio's signature
        self._port.lost(self)
